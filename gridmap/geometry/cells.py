"""Fixed square cells of the web Mercator plane, in which reports are counted for surfaces and tiles.

A cell is a tile of level 21 (OGC "WebMercatorQuad"): 19.1 m at the equator, 15.3 m at 延安. Columns grow
eastward from 180° W, rows southward from 85.05° N. 2^(21−z) cells lie along a side of a tile of level z, so
whole cells make up every tile, and a month's cells are summed for any of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

LEVEL = 21
ACROSS = 1 << LEVEL
NORTHMOST = 85.05  # degrees; nearer to the poles the plane ends
_HAIR = 1e-9  # degrees: 0.1 mm

Floats = NDArray[np.float64]
Cells = NDArray[np.int32]


def cells(lon: ArrayLike, lat: ArrayLike) -> tuple[Cells, Cells]:
    """(column, row) of the cell of each lon/lat point in degrees, |lon| ≤ 180; int32 arrays of n."""
    x = np.floor((np.asarray(lon, dtype=np.float64) + 180.0) / 360.0 * ACROSS)
    slope = np.tan(np.radians(np.clip(np.asarray(lat, dtype=np.float64), -NORTHMOST, NORTHMOST)))
    y = np.floor((1.0 - np.arcsinh(slope) / np.pi) / 2.0 * ACROSS)
    return np.minimum(x, ACROSS - 1).astype(np.int32), y.astype(np.int32)


def centres(x: ArrayLike, y: ArrayLike, level: int = LEVEL) -> tuple[Floats, Floats]:
    """(lon, lat) in degrees of the middle of each cell, or of a tile of another level."""
    across = 1 << level
    lon = (np.asarray(x, dtype=np.float64) + 0.5) / across * 360.0 - 180.0
    lat = np.degrees(
        np.arctan(np.sinh(np.pi * (1.0 - 2.0 * (np.asarray(y, dtype=np.float64) + 0.5) / across)))
    )
    return lon, lat


def corners(x: ArrayLike, y: ArrayLike, level: int = LEVEL) -> Floats:
    """(n, 4) west, south, east, north in degrees of cells, each a hair wider than it is.

    So a point that rounding puts on the other side of an edge is in both boxes rather than in none.
    """
    column, row = (np.asarray(v, dtype=np.float64) for v in (x, y))
    west, north = centres(column - 0.5, row - 0.5, level)
    east, south = centres(column + 0.5, row + 0.5, level)
    return np.stack([west - _HAIR, south - _HAIR, east + _HAIR, north + _HAIR], axis=-1)
