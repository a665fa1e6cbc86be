"""A handful of reports is stored as intake stores a batch, to the last column, or intake does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta

import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.reports import handful, intake, store
from gridmap.reports.audit import audit
from gridmap.reports.categories import add_local
from gridmap.reports.handful import Desk
from gridmap.reports.model import NewReport, Outcome
from tests.reports.conftest import EVENING, TOWN, draft, grids, load
from tests.reports.test_intake import BAD

TWIN = Jurisdiction("twin", "双镇", "Twin")

VARIED = [
    draft(),
    draft(109.48, 36.61, description=' "引号" \\ 和\n换行 '),
    draft(109.4697, 36.605, datum="gcj02"),
    draft(109.46, 36.605, category="local-teastall"),
    draft(109.4799, 36.605, accuracy_m=60.0),
    draft(109.4799, 36.605, accuracy_m=60.0, client_id="own id"),
    draft(None, None, named_area="河边小区"),
    draft(None, None, named_area=" C1 ", description="b"),
    *(draft(109.475, 36.605, occurred_at=EVENING + timedelta(days=n, microseconds=n)) for n in range(1, 60)),
]


@pytest.fixture
def desk(town: Database) -> Desk:
    """With the boundaries in memory, as in a service."""
    with town.reading() as connection:
        current_atlas(connection, TOWN.code, nearest_tolerance_m=town.settings.nearest_tolerance_m)
    return Desk(town)


@pytest.fixture
def short(desk, monkeypatch):
    """short(*drafts) -> outcomes of the short way; the other one is closed."""

    def closed(*_, **__):
        raise AssertionError("it took the long way")

    def take(*drafts: NewReport) -> list[Outcome]:
        with monkeypatch.context() as patch:
            patch.setattr(intake, "record", closed)
            return handful.record(desk, TOWN, drafts)

    return take


def rows(database: Database, table: sa.Table, *without: str) -> list[tuple]:
    columns = [column for column in table.c if column.name not in without]
    with database.reading() as connection:
        return sorted(map(tuple, connection.execute(sa.select(*columns))), key=str)


def test_it_stores_what_intake_stores(town, short, monkeypatch):
    """The same drafts by both ways: same outcomes, same rows, same keys, same counts."""
    changing = ("id", "recorded_at", "report_id")
    first = short(*VARIED)
    tables = (t.report, t.report_key, t.report_delta)
    mine = [rows(town, table, *changing) for table in tables]
    notices = [outcome.status for outcome in first]
    with town.writing() as connection:
        for table in tables:
            connection.execute(table.delete())
    second = intake.record(town, TOWN, VARIED)
    theirs = [rows(town, table, *changing) for table in tables]
    assert mine == theirs
    assert notices == [outcome.status for outcome in second] == ["created"] * len(VARIED)
    assert [replace(o, report_id=None) for o in first] == [replace(o, report_id=None) for o in second]
    assert list(audit(town, TOWN)) == []


def test_what_is_wrong_is_refused_as_by_intake(town, short):
    drafts = [draft(**{"client_id": f"bad-{name}"} | changes) for name, (changes, _) in BAD.items()]
    outcomes = short(*drafts, draft(client_id="good"))
    assert [o.status for o in outcomes] == ["refused"] * len(BAD) + ["created"]
    assert [str(o.error) for o in outcomes[:-1]] == [str(o.error) for o in intake.record(town, TOWN, drafts)]
    with town.reading() as connection:
        assert store.count(connection, TOWN.code) == 1


def test_what_is_known_or_given_twice_is_left_to_intake(town, desk):
    one, other = draft(client_id="one"), draft(client_id="other")
    (created,) = handful.record(desk, TOWN, [one])
    known, new, again = handful.record(desk, TOWN, [one, other, other])
    assert (created.status, known.status, new.status, again.status) == (
        "created",
        "known",
        "created",
        "known",
    )
    assert known.report_id == created.report_id
    assert again.report_id == new.report_id
    (conflict,) = handful.record(desk, TOWN, [replace(one, description="别的")])
    assert conflict.status == "conflict"
    with town.reading() as connection:
        assert store.count(connection, TOWN.code) == 2
    deltas = rows(town, t.report_delta)
    assert sum(row[-2] for row in deltas) == 2


def test_boundaries_that_change_between_placing_and_storing_are_not_stored_on(town, desk):
    """Another connection loads an edition just before the transaction that stores begins."""
    wide = NewArea("S0", "S0格", shapely.box(109.47, 36.60, 109.49, 36.61), "S")
    others = [g for g in grids() if g.code not in ("S0", "S1")]
    writing = Database.writing
    loaded = []

    class Overtaken(Database):
        @contextmanager
        def writing(self, *, opened: bool = True) -> Iterator[sa.Connection]:
            if not loaded:
                loaded.append(1)
                with writing(self) as connection:
                    load(connection, "grid", [wide, *others], date(2023, 1, 1))
            with writing(self, opened=opened) as connection:
                yield connection

    there = draft(109.481, 36.605, client_id="there")
    (before,) = handful.record(desk, TOWN, [draft(109.481, 36.605, client_id="before")])
    assert before.placement.grid.code == "S1"
    desk.database = Overtaken(town.engine, town.settings)
    (after,) = handful.record(desk, TOWN, [there])
    assert loaded
    assert (after.status, after.placement.grid.code) == ("created", "S0")
    with town.reading() as connection:
        assert store.get(connection, TOWN.code, after.report_id).placement == after.placement
        assert store.count(connection, TOWN.code) == 2


def test_it_waits_for_an_edition_that_is_being_loaded(town, desk):
    """And then is placed on it: the lock is had before the editions are looked at."""
    handful.record(desk, TOWN, [draft(client_id="months are there")])
    wide = NewArea("S0", "S0格", shapely.box(109.47, 36.60, 109.49, 36.61), "S")
    others = [g for g in grids() if g.code not in ("S0", "S1")]
    from threading import Thread

    outcomes: list[Outcome] = []
    poster = Thread(target=lambda: outcomes.extend(handful.record(desk, TOWN, [draft(109.481, 36.605)])))
    with town.writing() as connection:
        load(connection, "grid", [wide, *others], date(2023, 1, 1))
        poster.start()
        poster.join(1)
        assert poster.is_alive(), "it was recorded while an edition was being loaded"
    poster.join(20)
    assert outcomes[0].placement.grid.code == "S0"


def test_a_category_that_another_process_made_is_known(town, desk, short):
    assert short(draft())[0].status == "created"
    with town.writing() as connection:
        code = add_local(connection, TOWN.code, "Stray dogs")
    assert short(draft(category=code))[0].status == "created"


def test_before_any_boundaries_are_in_memory_intake_does_it(town):
    (outcome,) = handful.record(Desk(town), TOWN, [draft()])
    assert outcome.status == "created"
    with town.writing() as connection:
        areas.add_jurisdiction(connection, TWIN)
    (refused,) = handful.record(Desk(town), TWIN, [draft()])
    assert "has no areas yet" in str(refused.error)
