from itertools import pairwise

import numpy as np
import pytest
import shapely

from gridmap.errors import BadInput
from gridmap.geometry.density import surface
from gridmap.geometry.shapes import area_m2, metric_crs, project

CRS = metric_crs(109.48, 36.62)
BOUNDS = (109.42, 36.56, 109.54, 36.68)


@pytest.fixture(scope="module")
def points() -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.random.default_rng(0).normal([109.48, 36.62], 0.006, (10_000, 2)).T)


def mass(found) -> float:
    """The integral over the ground: every cell's value times its area."""
    west, south, east, north = found.bounds
    height, width = found.values.shape
    if found.rows == "latitude":
        lat = np.linspace(south, north, height + 1)
    else:
        low, high = np.arctanh(np.sin(np.radians([south, north])))
        lat = np.degrees(np.arcsin(np.tanh(np.linspace(low, high, height + 1))))
    rows = area_m2([shapely.box(west, a, east, b) for a, b in pairwise(lat)])
    return float((found.values.sum(axis=1) * rows / width).sum() / 1e6)


@pytest.mark.parametrize("rows", ["latitude", "mercator"])
@pytest.mark.parametrize(("cell", "bandwidth"), [(25, 150), (50, 150), (10, 60)])
def test_the_integral_is_the_number_of_points(points, rows, cell, bandwidth):
    found = surface(*points, bounds=BOUNDS, crs=CRS, cell_m=cell, bandwidth_m=bandwidth, rows=rows)
    assert mass(found) == pytest.approx(10_000, rel=0.002)
    assert found.values.min() >= 0


def test_one_point_is_a_gaussian_of_the_bandwidth_on_the_ground():
    found = surface([109.48], [36.62], bounds=BOUNDS, crs=CRS, cell_m=20, bandwidth_m=200)
    peak = 1e6 / (2 * np.pi * 200**2)
    assert found.values.max() == pytest.approx(peak, rel=0.01)
    height, width = found.values.shape
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    lon = BOUNDS[0] + (column + 0.5) * (BOUNDS[2] - BOUNDS[0]) / width
    lat = BOUNDS[1] + (row + 0.5) * (BOUNDS[3] - BOUNDS[1]) / height
    ends = project(shapely.points([lon, 109.48], [lat, 36.62]), CRS)
    assert ends[0].distance(ends[1]) < 30
    # As wide north–south as east–west, in metres though not in degrees.
    along = (found.values[row] > peak / 2).sum() * (BOUNDS[2] - BOUNDS[0]) / width * np.cos(np.radians(36.62))
    across = (found.values[:, column] > peak / 2).sum() * (BOUNDS[3] - BOUNDS[1]) / height
    assert along == pytest.approx(across, rel=0.08)


def test_row_zero_is_south_and_column_zero_is_west():
    found = surface([109.43], [36.66], bounds=BOUNDS, crs=CRS, cell_m=50, bandwidth_m=150)
    row, column = np.unravel_index(found.values.argmax(), found.values.shape)
    assert row > found.values.shape[0] / 2
    assert column < found.values.shape[1] / 2


def test_the_same_place_has_the_same_value_in_every_window(points):
    whole = surface(*points, bounds=BOUNDS, crs=CRS, cell_m=30, bandwidth_m=150)
    height, width = whole.values.shape
    dx, dy = (BOUNDS[2] - BOUNDS[0]) / width, (BOUNDS[3] - BOUNDS[1]) / height
    window = (BOUNDS[0] + 100 * dx, BOUNDS[1] + 90 * dy, BOUNDS[0] + 220 * dx, BOUNDS[1] + 200 * dy)
    part = surface(*points, bounds=window, crs=CRS, cell_m=30, bandwidth_m=150)
    assert part.values.shape == (110, 120)
    assert np.allclose(part.values, whole.values[90:200, 100:220], rtol=1e-6, atol=1e-6 * whole.values.max())


def test_points_just_outside_the_window_still_count(points):
    inside = surface([109.48], [36.5595], bounds=BOUNDS, crs=CRS, cell_m=50, bandwidth_m=200)
    assert inside.values[0].max() > 0.8 * 1e6 / (2 * np.pi * 200**2)
    assert surface([109.0], [36.0], bounds=BOUNDS, crs=CRS, cell_m=50, bandwidth_m=200).values.max() == 0


def test_mercator_rows_lie_where_a_web_map_stretches_them():
    tall = (109.0, 30.0, 109.5, 40.0)
    found = surface([109.25], [36.0], bounds=tall, crs=CRS, cell_m=1000, bandwidth_m=5000, rows="mercator")
    row = found.values.max(axis=1).argmax() + 0.5
    low, peak, high = np.arctanh(np.sin(np.radians([30.0, 36.0, 40.0])))
    assert row / found.values.shape[0] == pytest.approx((peak - low) / (high - low), abs=0.001)


def test_no_points_and_nan_points_give_nothing():
    assert surface([], [], bounds=BOUNDS, crs=CRS, cell_m=50, bandwidth_m=200).values.max() == 0
    nan = surface([np.nan, 109.48], [36.62, np.nan], bounds=BOUNDS, crs=CRS, cell_m=50, bandwidth_m=200)
    assert nan.values.max() == 0


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"bounds": (109.5, 36.5, 109.4, 36.6)}, "bounds"),
        ({"bounds": (np.nan, 36.5, 109.4, 36.6)}, "bounds"),
        ({"bandwidth_m": 0}, "bandwidth_m"),
        ({"bandwidth_m": np.nan}, "bandwidth_m"),
        ({"cell_m": 0}, "cell_m"),
        ({"cell_m": 150}, "cell_m"),
        ({"cell_m": 0.5}, "cell_m"),
        ({"cell_m": 1e-300}, "cell_m"),
    ],
)
def test_what_cannot_be_drawn_is_named(changed, field):
    arguments = {"bounds": BOUNDS, "crs": CRS, "cell_m": 50, "bandwidth_m": 200} | changed
    with pytest.raises(BadInput) as refusal:
        surface([109.48], [36.62], **arguments)
    assert refusal.value.field == field
