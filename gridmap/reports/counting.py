"""What a transaction adds to the monthly counts: its reports, summed by all that they are counted under."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.geometry.cells import cells

NO_CELL = -1

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Deltas:
    """n sums. `month` is one of the jurisdiction's zone; a version of 0 is none, a cell of −1 none."""

    month: NDArray[np.datetime64]
    grid_version: Ints
    community_version: Ints
    category: Ints  # index
    method: Ints  # index into areas.atlas.METHODS
    cell_x: Ints
    cell_y: Ints
    reports: Ints
    near_edge: Ints


def summed(
    *,
    month: NDArray[np.datetime64],
    grid_version: Ints,
    community_version: Ints,
    category: Ints,
    method: NDArray[Any],
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    near_edge: NDArray[np.bool_],
) -> Deltas:
    """Sum n reports by everything but their place in the arrays. `lon`, `lat` are WGS-84 degrees or NaN."""
    located = np.isfinite(lon) & np.isfinite(lat)
    x, y = np.full(len(lon), NO_CELL, np.int64), np.full(len(lon), NO_CELL, np.int64)
    x[located], y[located] = cells(lon[located], lat[located])
    key = np.zeros(len(lon), np.int64)
    for column in (month, grid_version, community_version, category, method, x, y):
        # renumbered after each column, so that the key stays below n², whatever the columns hold
        _, place = np.unique(column, return_inverse=True)
        _, key = np.unique(key * len(lon) + place, return_inverse=True)
    count = np.bincount(key)
    first = np.empty(len(count), np.int64)
    first[key[::-1]] = np.arange(len(key))[::-1]
    return Deltas(
        month=month[first],
        grid_version=grid_version[first],
        community_version=community_version[first],
        category=category[first],
        method=np.asarray(method)[first].astype(np.int64),
        cell_x=x[first],
        cell_y=y[first],
        reports=count,
        near_edge=np.bincount(key, weights=near_edge).astype(np.int64),
    )
