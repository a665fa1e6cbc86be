"""The compiled side of the raster: drawing edges into cells, and the walk that decides a contested cell.

Signs of floating-point expressions decide here, so each is either proved or not used. `_side` gives the
orientation of three points by stage A of Shewchuk's filter (Adaptive Precision Floating-Point Arithmetic and
Fast Robust Geometric Predicates, 1997): with eps = 2^-53, the determinant computed as left − right has the
sign of the exact one whenever |left − right| > (3 + 16 eps) eps (|left| + |right|). 1e-300 more covers what
underflow may lose (each of the two products at most 2^-1075); overflow gives inf or NaN, which exceed
nothing, hence "unknown". Were a product and the subtraction fused, one rounding error fewer would be made and
the bound would still hold.

The walk: every contested cell has an anchor, a point inside it, and knows of each polygon that has edges
there whether the anchor lies inside. The straight way from the anchor to a point of the cell stays in the
cell, so only the edges listed there can meet it, and with each edge properly crossed the point changes
sides. An edge is not met when way and edge lie strictly to one side of the other's line, and is properly
crossed when each parts the other's ends strictly. Anything else, a point on an edge, a way through a node, a
sign that the filter cannot give, is UNDECIDED and left to GEOS.
"""

# mypy: allow-untyped-defs, allow-untyped-calls
from __future__ import annotations

import numpy as np
from numba.core.types import float64, int16, int32, int64

from gridmap.geometry.compiling import array, kernel, part

NOBODY = -1
UNDECIDED = -2

_BOUND = (3 + 16 * 2.0**-53) * 2.0**-53
_UNDERFLOW = 1e-300
_BLOCK = 1024  # points whose cells are computed together: the loop vectorises, its buffer stays in L1

_FLOATS = array(float64)
_NODES = array(float64, 2)
_INTS = array(int32)
_SHAPE = (_FLOATS, _FLOATS, _FLOATS)  # frame, anchor_x, anchor_y
_STREAM = (array(int64), _INTS, _NODES)  # starts, stream, nodes


@part
def _side(ax, ay, bx, by, x, y):
    """1 when x, y lies left of the line from a to b, −1 right of it, 0 when on it or unknown."""
    left = (ax - x) * (by - y)
    right = (ay - y) * (bx - x)
    difference = left - right
    doubt = _BOUND * (abs(left) + abs(right)) + _UNDERFLOW
    if difference > doubt:
        return 1
    return -1 if difference < -doubt else 0


@part
def _walk(x, y, anchor_x, anchor_y, k, starts, stream, nodes):
    """Rank of the first polygon of contested cell k that covers the point, NOBODY or UNDECIDED."""
    at, end = starts[k], starts[k + 1]
    while at < end:
        head, edges = stream[at], stream[at + 1]
        if head & 2:  # its anchor was too near an edge
            return UNDECIDED
        inside = head & 1
        for j in range(at + 2, at + 2 + edges):
            edge = stream[j] >> 1
            ax, ay, bx, by = nodes[edge, 0], nodes[edge, 1], nodes[edge + 1, 0], nodes[edge + 1, 1]
            side = _side(ax, ay, bx, by, x, y)
            if side == 2 * (stream[j] & 1) - 1:  # where the anchor is
                continue
            a = _side(anchor_x, anchor_y, x, y, ax, ay)
            b = _side(anchor_x, anchor_y, x, y, bx, by)
            if a == b and a != 0:
                continue
            if side == 0 or a == 0 or b == 0:
                return UNDECIDED
            inside ^= 1
        if inside:
            return head >> 2
        at += 2 + edges
    return NOBODY


@part
def _cells(lon, lat, frame, cell):
    """Write the cell of each point. What lies outside, and NaN, lands in the outermost cells: nobody's.

    The arrays are walked from their beginning: an index that might be negative would forbid vector code.
    """
    west, south, per_x, per_y = frame[0], frame[1], frame[2], frame[3]
    width, right, top = int32(frame[4]), frame[4] - 1, frame[5] - 1
    for i in range(len(cell)):
        x, y = (lon[i] - west) * per_x, (lat[i] - south) * per_y
        x = x if x > 0.0 else 0.0
        y = y if y > 0.0 else 0.0
        x = x if x < right else right
        y = y if y < top else top
        cell[i] = int32(y) * width + int32(x)


