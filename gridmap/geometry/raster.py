"""The raster under the locator: which cells lie wholly inside one polygon, and which edges pass the others.

A cell that no edge of polygon p comes near is wholly inside or wholly outside p, so one point decides it for
good. Correctness rests on these facts, none of them luck with rounding:

1. A point's cell is floor((x − west)·scale). Rounded subtraction, multiplication and floor are monotone, so
   the points of one cell form an interval of x and of y: whatever lies on the straight way between two of
   them lies among them.
2. An edge marks every cell that it comes near by `_MARGIN`, in cell units, in both directions. Positions in
   cell units err by some eps·columns, less than a hundred-thousandth of the margin.
3. Unmarked cells between two crossings of a row's anchor line hold no edge of p: their anchors, and so all
   their points, lie inside p (raster_kernels.cover).
4. In a marked cell, the edges crossed on the way from the cell's anchor decide (raster_kernels). Anchors are
   tabled, so drawing and finding see the same floats; a cell is at least `_FLOATS_PER_CELL` floats wide, so
   rounding cannot carry an anchor out of its cell.
5. The outermost cells are nobody's: two columns and rows of air lie round the polygons, and marks reach into
   one of them at most. A point beyond the frame is looked up there.

Pure index arithmetic: metres, codes and tie-breaks by code are the locator's business; here polygons are
already in order of precedence (rank 0 first).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

NOBODY = -1
CONTESTED = -2

_MARGIN = 1e-3
_FLOATS_PER_CELL = 2**12
_AIR = 2
# Anchors lie beside the middle: borders on round coordinates would otherwise often pass through them.
_ANCHOR = (0.4871, 0.5137)

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Raster:
    """Immutable cells over the polygons' extent.

    `labels[row * width + column]` is the rank of the first polygon that covers the whole cell, NOBODY, or
    CONTESTED − k. `stream[starts[k]:starts[k + 1]]` names the polygons that compete for contested cell k and
    their edges there, as raster_kernels.write says; the edges are consecutive rows of `nodes`, lon, lat.
    `frame` is west, south, columns and rows per degree, width, height. Anchors are tabled per column and row.
    """

    frame: Floats
    anchor_x: Floats
    anchor_y: Floats
    labels: NDArray[Any]
    starts: NDArray[np.int64]
    stream: NDArray[np.int32]
    nodes: Floats
    scalars: tuple[float, float, float, float, int, int]  # the frame again, for one point at a time

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """In the order in which the kernels take them."""
        return (
            self.frame, self.anchor_x, self.anchor_y, self.labels, self.starts, self.stream, self.nodes,
        )  # fmt: skip

    def label(self, lon: float, lat: float) -> int:
        """The label of the cell in which one point lies."""
        west, south, per_x, per_y, width, height = self.scalars
        column, row = (lon - west) * per_x, (lat - south) * per_y
        if not (0 <= column < width and 0 <= row < height):
            return NOBODY
        return int(self.labels[int(row) * width + int(column)])

    def spans(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Begin and end in the stream of the contested cells in which points lie; all must."""
        west, south, per_x, per_y, width, _ = self.scalars
        row = ((lat - south) * per_y).astype(np.int64)
        k = CONTESTED - self.labels[row * width + ((lon - west) * per_x).astype(np.int64)].astype(np.int64)
        return self.starts[k], self.starts[k + 1]


def build(polygons: NDArray[np.object_], cell_count: int) -> Raster:
    """Rasterise lon/lat polygons, given in order of precedence, to about `cell_count` cells."""
    from gridmap.geometry import raster_kernels as kernels

    nodes, edges, first = _edges(polygons)
    frame = _frame(nodes, cell_count)
    west, south, per_x, per_y = frame[:4].tolist()
    width, height = int(frame[4]), int(frame[5])
    anchor_x = west + (np.arange(width) + _ANCHOR[0]) / per_x
    anchor_y = south + (np.arange(height) + _ANCHOR[1]) / per_y

    labels = np.full(width * height, NOBODY, dtype=np.int32)
    sizes = np.zeros(width * height, dtype=np.int32)
    touched = np.full(width * height, -1, dtype=np.int32)
    kernels.cover(nodes, edges, first, frame, _MARGIN, anchor_y, labels, sizes, touched)
    del touched

    cells = np.flatnonzero(sizes)
    whole = labels[cells]
    starts = np.zeros(len(cells) + 1, dtype=np.int64)
    np.cumsum(sizes[cells] + 2 * (whole != NOBODY), out=starts[1:])
    labels[cells] = CONTESTED - np.arange(len(cells), dtype=np.int32)
    stream = np.empty(starts[-1], dtype=np.int32)
    cursor = starts[:-1].copy()
    kernels.write(nodes, edges, first, frame, _MARGIN, anchor_x, anchor_y, labels, whole, cursor, stream)
    if max(len(polygons), len(cells) + 2) < 2**15:
        labels = labels.astype(np.int16)
    arrays = (frame, anchor_x, anchor_y, labels, starts, stream, nodes)
    for array in arrays:
        array.setflags(write=False)
    return Raster(*arrays, (west, south, per_x, per_y, width, height))


def _edges(polygons: NDArray[np.object_]) -> tuple[Floats, NDArray[np.int32], NDArray[np.int64]]:
    """Nodes of all rings; edges by polygon, each as the number of its first node; first edge per polygon.

    Edges without length are left out: they part nothing, and no sign could be told of them.
    """
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    nodes, ring = shapely.get_coordinates(rings, return_index=True)
    within = (ring[1:] == ring[:-1]) & (nodes[1:] != nodes[:-1]).any(axis=1)
    edges = np.flatnonzero(within).astype(np.int32)
    owner = part_owner[ring_part[ring[edges]]]
    first = np.searchsorted(owner, np.arange(len(polygons) + 1)).astype(np.int64)
    return np.ascontiguousarray(nodes), edges, first


def _frame(nodes: Floats, cell_count: int) -> Floats:
    """Origin, cells per degree, width and height: cells about square in degrees, air all round."""
    if not len(nodes):
        return np.array([0.0, 0.0, 1.0, 1.0, 1.0, 1.0])
    low, high = nodes.min(axis=0), nodes.max(axis=0)
    finest = _FLOATS_PER_CELL * np.spacing(np.abs(nodes).max(axis=0)).clip(np.finfo(float).tiny)
    span = np.maximum(high - low, finest)
    side = np.maximum(np.sqrt(span[0] / cell_count * span[1]), finest)
    inner = np.clip(np.ceil(span / side), 1, cell_count)
    per = inner / span
    return np.concatenate([low - _AIR / per, per, inner + 2 * _AIR])
