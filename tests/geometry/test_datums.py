import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.geometry.datums import CHINA_BOX, DATUMS, from_wgs84, shift_geometry, to_wgs84

METRES = 111_320.0
WEST, SOUTH, EAST, NORTH = CHINA_BOX
inside = st.tuples(st.floats(WEST, EAST), st.floats(SOUTH, NORTH))


def test_the_known_value_at_yanan():
    lon, lat = from_wgs84(109.47, 36.62, "gcj02")
    assert lon == pytest.approx(109.4754691, abs=5e-8)
    assert lat == pytest.approx(36.6201720, abs=5e-8)


def metres_off(datum: str) -> float:
    lon, lat = from_wgs84(109.47, 36.62, datum)
    return float(np.hypot((lon - 109.47) * METRES * np.cos(np.radians(36.62)), (lat - 36.62) * METRES))


def test_shifts_are_as_large_as_known():
    assert 474 < metres_off("gcj02") < 494
    assert 1_200 < metres_off("bd09") < 1_300


def test_bd09_uses_three_thousand_pi_over_180():
    # With the constant pi, as one library has it, the wobble differs by tens of metres here.
    gcj = from_wgs84(109.47, 36.62, "gcj02")
    radius = np.hypot(*gcj) + 2e-5 * np.sin(gcj[1] * np.pi * 3000 / 180)
    angle = np.arctan2(gcj[1], gcj[0]) + 3e-6 * np.cos(gcj[0] * np.pi * 3000 / 180)
    expected = radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
    assert np.allclose(from_wgs84(109.47, 36.62, "bd09"), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("datum", DATUMS)
@given(point=inside)
def test_there_and_back_is_the_same_place(datum, point):
    lon, lat = to_wgs84(*from_wgs84(*point, datum), datum)
    assert abs(lon - point[0]) * METRES < 1e-6
    assert abs(lat - point[1]) * METRES < 1e-6


@pytest.mark.parametrize("datum", DATUMS)
@pytest.mark.parametrize(
    "point", [(-71.06, 42.36), (-5.0, 50.3), (0.0, 0.0), (np.nan, 36.0), (np.inf, -np.inf), (109.0, 91.0)]
)
@pytest.mark.parametrize("way", [from_wgs84, to_wgs84])
@pytest.mark.filterwarnings("error")
def test_outside_china_nothing_moves(way, point, datum):
    assert np.array_equal(way(*point, datum), point, equal_nan=True)


def test_cgcs2000_is_wgs84():
    assert from_wgs84(109.47, 36.62, "cgcs2000") == (109.47, 36.62)
    assert to_wgs84(109.47, 36.62, "cgcs2000") == (109.47, 36.62)


def test_arrays_keep_their_shape_and_input_and_do_not_see_each_other():
    lon = np.array([[109.47, 110.0], [-71.0, 120.5]])
    before = lon.copy()
    shifted_lon, shifted_lat = from_wgs84(lon, 36.62, "bd09")
    assert shifted_lon.shape == shifted_lat.shape == (2, 2)
    assert np.array_equal(lon, before)
    alone = to_wgs84(shifted_lon[1, 1], shifted_lat[1, 1], "bd09")
    together = to_wgs84(shifted_lon, shifted_lat, "bd09")
    assert float(alone[0]) == together[0][1, 1]
    assert float(alone[1]) == together[1][1, 1]


def test_nothing_at_all_is_fine():
    lon, lat = to_wgs84([], [], "gcj02")
    assert lon.shape == lat.shape == (0,)


@pytest.mark.parametrize("call", [from_wgs84, to_wgs84])
@pytest.mark.parametrize("datum", ["", "WGS84", "gcj-02", "epsg:4326"])
def test_an_unknown_datum_names_the_four(call, datum):
    with pytest.raises(BadInput) as refusal:
        call(109.47, 36.62, datum)
    assert refusal.value.field == "datum"
    assert all(name in refusal.value.message for name in DATUMS)


def test_geometries_are_shifted_node_by_node_holes_too():
    shape = shapely.box(109.40, 36.50, 109.60, 36.70) - shapely.box(109.47, 36.62, 109.48, 36.63)
    moved = shift_geometry(shape, "gcj02")
    expected = np.column_stack(from_wgs84(*shapely.get_coordinates(shape).T, "gcj02"))
    assert np.array_equal(shapely.get_coordinates(moved), expected)
    offsets = expected - shapely.get_coordinates(shape)
    assert np.ptp(offsets[:, 0]) * METRES > 1  # a constant offset would be wrong
    assert shift_geometry([shape, None], "bd09")[1] is None
    assert shift_geometry(shape, "cgcs2000") is shape
