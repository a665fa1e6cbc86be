"""Which grids are neighbours: queen contiguity, taken from the partition itself.

Two areas are neighbours when they share an edge or a single corner, as a chess queen sees it. Decided on the
coordinates as stored, in lon/lat, where shared edges are noded. No file of weights and no table of
neighbours is kept: an edition's boundaries say it all, and 100,000 of them are asked in a second.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.geometry.partition import SLIVER_WIDTH_M

Ints = NDArray[np.int64]

_METRES_PER_DEGREE = 111_320.0


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Neighbours of n areas in the order given: those of area i are `others[starts[i]:starts[i + 1]]`.

    Indices ascend; an area is not its own neighbour; the relation is symmetric. Both arrays are read-only.
    """

    starts: Ints  # (n + 1,)
    others: Ints

    def __len__(self) -> int:
        return len(self.starts) - 1

    def of(self, area: int) -> Ints:
        """Indices of the neighbours of one area."""
        return self.others[self.starts[area] : self.starts[area + 1]]

    @property
    def degrees(self) -> Ints:
        """Number of neighbours of each area, (n,)."""
        return np.diff(self.starts)

    @property
    def islands(self) -> Ints:
        """Indices of the areas without any neighbour."""
        return np.flatnonzero(self.degrees == 0)

    def pairs(self) -> tuple[Ints, Ints]:
        """(area, neighbour) of every relation, each pair both ways round."""
        return np.repeat(np.arange(len(self), dtype=np.int64), self.degrees), self.others


def contiguity(geoms: ArrayLike, *, within_m: float = SLIVER_WIDTH_M) -> Neighbours:
    """Queen neighbours of lon/lat polygons (None and empty ones are islands).

    Areas count as touching when they come within `within_m` metres of each other. The default, a millimetre,
    is the width under which a gap is rounding (geometry.partition): it joins what a slit of nanometres parts
    and nothing else. Areas that overlap are neighbours. An area of a sliver's shape is an area like any
    other: it parts the two beside it unless they meet at its ends. A river or a road that belongs to no grid
    does part its banks; an area beyond it is an island, and Gi* then sees it alone (statistics.hotspots).
    """
    array = np.array(geoms, dtype=object).ravel()
    nodes = shapely.get_coordinates(array)
    if not len(nodes):
        return neighbours(len(array), [], [])
    west, south = nodes.min(axis=0)
    east, north = nodes.max(axis=0)
    scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians((south + north) / 2)), 1.0])
    middle = np.array([(west + east) / 2, (south + north) / 2])
    # scaled affinely to about metres, where straight edges stay straight: a projection bends them apart
    plane = shapely.transform(array, lambda at: (at - middle) * scale)
    left, right = shapely.STRtree(plane).query(plane, predicate="dwithin", distance=within_m)
    return neighbours(len(array), left, right)


def neighbours(count: int, left: ArrayLike, right: ArrayLike) -> Neighbours:
    """Neighbours among `count` areas from pairs of indices, once or both ways round; never of itself."""
    a, b = np.asarray(left, dtype=np.int64), np.asarray(right, dtype=np.int64)
    apart = a != b
    a, b = np.r_[a[apart], b[apart]], np.r_[b[apart], a[apart]]
    keys = np.unique(a * max(count, 1) + b)
    starts = np.searchsorted(keys // max(count, 1), np.arange(count + 1)).astype(np.int64)
    others = keys % max(count, 1)
    starts.setflags(write=False)
    others.setflags(write=False)
    return Neighbours(starts, others)
