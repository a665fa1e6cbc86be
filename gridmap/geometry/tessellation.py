"""A made-up nation of responsibility grids: as many as wanted, wiggly, noded, the same for the same seed.

The grids are the Voronoi cells of scattered seats whose straight borders are replaced by wiggling lines. A
border between two seats keeps within the kite of its two ends and the two seats, and kites do not overlap, so
no two borders can cross. A border is made once and used by both neighbours: no gaps, no overlaps, and nodes
shared to the last digit.
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from gridmap.errors import BadInput

Floats = NDArray[np.float64]
Indices = NDArray[np.int64]

CENTRE = (109.47, 36.62)
SPACING_DEGREES = 0.008
"""Mean distance of seats, in degrees of latitude: some 900 m."""

_NODES_PER_SPACING = 9.0  # about 36 nodes per grid
_WIGGLE = 0.45  # of the way from a border to the seats beside it, at most
_COUNTY, _SUBDISTRICT, _COMMUNITY = 1_050, 70, 14  # grids in each


def nation(
    grids: int = 100_000, seed: int = 1, centre: tuple[float, float] = CENTRE
) -> tuple[list[str], NDArray[np.object_]]:
    """Codes (15 digits, rising) and valid lon/lat polygons of a tessellation with an irregular outline.

    `centre` is lon, lat in degrees. Grids are some 0.008 degrees of latitude across, larger and smaller by
    region, with 36 nodes on average; codes group neighbours to communities of 14, subdistricts of 70 and
    counties of 1,050. 100,000 take some seconds. Raises BadInput for fewer than one or more than 9,000,000.
    """
    if not 1 <= grids <= 9_000_000:
        raise BadInput(f"{grids} grids cannot be made; give 1 to 9,000,000", field="grids")
    random = np.random.default_rng(seed)
    seats, chosen = _seats(grids, random)
    diagram = Voronoi(seats)
    borders = np.array(diagram.ridge_vertices)
    beside = np.asarray(diagram.ridge_points)
    used = np.isin(beside, chosen).any(axis=1)
    borders, beside = borders[used], beside[used]
    lines, count = _lines(diagram.vertices[borders], seats[beside], random)
    # Degrees of longitude are shorter than those of latitude.
    lines = lines * (1 / np.cos(np.radians(centre[1])), 1.0) + centre
    return _codes(grids), _polygons(lines, count, seats, beside, chosen)


def _seats(grids: int, random: np.random.Generator) -> tuple[Floats, Indices]:
    """Seats around 0, 0, and which of them become grids: those in a wobbly circle, neighbours in a row."""
    side = int(np.ceil(np.sqrt(grids) * 1.35)) + 8
    column, row = np.meshgrid(np.arange(side), np.arange(side))
    seats = np.column_stack([column.ravel() + 0.5 * (row.ravel() % 2), row.ravel()]) - side / 2
    seats += random.uniform(-0.38, 0.38, seats.shape)
    # Denser here and sparser there, by a warp that is smooth and one-to-one.
    length = side / np.array([3.0, 5.0])
    for axis in (0, 1):
        phase = random.uniform(0, 2 * np.pi, 2)
        waves = np.sin(2 * np.pi * seats[:, 1 - axis, None] / length + phase)
        waves += np.sin(2 * np.pi * seats[:, axis, None] / length + phase[::-1])
        seats[:, axis] += waves @ (0.04 * length)
    angle = np.arctan2(seats[:, 1], seats[:, 0])
    shares = random.uniform(-0.05, 0.05, 4)
    outline = 1 + sum(s * np.sin(k * angle + 7 * s) for k, s in enumerate(shares, start=2))
    inside = np.argsort(np.hypot(*seats.T) / outline, kind="stable")[:grids]
    band = np.maximum(1, round(np.sqrt(_COUNTY)))
    strip = np.floor(seats[inside, 1] / band)
    along = np.where(strip % 2 == 0, seats[inside, 0], -seats[inside, 0])
    column = np.floor(along / np.sqrt(_COMMUNITY))
    order = np.lexsort((seats[inside, 1], column, strip))
    return seats * SPACING_DEGREES, inside[order]


def _lines(ends: Floats, seats: Floats, random: np.random.Generator) -> tuple[Floats, Indices]:
    """Nodes of all borders, one after the other, and their number for each border.

    `ends` and `seats` have the shape (borders, 2, 2). A node lies on the way from a point of the straight
    border towards one of the two seats; where the line changes sides, it passes through the border itself.
    """
    length = np.hypot(*(ends[:, 1] - ends[:, 0]).T)
    count = 2 + np.floor(length / SPACING_DEGREES * _NODES_PER_SPACING).astype(np.int64)
    border = np.repeat(np.arange(len(ends)), count)
    place = np.arange(len(border)) - np.repeat(np.cumsum(count) - count, count)
    t = place / (count[border] - 1)
    inner = (place > 0) & (place < count[border] - 1)
    t = np.where(inner, t + random.uniform(-0.3, 0.3, len(t)) / (count[border] - 1), t)
    # A slow bend and quick jitter; the sign says towards which seat.
    bend = random.uniform(-1, 1, (2, len(ends)))
    way = bend[0, border] * np.sin(np.pi * t) + bend[1, border] * np.sin(2 * np.pi * t)
    way = _WIGGLE * np.clip(0.6 * way + random.uniform(-0.35, 0.35, len(t)), -1, 1)
    way[~inner] = 0
    turns = np.flatnonzero(way[:-1] * way[1:] < 0)
    way[turns + 1] = 0
    straight = ends[border, 0] + t[:, None] * (ends[border, 1] - ends[border, 0])
    straight[place == 0], straight[place == count[border] - 1] = ends[:, 0], ends[:, 1]
    towards = seats[border, (way < 0).astype(np.int64)]
    return straight + np.abs(way)[:, None] * (towards - straight), count


def _polygons(
    lines: Floats, count: Indices, seats: Floats, beside: Indices, chosen: Indices
) -> NDArray[np.object_]:
    """One polygon per chosen seat: its borders in the order of their angle around it, counter-clockwise."""
    place = np.full(len(seats), -1, dtype=np.int64)
    place[chosen] = np.arange(len(chosen))
    border, which = np.nonzero(place[beside] >= 0)
    owner = place[beside[border, which]]
    other = seats[beside[border, 1 - which]] - seats[beside[border, which]]
    order = np.lexsort((np.arctan2(other[:, 1], other[:, 0]), owner))
    border, owner, other = border[order], owner[order], other[order]
    begin = np.cumsum(count) - count
    along = lines[begin[border] + count[border] - 1] - lines[begin[border]]
    forward = other[:, 0] * along[:, 1] - other[:, 1] * along[:, 0] > 0
    # Each border brings all its nodes but the last, which the next one begins with.
    nodes = count[border] - 1
    which_border = np.repeat(np.arange(len(border)), nodes)
    step = np.arange(len(which_border)) - np.repeat(np.cumsum(nodes) - nodes, nodes)
    first, last = begin[border], begin[border] + count[border] - 1
    at = np.where(forward[which_border], first[which_border] + step, last[which_border] - step)
    rings = shapely.linearrings(lines[at], indices=owner[which_border])
    return np.asarray(shapely.polygons(rings))


def _codes(grids: int) -> list[str]:
    """Two digits of province, then county, subdistrict, community and serial as GB/T 2260 and DB11 count."""
    serial = np.arange(grids)
    county, subdistrict = serial // _COUNTY, serial % _COUNTY // _SUBDISTRICT
    community, grid = serial % _SUBDISTRICT // _COMMUNITY, serial % _COMMUNITY
    return [
        f"61{a + 1:04d}{b + 1:03d}{c + 1:03d}{d + 1:03d}"
        for a, b, c, d in zip(
            county.tolist(), subdistrict.tolist(), community.tolist(), grid.tolist(), strict=True
        )
    ]
