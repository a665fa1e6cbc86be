"""All SQL of the statistics domain. Reads reports; writes only the scales that are kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from gridmap.areas.model import Jurisdiction
from gridmap.database import copying
from gridmap.database import tables as t
from gridmap.geometry.cells import LEVEL
from gridmap.statistics.asof.store import counted
from gridmap.statistics.model import Pile, Scale

report = t.report
version = t.area_version


class CutCount(NamedTuple):
    """Reports under one grid code (None: in no grid) by one method; `near_edge` of them near an edge.

    `category` where they are told apart by it.
    """

    code: str | None
    method: str
    reports: int
    near_edge: int
    category: str | None = None


def sight(connection: Connection) -> frozenset[int]:
    """Versions of the areas that whoever asks answers for, grids by their community too; −1: everything."""
    return frozenset(connection.scalar(sa.select(sa.func.sight_of_grids())) or ())


def as_placed(
    connection: Connection,
    jurisdiction: Jurisdiction,
    span: tuple[datetime, datetime],
    category: str | None,
    *,
    cut: int = 0,
    as_of: datetime | None = None,
    near_edge_m: float = 0.0,
    by_category: bool = False,
) -> list[tuple[int | None, CutCount]]:
    """(edition, count) of a month's reports by the grids they were placed in; edition None: in no grid.

    `span`: its first moment and that of the next month. `cut`: by the grids of that edition, as far as
    reports were cut to it; 0: by those of their own day. `as_of`: of those recorded until then.
    """
    c = (table := counted(jurisdiction, span, as_of, cut=cut, near_edge_m=near_edge_m)).c
    reports, near_edge = (sa.func.sum(v).cast(sa.BigInteger) for v in (c.reports, c.near_edge))
    apart = c.category if by_category else sa.null()
    query = (
        sa.select(version.c.edition_id, version.c.code, c.method, reports, near_edge, apart)
        .select_from(table.outerjoin(version, version.c.id == c.grid_version))
        .where(c.jurisdiction == jurisdiction.code, c.cut == cut)
        .where(c.month == span[0].astimezone(jurisdiction.zone).date())
        .where(sa.true() if category is None else c.category == category)
        .group_by(version.c.edition_id, version.c.code, c.method, *([c.category] if by_category else []))
        .having(sa.func.sum(c.reports) != 0)
    )
    return [(row[0], CutCount(*row[1:])) for row in connection.execute(query)]


EARLY_MOST = 10_000


def outside_before(
    connection: Connection, jurisdiction: str, first: datetime, last: datetime, recorded: datetime
) -> bool:
    """Whether a report of the span in no grid was recorded before a moment."""
    c = report.c
    # An id begins with the millisecond in which its report came in, so that their index knows the early ones:
    # mostly none or few. Those in no grid may be a hundred thousand.
    of_span = sa.and_(
        c.occurred_at >= first,
        c.occurred_at < last,
        c.id < UUID(int=(int(recorded.timestamp() * 1000) + 1) << 80),
    )

    def judged_by_another(c: Any) -> sa.ColumnElement[bool]:
        return sa.and_(c.jurisdiction == jurisdiction, c.grid_version.is_(None), c.recorded_at < recorded)

    first_ones = (
        sa.select(c.jurisdiction, c.grid_version, c.recorded_at)
        .where(of_span)
        .order_by(c.id)
        .limit(EARLY_MOST)
        .subquery()
    )
    seen, found = connection.execute(
        sa.select(sa.func.count(), sa.func.bool_or(judged_by_another(first_ones.c)))
    ).one()
    if found or seen < EARLY_MOST:
        return bool(found)
    return bool(connection.scalar(sa.select(sa.exists().where(of_span, judged_by_another(c)))))


# A report keeps the placement of its own day. Cut to another edition, its point is located anew (covers, on
# a shared edge the smallest code; else the nearest within the tolerance); one without a point keeps its
# grid where the edition has one of that code. What the edition itself judged, in a grid of its own or outside
# them all, is counted as it was judged: no geometry is looked at in a month of one edition.
CUT = """
    WITH shown AS (
        SELECT e.recorded_at, coalesce(e.valid_from, '-infinity') AS first_day,
               (SELECT coalesce(min(n.valid_from), 'infinity') FROM edition n
                WHERE n.jurisdiction = e.jurisdiction AND n.kind = e.kind
                  AND n.valid_from > coalesce(e.valid_from, '-infinity')) AS end_day
        FROM edition e WHERE e.id = :edition
    ), judged AS MATERIALIZED (
        SELECT r.category, r.method, r.edge_distance_m, r.geom, placed.code,
               placed.edition_id IS NOT DISTINCT FROM :edition
               OR r.grid_version IS NULL AND r.recorded_at >= shown.recorded_at
                  AND (r.occurred_at AT TIME ZONE :zone)::date >= shown.first_day
                  AND (r.occurred_at AT TIME ZONE :zone)::date < shown.end_day AS by_it
        FROM report r CROSS JOIN shown
        LEFT JOIN area_version placed ON placed.id = r.grid_version
        WHERE r.jurisdiction = :jurisdiction AND r.occurred_at >= :first AND r.occurred_at < :last
          AND (CAST(:category AS text) IS NULL OR r.category = :category)
          AND (CAST(:as_of AS timestamptz) IS NULL OR r.recorded_at <= :as_of)
    ), cut AS (
        SELECT r.category, r.code AS was,
               CASE WHEN r.by_it OR r.geom IS NULL THEN r.edge_distance_m < :near_edge_m
                    ELSE EXISTS (
                        SELECT FROM area_version a
                        WHERE a.edition_id = :edition
                          AND a.geom && ST_Expand(r.geom, :near_edge_m / 110000 / cos(radians(ST_Y(r.geom))))
                          AND ST_DWithin(ST_Segmentize(ST_Boundary(a.geom), 0.001)::geography,
                                         r.geom::geography, :near_edge_m)
                    ) END AS near_edge,
               CASE WHEN r.by_it THEN r.code
                    WHEN r.geom IS NULL THEN (SELECT s.code FROM area_version s
                                              WHERE s.edition_id = :edition AND s.code = r.code)
                    ELSE anew.code END AS code,
               CASE WHEN r.by_it OR r.geom IS NULL THEN r.method
                    ELSE coalesce(anew.method, 'outside') END AS method
        FROM judged r
        LEFT JOIN LATERAL (
            SELECT a.code, CASE WHEN ST_Covers(a.geom, r.geom) THEN 'covers' ELSE 'nearest' END AS method
            FROM area_version a
            WHERE NOT r.by_it AND a.edition_id = :edition
              AND a.geom && ST_Expand(r.geom, :tolerance_m / 111000 / cos(radians(ST_Y(r.geom))))
              AND ST_DWithin(a.geom::geography, r.geom::geography, :tolerance_m)
            ORDER BY ST_Covers(a.geom, r.geom) DESC,
                     CASE WHEN ST_Covers(a.geom, r.geom) THEN 0
                          ELSE ST_Distance(a.geom::geography, r.geom::geography) END,
                     a.code COLLATE "C"
            LIMIT 1
        ) anew ON NOT r.by_it AND r.geom IS NOT NULL
    )
    """
ADDED_UP = """
    SELECT code, method, count(*) AS reports, count(*) FILTER (WHERE near_edge) AS near_edge,
           CASE WHEN :by_category THEN category END
    FROM cut
    GROUP BY 1, 2, 5
    """
IN_EDITION = sa.text(CUT + ADDED_UP)


def in_edition(
    connection: Connection,
    jurisdiction: Jurisdiction,
    edition: int,
    first: datetime,
    last: datetime,
    category: str | None,
    *,
    tolerance_m: float,
    near_edge_m: float,
    as_of: datetime | None = None,
    by_category: bool = False,
) -> list[CutCount]:
    """Reports of a span of time by grid code and method, cut to one edition of the grids.

    `as_of`: of those recorded until then.
    """
    rows = connection.execute(
        IN_EDITION,
        {
            "jurisdiction": jurisdiction.code,
            "zone": jurisdiction.time_zone,
            "edition": edition,
            "first": first,
            "last": last,
            "category": category,
            "tolerance_m": tolerance_m,
            "near_edge_m": near_edge_m,
            "as_of": as_of,
            "by_category": by_category,
        },
    )
    return [CutCount(*row) for row in rows]


# OFFSET 0 holds the planner to the index of places: before it has counted a jurisdiction's first reports it
# would read all of them again for each of a thousand boxes.
PILES = sa.text(
    """
    SELECT piled.lon, piled.lat, piled.reports
    FROM unnest(CAST(:west AS float8[]), CAST(:south AS float8[]), CAST(:east AS float8[]),
                CAST(:north AS float8[])) box (west, south, east, north)
    CROSS JOIN LATERAL (
        SELECT ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat, count(*) AS reports
        FROM (
            SELECT * FROM report
            WHERE geom && ST_MakeEnvelope(box.west, box.south, box.east, box.north, 4326)
              AND occurred_at >= :first AND occurred_at < :last
            OFFSET 0
        ) r
        WHERE r.jurisdiction = :jurisdiction
          AND (CAST(:category AS text) IS NULL OR r.category = :category)
          AND (CAST(:as_of AS timestamptz) IS NULL OR r.recorded_at <= :as_of)
          AND NOT (:public AND r.category = ANY (ARRAY(
              SELECT code FROM category
              WHERE private AND coalesce(jurisdiction, :jurisdiction) = :jurisdiction)))
        GROUP BY 1, 2 HAVING count(*) >= :least
    ) piled
    """
)


def piles(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    category: str | None,
    least: int,
    boxes: NDArray[np.float64],
    *,
    as_of: datetime | None = None,
    public: bool = False,
) -> tuple[Pile, ...]:
    """Coordinates in some boxes on which at least so many reports of the span lie exactly, most first.

    `boxes`: (n, 4) west, south, east, north in WGS-84 degrees; they may touch or overlap. `as_of`: of those
    recorded until then.
    """
    if not len(boxes):
        return ()
    sides = dict(zip(("west", "south", "east", "north"), boxes.T.tolist(), strict=True))
    span = {"jurisdiction": jurisdiction, "first": first, "last": last, "category": category, "least": least}
    found = {
        Pile(*row) for row in connection.execute(PILES, span | sides | {"as_of": as_of, "public": public})
    }
    return tuple(sorted(found, key=lambda pile: (-pile.count, pile.lon, pile.lat)))


# Coarser cells are summed in the server: fewer rows have to travel.
CELLS = """
    SELECT cell_x >> %(coarser)s, cell_y >> %(coarser)s, sum(reports)::bigint
    FROM report_cells
    WHERE jurisdiction = %(jurisdiction)s AND month BETWEEN %(first)s AND %(last)s
      AND (%(category)s::text IS NULL OR category = %(category)s)
      AND NOT (%(public)s AND category = ANY (ARRAY(
          SELECT code FROM category
          WHERE private AND coalesce(jurisdiction, %(jurisdiction)s) = %(jurisdiction)s)))
      AND cell_x >= %(west)s AND cell_x < %(east)s AND cell_y >= %(north)s AND cell_y < %(south)s
    GROUP BY 1, 2 HAVING sum(reports) <> 0
    """


def cells(
    connection: Connection,
    jurisdiction: str,
    first_month: date,
    last_month: date,
    category: str | None = None,
    *,
    level: int = LEVEL,
    bounds: tuple[int, int, int, int] | None = None,
    public: bool = False,
) -> tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]:
    """(column, row, reports) of the cells (geometry.cells) that hold a located report; n each, in no order.

    `first_month` and `last_month` are first days of months, both included. A cell is a tile of `level` ≤ 21.
    `bounds` are in cells of that level: those from (west, north) to just before (east, south). `public`:
    without those of private categories.
    """
    if not 0 <= level <= LEVEL:
        raise ValueError(f"there are no cells of level {level}")
    across = 1 << level
    west, north, east, south = (v << (LEVEL - level) for v in bounds or (0, 0, across, across))
    found = copying.fetch_columns(
        connection,
        CELLS,
        {
            "jurisdiction": jurisdiction,
            "first": first_month,
            "last": last_month,
            "category": category,
            "coarser": LEVEL - level,
            "west": west,
            "north": north,
            "east": east,
            "south": south,
            "public": public,
        },
        {"x": "i4", "y": "i4", "reports": "i8"},
    )
    return found["x"], found["y"], found["reports"]


def codes(connection: Connection, versions: NDArray[np.int64]) -> dict[int, str]:
    """The codes of versions of areas, by version."""
    wanted = sa.literal(np.unique(versions).tolist(), sa.ARRAY(sa.BigInteger))
    query = sa.select(version.c.id, version.c.code).where(version.c.id == sa.any_(wanted))
    return {row[0]: row[1] for row in connection.execute(query)}


def scale(
    connection: Connection, jurisdiction: str, category: str | None, as_of: datetime | None = None
) -> Scale | None:
    """The scale that is kept, and was by `as_of`; None without one."""
    c = t.heat_scale.c
    query: Any = sa.select(c.counts, c.densities, c.recorded_at).where(
        c.jurisdiction == jurisdiction, c.category == (category or "")
    )
    if as_of is not None:
        past = t.heat_scale_past.c
        before = sa.select(past.counts, past.densities, past.recorded_at).where(
            past.jurisdiction == jurisdiction,
            past.category == (category or ""),
            past.recorded_at <= as_of,
            past.until > as_of,
        )
        query = query.where(c.recorded_at <= as_of).union_all(before)
    row = connection.execute(query).one_or_none()
    return None if row is None else Scale(tuple(row[0]), tuple(row[1]), row[2].date())


def keep_scale(connection: Connection, jurisdiction: str, category: str | None, scale: Scale) -> None:
    """Keep a scale unless one is kept already."""
    connection.execute(
        postgresql.insert(t.heat_scale)
        .values(
            jurisdiction=jurisdiction,
            category=category or "",
            counts=list(scale.counts),
            densities=list(scale.densities),
        )
        .on_conflict_do_nothing()
    )


def forget_scale(connection: Connection, jurisdiction: str, category: str | None) -> None:
    c = t.heat_scale.c
    connection.execute(
        t.heat_scale.delete().where(c.jurisdiction == jurisdiction, c.category == (category or ""))
    )
