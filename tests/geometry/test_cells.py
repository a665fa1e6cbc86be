"""Cells: every point in exactly one, whose corners hold it; whole cells make up tiles."""

from __future__ import annotations

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from gridmap.geometry.cells import ACROSS, LEVEL, NORTHMOST, cells, centres, corners

lons = st.floats(-180, 180)
lats = st.floats(-NORTHMOST, NORTHMOST)
places = st.integers(0, ACROSS - 1)


@given(lon=lons, lat=lats)
@example(lon=180.0, lat=0.0)
@example(lon=-180.0, lat=NORTHMOST)
@example(lon=0.0, lat=-NORTHMOST)
@example(lon=109.4731, lat=36.6083)
def test_a_point_lies_between_the_corners_of_its_cell(lon, lat) -> None:
    (x,), (y,) = cells([lon], [lat])
    assert 0 <= x < ACROSS
    assert 0 <= y < ACROSS
    ((west, south, east, north),) = corners([x], [y])
    assert west <= lon <= east
    assert south <= lat <= north


@given(x=places, y=places)
def test_the_centre_of_a_cell_lies_in_it(x, y) -> None:
    lon, lat = centres([x], [y])
    if abs(lat[0]) < NORTHMOST:
        assert [v.tolist() for v in cells(lon, lat)] == [[x], [y]]


@given(lon=lons, lat=lats, level=st.integers(0, LEVEL))
def test_whole_cells_make_up_tiles(lon, lat, level) -> None:
    """The tile that holds a cell's centre, by the definition of tiles, is the cell's number shifted."""
    x, y = cells([lon], [lat])
    middle_lon, middle_lat = (v[0] for v in centres(x, y))
    tile_x = int((middle_lon + 180) / 360 * 2**level)
    tile_y = int((1 - np.arcsinh(np.tan(np.radians(middle_lat))) / np.pi) / 2 * 2**level)
    assert (tile_x, tile_y) == (int(x[0]) >> (LEVEL - level), int(y[0]) >> (LEVEL - level))


@given(st.floats(NORTHMOST, 90), lons)
def test_nearer_to_the_poles_the_outermost_row_takes_all(lat, lon) -> None:
    assert cells([lon], [lat])[1].tolist() == cells([lon], [NORTHMOST])[1].tolist()
    assert cells([lon], [-lat])[1].tolist() == cells([lon], [-NORTHMOST])[1].tolist()


@given(first=lats, second=lats, west=lons, east=lons)
def test_columns_grow_eastward_and_rows_southward(first, second, west, east) -> None:
    south, north = sorted((first, second))
    west, east = sorted((west, east))
    (left, right), (top, bottom) = cells([west, east], [north, south])
    assert left <= right
    assert top <= bottom
