"""The one loop of copying.py, compiled: fields of a column to their places in the rows."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


_READ_BYTES = "Array(uint8, 1, 'C', readonly=True)"
_READ_INTS = "Array(int64, 1, 'C', readonly=True)"


@njit(
    [f"void(uint8[::1], int64[::1], {_READ_BYTES}, {_READ_INTS}, {_READ_INTS})"],
    cache=True,
    nogil=True,
)
def put(out: Bytes, at: Ints, data: Bytes, start: Ints, length: Ints) -> None:
    """Write each value's length (int32, big-endian; −1 NULL) and bytes at `at`, and move `at` behind it."""
    for row in range(len(at)):
        place, size, source = at[row], length[row], start[row]
        out[place] = (size >> 24) & 255
        out[place + 1] = (size >> 16) & 255
        out[place + 2] = (size >> 8) & 255
        out[place + 3] = size & 255
        place += 4
        for offset in range(size):
            out[place + offset] = data[source + offset]
        at[row] = place + max(size, 0)
