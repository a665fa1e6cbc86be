"""Neighbours come from the partition: corners count, rounding does not part, islands are areas."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import box

from gridmap.statistics.neighbours import contiguity, neighbours

METRE = 1 / 111_320


def block(rows: int, columns: int, side: float = 0.01) -> list[shapely.Polygon]:
    return [
        box(109.4 + c * side, 36.6 + r * side, 109.4 + (c + 1) * side, 36.6 + (r + 1) * side)
        for r in range(rows)
        for c in range(columns)
    ]


def listed(found) -> list[list[int]]:
    return [found.of(i).tolist() for i in range(len(found))]


def test_corners_count() -> None:
    assert listed(contiguity(block(2, 2))) == [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]
    assert contiguity(block(3, 3)).degrees.tolist() == [3, 5, 3, 5, 8, 5, 3, 5, 3]


def test_all_that_geos_says_touch(partition_of_wobbles) -> None:
    found = contiguity(partition_of_wobbles)
    for i, area in enumerate(partition_of_wobbles):
        touching = [j for j, b in enumerate(partition_of_wobbles) if i != j and shapely.intersects(area, b)]
        assert found.of(i).tolist() == touching


@pytest.fixture
def partition_of_wobbles() -> list[shapely.Polygon]:
    x, y = np.meshgrid(109.44 + np.arange(6) * 0.012, 36.58 + np.arange(6) * 0.012)
    nodes = np.stack([x, y], axis=-1)
    nodes[1:-1, 1:-1] += np.random.default_rng(3).uniform(-0.004, 0.004, (4, 4, 2))
    return [
        shapely.Polygon([nodes[i, j], nodes[i, j + 1], nodes[i + 1, j + 1], nodes[i + 1, j]])
        for i in range(5)
        for j in range(5)
    ]


def test_a_t_junction_without_a_node_is_contact() -> None:
    """The long side has no node where the other two meet on it."""
    west = shapely.Polygon([(109.4, 36.6), (109.41, 36.60003), (109.41, 36.62), (109.4, 36.62)])
    found = contiguity([west, box(109.41, 36.6001, 109.42, 36.61), box(109.41, 36.61, 109.42, 36.62)])
    assert listed(found) == [[1, 2], [0, 2], [0, 1]]


@pytest.mark.parametrize(("gap_m", "joined"), [(1e-6, True), (5e-4, True), (0.1, False), (20, False)])
def test_a_slit_of_rounding_does_not_part_but_ground_does(gap_m: float, joined: bool) -> None:
    west, east = box(109.40, 36.6, 109.41, 36.61), box(109.41, 36.6, 109.42, 36.61)
    moved = shapely.transform(east, lambda at: at + np.array([gap_m * METRE / np.cos(np.radians(36.6)), 0]))
    found = contiguity([west, moved])
    assert (found.islands.size == 0) is joined
    assert contiguity([west, moved], within_m=25).islands.size == 0


def test_a_sliver_of_an_area_parts_those_beside_it() -> None:
    edge = 109.41
    areas = [
        box(109.40, 36.6, edge, 36.61),
        box(edge, 36.6, edge + 2 * METRE, 36.61),
        box(edge + 2 * METRE, 36.6, 109.42, 36.61),
    ]
    assert listed(contiguity(areas)) == [[1], [0, 2], [1]]


def test_islands_have_nobody_and_break_nothing() -> None:
    found = contiguity([*block(1, 2), box(110, 37, 110.01, 37.01), None, shapely.Polygon()])
    assert listed(found) == [[1], [0], [], [], []]
    assert found.islands.tolist() == [2, 3, 4]
    assert len(contiguity([])) == 0


def test_an_exclave_brings_its_own_neighbours() -> None:
    first, second, third = block(1, 3)
    assert listed(contiguity([shapely.MultiPolygon([first, third]), second])) == [[1], [0]]


def test_overlapping_areas_are_neighbours() -> None:
    assert listed(contiguity([box(109.4, 36.6, 109.42, 36.62), box(109.41, 36.61, 109.43, 36.63)])) == [
        [1],
        [0],
    ]


@given(st.lists(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=40))
def test_the_relation_is_symmetric_sorted_and_without_oneself(pairs) -> None:
    found = neighbours(9, [a for a, _ in pairs], [b for _, b in pairs])
    wanted = {(a, b) for a, b in pairs if a != b} | {(b, a) for a, b in pairs if a != b}
    assert list(zip(*(side.tolist() for side in found.pairs()), strict=True)) == sorted(wanted)
    assert found.degrees.sum() == len(wanted)