@kernel(
    [
        int64(_FLOATS, _FLOATS, *_SHAPE, array(labels), *_STREAM, _INTS, array(int32, writes=True))
        for labels in (int16, int32)
    ]
)
def find(lon, lat, frame, anchor_x, anchor_y, labels, starts, stream, nodes, names, found):
    """Write names[1 + rank] of the polygon that covers each point, or UNDECIDED; the number of these."""
    cells, hard = np.empty(_BLOCK, np.int32), np.empty(_BLOCK, np.int32)
    width = np.uint32(frame[4])
    undecided = 0
    for begin in range(0, len(lon), _BLOCK):
        x, y, out = lon[begin : begin + _BLOCK], lat[begin : begin + _BLOCK], found[begin : begin + _BLOCK]
        cell = cells[: len(x)]
        _cells(x, y, frame, cell)
        for i in range(len(cell)):
            out[i] = labels[np.uint32(cell[i])]
        # no branch: guessing wrong at every contested cell would cost more than the loop
        contested = 0
        for i in range(len(cell)):
            hard[contested] = i
            contested += out[i] < NOBODY
        for j in range(contested):
            i = hard[j]
            row, column = np.uint32(cell[i]) // width, np.uint32(cell[i]) % width
            k = np.uint32(-2 - out[i])
            out[i] = _walk(x[i], y[i], anchor_x[column], anchor_y[row], k, starts, stream, nodes)
            undecided += out[i] == UNDECIDED
        for i in range(len(cell)):
            out[i] = names[np.uint32(out[i] + 1)] if out[i] >= NOBODY else UNDECIDED
    return undecided


@part
def _add(rank, i, ranks, counts, kinds):
    for j in range(kinds[i]):
        if ranks[i, j] == rank:
            counts[i, j] += 1
            return
    ranks[i, kinds[i]], counts[i, kinds[i]] = rank, 1
    kinds[i] += 1


@part
def _order(i, ranks, counts, kinds):
    for j in range(1, kinds[i]):
        rank, count, at = ranks[i, j], counts[i, j], j
        while at > 0 and (
            counts[i, at - 1] < count or (counts[i, at - 1] == count and ranks[i, at - 1] > rank)
        ):
            ranks[i, at], counts[i, at] = ranks[i, at - 1], counts[i, at - 1]
            at -= 1
        ranks[i, at], counts[i, at] = rank, count


@kernel(
    [
        int64(
            *(_FLOATS,) * 6, _INTS, _INTS, *_SHAPE, array(labels), *_STREAM,
            *(array(int32, 2, writes=True),) * 2, array(int32, writes=True),
        )
        for labels in (int16, int32)
    ]
)  # fmt: skip
def tally(
    lon, lat, east, north, spiral_east, spiral_north, home, inner,
    frame, anchor_x, anchor_y, labels, starts, stream, nodes,
    ranks, counts, kinds,
):  # fmt: skip
    """Count, for each point, which polygons cover the nodes lon + east·spiral_east, lat + north·spiral_north.

    The first inner[i] of them are known to lie in home[i], a polygon or NOBODY. Row i of `ranks` and `counts`
    holds kinds[i] polygons, those with most nodes first, equal ones by rank. kinds[i] is UNDECIDED where any
    other node is; the number of such points is the result.
    """
    count = len(spiral_east)
    x, y = np.empty(count), np.empty(count)
    cell = np.empty(count, np.int32)
    width = np.uint32(frame[4])
    undecided = 0
    for i in range(len(lon)):
        begin = inner[i]
        for n in range(begin, count):
            x[n], y[n] = lon[i] + east[i] * spiral_east[n], lat[i] + north[i] * spiral_north[n]
        _cells(x[begin:], y[begin:], frame, cell[begin:])
        kinds[i] = 0
        if begin > 0 and home[i] != NOBODY:
            ranks[i, 0], counts[i, 0], kinds[i] = home[i], begin, 1
        for n in range(begin, count):
            label = labels[np.uint32(cell[n])]
            if label < NOBODY:
                row, column = np.uint32(cell[n]) // width, np.uint32(cell[n]) % width
                k = np.uint32(-2 - label)
                label = _walk(x[n], y[n], anchor_x[column], anchor_y[row], k, starts, stream, nodes)
            if label == UNDECIDED:
                kinds[i] = UNDECIDED
                undecided += 1
                break
            if label != NOBODY:
                _add(label, i, ranks, counts, kinds)
        _order(i, ranks, counts, kinds)
    return undecided


