"""Distances, the nearest polygon, and probabilities under an accuracy radius."""

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from shapely import Polygon, box

from gridmap.errors import BadInput
from gridmap.geometry.locator import Locator
from gridmap.geometry.scatter import NODES
from gridmap.geometry.shapes import metric_crs, project, unproject

CRS = metric_crs(109.47, 36.62)
# A straight metric edge of 500 m and the straight lon/lat edge between its ends part by 2 mm.
MM = 5e-3
CORNER = shapely.get_coordinates(project(shapely.Point(109.47, 36.62), CRS))[0]
SIGMA = 1 / np.sqrt(-2 * np.log(0.05))


def metric_box(west, south, east, north) -> Polygon:
    """A box in metres from a corner at 延安, as lon/lat."""
    x, y = CORNER
    return unproject(box(x + west, y + south, x + east, y + north), CRS)


def metric_points(*metres) -> tuple[np.ndarray, np.ndarray]:
    points = unproject(shapely.points(np.array(metres, dtype=float) + CORNER), CRS)
    return tuple(shapely.get_coordinates(points).T)


@pytest.fixture(scope="module")
def pair() -> Locator:
    return Locator([metric_box(500, 0, 1000, 400), metric_box(0, 0, 500, 400)], ["b-east", "a-west"])


def test_distance_is_in_metres_to_the_nearest_edge_inner_edges_too(pair):
    lon, lat = metric_points((490, 200), (100, 30), (-70, 200), (500, 200), (-30, -40))
    assert pair.edge_distance(lon, lat) == pytest.approx([10, 30, 70, 0, 50], abs=MM)
    assert pair.edge_distance(float(lon[0]), float(lat[0])) == pytest.approx([10], abs=MM)


def test_distance_to_a_holes_edge():
    holed = Locator([metric_box(0, 0, 500, 400) - metric_box(200, 200, 300, 300)], ["a"])
    assert holed.edge_distance(*metric_points((250, 260), (180, 250))) == pytest.approx([40, 20], abs=MM)


def test_a_long_straight_edge_does_not_bend():
    # 0.2 degrees of parallel: projected by its ends only, its middle would lie 12 m off.
    slab = Locator([box(109.4, 36.5, 109.6, 36.6)], ["a"])
    assert slab.edge_distance(109.5, 36.6)[0] < 0.001


@given(st.floats(-500, 1500), st.floats(-500, 900))
def test_distance_agrees_with_the_plain_formula(pair, x, y):
    (found,) = pair.edge_distance(*metric_points((x, y)))
    metric = project(np.array(pair.geometries), CRS)
    point = project(shapely.points(*(v[0] for v in metric_points((x, y)))), CRS)
    expected = shapely.distance(shapely.boundary(metric), point).min()
    assert found == pytest.approx(expected, abs=MM)


def test_no_place_has_no_distance(pair):
    metres = pair.edge_distance([np.nan, 109.47, np.inf], [36.62, np.nan, 36.62])
    assert np.isnan(metres[:2]).all()
    assert metres[2] == np.inf
    assert pair.edge_distance([], []).tolist() == []
    assert pair.edge_distance(-71.06, 42.36)[0] > 5e6


def test_nearest_is_the_cover_else_the_nearest_within_tolerance(pair):
    lon, lat = metric_points((490, 200), (1030, 200), (1080, 200), (-20, 200), (500, -10), (500, 410))
    index, metres = pair.nearest(lon, lat, 50)
    assert index.tolist() == [1, 0, -1, 1, 1, 1]  # the last two are as near to both: the smaller code
    assert index.dtype == np.int32
    assert metres == pytest.approx([0, 30, 80, 20, 10, 10], abs=MM)


