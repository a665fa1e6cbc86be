"""One point is located as an array of points is placed, wherever it lies."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gridmap.areas.atlas import METHODS, Atlas
from gridmap.areas.model import AreaVersion
from gridmap.areas.sheets import Sheet
from gridmap.errors import BadCoordinate

WEST, SOUTH, SIDE = 109.46, 36.60, 0.01
CHANGE = date(2023, 7, 1)
NO_AREAS = Atlas("none", (0, 0), {}, {})


def box(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + width * SIDE, south + height * SIDE)


def sheet(kind: str, first_id: int, first_day: date | None, areas: dict[str, tuple]) -> Sheet:
    """code -> (polygon, code of the parent)."""
    versions = tuple(
        AreaVersion(first_id + n, kind, code, code, parent, {}, shape, first_id, first_day, None)
        for n, (code, (shape, parent)) in enumerate(areas.items())
    )
    return Sheet(first_day, versions)


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    """Two by two grids, one of them without a parent; on CHANGE the eastern ones become one."""
    grids = {"A": (box(0, 0), "C"), "B": (box(1, 0), "C"), "D": (box(0, 1), None), "E": (box(1, 1), "gone")}
    later = {"A": (box(0, 0), "C"), "D": (box(0, 1), None), "W": (box(1, 0, 1, 2), "C")}
    sheets = {
        "grid": (sheet("grid", 100, None, grids), sheet("grid", 200, CHANGE, later)),
        "community": (sheet("community", 300, None, {"C": (box(0, 0, 2), "S"), "N": (box(0, 1, 2), "S")}),),
        "compound": (sheet("compound", 400, None, {"P": (box(0.5, 0.5, 1, 1), "C")}),),
        "building": (sheet("building", 500, CHANGE, {"T": (box(0.6, 0.6, 0.1, 0.1), "P")}),),
    }
    by_id = {v.id: v for kinds in sheets.values() for each in kinds for v in each.versions}
    return Atlas("town", (2, 2), sheets, by_id)


@settings(max_examples=300)
@given(
    st.one_of(st.floats(-0.2, 2.2), st.sampled_from([0.0, 0.5, 0.6, 0.65, 1.0, 1.5, 2.0])),
    st.one_of(st.floats(-0.2, 2.2), st.sampled_from([0.0, 0.5, 0.6, 0.65, 1.0, 1.5, 2.0])),
    st.sampled_from([date(2023, 6, 30), CHANGE]),
    st.sampled_from([0.0, 50.0]),
)
@example(-0.03, 0.5, CHANGE, 50.0)  # 27 m off
@example(-0.03, 0.5, CHANGE, 0.0)
@example(1.0, 1.0, date(2023, 6, 30), 50.0)
def test_one_point_is_located_as_many_are_placed(atlas, column, row, day, tolerance):
    held = Atlas("town", atlas.signature, atlas.sheets, atlas.by_id, tolerance)
    lon, lat = WEST + column * SIDE, SOUTH + row * SIDE
    placed = held.place(np.array([lon]), np.array([lat]), [day])
    located = held.locate(lon, lat, day)
    assert located == held.located(placed, 0)
    assert located.method == METHODS[placed.method[0]]


def test_one_point_before_any_areas():
    with pytest.raises(BadCoordinate, match="no areas yet"):
        NO_AREAS.locate(WEST, SOUTH, CHANGE)


def test_what_is_far_away_is_refused_on_every_day(atlas):
    for day in (date(2023, 6, 30), CHANGE):
        assert atlas.extent(day) == pytest.approx((WEST, SOUTH, WEST + 2 * SIDE, SOUTH + 2 * SIDE))
        with pytest.raises(BadCoordinate, match="200 km"):
            atlas.locate(116.4, 39.9, day)