# --- drawing


@part
def _ends(nodes, edge, frame):
    """x0, y0, x1, y1 of an edge in cell units, the lower end first."""
    x0, y0 = (nodes[edge, 0] - frame[0]) * frame[2], (nodes[edge, 1] - frame[1]) * frame[3]
    x1, y1 = (nodes[edge + 1, 0] - frame[0]) * frame[2], (nodes[edge + 1, 1] - frame[1]) * frame[3]
    return (x0, y0, x1, y1) if y0 <= y1 else (x1, y1, x0, y0)


@part
def _range(low, high, margin, size):
    """First and last of the `size` rows or columns that low..high comes near by `margin`."""
    return max(0, int(np.floor(low - margin))), min(int(size) - 1, int(np.floor(high + margin)))


@part
def _columns(ends, row, frame, margin):
    """First and last cell number of a row that an edge comes near."""
    x0, y0, x1, y1 = ends
    enter, leave = 0.0, 1.0
    if y1 > y0:
        enter = min(max((row - margin - y0) / (y1 - y0), 0.0), 1.0)
        leave = min(max((row + 1 + margin - y0) / (y1 - y0), 0.0), 1.0)
    a, b = x0 + enter * (x1 - x0), x0 + leave * (x1 - x0)
    first, last = _range(min(a, b), max(a, b), margin, frame[4])
    return row * int(frame[4]) + first, row * int(frame[4]) + last


@part
def _crossings(nodes, edges, frame, anchor_y):
    """The edges of one polygon that cross the anchors' line of each row, from west to east.

    Lowest row; starts per row from there; edges; columns where they cross (a float, right to much less than
    the margin). Whether an edge crosses is a comparison of given numbers, half open at nodes, hence exact.
    """
    height = int(frame[5])
    low, high = height - 1, 0
    for edge in edges:
        _, y0, _, y1 = _ends(nodes, edge, frame)
        low, high = min(low, int(y0) - 1), max(high, int(y1) + 1)
    low, high = max(low, 0), min(high, height - 1)
    starts = np.zeros(max(high - low, 0) + 3, np.int64)
    which, where = np.empty(0, np.int32), np.empty(0, np.float64)
    for filling in range(2):
        for edge in edges:
            x0, y0, x1, y1 = _ends(nodes, edge, frame)
            for row in range(max(int(y0) - 1, low), min(int(y1) + 1, high) + 1):
                line = anchor_y[row]
                if (nodes[edge, 1] > line) == (nodes[edge + 1, 1] > line):
                    continue
                if filling:
                    y = (line - frame[1]) * frame[3]
                    at = starts[row - low + 1]
                    column = x0 + min(max((y - y0) / (y1 - y0), 0.0), 1.0) * (x1 - x0) if y1 > y0 else x0
                    which[at], where[at] = edge, column
                    starts[row - low + 1] += 1
                else:
                    starts[row - low + 2] += 1
        if not filling:
            starts = np.cumsum(starts)
            which, where = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float64)
    for row in range(len(starts) - 2):
        for j in range(starts[row] + 1, starts[row + 1]):
            edge, column, at = which[j], where[j], j
            while at > starts[row] and where[at - 1] > column:
                which[at], where[at] = which[at - 1], where[at - 1]
                at -= 1
            which[at], where[at] = edge, column
    return low, starts, which, where


