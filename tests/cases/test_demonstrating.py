"""The demonstration's cases: all ways are gone, the histories verify, and a second time adds nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from gridmap import demonstration
from gridmap.cases import chores, listing, store
from gridmap.cases.audit import verify
from gridmap.cases.demonstrating import MOST, SHOWN_MOST, demonstrate, tried_grids
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from tests.faces.conftest import populated, serving


@pytest.fixture
def alone(make_settings, demonstrated: str) -> Iterator[Database]:
    """A copy of its own: trouble that an inspection meets is a report, and others count the reports."""
    with open_gridmap(make_settings(template=demonstrated)) as database:
        yield database


def test_the_cases_of_the_last_days(alone: Database) -> None:
    where = demonstration.JURISDICTION
    now = datetime(2024, 1, 2, 4, tzinfo=UTC)
    with alone.reading() as connection:
        (grid,) = tried_grids(connection, where) & {"610602006003006"}
    made = demonstrate(alone, where, now=now)
    assert 60 <= sum(made.values()) <= MOST + SHOWN_MOST
    assert {
        "collected",
        "filed",
        "dispatched",
        "handling",
        "answered",
        "closed",
        "suspended",
        "refused",
    } <= set(made)
    assert demonstrate(alone, where, now=now) == {}
    with alone.reading() as connection:
        found = verify(connection, where)
        assert found.faults == ()
        assert found.moves == found.covered > 3 * found.cases
        views = listing.page(connection, where, alone.settings, store.Filter(), now, limit=1_000)
        member = store.Filter(grid=grid)
        theirs = listing.page(connection, where, alone.settings, member, now, limit=1_000)
    assert len(theirs) >= SHOWN_MOST
    assert all(now - timedelta(days=13) < view.case.occurred_at < now for view in views)
    assert any(view.overdue for view in views)
    assert not all(view.overdue for view in views)
    passed = chores.pass_on_silent(alone, where, now)
    assert passed
    assert {case for case, _, _ in passed} <= {view.case.id for view in views}
    chores.sign_everywhere(alone)
    with alone.reading() as connection:
        again = verify(connection, where)
    assert (again.faults, again.checkpoints, again.moves) == ((), 2, found.moves + len(passed))


def test_a_click_gives_the_demonstration_its_cases(make_settings, demonstrated: str) -> None:
    with serving(make_settings(template=demonstrated)) as live, live.stranger() as stranger:
        assert "加入示意案件" in stranger.get("/sign-in", params={"next": "/desk"}).text
        for _ in range(2):  # the second adds nothing
            filled = stranger.post("/sign-in/demonstration/cases", data={"next": "/desk"}, timeout=300)
            assert (filled.status_code, filled.headers["location"]) == (303, "/sign-in?next=%2Fdesk")
        back = stranger.get(filled.headers["location"]).text
        assert "加入示意案件" not in back
        assert 'name="next" value="/desk"' in back
        stranger.post("/sign-in/demonstration", data={"login": "demo.office"})
        shown = stranger.get("/api/v1/cases", params={"limit": 200}).json()
        assert len({case["id"] for case in shown["items"]}) == len(shown["items"]) >= 60
        assert stranger.get("/api/v1/inspections/coverage").json()


def test_a_real_district_is_not_filled(make_settings) -> None:
    with serving(populated(make_settings)) as live, live.stranger() as stranger:
        assert "加入示意案件" not in stranger.get("/sign-in").text
        assert stranger.post("/sign-in/demonstration/cases").headers["location"] == "/sign-in"
        assert not live.client().get("/api/v1/cases").json()["items"]