def test_the_tolerance_is_inclusive_and_nan_is_nowhere(pair):
    lon, lat = metric_points((1030, 200))
    (_,), (metres,) = pair.nearest(lon, lat, 0)
    assert pair.nearest(lon, lat, metres)[0].tolist() == [0]
    assert pair.nearest(lon, lat, np.nextafter(metres, 0))[0].tolist() == [-1]
    index, metres = pair.nearest(np.nan, 36.62, 50)
    assert index.tolist() == [-1]
    assert np.isnan(metres[0])
    with pytest.raises(BadInput) as refusal:
        pair.nearest(lon, lat, np.nan)
    assert refusal.value.field == "tolerance_m"


@pytest.mark.parametrize("accuracy", [5.0, 30.0, 150.0])
@pytest.mark.parametrize("offset", [-1.0, -0.3, 0.0, 0.2, 0.9])
def test_probability_across_an_edge_is_the_normal_integral(pair, accuracy, offset):
    lon, lat = metric_points((500 + offset * accuracy, 200))
    (shares,) = pair.probabilities(lon, lat, accuracy)
    expected = {0: norm.cdf(offset / SIGMA)}
    expected[1] = 1 - expected[0]
    reach = norm.sf(200 / (accuracy * SIGMA))
    for index, share in shares:
        assert share == pytest.approx(expected[index], abs=0.005 + 2 * reach)
    assert [share for _, share in shares] == sorted((share for _, share in shares), reverse=True)


def test_ninety_five_percent_lie_within_the_accuracy_radius():
    lon, lat = metric_points((0, 0))
    disc = unproject(shapely.buffer(shapely.Point(*CORNER), 40.0, quad_segs=64), CRS)
    ((only,),) = Locator([disc], ["a"]).probabilities(lon, lat, 40.0)
    assert only[1] == pytest.approx(0.95, abs=0.002)


def test_what_falls_outside_is_missing_from_the_sum(pair):
    at_corner, far_out, deep = pair.probabilities(*metric_points((0, 0), (-500, 0), (250, 200)), 30.0)
    assert sum(share for _, share in at_corner) == pytest.approx(0.25, abs=0.005)
    assert far_out == []
    assert deep == [(1, 1.0)]


@pytest.mark.parametrize("accuracy", [0.0, 0.01, 3.0, 40.0, 900.0])
def test_nodes_nearer_than_any_edge_are_where_locating_them_puts_them(pair, monkeypatch, accuracy):
    rng = np.random.default_rng(3)
    near = rng.normal(0, max(accuracy, 1), (200, 2)) + rng.choice([0, 400, 500, 1000], (200, 1))
    lon, lat = metric_points(*rng.uniform([-100, -100], [1100, 500], (60, 2)), *near)
    short = pair.probabilities(lon, lat, accuracy)
    monkeypatch.setattr("gridmap.geometry.locator.AWAY", np.full(NODES, np.inf))
    assert pair.probabilities(lon, lat, accuracy) == short


def test_probabilities_are_the_same_alone_and_in_a_crowd(pair):
    lon, lat = metric_points(*np.random.default_rng(4).uniform([400, -50], [600, 450], (100, 2)))
    accuracy = np.linspace(1, 100, 100)
    together = pair.probabilities(lon, lat, accuracy)
    assert [pair.probabilities(x, y, a)[0] for x, y, a in zip(lon, lat, accuracy, strict=True)] == together


def test_no_radius_means_exactly_there(pair):
    assert pair.probabilities(*metric_points((250, 200), (500, 200), (-1, 200)), 0) == [
        [(1, 1.0)],
        [(1, 1.0)],
        [],
    ]


@pytest.mark.parametrize("accuracy", [-1, np.nan, np.inf])
def test_a_radius_that_is_none_is_refused(pair, accuracy):
    with pytest.raises(BadInput) as refusal:
        pair.probabilities(109.47, 36.62, accuracy)
    assert refusal.value.field == "accuracy_m"


def test_a_radius_beyond_reason_stays_harmless(pair):
    (shares,) = pair.probabilities(109.475, 36.622, 1e9)
    assert sum(share for _, share in shares) <= 1
    assert pair.probabilities(np.nan, 36.62, 30) == [[]]
