"""Whether many rows of a file lie on one coordinate: looked for in the database only where that can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BITS = 20
GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # Fibonacci hashing: Knuth, TAOCP 3, 6.4

Floats = NDArray[np.float64]


class Heaps:
    """How many rows at most lie on one coordinate, counted under a hash of it.

    4 MB, whatever the number. Rows that share a hash are not told apart: a pile of ten is ruled out in files
    of a million rows or two, and no more in much longer ones.
    """

    def __init__(self) -> None:
        self._rows = np.zeros(1 << BITS, np.uint32)

    def add(self, lon: Floats, lat: Floats) -> None:
        """Count n coordinates; NaN is none."""
        located = ~np.isnan(lon)
        # + 0.0: −0.0 is the same place
        x, y = ((values[located] + 0.0).view(np.uint64) for values in (lon, lat))
        hashed = ((x * GOLDEN ^ y) * GOLDEN) >> np.uint64(64 - BITS)
        np.add.at(self._rows, hashed, 1)

    @property
    def highest(self) -> int:
        """Never less than truly lie on any one coordinate."""
        return int(self._rows.max())