@kernel((_NODES, _INTS, array(int64), _FLOATS, float64, _FLOATS, *(array(int32, writes=True),) * 3))
def cover(nodes, edges, first, frame, margin, anchor_y, labels, sizes, touched):
    """Label the cells wholly inside a polygon with the smallest rank; add up the stream's size per cell.

    A cell that an edge of the polygon comes near is not labelled by it but gets room in the stream, two
    numbers for the polygon and one per edge, unless a polygon of smaller rank covers all of it. Of the other
    cells between two crossings of the anchors' line no edge comes near, so the anchor answers for them.
    """
    for rank in range(len(first) - 1):
        mine = edges[first[rank] : first[rank + 1]]
        for edge in mine:
            ends = _ends(nodes, edge, frame)
            bottom, top = _range(ends[1], ends[3], margin, frame[5])
            for row in range(bottom, top + 1):
                begin, last = _columns(ends, row, frame, margin)
                for cell in range(begin, last + 1):
                    if labels[cell] != NOBODY:
                        continue
                    if touched[cell] != rank:
                        touched[cell] = rank
                        sizes[cell] += 2
                    sizes[cell] += 1
        low, starts, _, where = _crossings(nodes, mine, frame, anchor_y)
        for row in range(len(starts) - 2):
            base = (low + row) * int(frame[4])
            for j in range(starts[row], starts[row + 1] - 1, 2):
                for cell in range(base + int(where[j]), base + int(where[j + 1]) + 1):
                    if labels[cell] == NOBODY and touched[cell] != rank:
                        labels[cell] = rank


@part
def _anchor(nodes, which, where, begin, end, column, x, y):
    """1 when the anchor lies inside the polygon whose crossings these are, 0 outside, 2 when unknown."""
    inside = 0
    for j in range(begin, end):
        if where[j] > column + 2:
            break
        if where[j] >= column - 1:
            edge = which[j]
            ax, ay, bx, by = nodes[edge, 0], nodes[edge, 1], nodes[edge + 1, 0], nodes[edge + 1, 1]
            side = _side(ax, ay, bx, by, x, y)
            if side == 0:
                return 2
            if (side > 0) == (by > ay):  # the edge lies east of the anchor
                continue
        inside ^= 1
    return inside


@kernel(
    (
        _NODES, _INTS, array(int64), _FLOATS, float64, _FLOATS, _FLOATS,
        _INTS, _INTS, array(int64, writes=True), array(int32, writes=True),
    )
)  # fmt: skip
def write(nodes, edges, first, frame, margin, anchor_x, anchor_y, labels, whole, cursor, stream):
    """Write the stream of every contested cell, polygons by rank, at `cursor`, which moves to its end.

    Of each polygon: rank << 2 | anchor (1 inside, 2 or 3 unknown), number of edges; of each edge: number of
    its first node << 1 | whether the anchor lies left of it. `whole[k]`, the polygon that covers all of
    cell k or NOBODY, comes last and without edges.
    """
    width = int(frame[4])
    seen, head = np.full(len(whole), -1, np.int32), np.empty(len(whole), np.int64)
    for rank in range(len(first) - 1):
        mine = edges[first[rank] : first[rank + 1]]
        low, starts, which, where = _crossings(nodes, mine, frame, anchor_y)
        for edge in mine:
            ends = _ends(nodes, edge, frame)
            bottom, top = _range(ends[1], ends[3], margin, frame[5])
            for row in range(bottom, top + 1):
                begin, last = _columns(ends, row, frame, margin)
                for cell in range(begin, last + 1):
                    k = -2 - labels[cell]
                    if k < 0 or (whole[k] != NOBODY and whole[k] < rank):
                        continue
                    column = cell - row * width
                    x, y = anchor_x[column], anchor_y[row]
                    if seen[k] != rank:
                        seen[k], head[k] = rank, cursor[k]
                        here = 0
                        if low <= row < low + len(starts) - 2:
                            here = _anchor(
                                nodes, which, where, starts[row - low], starts[row - low + 1], column, x, y
                            )
                        stream[cursor[k]], stream[cursor[k] + 1] = rank << 2 | here, 0
                        cursor[k] += 2
                    side = _side(nodes[edge, 0], nodes[edge, 1], nodes[edge + 1, 0], nodes[edge + 1, 1], x, y)
                    if side == 0:
                        stream[head[k]] |= 2
                    stream[cursor[k]] = edge << 1 | (side > 0)
                    stream[head[k] + 1] += 1
                    cursor[k] += 1
    for k in range(len(whole)):
        if whole[k] != NOBODY:
            stream[cursor[k]], stream[cursor[k] + 1] = whole[k] << 2 | 1, 0
            cursor[k] += 2
