"""The demonstration's cases: all ways are gone, the histories verify, and a second time adds nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gridmap import demonstration
from gridmap.cases import chores, listing, store
from gridmap.cases.audit import verify
from gridmap.cases.demonstrating import MOST, SHOWN_MOST, demonstrate
from gridmap.database.sessions import Database


def test_the_cases_of_the_last_days(demo_database: Database) -> None:
    where = demonstration.JURISDICTION
    now = datetime(2024, 1, 2, 4, tzinfo=UTC)
    with demo_database.reading() as connection:
        (grid,) = demonstration.tried_grids(connection) & {"610602006003006"}
    made = demonstrate(demo_database, where, shown=[grid], now=now)
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
    assert demonstrate(demo_database, where, now=now) == {}
    with demo_database.reading() as connection:
        found = verify(connection, where)
        assert found.faults == ()
        assert found.moves == found.covered > 3 * found.cases
        views = listing.page(connection, where, demo_database.settings, store.Filter(), now, limit=1_000)
        member = store.Filter(grid=grid)
        theirs = listing.page(connection, where, demo_database.settings, member, now, limit=1_000)
    assert len(theirs) >= SHOWN_MOST
    assert all(now - timedelta(days=13) < view.case.occurred_at < now for view in views)
    assert any(view.overdue for view in views)
    assert not all(view.overdue for view in views)
    passed = chores.pass_on_silent(demo_database, where, now)
    assert passed
    assert {case for case, _, _ in passed} <= {view.case.id for view in views}
    chores.sign_everywhere(demo_database)
    with demo_database.reading() as connection:
        again = verify(connection, where)
    assert (again.faults, again.checkpoints, again.moves) == ((), 2, found.moves + len(passed))
