"""The compiled side of edges.py: straight edges in square cells, searched outwards ring by ring.

A search ends when no edge further out can be nearer. The cells of ring r and beyond lie at least as far from
the point's place in the frame as the square of the rings before reaches. A point outside the frame is looked
for from the frame's nearest place q; the frame is convex, so whatever lies in it at distance e from q is at
least √(d² + e²) away from a point at distance d from q.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
from __future__ import annotations

import numpy as np
from numba.core.types import float64, int32, int64

from gridmap.geometry.compiling import array, kernel, part

_FLOATS = array(float64)
_INTS = array(int32)
_EDGES = array(float64, 2)  # rows of x, y, x, y
_GRID = (_FLOATS, array(int64), _INTS, _INTS, _EDGES)  # frame, starts, members, skip, edges

# frame: west, south, cell size in metres, columns, rows


@part
def _clamped(place, count):
    return min(max(int64(np.floor(place)), 0), count - 1)


@kernel(int64(_EDGES, _FLOATS, array(int64, writes=True), array(int32, writes=True), int64))
def enter(edges, frame, starts, members, fill):
    """Enter every edge in the cells that its box touches.

    Without `fill` count them into starts[cell + 1]; with it write the members of each cell, where `starts` is
    where each begins, and shift `starts` by one cell. -> how many entries there are.
    """
    columns, rows = int64(frame[3]), int64(frame[4])
    entries = 0
    for k in range(len(edges)):
        left = _clamped((min(edges[k, 0], edges[k, 2]) - frame[0]) / frame[2], columns)
        right = _clamped((max(edges[k, 0], edges[k, 2]) - frame[0]) / frame[2], columns)
        low = _clamped((min(edges[k, 1], edges[k, 3]) - frame[1]) / frame[2], rows)
        high = _clamped((max(edges[k, 1], edges[k, 3]) - frame[1]) / frame[2], rows)
        for row in range(low, high + 1):
            for column in range(left, right + 1):
                cell = row * columns + column
                if fill:
                    members[starts[cell]] = k
                    starts[cell] += 1
                else:
                    starts[cell + 1] += 1
                entries += 1
    return entries


@kernel(int64(array(int64), int64, int64, array(int32, writes=True)))
def empty_rings(starts, columns, rows, skip):
    """Write how many rings round each cell hold nothing, its own among them; the most of them."""
    far = columns + rows
    most = 0
    for cell in range(columns * rows):
        skip[cell] = 0 if starts[cell + 1] > starts[cell] else far
    for forward in (1, 0):
        for i in range(columns * rows):
            cell = i if forward else columns * rows - 1 - i
            row, column = cell // columns, cell % columns
            # the neighbours already passed: the row before, and the cell before in this row
            step = -1 if forward else 1
            best = skip[cell]
            if 0 <= row + step < rows:
                for other in range(max(column - 1, 0), min(column + 1, columns - 1) + 1):
                    best = min(best, skip[(row + step) * columns + other] + 1)
            if 0 <= column + step < columns:
                best = min(best, skip[cell + step] + 1)
            skip[cell] = best
            if not forward:
                most = max(most, best)
    return most


@part
def _square(x, y, edges, k):
    """Square of the distance from a point to an edge."""
    ax, ay = edges[k, 0], edges[k, 1]
    dx, dy = edges[k, 2] - ax, edges[k, 3] - ay
    px, py = x - ax, y - ay
    length = dx * dx + dy * dy
    t = (px * dx + py * dy) / length if length > 0.0 else 0.0
    t = min(max(t, 0.0), 1.0)
    px, py = px - t * dx, py - t * dy
    return px * px + py * py


@part
def _search(x, y, frame, starts, members, skip, edges, owners, reach):
    """(square of the distance to the nearest edge, the first owner of an edge within √reach).

    A negative `reach` looks for the nearest, another for all edges as near as that.
    """
    size, columns, rows = frame[2], int64(frame[3]), int64(frame[4])
    inside_x = min(max(x, frame[0]), frame[0] + size * columns)
    inside_y = min(max(y, frame[1]), frame[1] + size * rows)
    away = (x - inside_x) ** 2 + (y - inside_y) ** 2
    across, up = (inside_x - frame[0]) / size, (inside_y - frame[1]) / size
    column, row = _clamped(across, columns), _clamped(up, rows)
    # metres from the place to the rim of its own cell
    rim = size * min(min(across - column, column + 1 - across), min(up - row, row + 1 - up))
    best, owner = np.inf, len(owners)
    for ring in range(skip[row * columns + column], columns + rows):
        bound = max(0.0, rim + (ring - 1) * size) if ring > 0 else 0.0
        if away + bound * bound > (best if reach < 0.0 else reach):
            break
        for r in range(max(row - ring, 0), min(row + ring, rows - 1) + 1):
            across_all = abs(r - row) == ring
            step = 1 if across_all or ring == 0 else 2 * ring
            for c in range(column - ring, column + ring + 1, step):
                if c < 0 or c >= columns:
                    continue
                cell = r * columns + c
                for at in range(starts[cell], starts[cell + 1]):
                    square = _square(x, y, edges, members[at])
                    best = min(best, square)
                    if square <= reach:
                        owner = min(owner, owners[members[at]])
    return best, owner


@kernel(int64(_FLOATS, _FLOATS, *_GRID, _INTS, array(float64, writes=True)))
def distances(x, y, frame, starts, members, skip, edges, owners, metres):
    """Write the metres from each point to the nearest edge; points that are not finite are left alone."""
    for i in range(len(x)):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            square, _ = _search(x[i], y[i], frame, starts, members, skip, edges, owners, -1.0)
            metres[i] = np.sqrt(square)
    return len(x)


@kernel(int64(_FLOATS, _FLOATS, *_GRID, _INTS, _FLOATS, float64, array(int32, writes=True)))
def owners_near(x, y, frame, starts, members, skip, edges, owners, metres, tie, found):
    """Write the first owner of an edge within metres + tie of each point."""
    for i in range(len(x)):
        if np.isfinite(x[i]) and np.isfinite(y[i]):
            reach = (metres[i] + tie) ** 2
            _, found[i] = _search(x[i], y[i], frame, starts, members, skip, edges, owners, reach)
    return len(x)
