"""The metric side of the locator: distances to boundaries, on geometries projected once.

What is not here: which polygon covers a point (locator.py, in lon/lat, exact).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.geometry.projection import metric_crs, project, transformer

Floats = NDArray[np.float64]

# An edge of 1 km bends by 1 cm in the projection, one of 100 m by 0.1 mm: longer ones get nodes in between.
_LONGEST_EDGE_DEGREES = 0.001
# Two boundaries at the same distance differ by rounding of the projection; within this they tie.
TIE_M = 1e-6
_CELLS_PER_EDGE = 1
_MOST_CELLS = 2**23
_ODD = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)


class Edges:
    """All boundaries of some lon/lat polygons in square cells, in the metric CRS of their common centre."""

    __slots__ = ("_grid", "_owners", "_transform")

    def __init__(self, polygons: NDArray[np.object_]):
        """`polygons` in order of precedence: in a tie the first wins."""
        self._transform, boundaries = projected(polygons)
        edges, self._owners = _straight(boundaries)
        self._grid = _cells(edges)

    def distance(self, lon: Floats, lat: Floats) -> Floats:
        """Metres from each point to the nearest boundary; inf where there is none, NaN for NaN points."""
        return self._measure(lon, lat)[2]

    def nearest(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int32], Floats]:
        """Rank of the polygon whose boundary is nearest (−1 where there is none), and metres to it."""
        from gridmap.geometry import edge_kernels as kernels

        x, y, metres = self._measure(lon, lat)
        rank = np.full(len(metres), -1, dtype=np.int32)
        if len(self._owners):
            kernels.owners_near(x, y, *self._grid, self._owners, metres, TIE_M, rank)
        return rank, metres

    def _measure(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats, Floats]:
        from gridmap.geometry import edge_kernels as kernels

        metres = np.where(np.isnan(lon) | np.isnan(lat), np.nan, np.inf)
        x, y = self._transform(lon, lat)
        if len(self._owners):
            kernels.distances(x, y, *self._grid, self._owners, metres)
        return x, y, metres


def projected(polygons: NDArray[np.object_]) -> tuple[Callable[..., Any], NDArray[np.object_]]:
    """(lon, lat → x, y; boundaries of some lon/lat polygons) in the metric CRS of their common centre."""
    some = polygons[~shapely.is_empty(polygons)]
    west, south, east, north = shapely.total_bounds(some).tolist() if len(some) else (0.0, 0.0, 0.0, 0.0)
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    longest = max(_LONGEST_EDGE_DEGREES, (east - west) / 1000)
    boundaries = project(shapely.segmentize(shapely.boundary(polygons), longest), crs)
    return transformer(crs).transform, boundaries


def _straight(boundaries: NDArray[np.object_]) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Every edge once, as a row of x, y, x, y, and the first of the polygons that it bounds."""
    lines, owner = shapely.get_parts(boundaries, return_index=True)
    nodes, line = shapely.get_coordinates(lines, return_index=True)
    edge = np.flatnonzero(line[1:] == line[:-1])
    # from the lesser end to the greater, so that both neighbours write a shared edge alike
    ends = np.stack([nodes[edge], nodes[edge + 1]], axis=1).reshape(-1, 2, 2)
    swap = (ends[:, 0, 0] > ends[:, 1, 0]) | (
        (ends[:, 0, 0] == ends[:, 1, 0]) & (ends[:, 0, 1] > ends[:, 1, 1])
    )
    ends[swap] = ends[swap][:, ::-1]
    rows = np.ascontiguousarray(ends.reshape(-1, 4))
    owners = owner[line[edge]].astype(np.int32)
    # alike rows come together by a hash; where others share it, a row may stay twice, which harms nothing
    bits = rows.view(np.uint64)
    key = bits[:, 0] * _ODD[0] ^ bits[:, 1] * _ODD[1] ^ bits[:, 2] * _ODD[2] ^ bits[:, 3] * _ODD[3]
    order = np.argsort(key, kind="stable")
    again = np.append(False, (rows[order[1:]] == rows[order[:-1]]).all(axis=1))[: len(rows)]
    keep = np.sort(order[~again])
    return rows[keep], owners[keep]


def _cells(edges: NDArray[np.float64]) -> tuple[NDArray[np.generic], ...]:
    """What edge_kernels take: frame, starts and members of the cells, rings that hold nothing, the edges."""
    from gridmap.geometry import edge_kernels as kernels

    if not len(edges):
        return ()
    ends = edges.reshape(-1, 2)
    (west, south), (width, height) = ends.min(axis=0), np.ptp(ends, axis=0)
    wanted = min(_CELLS_PER_EDGE * len(edges), _MOST_CELLS)
    # long and thin or even without an area: no more cells along the long side than wanted in all
    size = max(np.sqrt(width * height / wanted), max(width, height) / wanted, 1e-3)
    columns, rows = int(width / size) + 1, int(height / size) + 1
    frame = np.array([west, south, size, columns, rows])
    starts = np.zeros(columns * rows + 1, np.int64)
    none = np.empty(0, np.int32)
    members = np.empty(kernels.enter(edges, frame, starts, none, 0), np.int32)
    starts = np.cumsum(starts)
    filled = starts[:-1].copy()
    kernels.enter(edges, frame, filled, members, 1)
    skip = np.empty(columns * rows, np.int32)
    kernels.empty_rings(starts, columns, rows, skip)
    return frame, starts, members, skip, edges
