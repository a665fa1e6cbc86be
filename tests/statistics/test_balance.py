"""A suggested division holds each unit once, hangs together, and is never less even than what was there."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.statistics.balance import contiguous, division, suggest
from gridmap.statistics.neighbours import Neighbours, neighbours


def rook(rows: int, columns: int) -> Neighbours:
    at = np.arange(rows * columns).reshape(rows, columns)
    left = np.r_[at[:, :-1].ravel(), at[:-1].ravel()]
    right = np.r_[at[:, 1:].ravel(), at[1:].ravel()]
    return neighbours(rows * columns, left, right)


def pieces(group: np.ndarray, near: Neighbours) -> int:
    """How many connected pieces the groups fall into, counted by hand."""
    seen, count = set(), 0
    for unit in range(len(near)):
        if unit in seen:
            continue
        count += 1
        waiting = [unit]
        while waiting:
            at = waiting.pop()
            if at not in seen:
                seen.add(at)
                waiting += [each for each in near.of(at).tolist() if group[each] == group[at]]
    return count


@st.composite
def towns(draw):
    """A connected or broken graph, loads, and a possible number of groups."""
    count = draw(st.integers(1, 40))
    pairs = draw(st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=90))
    near = neighbours(count, [a for a, _ in pairs], [b for _, b in pairs])
    load = draw(st.lists(st.integers(0, 50), min_size=count, max_size=count))
    parts = pieces(np.zeros(count), near)
    return near, np.array(load, float), draw(st.integers(parts, count))


@given(towns())
@settings(max_examples=150)
def test_every_unit_once_every_group_in_one_piece(town) -> None:
    near, load, groups = town
    made = suggest(load, near, groups)
    assert len(made.group) == len(near)
    assert sorted(set(made.group.tolist())) == list(range(groups))
    assert pieces(made.group, near) == groups
    assert contiguous(made.group, near)
    assert made.loads.sum() == load.sum()
    again = suggest(load, near, groups)
    assert (again.group == made.group).all()


@given(towns(), st.integers(0, 2**32 - 1))
@settings(max_examples=100)
def test_never_less_even_than_what_was_there(town, seed) -> None:
    near, load, groups = town
    start = suggest(np.random.default_rng(seed).uniform(0, 9, len(near)), near, groups).group
    before = division(load, start)
    after = suggest(load, near, groups, start=start)
    assert after.loads.max() <= before.loads.max()
    assert after.imbalance <= before.imbalance + 1e-12


def test_a_lattice_is_divided_evenly() -> None:
    near = rook(12, 12)
    even = suggest(np.ones(144), near, 9)
    assert even.imbalance <= 17 / 16
    random = np.random.default_rng(4)
    load = random.gamma(0.5, 4.0, 144)
    columns = np.tile(np.arange(12) // 4, 12) + 3 * np.repeat(np.arange(12) // 4, 12)
    before, after = division(load, columns), suggest(load, near, 9, start=columns)
    assert before.imbalance > 1.25
    assert after.imbalance < 1.05


def test_distance_makes_groups_compact() -> None:
    near = rook(1, 6)
    unit, other = near.pairs()
    far = {(2, 3), (3, 2)}  # a river between the third and the fourth
    distance = [100.0 if pair in far else 1.0 for pair in zip(unit.tolist(), other.tolist(), strict=True)]
    assert suggest(np.ones(6), near, 2, distance=distance).group.tolist() in (
        [0, 0, 0, 1, 1, 1],
        [1, 1, 1, 0, 0, 0],
    )


def test_a_start_in_pieces_is_no_start() -> None:
    near = rook(1, 4)
    made = suggest([1, 1, 1, 1], near, 2, start=[0, 1, 0, 1])
    assert contiguous(made.group, near)
    assert not contiguous([0, 1, 0, 1], near)
    assert not contiguous([0, 0, 2, 2], near), "a group without a unit"


def test_what_cannot_be_divided_is_refused_by_name() -> None:
    near = neighbours(4, [0, 2], [1, 3])
    with pytest.raises(BadInput, match="2 parts that do not touch") as refused:
        suggest([1, 1, 1, 1], near, 1)
    assert refused.value.field == "groups"
    with pytest.raises(BadInput, match="5 groups"):
        suggest([1, 1, 1, 1], near, 5)
    with pytest.raises(BadInput, match="load"):
        suggest([1, -1, 1, 1], near, 2)
    with pytest.raises(BadInput, match="values"):
        suggest([1, 1], near, 2)
    with pytest.raises(BadInput, match="pairs"):
        suggest([1, 1, 1, 1], near, 2, distance=[1.0])
