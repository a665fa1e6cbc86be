"""Compiled conditional permutations for Gi*: how often chance puts as much, or as little, around a grid.

Imported where it is needed only (gridmap.geometry.compiling says why).
"""

from __future__ import annotations

import numpy as np

from gridmap.geometry.compiling import array, kernel, part, types

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


@part
def _mixed(state):  # type: ignore[no-untyped-def]
    """One output of splitmix64 (Steele, Lea and Flood 2014); the state goes up by _GOLDEN each time."""
    z = state
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


@kernel(
    types.void(
        array(types.float64),
        array(types.int64),
        array(types.int64),
        types.int64,
        types.uint64,
        types.float64,
        array(types.int64, 1, writes=True),
        array(types.int64, 1, writes=True),
    )
)
def tails(values, starts, others, permutations, seed, tie, above, below):  # type: ignore[no-untyped-def]
    """Fill `above` and `below`: permutations whose sum over the neighbours is at least, at most, what it is.

    A grid keeps its own value; its k neighbours draw k of the other n − 1 values without replacement: the
    first k steps of a Fisher–Yates shuffle, whatever order the one before left. Sums within `tie` of the
    observed count on both sides. Each grid has a random stream of its own, from the seed and its index.
    Indices are drawn by multiply and shift of 32 bits: uneven by less than n / 2³².
    """
    n = len(values)
    urn = np.empty(max(n - 1, 1))
    for grid in range(n):
        degree = starts[grid + 1] - starts[grid]
        observed = 0.0
        for at in range(starts[grid], starts[grid + 1]):
            observed += values[others[at]]
        for other in range(n - 1):
            urn[other] = values[other if other < grid else other + 1]
        state = _mixed(seed + _mixed(np.uint64(grid) * _GOLDEN + _GOLDEN))
        up = 0
        down = 0
        for _ in range(permutations):
            drawn = 0.0
            for k in range(degree):
                state += _GOLDEN
                left = np.uint64(n - 1 - k)
                pick = k + np.int64(((_mixed(state) >> np.uint64(32)) * left) >> np.uint64(32))
                value = urn[pick]
                urn[pick] = urn[k]
                urn[k] = value
                drawn += value
            if drawn >= observed - tie:
                up += 1
            if drawn <= observed + tie:
                down += 1
        above[grid] = up
        below[grid] = down
