"""No masked count can be worked out: every table is attacked by trying all that could stand behind it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.statistics.masking import mask


def open_to_insiders(counts: list[int], minimum: int) -> list[set[int]]:
    """For each small count, what total and table leave open to one who is told which counts only protect."""
    found = mask(counts, minimum=minimum)
    shown = [v for v in found.shown(counts) if v is not None]
    most = min((v for v in shown if v >= minimum), default=sum(counts))
    hidden = np.flatnonzero(found.hidden).tolist()
    ranges = [range(minimum, most + 1) if found.complementary[i] else range(1, minimum) for i in hidden]
    worlds = [world for world in product(*ranges) if sum(world) == sum(counts) - sum(shown)]
    return [{world[at] for world in worlds} for at, i in enumerate(hidden) if 0 < counts[i] < minimum]


def open_when_all_is_masked(counts: list[int], minimum: int) -> list[set[int]]:
    """For each grid, what the total leaves open to one who knows that such a month is masked throughout."""
    worlds = [
        world
        for world in product(range(sum(counts) + 1), repeat=len(counts))
        if sum(world) == sum(counts) and mask(world, minimum=minimum).hidden.all()
    ]
    return [{world[i] for world in worlds} for i in range(len(counts))]


def test_a_single_small_count_takes_another_with_it() -> None:
    found = mask([2, 9, 30, 12, 0], minimum=5)
    assert found.hidden.tolist() == [True, True, False, False, False]
    assert found.complementary.tolist() == [False, True, False, False, False]
    assert found.shown([2, 9, 30, 12, 0]) == (None, None, 30, 12, 0)


def test_enough_small_counts_hide_each_other() -> None:
    found = mask([2, 3, 3, 30, 0], minimum=5)
    assert found.hidden.tolist() == [True, True, True, False, False]


def test_two_ones_do_not_hide_behind_their_sum() -> None:
    """A sum of two says that both are one."""
    assert mask([1, 1, 40, 50], minimum=5).hidden.tolist() == [True, True, True, False]


def test_all_fours_do_not_hide_behind_their_sum() -> None:
    assert mask([4, 4, 40, 50], minimum=5).hidden.tolist() == [True, True, True, False]


def test_a_protector_known_to_its_value_is_not_enough() -> None:
    """5 can only be 5 where the next that is shown is 5 as well: then 4 would follow."""
    assert mask([4, 5, 5, 5, 20], minimum=5).hidden.sum() > 2


def test_a_month_of_one_report_hides_everything() -> None:
    found = mask([0, 0, 1, 0], minimum=5)
    assert found.hidden.all()
    assert found.exposed == ()


def test_three_in_three_grids_need_not_be_one_each() -> None:
    assert mask([0, 1, 2], minimum=3).hidden.all()
    assert all(len(values) > 1 for values in open_when_all_is_masked([1, 1, 1], 3))


def test_nothing_small_nothing_masked() -> None:
    assert not mask([0, 5, 9, 0], minimum=5).hidden.any()
    assert not mask([0, 0], minimum=5).hidden.any()
    assert mask([], minimum=5).shown([]) == ()


def test_every_community_hides_behind_its_own_total() -> None:
    counts, groups = [2, 9, 30, 3, 12, 14, 1], [1, 1, 1, 2, 2, 2, 3]
    found = mask(counts, minimum=5, groups=groups)
    assert found.hidden.tolist() == [True, True, False, True, True, False, True]
    assert found.exposed == (3,)  # a community of one grid: its total is the count


@settings(max_examples=300)
@given(st.lists(st.integers(0, 12), min_size=1, max_size=5), st.integers(3, 5))
def test_every_small_count_could_be_any_small_number(counts, minimum) -> None:
    found = mask(counts, minimum=minimum)
    assert all(found.hidden[i] for i, c in enumerate(counts) if 0 < c < minimum)
    if not found.hidden.all():
        for values in open_to_insiders(counts, minimum):
            assert values == set(range(1, minimum))


@settings(max_examples=60)
@given(st.lists(st.integers(0, 4), min_size=2, max_size=4), st.integers(3, 5))
def test_a_month_masked_throughout_gives_no_grid_away(counts, minimum) -> None:
    if mask(counts, minimum=minimum).hidden.all():
        assert min(map(len, open_when_all_is_masked(counts, minimum))) > 1


@given(st.lists(st.integers(0, 30), max_size=30), st.lists(st.integers(0, 3), min_size=30, max_size=30))
def test_what_is_shown_is_true_and_groups_do_not_meddle(counts, groups) -> None:
    groups = groups[: len(counts)]
    found = mask(counts, groups=groups)
    shown = found.shown(counts)
    assert all(v is None or v == c for v, c in zip(shown, counts, strict=True))
    assert not any(v is not None and 0 < v < 5 for v in shown)
    for group in set(groups):
        members = [i for i, g in enumerate(groups) if g == group]
        alone = mask([counts[i] for i in members])
        assert alone.hidden.tolist() == found.hidden[members].tolist()


@pytest.mark.parametrize(
    ("counts", "options", "field"),
    [([1], {"minimum": 2}, "minimum"), ([-1], {}, "counts"), ([1, 2], {"groups": [1]}, "groups")],
)
def test_what_cannot_be_masked_is_named(counts, options, field) -> None:
    with pytest.raises(BadInput) as refusal:
        mask(counts, **options)
    assert refusal.value.field == field
