"""A few points by GEOS alone are placed as the index places them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gridmap.geometry.locator import Locator
from gridmap.geometry.plain import Plain
from tests.geometry.test_locator import awkward_points, degrees, shuffled_codes, tangled_layers

TOLERANCE_M = 50.0


def alike(polygons, codes, lon, lat, tolerance_m: float = TOLERANCE_M) -> None:
    index, plain = Locator(polygons, codes), Plain(polygons, codes)
    assert plain.covers(lon, lat).tolist() == index.covers(lon, lat).tolist()
    found, metres = plain.nearest(lon, lat, tolerance_m)
    expected, true_metres = index.nearest(lon, lat, tolerance_m)
    assert found.tolist() == expected.tolist()
    assert metres == pytest.approx(true_metres, abs=1e-7, nan_ok=True)


def test_a_partition_inside_on_its_edges_and_around(partition_cells) -> None:
    codes = shuffled_codes(36)
    alike(
        partition_cells,
        codes,
        *np.random.default_rng(1).uniform([109.42, 36.56], [109.54, 36.68], (5_000, 2)).T,
    )
    alike(partition_cells, codes, *awkward_points(partition_cells))


@given(tangled_layers(), st.lists(st.tuples(degrees, degrees), max_size=30))
def test_tangled_layers(layers, points) -> None:
    alike(*layers, *np.array(points, float).reshape(-1, 2).T)


def test_the_smallest_code_wins_beside_a_shared_corner() -> None:
    west, east = box(0, 0, 0.001, 0.001), box(0.001, 0, 0.002, 0.001)
    for codes in (["A", "B"], ["B", "A"]):
        plain = Plain([west, east], codes)
        assert plain.nearest(0.001, 0.0011, TOLERANCE_M)[0].tolist() == [codes.index("A")]
        assert plain.nearest(0.001, 0.0011, 1.0)[0].tolist() == [-1]


def test_no_place_and_nothing_to_be_in(partition_cells) -> None:
    far = [np.nan, 0.0, 109.0, -180.0], [36.6, np.nan, 90.0, -36.6]
    alike(partition_cells, shuffled_codes(36), *far)
    alike([], [], *far)
