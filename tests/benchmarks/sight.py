"""What it costs that the database shows each person no more than they may see: the inbox and the map of a
grid member, against the same queries of the owner, for whom no policy holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.cases import listing, moving
from gridmap.cases import store as cases
from gridmap.cases.dispatch import recipient_of
from gridmap.cases.intake import collect
from gridmap.cases.model import Actor
from gridmap.cases.workflow import live_states
from gridmap.database.asker import Asker
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.generated.loading import add_reports
from gridmap.people import store as people
from gridmap.people.model import Duty
from gridmap.reports import store as reports
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.months import month_span
from gridmap.tiles.model import Tile
from gridmap.tiles.reports import report_tile
from tests.benchmarks.counts import vacuum
from tests.benchmarks.measure import Figure, compare
from tests.benchmarks.tiles import tiles_of

REPORTS = 1_000_000  # of a year
MONTH = date(2023, 12, 1)
OF_ALL, OF_GRID = 10_000, 300  # cases of the month: everywhere and at first, and dispatched to the member
LEVEL = 16  # of tiles; reports are points there
REACH = 1.3  # at most
TIMES = 40  # of each query in a run
OFFICE = Actor("office:bench", frozenset({"office"}))


def run(database: Database) -> list[Figure]:
    add_reports(database, JURISDICTION, REPORTS)
    fold(database)
    duty = _duty(database)
    _open_cases(database, duty)
    vacuum(database)
    asker = Asker(JURISDICTION.code, f"account:{duty.person}", frozenset({"member"}), duty.person)
    seen = database.asked_by(asker)
    return [
        compare(
            "sight",
            f"the same without row-level security, {what}",
            lambda query=query: _often(seen, query),
            lambda query=query: _often(database, query),
            f"of {REPORTS:,} reports, {OF_ALL:,} cases: {_shown(seen, query)} of {_shown(database, query)}",
            reach=REACH,
            cost=True,
        )
        for what, query in _queries(database, duty).items()
    ]


Query = Callable[[Database], list[object]]


def _often(database: Database, query: Query) -> None:
    for _ in range(TIMES):
        query(database)


def _shown(database: Database, query: Query) -> int:
    return sum(len(each) if isinstance(each, bytes | list) else 1 for each in query(database))


def _queries(database: Database, duty: Duty) -> dict[str, Query]:
    """What a grid member's pages ask: each in transactions of its own, as a request does."""
    (recipient,) = recipient_of(duty.post, duty.area_kind, duty.area_code, None)
    first, last = month_span(JURISDICTION, MONTH)
    with database.reading() as connection:
        day = JURISDICTION.today()
        (grid,) = [
            each
            for each in areas.areas(connection, JURISDICTION.code, kind="grid", day=day)
            if each.code == duty.area_code
        ]
    tiles = [Tile(LEVEL, x, y) for x, y in tiles_of(LEVEL, *grid.geometry.bounds)]

    def inbox(database: Database, **wanted: Any) -> list[object]:
        with database.reading() as connection:
            chosen = cases.Filter(states=tuple(live_states()), **wanted)
            now = datetime.now(UTC)
            return list(listing.page(connection, JURISDICTION, database.settings, chosen, now, limit=50))

    def in_grid(database: Database) -> list[object]:
        with database.reading() as connection:
            return list(
                reports.reports(
                    connection, JURISDICTION.code, first=first, last=last, grid=duty.area_code, limit=101
                )
            )

    def drawn(database: Database) -> list[object]:
        found: list[object] = []
        for tile in tiles:
            with database.asking() as connection:
                found.append(report_tile(connection, JURISDICTION, MONTH, MONTH, None, tile))
        return found

    return {
        "the inbox": lambda database: inbox(database, recipients=(recipient,)),
        "the cases of the grid": lambda database: inbox(database, grid=duty.area_code),
        "the reports of the grid": in_grid,
        "the tiles of the grid": drawn,
    }


def _duty(database: Database) -> Duty:
    """That of the demonstration's first grid member of today."""
    with database.reading() as connection:
        held = people.duties(connection, JURISDICTION.code, day=JURISDICTION.today(), post="grid_member")
    return held[0]


OF_MONTH = sa.text(
    """
    SELECT r.id, r.occurred_at FROM report r JOIN category c ON c.code = r.category AND NOT c.private
    WHERE r.occurred_at >= :first AND r.occurred_at < :last AND r.jurisdiction = :jurisdiction
      AND (CAST(:grid AS text) IS NULL
           OR r.grid_version IN (SELECT id FROM area_version WHERE kind = 'grid' AND code = :grid))
      AND NOT EXISTS (SELECT FROM case_report l WHERE l.report_id = r.id)
    ORDER BY r.id LIMIT :most
    """
)


def _open_cases(database: Database, duty: Duty) -> None:
    first, last = month_span(JURISDICTION, MONTH)
    given = {"first": first, "last": last, "jurisdiction": JURISDICTION.code}
    (recipient,) = recipient_of(duty.post, duty.area_kind, duty.area_code, None)
    with database.writing() as connection:
        for grid, most in ((None, OF_ALL), (duty.area_code, OF_GRID)):
            rows = connection.execute(OF_MONTH, given | {"grid": grid, "most": most})
            made = collect(connection, JURISDICTION, [[(row.id, row.occurred_at)] for row in rows], OFFICE)
            for case in made if grid else ():
                moving.make(connection, JURISDICTION, database.settings, case, "file", OFFICE)
                details = {"tasks": [{"recipient": recipient}]}
                moving.make(
                    connection, JURISDICTION, database.settings, case, "dispatch", OFFICE, details=details
                )
