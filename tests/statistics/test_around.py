"""Reports around places: within so many metres on the ground, per hundred spaces."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import Geod

from gridmap.errors import BadInput
from gridmap.statistics.around import around

A, B = shapely.Point(109.47, 36.60), shapely.Point(109.474, 36.60)  # 358 m apart
GEOD = Geod(ellps="GRS80")


def metres_from(place: shapely.Point, azimuth: float, metres: float) -> tuple[float, float]:
    lon, lat, _ = GEOD.fwd(place.x, place.y, azimuth, metres)
    return lon, lat


@pytest.mark.parametrize("azimuth", [0, 45, 90, 200, 315])
def test_the_radius_is_metres_on_the_ground(azimuth) -> None:
    inner, outer = metres_from(A, azimuth, 299), metres_from(A, azimuth, 301)
    found = around([A], 300, [50], *zip(inner, outer, strict=True))
    assert found.reports.tolist() == [1]
    assert found.nearest.tolist() == [0, -1]
    assert found.per_100_spaces == (2,)


def test_between_two_places_it_counts_at_both_and_belongs_to_the_nearer() -> None:
    found = around([A, B], [300, 200], [100, None], [109.4725, 109.469, np.nan], [36.60, 36.60, 36.60])
    assert found.reports.tolist() == [2, 1]
    assert found.own.tolist() == [1, 1]
    assert found.nearest.tolist() == [1, 0, -1]
    assert found.per_100_spaces == (2, None)


def test_inside_an_area_is_no_distance() -> None:
    ground = shapely.box(109.47, 36.60, 109.48, 36.61)
    found = around([ground], 0, [0], [109.475, 109.4801], [36.605, 36.605])
    assert found.reports.tolist() == [1]
    assert found.per_100_spaces == (None,)


def test_no_places_and_no_reports() -> None:
    assert around([], 100, [], [109.47], [36.6]).nearest.tolist() == [-1]
    assert around([A], 100, [10], [], []).per_100_spaces == (0,)


coordinate = st.tuples(st.floats(109.465, 109.48), st.floats(36.595, 36.605))


@settings(max_examples=50)
@given(st.lists(coordinate, max_size=15), st.lists(coordinate, min_size=1, max_size=5), st.integers(50, 900))
def test_counts_are_those_of_measuring_every_pair(reports, places, radius) -> None:
    lon, lat = np.array(reports).reshape(-1, 2).T
    found = around(shapely.points(places), radius, [10] * len(places), lon, lat)
    pairs = np.array([[GEOD.inv(*p, *r)[2] for r in reports] for p in places]).reshape(len(places), -1)
    sure = np.abs(pairs - radius) > 0.001 * radius + 0.01  # but for the zone's scale
    least, most = (sure & (pairs <= radius)).sum(axis=1), (~sure | (pairs <= radius)).sum(axis=1)
    assert (least <= found.reports).all()
    assert (found.reports <= most).all()
    assert found.own.sum() == (found.nearest >= 0).sum()
    assert (found.own <= found.reports).all()


@pytest.mark.parametrize(
    ("places", "radius", "capacity", "field"),
    [
        ([None], 100, [1], "places"),
        ([shapely.Point()], 100, [1], "places"),
        ([A], -1, [1], "radius_m"),
        ([A], np.nan, [1], "radius_m"),
        ([A], 100, [-1], "capacity"),
        ([A], 100, [], "capacity"),
    ],
)
def test_what_has_nothing_around_it_is_named(places, radius, capacity, field) -> None:
    with pytest.raises(BadInput) as refusal:
        around(places, radius, capacity, [109.47], [36.6])
    assert refusal.value.field == field
