"""What a transaction adds to the monthly counts: its reports, summed by all that they are counted under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.geometry.cells import cells

NO_CELL = -1
WAITING = 1 << 18  # deltas that a Tally keeps before it sums them: 19 MB, and as much again while it does
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
    """Reports on their way into the monthly counts: those that are counted alike are one row at last."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._parts: list[Deltas] = []
        self._rows = 0

    @property
    def categories(self) -> list[str]:
        """What `category` of its deltas indexes."""
        return list(self._codes)

    def codes(self, categories: Sequence[str]) -> Ints:
        """The index of each category, those that are new included."""
        return np.array([self._codes.setdefault(each, len(self._codes)) for each in categories], np.int64)

    def add(self, deltas: Deltas) -> None:
        """More of them; their `category` is of `codes`."""
        self._parts.append(deltas)
        self._rows += len(deltas.month)

    def overflow(self) -> Deltas | None:
        """What must be appended now, because too much waits even when it is summed; as a rule None."""
        if self._rows <= WAITING:
            return None
        together = summed(self._parts)
        # with little room left, summing again would soon be all that is done
        full = len(together.month) > WAITING * 3 // 4
        self._parts, self._rows = ([], 0) if full else ([together], len(together.month))
        return together if full else None

    def take(self) -> Deltas | None:
        """What waits, summed, and waits no more then; None for nothing."""
        parts, self._parts, self._rows = self._parts, [], 0
        return summed(parts) if parts else None


def counted(
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
    """n reports, each a delta of its own. `lon`, `lat` are WGS-84 degrees or NaN."""
    located = np.isfinite(lon) & np.isfinite(lat)
    x, y = np.full(len(lon), NO_CELL, np.int64), np.full(len(lon), NO_CELL, np.int64)
    x[located], y[located] = cells(lon[located], lat[located])
    return Deltas(
        month=month,
        grid_version=grid_version,
        community_version=community_version,
        category=category,
        method=np.asarray(method).astype(np.int64),
        cell_x=x,
        cell_y=y,
        reports=np.ones(len(lon), np.int64),
        near_edge=near_edge.astype(np.int64),
    )


def summed(parts: Sequence[Deltas]) -> Deltas:
    """One delta for all of at least one part that are under the same, in the order of what they are under."""
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
