"""All SQL of the monthly counts. What is true is always rollup plus deltas. Never commits."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.atlas import METHODS
from gridmap.database import copying
from gridmap.database import tables as t

# what reports are counted under -> the column
GROUPS = {"grid": "grid_version", "community": "community_version", "category": "category"}

Arrays = Mapping[str, NDArray[Any]]

# One statement: what leaves the deltas is in the rollups at the same moment, for every reader. Rows go in by
# their key, so that two folds that met would wait and not block each other for ever.
FOLD = """
    WITH moved AS (DELETE FROM report_delta RETURNING *),
    counted AS (
        INSERT INTO report_count AS c
        SELECT jurisdiction, cut, month, grid_version, community_version, category, method,
               sum(reports), sum(near_edge)
        FROM moved GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (jurisdiction, cut, month, grid_version, community_version, category, method)
        DO UPDATE SET reports = c.reports + excluded.reports, near_edge = c.near_edge + excluded.near_edge
    ), celled AS (
        INSERT INTO report_cell AS c
        SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, sum(reports)
        FROM moved WHERE cell_x IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6, 7 ORDER BY 1, 2, 3, 4, 5, 6, 7
        ON CONFLICT (jurisdiction, month, category, cell_x, cell_y, grid_version, community_version)
        DO UPDATE SET reports = c.reports + excluded.reports
    ) SELECT count(*) FROM moved
    """
FOLD_LOCK = "SELECT pg_try_advisory_xact_lock(hashtextextended('gridmap: fold', 0))"


def fold(connection: Connection) -> int | None:
    """Move the deltas that are committed into the rollups; -> how many, or None while another does it."""
    if not connection.exec_driver_sql(FOLD_LOCK).scalar_one():
        return None
    return int(connection.exec_driver_sql(FOLD).scalar_one())


def waiting(connection: Connection) -> bool:
    """Whether there is a delta to fold."""
    return bool(connection.scalar(sa.text("SELECT EXISTS (SELECT FROM report_delta)")))


def monthly(
    connection: Connection,
    jurisdiction: str,
    first: date,
    last: date,
    by: str,
    category: str | None = None,
    *,
    cut: int = 0,
    counted: sa.FromClause = t.report_counts,  # or those of then (statistics.asof)
) -> list[tuple[date, str | None, str | None, int]]:
    """(first day of the month, code, name, reports), by month and code; code None: in no area.

    `by` is one of GROUPS; `cut` is the edition that reports were cut to, 0: as they were placed.
    """
    c = counted.c
    # summed before the names are looked up; a code may have several versions
    found = (
        sa.select(c.month, c[GROUPS[by]].label("what"), sa.func.sum(c.reports).label("reports"))
        .where(c.jurisdiction == jurisdiction, c.cut == cut, c.month.between(first, last))
        .where(sa.true() if category is None else c.category == category)
        .group_by(c.month, c[GROUPS[by]])
        .subquery()
    )
    if by == "category":
        code, name = found.c.what, t.category.c.name
        own = sa.func.coalesce(t.category.c.jurisdiction, jurisdiction) == jurisdiction
        source = found.outerjoin(t.category, sa.and_(t.category.c.code == found.c.what, own))
    else:
        code, name = t.area_version.c.code, t.area_version.c.name
        source = found.outerjoin(t.area_version, t.area_version.c.id == found.c.what)
    total = sa.func.sum(found.c.reports)
    query = (
        sa.select(found.c.month, code, sa.func.min(name), total.cast(sa.BigInteger))
        .select_from(source)
        .group_by(found.c.month, code)
        .having(total != 0)
        .order_by(found.c.month, code.collate("C"))
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


class Cross(NamedTuple):
    """n counts of months × grids × categories, in that order; `grid_version` 0: in no grid."""

    month: NDArray[np.datetime64]
    grid_version: NDArray[np.int64]
    category: NDArray[np.int64]  # index into `categories`
    reports: NDArray[np.int64]
    categories: tuple[str, ...]


CROSS = """
    SELECT category, array_agg(month - date '1970-01-01'), array_agg(grid_version), array_agg(reports)
    FROM report_counts
    WHERE jurisdiction = %(jurisdiction)s AND cut = 0 AND month BETWEEN %(first)s AND %(last)s
    GROUP BY category
    """


def cross(connection: Connection, jurisdiction: str, first: date, last: date) -> Cross:
    """Reports of months by grid and category, none of them 0.

    Added up here, where it takes a quarter of the time that it takes the server.
    """
    given = {"jurisdiction": jurisdiction, "first": first, "last": last}
    types = {"day": "i4", "grid": "i8", "reports": "i8"}
    found = copying.fetch_arrays(connection, CROSS, given, types)
    known = tuple(sorted(found))
    if not known:
        none = np.zeros(0, np.int64)
        return Cross(none.astype("datetime64[M]"), none, none, none, known)
    day, grid, reports = (np.concatenate([found[code][name] for code in known]) for name in types)
    month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    category = np.repeat(np.arange(len(known)), [len(found[code]["day"]) for code in known])
    low, grids = month.min(), int(grid.max()) + 1
    # one number for all three: fits for a thousand months, a thousand categories and 10^12 versions
    key, which = np.unique(((month - low) * grids + grid) * len(known) + category, return_inverse=True)
    total = np.bincount(which, weights=reports).astype(np.int64)
    key, total = key[total != 0], total[total != 0]
    rest, category = np.divmod(key, len(known))
    month, grid = np.divmod(rest, grids)
    return Cross((month + low).astype("datetime64[M]"), grid, category, total, known)


def categories(connection: Connection, jurisdiction: str) -> tuple[str, ...]:
    """Every code that a report of the jurisdiction can have."""
    query = sa.text(
        "SELECT code FROM category WHERE coalesce(jurisdiction, :jurisdiction) = :jurisdiction ORDER BY code"
    )
    return tuple(connection.scalars(query, {"jurisdiction": jurisdiction}))


def months(connection: Connection, jurisdiction: str, cut: int = 0) -> list[tuple[date, int]]:
    """(first day, reports) of each month in which reports are counted, in order."""
    query = sa.text(
        "SELECT month, sum(reports)::bigint FROM report_counts"
        " WHERE jurisdiction = :jurisdiction AND cut = :cut GROUP BY 1 HAVING sum(reports) <> 0 ORDER BY 1"
    )
    rows = connection.execute(query, {"jurisdiction": jurisdiction, "cut": cut})
    return [(row[0], row[1]) for row in rows]


def cuts(connection: Connection, jurisdiction: str) -> list[int]:
    """The editions that reports of the jurisdiction were cut to."""
    query = sa.text(
        "SELECT DISTINCT cut FROM report_counts WHERE jurisdiction = :jurisdiction AND cut <> 0 ORDER BY cut"
    )
    return list(connection.scalars(query, {"jurisdiction": jurisdiction}))


# What the rows of a month say against what is counted of it
RECOUNT = """
    WITH kept AS (
        SELECT grid_version, community_version, category, method,
               sum(reports) AS reports, sum(near_edge) AS near_edge
        FROM report_counts WHERE jurisdiction = :jurisdiction AND cut = 0 AND month = :month
        GROUP BY 1, 2, 3, 4 HAVING sum(reports) <> 0 OR sum(near_edge) <> 0
    ), told AS (
        SELECT coalesce(grid_version, 0) AS grid_version, coalesce(community_version, 0) AS community_version,
               category, method, count(*) AS reports,
               count(*) FILTER (WHERE edge_distance_m < :near_edge_m) AS near_edge
        FROM report WHERE jurisdiction = :jurisdiction AND occurred_at >= :first AND occurred_at < :last
        GROUP BY 1, 2, 3, 4
    )
    SELECT 0 AS cut, concat_ws(' ', 'grid', v.code, category, method) AS counted,
           coalesce(kept.reports, 0)::bigint, coalesce(told.reports, 0)::bigint,
           coalesce(kept.near_edge, 0)::bigint, coalesce(told.near_edge, 0)::bigint
    FROM kept FULL JOIN told USING (grid_version, community_version, category, method)
    LEFT JOIN area_version v ON v.id = grid_version
    WHERE (kept.reports, kept.near_edge) IS DISTINCT FROM (told.reports, told.near_edge)
    ORDER BY 2
    """
RECOUNT_CUT = """
    WITH kept AS (
        SELECT grid_version, category, method, sum(reports) AS reports, sum(near_edge) AS near_edge
        FROM report_counts WHERE jurisdiction = :jurisdiction AND cut = :cut AND month = :month
        GROUP BY 1, 2, 3 HAVING sum(reports) <> 0 OR sum(near_edge) <> 0
    ), told AS (
        SELECT c.grid_version, r.category, c.method, count(*) AS reports,
               count(*) FILTER (WHERE c.near_edge) AS near_edge
        FROM report_cut c JOIN report r ON r.id = c.report_id AND r.occurred_at = c.occurred_at
        WHERE r.jurisdiction = :jurisdiction AND c.cut = :cut
          AND c.occurred_at >= :first AND c.occurred_at < :last
          AND r.occurred_at >= :first AND r.occurred_at < :last
        GROUP BY 1, 2, 3
    )
    SELECT CAST(:cut AS bigint) AS cut, concat_ws(' ', 'grid', v.code, category, method) AS counted,
           coalesce(kept.reports, 0)::bigint, coalesce(told.reports, 0)::bigint,
           coalesce(kept.near_edge, 0)::bigint, coalesce(told.near_edge, 0)::bigint
    FROM kept FULL JOIN told USING (grid_version, category, method)
    LEFT JOIN area_version v ON v.id = grid_version
    WHERE (kept.reports, kept.near_edge) IS DISTINCT FROM (told.reports, told.near_edge)
    ORDER BY 2
    """


class Difference(NamedTuple):
    """A count that is not what the rows say; each in reports and in those near an edge."""

    cut: int  # 0: as placed
    counted: str  # what it counts
    kept: int
    told: int
    kept_near_edge: int
    told_near_edge: int


def recount(
    connection: Connection,
    jurisdiction: str,
    month: date,
    span: tuple[datetime, datetime],
    near_edge_m: float,
    cut: int = 0,
) -> list[Difference]:
    """Where the counts of a month (its first and following first moment: `span`) differ from its rows."""
    given = {
        "jurisdiction": jurisdiction,
        "month": month,
        "first": span[0],
        "last": span[1],
        "near_edge_m": near_edge_m,
        "cut": cut,
    }
    rows = connection.execute(sa.text(RECOUNT_CUT if cut else RECOUNT), given)
    return [Difference(*row) for row in rows]


def stored_months(connection: Connection, jurisdiction: str) -> tuple[datetime, datetime] | None:
    """When the first and the last stored report occurred, by the rows themselves; None without any."""
    query = sa.text(
        "SELECT min(occurred_at), max(occurred_at) FROM report WHERE jurisdiction = :jurisdiction"
    )
    first, last = connection.execute(query, {"jurisdiction": jurisdiction}).one()
    return None if first is None else (first, last)


CELLS_KEPT = """
    SELECT coalesce(array_position(%(categories)s::text[], category), 0) - 1, cell_x, cell_y,
           grid_version, community_version, sum(reports)::bigint
    FROM report_cells
    WHERE jurisdiction = %(jurisdiction)s AND month = %(month)s
    GROUP BY category, cell_x, cell_y, grid_version, community_version HAVING sum(reports) <> 0
    """


def cells_kept(connection: Connection, jurisdiction: str, month: date, known: tuple[str, ...]) -> Arrays:
    """category (index into `known`, −1: other), x, y, grid, community (versions, 0: none), reports."""
    given = {"jurisdiction": jurisdiction, "month": month, "categories": list(known)}
    types = {"category": "i4", "x": "i4", "y": "i4", "grid": "i8", "community": "i8", "reports": "i8"}
    return copying.fetch_columns(connection, CELLS_KEPT, given, types)


STORED = """
    SELECT id, occurred_at, coalesce(array_position(%(categories)s::text[], category), 0) - 1,
           coalesce(ST_X(geom), 'NaN')::float8, coalesce(ST_Y(geom), 'NaN')::float8,
           coalesce(grid_version, 0), coalesce(community_version, 0)
    FROM report
    WHERE jurisdiction = %(jurisdiction)s AND occurred_at >= %(first)s AND occurred_at < %(last)s
    """
STORED_COLUMNS = ("id", "occurred", "category", "lon", "lat", "grid", "community")
STORED_TYPES = dict(zip(STORED_COLUMNS, ("V16", "i8", "i4", "f8", "f8", "i8", "i8"), strict=True))


def stored(
    connection: Connection,
    jurisdiction: str,
    spans: Iterator[tuple[datetime, datetime]],
    known: tuple[str, ...],
) -> Iterator[Arrays]:
    """The reports of each span as arrays: id (16 bytes), occurred (microseconds since 2000, UTC), category
    (index into `known`), lon, lat (WGS-84 degrees, NaN without), grid, community (versions, 0 for none)."""
    for first, last in spans:
        given = {"jurisdiction": jurisdiction, "first": first, "last": last, "categories": list(known)}
        found = copying.fetch_columns(connection, STORED, given, STORED_TYPES)
        if len(found["id"]):
            yield found


def forget_cut(
    connection: Connection,
    jurisdiction: str,
    cut: int,
    month: date,
    span: tuple[datetime, datetime],
) -> None:
    """Take a month's cut to an edition back: its rows, and by deltas its counts."""
    connection.execute(
        sa.text("DELETE FROM report_cut WHERE cut = :cut AND occurred_at >= :first AND occurred_at < :last"),
        {"cut": cut, "first": span[0], "last": span[1]},
    )
    connection.execute(
        sa.text(
            "INSERT INTO report_delta (jurisdiction, cut, month, grid_version, community_version, category,"
            " method, reports, near_edge)"
            " SELECT jurisdiction, cut, month, grid_version, community_version, category, method,"
            " -sum(reports), -sum(near_edge) FROM report_counts"
            " WHERE jurisdiction = :jurisdiction AND cut = :cut AND month = :month"
            " GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(reports) <> 0 OR sum(near_edge) <> 0"
        ),
        {"jurisdiction": jurisdiction, "cut": cut, "month": month},
    )


