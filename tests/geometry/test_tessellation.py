"""A made-up nation is a partition, whatever its size and seed."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.geometry.tessellation import CENTRE, nation


@settings(max_examples=25)
@given(grids=st.integers(1, 400), seed=st.integers(0, 10_000))
def test_grids_are_valid_and_leave_no_gap_and_no_overlap(grids: int, seed: int) -> None:
    """A valid coverage: neighbours share their nodes; and one outline without holes."""
    codes, polygons = nation(grids, seed)
    assert len(codes) == len(polygons) == grids
    assert shapely.is_valid(polygons).all()
    assert shapely.coverage_is_valid(polygons)
    whole = shapely.coverage_union_all(polygons)
    assert whole.geom_type == "Polygon"
    assert not whole.interiors
    assert whole.area == pytest.approx(shapely.area(polygons).sum(), rel=1e-9)


def test_codes_rise_and_say_which_county_subdistrict_and_community() -> None:
    codes, _ = nation(2_200)
    assert codes == sorted(set(codes))
    assert {len(code) for code in codes} == {15}
    assert len({code[:6] for code in codes}) == 3
    assert len({code[:9] for code in codes}) == 32  # 2,200 / 70, and the last one smaller


def test_the_same_seed_makes_the_same_nation() -> None:
    codes, polygons = nation(200, seed=3)
    again, same = nation(200, seed=3)
    _, other = nation(200, seed=4)
    assert again == codes
    assert shapely.equals_exact(polygons, same).all()
    assert not shapely.equals_exact(polygons, other).any()


def test_it_lies_where_it_is_put() -> None:
    middle = shapely.centroid(shapely.coverage_union_all(nation(500)[1]))
    assert np.hypot(middle.x - CENTRE[0], middle.y - CENTRE[1]) < 0.05


@pytest.mark.parametrize("grids", [0, -1, 9_000_001])
def test_a_number_that_cannot_be_made_is_told(grids: int) -> None:
    with pytest.raises(BadInput) as told:
        nation(grids)
    assert told.value.field == "grids"
