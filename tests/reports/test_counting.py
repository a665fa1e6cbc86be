"""What a transaction adds to the counts is its reports, counted."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.geometry.cells import cells
from gridmap.reports import counting
from gridmap.reports.counting import NO_CELL, Deltas, Tally, counted, summed
from gridmap.reports.heaps import Heaps

few = st.integers(0, 2)
version = st.sampled_from([0, 1, 7, 2**60, 2**62])  # neither pair of the widest fits in a number
# two of the points share a cell
point = st.sampled_from([(109.47, 36.6), (109.47, 36.60001), (109.9, 36.6), (np.nan, np.nan)])
reports = st.lists(st.tuples(few, version, version, few, few, point, st.booleans()), max_size=30)


def columns(told) -> dict[str, Any]:
    month, grid, community, category, method, where, near = zip(*told, strict=True) if told else [()] * 7
    lon, lat = np.array(where, float).reshape(-1, 2).T
    return {
        "month": np.array(month, np.int64).astype("datetime64[M]"),
        "grid_version": np.array(grid, np.int64),
        "community_version": np.array(community, np.int64),
        "category": np.array(category, np.int64),
        "method": np.array(method, np.uint8),
        "lon": lon,
        "lat": lat,
        "near_edge": np.array(near, bool),
    }


def deltas(told) -> Deltas:
    return summed([counted(**columns(told))])


def cell(where: tuple[float, float]) -> tuple[int, int]:
    if np.isnan(where[0]):
        return NO_CELL, NO_CELL
    (x,), (y,) = cells([where[0]], [where[1]])
    return int(x), int(y)


@given(reports)
def test_sums_are_what_one_by_one_would_be(told) -> None:
    all_, near = Counter(), Counter()
    for month, grid, community, category, method, where, edge in told:
        key = (np.datetime64(month, "M"), grid, community, category, method, *cell(where))
        all_[key] += 1
        near[key] += edge
    found = deltas(told)
    keys = list(
        zip(
            found.month,
            *(
                getattr(found, name).tolist()
                for name in ("grid_version", "community_version", "category", "method", "cell_x", "cell_y")
            ),
            strict=True,
        )
    )
    assert len(set(keys)) == len(keys)
    assert dict(zip(keys, found.reports.tolist(), strict=True)) == all_
    assert dict(zip(keys, found.near_edge.tolist(), strict=True)) == near


@given(reports, st.randoms(use_true_random=False))
def test_the_order_of_the_reports_does_not_count(told, random) -> None:
    mixed = told.copy()
    random.shuffle(mixed)
    left, right = deltas(told), deltas(mixed)
    for name in Deltas.__slots__:
        assert np.array_equal(getattr(left, name), getattr(right, name)), name


def named(found: Deltas, categories: list[str]) -> Counter[tuple[Any, ...]]:
    """How many reports, and how many near an edge, under each key with its category by name."""
    sums: Counter[tuple[Any, ...]] = Counter()
    names = [name for name in Deltas.__slots__ if name not in ("category", "reports", "near_edge")]
    rows = zip(*(getattr(found, name).tolist() for name in names), strict=True)
    for row, category, reports, near in zip(
        rows, found.category.tolist(), found.reports.tolist(), found.near_edge.tolist(), strict=True
    ):
        sums[(*row, categories[category], "all")] += reports
        sums[(*row, categories[category], "near")] += near
    return +sums


@given(st.lists(reports, max_size=6), st.integers(1, 40))
def test_batches_counted_together_are_what_each_would_be_alone(batches, waiting) -> None:
    tally, appended, alone = Tally(), Counter(), Counter()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counting, "WAITING", waiting)
        for told in batches:
            whole = columns(told)
            category = [f"matter-{number}" for number in whole["category"]]
            alone += named(deltas(told), ["matter-0", "matter-1", "matter-2"])
            tally.add(counted(**whole | {"category": tally.codes(category)}))
            if (found := tally.overflow()) is not None:
                assert len(found.month) > waiting * 3 // 4
                appended += named(found, tally.categories)
    if (found := tally.take()) is not None:
        appended += named(found, tally.categories)
    assert appended == alone
    assert tally.take() is None


degrees = st.sampled_from([0.0, -0.0, 36.6, 36.60001, 109.47])


@given(st.lists(st.one_of(st.tuples(degrees, degrees), st.just((np.nan, np.nan))), max_size=200))
def test_no_heap_is_seen_lower_than_it_is(where) -> None:
    heaps = Heaps()
    for half in np.array_split(np.array(where, float).reshape(-1, 2), 2):
        heaps.add(*half.T)
    true = Counter((lon + 0.0, lat + 0.0) for lon, lat in where if not np.isnan(lon))
    assert heaps.highest == max(true.values(), default=0)  # these few share no hash
