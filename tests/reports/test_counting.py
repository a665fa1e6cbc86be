"""What a transaction adds to the counts is its reports, counted."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gridmap.geometry.cells import cells
from gridmap.reports.counting import NO_CELL, Deltas, summed

few = st.integers(0, 2)
version = st.sampled_from([0, 1, 7, 2**62])
# two of the points share a cell
point = st.sampled_from([(109.47, 36.6), (109.47, 36.60001), (109.9, 36.6), (np.nan, np.nan)])
reports = st.lists(st.tuples(few, version, version, few, few, point, st.booleans()), max_size=30)


def deltas(told) -> Deltas:
    month, grid, community, category, method, where, near = zip(*told, strict=True) if told else [()] * 7
    lon, lat = np.array(where, float).reshape(-1, 2).T
    return summed(
        month=np.array(month, np.int64).astype("datetime64[M]"),
        grid_version=np.array(grid, np.int64),
        community_version=np.array(community, np.int64),
        category=np.array(category, np.int64),
        method=np.array(method, np.uint8),
        lon=lon,
        lat=lat,
        near_edge=np.array(near, bool),
    )


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
