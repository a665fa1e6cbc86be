"""What a transaction adds to the monthly counts: its reports, summed by all that they are counted under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.geometry.cells import cells

NO_CELL = -1
WAITING = 1 << 18  # reports that a Tally keeps before it adds them up: 19 MB
FITS = 1 << 62

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


class Tally:
    """Reports on their way into the monthly counts: those that are counted alike are one row at last.

    Of a transaction with many batches only so many rows wait in memory; `due` says when to append them.
    """

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._parts: list[Deltas] = []
        self._rows = 0

    @property
    def categories(self) -> list[str]:
        """What `category` of the deltas indexes."""
        return list(self._codes)

    def add(self, category: Sequence[str], **columns: Any) -> None:
        """Count n reports; `columns` are the others that `summed` takes."""
        codes = [self._codes.setdefault(code, len(self._codes)) for code in category]
        self._parts.append(_one_by_one(category=np.array(codes, np.int64), **columns))
        self._rows += len(codes)

    def due(self) -> bool:
        """Whether too many wait, although they are added up."""
        if self._rows <= WAITING:
            return False
        self._parts = [_added_up(self._parts)]
        self._rows = len(self._parts[0].month)
        return self._rows > WAITING * 3 // 4  # adding up again would soon be all that is done

    def take(self) -> Deltas | None:
        """What waits, which then waits no more; None for nothing."""
        parts, self._parts, self._rows = self._parts, [], 0
        return _added_up(parts) if parts else None


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
    one_by_one = _one_by_one(
        month=month,
        grid_version=grid_version,
        community_version=community_version,
        category=category,
        method=method,
        lon=lon,
        lat=lat,
        near_edge=near_edge,
    )
    return _added_up([one_by_one])


def _one_by_one(
    *,
    lon: NDArray[np.float64],
    lat: NDArray[np.float64],
    method: NDArray[Any],
    near_edge: NDArray[np.bool_],
    **columns: Any,
) -> Deltas:
    located = np.isfinite(lon) & np.isfinite(lat)
    x, y = np.full(len(lon), NO_CELL, np.int64), np.full(len(lon), NO_CELL, np.int64)
    x[located], y[located] = cells(lon[located], lat[located])
    return Deltas(
        **columns,
        method=np.asarray(method).astype(np.int64),
        cell_x=x,
        cell_y=y,
        reports=np.ones(len(lon), np.int64),
        near_edge=near_edge.astype(np.int64),
    )


def _added_up(parts: Sequence[Deltas]) -> Deltas:
    """One row for all that are counted alike, in the order of what they are counted under."""
    columns: dict[str, NDArray[Any]] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in Deltas.__slots__
    }
    counts = {name: columns.pop(name) for name in ("reports", "near_edge")}
    _, first, key = np.unique(_alike(list(columns.values())), return_index=True, return_inverse=True)
    one_of_each = {name: column[first] for name, column in columns.items()}
    for name, values in counts.items():
        one_of_each[name] = np.bincount(key, weights=values).astype(np.int64)
    return Deltas(**one_of_each)


def _alike(columns: Sequence[NDArray[Any]]) -> Ints:
    """A number for each of n rows: the same where all columns are, and in their order."""
    key, spread = np.zeros(len(columns[0]), np.int64), 1
    if not len(key):
        return key
    for column in columns:
        values = column.astype(np.int64)
        low, width = int(values.min()), int(values.max()) - int(values.min()) + 1
        if spread * width > FITS:
            low, width, values = 0, len(values), np.unique(values, return_inverse=True)[1]
        if spread * width > FITS:
            spread, key = len(key), np.unique(key, return_inverse=True)[1]
        key = key * width + (values - low)
        spread *= width
    return key
