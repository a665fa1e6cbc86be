"""What is in doubt is left out unless asked for, and what that changes is said."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.geometry.cells import cells
from gridmap.geometry.intensity import ground, intensity
from gridmap.statistics.doubts import DOUBTS, Doubts, doubts, with_difference, without
from gridmap.statistics.hotspots import hot_spots, surplus
from gridmap.statistics.model import Pile

CITY_HALL = (-71.0587, 42.3594)
TOWN = shapely.box(109.44, 36.58, 109.50, 36.64)
ON = ground(TOWN, bandwidth_m=300)


def found_in(points, *, given=None, review=None, pile_size=10) -> Doubts:
    at = np.array(points, dtype=float).reshape(-1, 2)
    as_given = at if given is None else np.array(given, dtype=float).reshape(-1, 2)
    flags = np.zeros(len(at), bool) if review is None else review
    return doubts(
        *at.T, given_lon=as_given[:, 0], given_lat=as_given[:, 1], needs_review=flags, pile_size=pile_size
    )


def test_a_pile_is_exact_and_large_enough() -> None:
    points = [(109.47, 36.6)] * 10 + [(109.48, 36.6)] * 9 + [(109.47 + 1e-12, 36.6)]
    found = found_in(points)
    assert found.pile.tolist() == [True] * 10 + [False] * 10
    assert found.piles == (Pile(109.47, 36.6, 10),)
    assert found_in(points, pile_size=9).piles == (Pile(109.47, 36.6, 10), Pile(109.48, 36.6, 9))


def test_whole_degrees_are_those_that_were_given() -> None:
    """(109, 37) in GCJ-02 is (108.995…, 36.998…) once converted."""
    converted = [(108.9953, 36.9989), (109.0, 37.0), (109.0, 36.5), (np.nan, np.nan)]
    found = found_in(converted, given=[(109, 37), (109.0047, 37.0011), (109, 36.5), (np.nan, np.nan)])
    assert found.whole_degree.tolist() == [True, False, False, False]


def test_a_report_without_a_coordinate_is_in_no_doubt() -> None:
    found = found_in([(np.nan, np.nan)] * 12, review=np.ones(12, bool))
    assert found.kept().all()
    assert found.piles == ()


def test_only_what_is_asked_for_is_let_in() -> None:
    points = [(109.0, 36.0)] * 10 + [(109.47, 36.6), (109.48, 36.61)]
    found = found_in(points, review=[False] * 11 + [True])
    assert found.kept().sum() == 1
    assert found.kept({"uncertain"}).sum() == 2
    assert found.kept({"pile"}).sum() == 1  # they are on whole degrees too
    assert found.kept({"pile", "whole_degree"}).sum() == 11
    assert found.kept(DOUBTS).all()
    with pytest.raises(BadInput) as refusal:
        found.kept({"heaps"})
    assert refusal.value.field == "include"


def test_the_difference_is_said() -> None:
    rng = np.random.default_rng(0)
    spread = np.column_stack([rng.uniform(109.45, 109.46, 60), rng.uniform(36.59, 36.60, 60)])
    points = np.vstack([spread, np.tile([[109.48, 36.62]], (40, 1)), [[109.0, 36.0]]])
    found = found_in(points, review=np.arange(101) < 3)
    shown, difference = with_difference(*points.T, found, ON)
    assert difference.reports == {"pile": 40, "whole_degree": 1, "uncertain": 3}
    assert difference.left_out == 44
    assert difference.share == pytest.approx(43 / 100)  # what is outside the district has no share in it
    assert 2000 < difference.shift_m < 5000
    assert difference.peak == shown.peak
    assert difference.peak_with[:2] == pytest.approx((109.48, 36.62), abs=5e-4)
    assert np.array_equal(shown.per_km2, intensity(*points[3:60].T, ON).per_km2)
    let_in, nothing = with_difference(*points.T, found, ON, include=DOUBTS)
    assert (nothing.left_out, nothing.share, nothing.shift_m, nothing.reports) == (0, 0, 0, {})
    assert let_in.peak == difference.peak_with


def test_a_month_of_nothing_but_a_pile_has_no_peak() -> None:
    points = np.tile([[109.48, 36.62]], (12, 1))
    shown, difference = with_difference(*points.T, found_in(points), ON)
    assert shown.per_km2.max() == 0
    assert (difference.share, difference.shift_m, difference.peak) == (1, None, None)
    _, empty = with_difference([], [], found_in([]), ON)
    assert (empty.left_out, empty.share, empty.peak_with) == (0, 0, None)


spots = st.sampled_from([(109.45, 36.6), (109.46, 36.6), (109.46, 36.61), (109.0, 36.0), (np.nan, np.nan)])


@given(st.lists(st.tuples(spots, st.booleans()), max_size=40), st.integers(2, 8))
def test_nothing_is_lost_between_kept_and_left_out(rows, least) -> None:
    points = np.array([spot for spot, _ in rows], dtype=float).reshape(-1, 2)
    found = found_in(points, review=np.array([flag for _, flag in rows], bool), pile_size=least)
    _, difference = with_difference(*points.T, found, ON)
    assert found.kept().sum() + difference.left_out == len(rows)
    assert found.pile.sum() == sum(pile.count for pile in found.piles)
    assert all(pile.count >= least for pile in found.piles)
    assert 0 <= difference.share <= 1


def test_piles_are_taken_off_the_cells_they_fell_into() -> None:
    lon = np.array([109.47] * 12 + [109.47 + 1e-6, 109.48])
    lat = np.full(14, 36.6)
    keys, counts = np.unique(np.column_stack(cells(lon, lat)), axis=0, return_counts=True)
    left = without(*keys.T, counts, [109.47, 109.6], [36.6, 36.7], [12, 50])
    assert left.sum() == 2
    assert without(*keys.T, counts, [], [], []).sum() == 14


# Boston: 19 of a hundred real rows lie on City Hall's coordinate


@pytest.fixture(scope="module")
def rows(shared_data: Path) -> np.ndarray:
    with (shared_data / "boston" / "boston311-100.csv").open(encoding="utf-8", newline="") as stream:
        return np.array([(float(r["longitude"]), float(r["latitude"])) for r in csv.DictReader(stream)])


def boston_surface(boston, rows, **options):
    on = ground(shapely.union_all(boston.shapes), bandwidth_m=400)
    return with_difference(*rows.T, found_in(rows), on, **options)


def test_city_hall_makes_no_hot_spot_on_the_surface(boston, rows) -> None:
    shown, difference = boston_surface(boston, rows)
    assert difference.piles == (Pile(*CITY_HALL, 19),)
    assert difference.reports["pile"] == 19
    assert 0.19 <= difference.share < 0.21
    assert difference.shift_m > 900
    there = intensity([CITY_HALL[0]], [CITY_HALL[1]], shown.ground).per_km2.argmax()
    assert shown.per_km2.flat[there] < 0.5 * shown.peak[2]


def test_city_hall_glows_when_asked_for(boston, rows) -> None:
    shown, difference = boston_surface(boston, rows, include={"pile"})
    assert shown.peak[:2] == pytest.approx(CITY_HALL, abs=1e-3)
    assert difference.piles == ()


def boston_hot_spots(boston, rows, kept):
    _, grid = shapely.STRtree(boston.shapes).query(shapely.points(rows[kept]), predicate="covered_by")
    counts = np.bincount(grid, minlength=len(boston.shapes))
    values = surplus(counts, boston.area_km2)
    return hot_spots(values, boston.neighbours, reports=int(counts.sum()), seed=1)


def test_city_hall_makes_no_star(boston, rows) -> None:
    """Left out, it is as if its rows had never come; asked for, it lifts all around it and makes a star.

    Downtown itself is starred either way: little of its own, but the densest reports of the city around it.
    """
    found = found_in(rows)
    without = boston_hot_spots(boston, rows, found.kept())
    never = boston_hot_spots(boston, rows[(rows != CITY_HALL).any(axis=1)], slice(None))
    assert without.q.tobytes() == never.q.tobytes()
    asked = boston_hot_spots(boston, rows, found.kept({"pile"}))
    (downtown,) = shapely.STRtree(boston.shapes).query(shapely.Point(CITY_HALL), predicate="covered_by")
    window = boston.around(int(downtown))
    assert (asked.z[window] > without.z[window]).all()
    assert set(np.flatnonzero(without.hot)) < set(np.flatnonzero(asked.hot)) <= set(window)
