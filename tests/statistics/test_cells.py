"""A month's cells, folded or not, are its points counted; at any level, in any window, of any category."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database import copying
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.cells import LEVEL, cells
from gridmap.statistics import store
from gridmap.statistics.months import month_span, next_month

JUNE = date(2023, 6, 1)
# what a fold does, for half of the deltas
HALF = """
    WITH half AS (DELETE FROM report_delta WHERE cell_x % 2 = 0 AND cut = 0 RETURNING *)
    INSERT INTO report_cell AS c (jurisdiction, month, category, cell_x, cell_y, grid_version,
                                  community_version, reports)
    SELECT jurisdiction, month, category, cell_x, cell_y, grid_version, community_version, sum(reports)
    FROM half GROUP BY 1, 2, 3, 4, 5, 6, 7
    ON CONFLICT (jurisdiction, month, category, cell_x, cell_y, grid_version, community_version)
    DO UPDATE SET reports = c.reports + excluded.reports
"""


@pytest.fixture(scope="module")
def half_folded(demo_database) -> Iterator[Connection]:
    with demo_database.engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(sa.text(HALF))
        yield connection
        transaction.rollback()


def counted(x, y, reports=None) -> Counter[tuple[int, int]]:
    counts: Counter[tuple[int, int]] = Counter()
    for at, count in zip(
        zip(x.tolist(), y.tolist(), strict=True),
        [1] * len(x) if reports is None else reports.tolist(),
        strict=True,
    ):
        counts[at] += count
    return counts


def points(connection, months, category) -> np.ndarray:
    first, last = month_span(JURISDICTION, months[0])[0], month_span(JURISDICTION, months[1])[1]
    rows = connection.execute(
        sa.text(
            "SELECT ST_X(geom), ST_Y(geom) FROM report WHERE jurisdiction = :here AND geom IS NOT NULL"
            " AND occurred_at >= :first AND occurred_at < :last"
            " AND (CAST(:category AS text) IS NULL OR category = :category)"
        ),
        {"here": JURISDICTION.code, "first": first, "last": last, "category": category},
    )
    return np.array([tuple(row) for row in rows])


@pytest.mark.parametrize("level", [LEVEL, 18, 9, 0])
@pytest.mark.parametrize("category", [None, "matter-09009"])
@pytest.mark.parametrize("months", [(JUNE, JUNE), (JUNE, next_month(JUNE, 4))])
def test_cells_are_the_points_counted(half_folded, level, category, months) -> None:
    where = points(half_folded, months, category)
    assert len(where) > 10
    x, y = (v >> (LEVEL - level) for v in cells(*where.T))
    found = store.cells(half_folded, JURISDICTION.code, *months, category, level=level)
    assert [v.dtype for v in found] == [np.int32, np.int32, np.int64]
    assert len(set(zip(found[0].tolist(), found[1].tolist(), strict=True))) == len(found[0])
    assert counted(*found) == counted(x, y)


@pytest.mark.parametrize(("level", "wide"), [(LEVEL, 60), (17, 4)])
def test_a_window_has_its_own_cells_and_no_others(half_folded, level, wide) -> None:
    whole = counted(*store.cells(half_folded, JURISDICTION.code, JUNE, JUNE, level=level))
    west, north = np.median(np.array(list(whole)), axis=0).astype(int).tolist()
    window = (west, north, west + wide, north + 2 * wide)
    part = counted(*store.cells(half_folded, JURISDICTION.code, JUNE, JUNE, level=level, bounds=window))
    assert part
    assert len(part) < len(whole)
    assert part == {
        (x, y): n for (x, y), n in whole.items() if 0 <= x - west < wide and 0 <= y - north < 2 * wide
    }


def test_nothing_is_in_an_empty_month(half_folded) -> None:
    assert [len(v) for v in store.cells(half_folded, JURISDICTION.code, date(1999, 1, 1), JUNE, "x")] == [
        0
    ] * 3
    assert [len(v) for v in store.cells(half_folded, "elsewhere", JUNE, JUNE)] == [0] * 3


def test_what_is_taken_away_is_not_a_cell(half_folded) -> None:
    """Deltas may be negative; a cell whose reports all went elsewhere holds none."""
    x, y, _ = store.cells(half_folded, JURISDICTION.code, JUNE, JUNE, "matter-09009")
    gone = int(x[0]), int(y[0])
    with half_folded.begin_nested() as nested:
        half_folded.execute(
            sa.text(
                "INSERT INTO report_delta (jurisdiction, month, grid_version, community_version, category,"
                " method, cell_x, cell_y, reports, near_edge)"
                " SELECT jurisdiction, month, 0, 0, category, 'covers', cell_x, cell_y, -sum(reports), 0 FROM"
                " (SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_delta UNION ALL"
                "  SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_cell) c"
                " WHERE jurisdiction = :here AND month = '2023-06-01' AND category = 'matter-09009'"
                " AND cell_x = :x AND cell_y = :y GROUP BY 1, 2, 5, 7, 8"
            ),
            {"here": JURISDICTION.code, "x": gone[0], "y": gone[1]},
        )
        left = store.cells(half_folded, JURISDICTION.code, JUNE, JUNE, "matter-09009")
        assert len(left[0]) == len(x) - 1
        assert gone not in counted(*left)
        nested.rollback()


def test_rows_of_another_form_are_refused(half_folded) -> None:
    assert copying.fetch_columns(half_folded, "SELECT 1, 2.5::float8", {}, {"a": "i4", "b": "f8"}) == {
        "a": [1],
        "b": [2.5],
    }
    for query in ("SELECT NULL::int", "SELECT 1::bigint", "SELECT 1, 2"):
        with pytest.raises(ValueError, match="SELECT"):
            copying.fetch_columns(half_folded, query, {}, {"a": "i4"})
