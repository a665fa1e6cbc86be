"""The district's surface: right at its border, blind to grid borders and zooms, in metres on the ground."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.geometry.intensity import Ground, ground, intensity, resampled
from gridmap.geometry.projection import project, unproject

# an L: a straight border, an outer corner and an inner one, about 4 km across
L = shapely.Polygon(
    [(109.46, 36.60), (109.50, 36.60), (109.50, 36.615), (109.48, 36.615), (109.48, 36.64), (109.46, 36.64)]
)


@pytest.fixture(scope="module")
def on() -> Ground:
    return ground(L, bandwidth_m=200)


def even_points(on: Ground) -> tuple[np.ndarray, np.ndarray]:
    """One point at the centre of each cell inside."""
    row, column = np.nonzero(on.inside)
    x, y = (column + on.west + 0.5) * on.cell_m, (row + on.south + 0.5) * on.cell_m
    return tuple(shapely.get_coordinates(unproject(shapely.points(x, y), on.crs)).T)


def test_evenly_spread_reports_give_an_even_surface_up_to_the_border(on) -> None:
    found = intensity(*even_points(on), on)
    assert np.allclose(found.per_km2[on.inside], 1e6 / on.cell_m**2, rtol=1e-9)
    assert (found.per_km2[~on.inside] == 0).all()
    assert on.mass[on.inside].min() < 0.3  # without the correction a corner would fall to a quarter


def test_chance_spread_evenly_is_not_lower_at_the_border(on) -> None:
    rng = np.random.default_rng(0)
    west, south, east, north = L.bounds
    lon, lat = rng.uniform(west, east, 60_000), rng.uniform(south, north, 60_000)
    found = intensity(lon, lat, on)
    rim = on.inside & (on.mass < 0.7)
    true = found.weight / (shapely.area(on.outline) / 1e6)
    assert found.per_km2[rim].mean() == pytest.approx(true, rel=0.03)
    assert found.per_km2[on.inside & (on.mass > 0.99)].mean() == pytest.approx(true, rel=0.03)
    assert found.weight + found.outside == 60_000


def test_one_report_far_from_the_border_is_a_gaussian_of_the_bandwidth(on) -> None:
    lon, lat = 109.47, 36.61
    found = intensity([lon], [lat], on)
    assert found.per_km2.max() == pytest.approx(1e6 / (2 * np.pi * 200**2), rel=0.01)
    at = project(shapely.points([lon, found.peak[0]], [lat, found.peak[1]]), on.crs)
    assert shapely.distance(*at) <= on.cell_m
    assert found.per_km2.sum() * on.cell_m**2 / 1e6 == pytest.approx(1, rel=0.01)


def test_cells_by_their_weights_are_points_many_times(on) -> None:
    rng = np.random.default_rng(1)
    lon, lat = rng.uniform(109.46, 109.48, 50), rng.uniform(36.60, 36.64, 50)
    weights = rng.integers(0, 9, 50)
    by_weight = intensity(lon, lat, on, weights=weights)
    by_point = intensity(np.repeat(lon, weights), np.repeat(lat, weights), on)
    assert np.allclose(by_weight.per_km2, by_point.per_km2)
    assert by_weight.weight == weights.sum()


def test_what_lies_outside_is_weighed_and_left_out(on) -> None:
    inside = intensity([109.47], [36.63], on)
    both = intensity([109.47, 109.49, np.nan], [36.63, 36.63, 36.6], on)  # in the crook of the L
    assert (both.weight, both.outside) == (1, 1)
    assert np.array_equal(both.per_km2, inside.per_km2)


def test_a_report_on_the_corner_of_the_outline_is_inside(on) -> None:
    found = intensity(*np.array(L.exterior.coords).T, on)
    assert found.weight + found.outside == 7
    assert np.isfinite(found.per_km2).all()


def test_any_zoom_shows_the_same_value_at_the_same_place(on) -> None:
    rng = np.random.default_rng(2)
    found = intensity(rng.normal(109.47, 0.004, 400), rng.normal(36.612, 0.004, 400), on)
    far = resampled(found, (109.44, 36.58, 109.52, 36.66), columns=80, lines=80)
    # nine times as fine, over a part: every middle one of nine lies on a coarse centre
    near = resampled(found, (109.46, 36.60, 109.48, 36.62), columns=180, lines=180)
    assert np.allclose(near.values[4::9, 4::9], far.values[20:40, 20:40], rtol=1e-9, atol=1e-9)
    assert far.values.max() > 50


def test_mercator_rows_show_the_same_places(on) -> None:
    found = intensity([109.47], [36.63], on)
    flat = resampled(found, (109.45, 36.59, 109.51, 36.65), columns=60, lines=600)
    tall = resampled(found, (109.45, 36.59, 109.51, 36.65), columns=60, lines=600, rows="mercator")
    low, high, peak = np.arctanh(np.sin(np.radians([36.59, 36.65, 36.63])))
    assert tall.values.max() == pytest.approx(flat.values.max(), rel=1e-3)
    assert (tall.values.max(axis=1).argmax() + 0.5) / 600 == pytest.approx(
        (peak - low) / (high - low), abs=0.01
    )


def test_nothing_fades_towards_the_border_when_read_off(on) -> None:
    found = intensity(*even_points(on), on)
    shown = resampled(found, (109.455, 36.595, 109.505, 36.645), columns=400, lines=400).values
    assert np.allclose(shown[shown > 0], 1e6 / on.cell_m**2, rtol=1e-9)
    lon, lat = np.meshgrid(
        109.455 + (np.arange(400) + 0.5) * 0.05 / 400, 36.595 + (np.arange(400) + 0.5) * 0.05 / 400
    )
    covered = shapely.contains_xy(L, lon, lat)
    assert (shown > 0).sum() == pytest.approx(covered.sum(), rel=0.01)


def test_a_month_without_reports_is_flat(on) -> None:
    found = intensity([], [], on)
    assert (found.per_km2.max(), found.weight, found.outside, found.peak[2]) == (0, 0, 0, 0)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(109.4, 109.6), st.floats(36.5, 36.7)), max_size=20), st.integers(0, 20))
def test_surfaces_add_up(points, cut) -> None:
    """What two halves show apart, they show together: the share of a part can be told."""
    coarse = ground(L, bandwidth_m=400, cell_m=100)
    lon, lat = np.array(points).reshape(-1, 2).T
    whole = intensity(lon, lat, coarse)
    halves = intensity(lon[:cut], lat[:cut], coarse), intensity(lon[cut:], lat[cut:], coarse)
    assert np.allclose(whole.per_km2, halves[0].per_km2 + halves[1].per_km2)
    assert whole.weight + whole.outside == len(points)


@pytest.mark.parametrize(
    ("outline", "options", "field"),
    [
        (L, {"bandwidth_m": 0}, "bandwidth_m"),
        (L, {"bandwidth_m": np.nan}, "bandwidth_m"),
        (L, {"bandwidth_m": 100, "cell_m": 51}, "cell_m"),
        (L, {"bandwidth_m": 0.1}, "cell_m"),
        (shapely.box(109.46, 36.6, 109.4600001, 36.6000001), {"bandwidth_m": 1000}, "cell_m"),
        (shapely.Point(109, 36), {"bandwidth_m": 100}, "outline"),
        (shapely.Polygon(), {"bandwidth_m": 100}, "outline"),
        (None, {"bandwidth_m": 100}, "outline"),
    ],
)
def test_what_has_no_ground_is_named(outline, options, field) -> None:
    with pytest.raises(BadInput) as refusal:
        ground(outline, **options)
    assert refusal.value.field == field


@pytest.mark.parametrize("weights", [[1.0], [1.0, -1.0], [1.0, np.nan]])
def test_weights_that_are_none_are_named(on, weights) -> None:
    with pytest.raises(BadInput) as refusal:
        intensity([109.47, 109.48], [36.61, 36.61], on, weights=weights)
    assert refusal.value.field == "weights"


@pytest.mark.parametrize(
    ("bounds", "columns", "field"), [((1, 1, 0, 2), 5, "bounds"), ((109, 36, 110, 37), 0, "columns")]
)
def test_windows_that_hold_nothing_are_named(on, bounds, columns, field) -> None:
    with pytest.raises(BadInput) as refusal:
        resampled(intensity([], [], on), bounds, columns=columns, lines=5)
    assert refusal.value.field == field
