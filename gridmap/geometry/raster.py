"""The raster under the locator: which cells lie wholly inside one polygon, and who competes for the others.

A cell that no edge of polygon p touches is wholly inside or wholly outside p, so one exact test decides it
for good. Correctness rests on three facts, none of them luck with rounding:

1. A point's cell is floor((x − west)·scale). Rounded subtraction, multiplication and floor are monotone, so
   the points of one cell form an interval of x and of y.
2. An edge marks every cell that it comes near by `margin`, in cell units, in both directions. The margin
   exceeds the rounding error of the marking arithmetic by a factor of at least eight however small the
   extent is (when cells shrink towards the spacing of floats, the margin grows and everything is marked).
3. Unmarked cells between two marked ones of a row form a run that no edge of p crosses, so one point of the
   run, tested by GEOS's robust predicate, answers for all of it.

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


@dataclass(frozen=True, slots=True)
class Raster:
    """Immutable cells over the polygons' extent.

    `labels[row * width + column]` is the rank of the first polygon that covers the whole cell, NOBODY, or
    CONTESTED. Contested cell `cells[k]` is to be decided by testing the ranks
    `candidates[starts[k]:starts[k + 1]]` in this order; if none covers the point, `fallback[k]` does
    (NOBODY, or the first polygon that covers the whole cell).
    """

    west: float
    south: float
    columns_per_degree: float
    rows_per_degree: float
    width: int
    height: int
    labels: NDArray[Any]
    cells: NDArray[np.int64]
    starts: NDArray[np.int64]
    candidates: NDArray[np.int32]
    fallback: NDArray[np.int32]


def build(polygons: NDArray[np.object_], cell_count: int) -> Raster:
    """Rasterise prepared lon/lat polygons, given in order of precedence, to about `cell_count` cells."""
    frame = _frame(polygons, cell_count)
    west, south, per_x, per_y, width, height = frame
    rank, cell = _touched(polygons, frame)
    labels = np.full(width * height, NOBODY, dtype=np.int16 if len(polygons) < 2**15 else np.int32)
    _fill_insides(labels, polygons, rank, cell, frame)

    # A polygon that the whole-cell winner precedes can never win there.
    covered = labels[cell].astype(np.int64)
    keep = (covered == NOBODY) | (rank < covered)
    rank, cell = rank[keep], cell[keep]
    order = np.lexsort((rank, cell))
    rank, cell = rank[order], cell[order]
    cells, first = np.unique(cell, return_index=True)
    fallback = labels[cells].astype(np.int32)
    labels[cells] = CONTESTED
    starts = np.append(first, len(cell)).astype(np.int64)
    arrays = (labels, cells.astype(np.int64), starts, rank.astype(np.int32), fallback)
    for array in arrays:
        array.setflags(write=False)
    return Raster(west, south, per_x, per_y, width, height, *arrays)


Frame = tuple[float, float, float, float, int, int]


def _frame(polygons: NDArray[np.object_], cell_count: int) -> Frame:
    """Origin, cells per degree, width and height: cells about square in degrees, a cell of air all round."""
    if shapely.is_empty(polygons).all():
        return 0.0, 0.0, 1.0, 1.0, 1, 1
    west, south, east, north = shapely.total_bounds(polygons).tolist()
    # The floor keeps the division sane for polygons of next to no extent.
    span_x, span_y = max(east - west, 1e-12), max(north - south, 1e-12)
    side = np.sqrt(span_x * span_y / cell_count)
    width = int(np.clip(np.ceil(span_x / side), 4, cell_count)) + 2
    height = int(np.clip(np.ceil(span_y / side), 4, cell_count)) + 2
    per_x, per_y = (width - 2) / span_x, (height - 2) / span_y
    return west - 1 / per_x, south - 1 / per_y, per_x, per_y, width, height


def _touched(polygons: NDArray[np.object_], frame: Frame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Unique (rank, cell) pairs, sorted, of all cells that an edge comes near."""
    west, south, per_x, per_y, width, height = frame
    rings, owner = _rings(polygons)
    nodes, ring = shapely.get_coordinates(rings, return_index=True)
    margin_x = _MARGIN + 32 * np.finfo(float).eps * np.abs(nodes[:, 0]).max(initial=0) * per_x
    margin_y = _MARGIN + 32 * np.finfo(float).eps * np.abs(nodes[:, 1]).max(initial=0) * per_y
    x, y = (nodes[:, 0] - west) * per_x, (nodes[:, 1] - south) * per_y
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    polygon = owner[ring[edge]]
    swap = y[edge] > y[edge + 1]
    low, high = np.where(swap, edge + 1, edge), np.where(swap, edge, edge + 1)
    x0, y0, x1, y1 = x[low], y[low], x[high], y[high]

    first, last = _clip(y0 - margin_y, height), _clip(y1 + margin_y, height)
    which, row = _spread(first, last)
    x0, y0, x1, y1, polygon = x0[which], y0[which], x1[which], y1[which], polygon[which]
    rise = y1 - y0
    with np.errstate(divide="ignore", invalid="ignore"):
        enter = np.where(rise > 0, np.clip((row - margin_y - y0) / rise, 0, 1), 0)
        leave = np.where(rise > 0, np.clip((row + 1 + margin_y - y0) / rise, 0, 1), 1)
    xa, xb = x0 + enter * (x1 - x0), x0 + leave * (x1 - x0)
    first = _clip(np.minimum(xa, xb) - margin_x, width)
    last = _clip(np.maximum(xa, xb) + margin_x, width)
    which, column = _spread(first, last)
    pairs = np.unique(polygon[which] * (width * height) + row[which] * width + column)
    return pairs // (width * height), pairs % (width * height)


def _rings(polygons: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    parts, part_owner = shapely.get_parts(polygons, return_index=True)
    rings, ring_part = shapely.get_rings(parts, return_index=True)
    return rings, part_owner[ring_part].astype(np.int64)


def _clip(position: NDArray[np.float64], size: int) -> NDArray[np.int64]:
    return np.clip(np.floor(position), 0, size - 1).astype(np.int64)


def _spread(first: NDArray[np.int64], last: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of every value of every range first..last (inclusive): the index of its range, and the value."""
    length = last - first + 1
    which = np.repeat(np.arange(len(first)), length)
    begin = np.cumsum(length) - length
    return which, np.arange(len(which)) - begin[which] + first[which]


def _fill_insides(
    labels: NDArray[Any],
    polygons: NDArray[np.object_],
    rank: NDArray[np.int64],
    cell: NDArray[np.int64],
    frame: Frame,
) -> None:
    """Write each polygon's rank into the cells wholly inside it; the smallest rank wins."""
    west, south, per_x, per_y, width, _ = frame
    same_row = (
        (rank[1:] == rank[:-1]) & (cell[1:] // width == cell[:-1] // width) & (cell[1:] > cell[:-1] + 1)
    )
    gap = np.flatnonzero(same_row)
    rank, start, stop = rank[gap], cell[gap] + 1, cell[gap + 1]
    middle = (start + stop - 1) // 2
    x, y = west + (middle % width + 0.5) / per_x, south + (middle // width + 0.5) / per_y
    inside = shapely.intersects_xy(polygons[rank], x, y)
    rank, start, stop = rank[inside], start[inside], stop[inside]
    falling = np.argsort(-rank, kind="stable")
    for k, a, b in zip(rank[falling].tolist(), start[falling].tolist(), stop[falling].tolist(), strict=True):
        labels[a:b] = k