def copy_cut(
    connection: Connection,
    cut: int,
    reports: Arrays,
    grid: NDArray[np.int64],
    method: NDArray[np.uint8],
    near_edge: NDArray[np.bool_],
) -> None:
    """Copy in where n reports (arrays of `stored`) lie in an edition; methods index areas.atlas.METHODS."""
    order = np.argsort(reports["occurred"])  # so that the index grows at one end
    ids = np.ascontiguousarray(reports["id"][order])
    copying.copy_rows(
        connection,
        "report_cut",
        {
            "cut": copying.integers(np.full(len(grid), cut)),
            "occurred_at": copying.fixed(reports["occurred"][order]),
            "report_id": copying.fixed(ids.view(np.uint8).reshape(-1, 16)),
            "grid_version": copying.integers(grid[order]),
            "method": copying.words(method[order], METHODS),
            "near_edge": copying.booleans(near_edge[order]),
        },
    )


def replace_counts(
    connection: Connection,
    jurisdiction: str,
    month: date,
    span: tuple[datetime, datetime],
    near_edge_m: float,
) -> None:
    """Make the counts of a month anew from its rows; its cells: `replace_cells`. Writers wait meanwhile."""
    connection.exec_driver_sql(
        "LOCK TABLE report_delta, report_count, report_cell IN SHARE ROW EXCLUSIVE MODE"
    )
    given = {"jurisdiction": jurisdiction, "month": month}
    for old in (
        "DELETE FROM report_delta WHERE jurisdiction = :jurisdiction AND month = :month AND cut = 0",
        "DELETE FROM report_count WHERE jurisdiction = :jurisdiction AND month = :month AND cut = 0",
        "DELETE FROM report_cell WHERE jurisdiction = :jurisdiction AND month = :month",
    ):
        connection.execute(sa.text(old), given)
    connection.execute(
        sa.text(
            "INSERT INTO report_count SELECT jurisdiction, 0, :month, coalesce(grid_version, 0),"
            " coalesce(community_version, 0), category, method, count(*),"
            " count(*) FILTER (WHERE edge_distance_m < :near_edge_m) FROM report"
            " WHERE jurisdiction = :jurisdiction AND occurred_at >= :first AND occurred_at < :last"
            " GROUP BY 1, 4, 5, 6, 7"
        ),
        given | {"first": span[0], "last": span[1], "near_edge_m": near_edge_m},
    )


def replace_cells(
    connection: Connection, jurisdiction: str, month: date, cells: Arrays, known: tuple[str, ...]
) -> None:
    """Copy in the cells of a month whose counts were just replaced; arrays as `cells_kept` gives them."""
    count = len(cells["x"])
    copying.copy_rows(
        connection,
        "report_cell",
        {
            "jurisdiction": copying.words(np.zeros(count, np.int8), [jurisdiction]),
            "month": copying.dates(np.full(count, np.datetime64(month, "D"))),
            "category": copying.words(cells["category"], known),
            "cell_x": copying.fixed(cells["x"].astype(np.int32)),
            "cell_y": copying.fixed(cells["y"].astype(np.int32)),
            **{f"{kind}_version": copying.integers(cells[kind]) for kind in ("grid", "community")},
            "reports": copying.fixed(cells["reports"].astype(np.int64)),
        },
    )
