"""A town and another, their people on duty, reports public and private, and cases of them.

The town is that of tests/faces: twelve grids G<row><column>, a row is a community C<row>.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import moving
from gridmap.cases.intake import collect
from gridmap.cases.model import Actor
from gridmap.database.asker import Asker
from gridmap.database.sessions import Database
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Party, Person
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.works import intake as works
from gridmap.works.model import NewWork
from tests.faces.conftest import SIDE, SOUTH, TOWN, WEST, populate

OTHER = Jurisdiction("other", "邻街道", "Next Town", illustrative=True)
TODAY = TOWN.today()
LONG_AGO, TOMORROW = TODAY - timedelta(days=900), TODAY + timedelta(days=1)
OFFICE = Actor("account:office", frozenset({"office"}))
# person -> (post, kind, code, party, from, to)
DUTIES = {
    "member": ("grid_member", "grid", "G00", None, LONG_AGO, None),
    "neighbour": ("grid_member", "grid", "G01", None, LONG_AGO, None),
    "community": ("community_officer", "community", "C1", None, LONG_AGO, None),
    "chief": ("unit_chief", "unit", "P1-1-2", None, LONG_AGO, None),
    "property": ("property_officer", "compound", "P1", "co", LONG_AGO, None),
    "justice": ("department_officer", "grid", "G23", "justice", LONG_AGO, None),
    "town_hall": ("office", "subdistrict", "S", None, LONG_AGO, None),
    "retired": ("grid_member", "grid", "G00", None, LONG_AGO, TODAY),
    "to_come": ("grid_member", "grid", "G00", None, TOMORROW, None),
    "last_day": ("grid_member", "grid", "G02", None, LONG_AGO, TOMORROW),
}


def by(person: str | None, *roles: str, jurisdiction: str = "town") -> Asker:
    return Asker(jurisdiction, f"account:{person or roles[0]}", frozenset(roles or ("member",)), person)


def refused(connection: Connection, statement: str, says: str = "permission denied") -> None:
    with pytest.raises(sa.exc.ProgrammingError, match=says), connection.begin_nested():
        connection.execute(sa.text(statement))


def at(column: float, row: float, category: str, name: str) -> NewReport:
    """A report in the grid G<row><column>."""
    return NewReport(
        category=category,
        description=name,
        occurred_at=datetime(2023, 6, 18, 1, tzinfo=UTC),
        client_id=name,
        lon=WEST + (column + 0.5) * SIDE,
        lat=SOUTH + (row + 0.5) * SIDE,
        datum="wgs84",
    )


EXTRA = [
    at(0, 0, "local-dispute", "dispute in G00"),
    at(1, 0, "local-dispute", "dispute in G01"),
    at(0, 0, "matter-06001", "building in G00"),
    at(3, 2, "matter-06001", "building in G23"),
    at(-0.18, -0.18, "matter-06001", "in the building"),  # of the compound P1
]


def settle(database: Database) -> dict[str, UUID]:
    """Both towns with the same inside; -> the case of each of EXTRA's reports in the town, by its name."""
    for owner in (TOWN, OTHER):
        populate(database, owner)
        found = _cases(database, owner)
        if owner is TOWN:
            cases = found
    return cases


def _cases(database: Database, owner: Jurisdiction) -> dict[str, UUID]:
    outcomes = intake.record(database, owner, EXTRA)
    names = [draft.description for draft in EXTRA]
    with database.writing() as connection:
        code = owner.code
        people.put_persons(connection, code, [Person(p, f"示例{p}", "000-0000-0000") for p in DUTIES], "test")
        parties = [Party("co", "property", "示例物业"), Party("justice", "justice", "司法所")]
        people.put_parties(connection, code, parties, "test")
        people.begin(connection, code, [NewDuty(person, *rest) for person, rest in DUTIES.items()], "test")
        groups = [[(o.report_id, d.occurred_at)] for o, d in zip(outcomes, EXTRA, strict=True)]
        made = dict(zip(names, collect(connection, owner, groups, OFFICE), strict=True))
        for name, recipient in TASKS:
            _hand(connection, owner, database, made[name], recipient)
        work = NewWork("advert_removed", Decimal(5), TODAY, lat=SOUTH + 0.005, datum="wgs84")
        records = [
            replace(work, client_id=f"work {column}", lon=WEST + (column + 0.5) * SIDE) for column in range(2)
        ]
        assert {each.status for each in works.record(connection, owner, records)} == {"created"}
    return made


TASKS = (
    ("dispute in G01", "party:justice"),
    ("building in G23", "party:co"),
    ("dispute in G00", "post:grid_member@grid:G00"),
)


def _hand(connection, owner, database, case, recipient) -> None:
    moving.make(connection, owner, database.settings, case, "file", OFFICE)
    tasks = {"tasks": [{"recipient": recipient}]}
    moving.make(connection, owner, database.settings, case, "dispatch", OFFICE, details=tasks)


def seen(database: Database, asker: Asker | None, query: str, **values: object) -> set:
    """The first column of what a query shows to somebody."""
    with database.asked_by(asker).reading() as connection:
        return set(connection.scalars(sa.text(query), values))
