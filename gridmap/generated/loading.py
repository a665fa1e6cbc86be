"""Generated reports into the database, by the path that files of reports take: placed, copied, counted.

Each month is one transaction, so that its table is filled before it is indexed and a load that was killed
goes on where it was: of a month there is all or nothing, and a month that is there is not made again.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import shapely
from sqlalchemy import Connection

from gridmap import demonstration
from gridmap.areas import store as areas
from gridmap.areas.atlas import METHODS
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import NotFound
from gridmap.generated.reports import PAGE, Pattern, Plan, draw, pattern, plan, spread
from gridmap.geometry.tessellation import SPACING_DEGREES
from gridmap.reports import categories, intake, store
from gridmap.reports.batch import Batch, joined
from gridmap.reports.bulk import bulk
from gridmap.reports.columns import map_columns
from gridmap.reports.reading import Reader, Reading, Words
from gridmap.tabular import open_table, read_ahead

UNTIL = date(2024, 1, 1)  # the demonstration's last day is the one before
OFFSET_US = 8 * 3_600 * 1_000_000  # China has had no summer time since 1991
LOADED_BY = "gridmap demo"


@dataclass(slots=True)
class Made:
    """What became of the rows asked for: those added, by method of placement, and those there before."""

    added: int = 0
    known: int = 0
    methods: dict[str, int] = field(default_factory=dict)


def district_pattern(connection: Connection) -> Pattern:
    """The demonstration's own reports as a pattern. Raises NotFound where there is no clone."""
    path = demonstration.folder() / "reports.csv"
    table = open_table(path, limit=1 << 30)
    reading = Reading(datum="wgs84")
    known = categories.vocabulary(connection, demonstration.JURISDICTION.code)
    columns, zone = map_columns(table.fields, {}), demonstration.JURISDICTION.zone
    reader = Reader(columns, reading, None, zone, Words(known, reading), known)
    return pattern(joined([reader.read(block).batch for block in table.blocks]), OFFSET_US)


def pattern_for(connection: Connection, jurisdiction: Jurisdiction) -> Pattern:
    """The demonstration's reports; in another jurisdiction spread over its grids. Raises NotFound."""
    like = district_pattern(connection)
    if jurisdiction.code == demonstration.JURISDICTION.code:
        return like
    grids = areas.areas(connection, jurisdiction.code, kind="grid", day=UNTIL)
    if not grids:
        raise NotFound(f"{jurisdiction.code} has no grids yet", field="jurisdiction")
    middle = shapely.get_coordinates(shapely.point_on_surface([grid.geometry for grid in grids]))
    return spread(like, middle[:, 0], middle[:, 1], breadth=SPACING_DEGREES / 4)


def add_reports(
    database: Database,
    jurisdiction: Jurisdiction,
    rows: int,
    *,
    months: int = 12,
    seed: int = 1,
    until: date = UNTIL,
    progress: Callable[[int], None] = lambda rows: None,
) -> Made:
    """Add so many reports in the `months` before `until`, the first day of one; what the same numbers added
    before is known.

    `progress` hears how many rows are done. Raises BadInput naming reports, months or seed.
    """
    with database.reading() as connection:
        like = pattern_for(connection, jurisdiction)
    asked = plan(like, rows, months, until=until, offset_us=OFFSET_US, seed=seed)
    made = Made()
    for _, start, stop in asked.spans():
        with database.adding.writing() as connection:
            first = asked.client_id(start)
            if first in store.keys(connection, jurisdiction.code, [first]):
                made.known += stop - start
            else:
                _add_month(connection, database, jurisdiction, asked, like, (start, stop), made, progress)
        progress(stop)
    return made


def _add_month(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    asked: Plan,
    like: Pattern,
    span: tuple[int, int],
    made: Made,
    progress: Callable[[int], None],
) -> None:
    settings = database.settings
    atlas = intake.held_atlas(connection, jurisdiction, settings)
    done, added = span[0], 0

    def ready() -> Iterator[intake.Prepared]:
        for batch in batches(asked, like, *span):
            yield intake.prepare(batch, atlas, jurisdiction, settings)

    with read_ahead(ready()) as prepared, bulk(connection, jurisdiction, settings) as under_way:
        for each in prepared:
            recorded = under_way.store(each)
            for error in recorded.errors.values():
                raise error
            new = recorded.status == intake.CREATED
            for method, count in enumerate(np.bincount(each.placed.method[new]).tolist()):
                if count:
                    made.methods[METHODS[method]] = made.methods.get(METHODS[method], 0) + count
            added += int(new.sum())
            done += len(new)
            progress(done)
    made.added += added
    made.known += span[1] - span[0] - added
    store.add_import(
        connection,
        id=under_way.import_id,
        jurisdiction=jurisdiction.code,
        file_name=f"{asked.prefix}{span[0]}",
        sha256=hashlib.sha256(asked.prefix.encode()).hexdigest(),
        loaded_by=LOADED_BY,
        accepted=added,
        known=span[1] - span[0] - added,
        rejected=0,
    )


def batches(asked: Plan, like: Pattern, start: int, stop: int) -> Iterator[Batch]:
    """Rows `start` to `stop` of a plan, page by page."""
    cuts = [start, *range((start // PAGE + 1) * PAGE, stop, PAGE), stop]
    for first, last in itertools.pairwise(cuts):
        yield draw(asked, like, first, last)
