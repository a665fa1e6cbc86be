"""The metric side of the locator: distances to boundaries, on geometries projected once.

What is not here: which polygon covers a point (locator.py, in lon/lat, exact).
"""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.geometry.projection import metric_crs, project, transformer

Floats = NDArray[np.float64]

# An edge of 1 km bends by 1 cm in the projection, one of 100 m by 0.1 mm: longer ones get nodes in between.
_LONGEST_EDGE_DEGREES = 0.001
# The tree holds runs of edges, not single ones: an eighth of the objects for the same answer.
_EDGES_PER_PIECE = 8
# Two boundaries at the same distance differ by rounding of the projection; within this they tie.
_TIE_M = 1e-6


class Edges:
    """All boundaries of some lon/lat polygons in a tree, in the metric CRS of their common centre."""

    __slots__ = ("_owner", "_transform", "_tree")

    def __init__(self, polygons: NDArray[np.object_]):
        """`polygons` in order of precedence: in a tie the first wins."""
        some = polygons[~shapely.is_empty(polygons)]
        west, south, east, north = shapely.total_bounds(some).tolist() if len(some) else (0.0, 0.0, 0.0, 0.0)
        crs = metric_crs((west + east) / 2, (south + north) / 2)
        self._transform = transformer(crs).transform
        longest = max(_LONGEST_EDGE_DEGREES, (east - west) / 1000)
        lines, owner = _pieces(project(shapely.segmentize(shapely.boundary(polygons), longest), crs))
        self._tree = shapely.STRtree(lines)
        self._owner = owner

    def distance(self, lon: Floats, lat: Floats) -> Floats:
        """Metres from each point to the nearest boundary; inf where there is none, NaN for NaN points."""
        return self._nearest(lon, lat)[2]

    def nearest(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.int32], Floats]:
        """Rank of the polygon whose boundary is nearest (−1 where there is none), and metres to it."""
        points, usable, metres = self._nearest(lon, lat)
        rank = np.full(len(metres), -1, dtype=np.int32)
        if len(usable):
            best = np.full(len(usable), len(self._owner), dtype=np.int64)
            which, piece = self._tree.query(points, predicate="dwithin", distance=metres[usable] + _TIE_M)
            np.minimum.at(best, which, self._owner[piece])
            rank[usable] = best
        return rank, metres

    def _nearest(self, lon: Floats, lat: Floats) -> tuple[NDArray[np.object_], NDArray[np.intp], Floats]:
        metres = np.where(np.isnan(lon) | np.isnan(lat), np.nan, np.inf)
        x, y = self._transform(lon, lat)
        usable = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        if not len(self._owner):
            usable = usable[:0]
        points = shapely.points(x[usable], y[usable])
        if len(usable):
            found, distance = self._tree.query_nearest(points, return_distance=True, all_matches=False)
            metres[usable[found[0]]] = distance
        return points, usable, metres


def _pieces(boundaries: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.int64]]:
    """Boundaries cut into lines of at most eight edges, and the index of the polygon each came from."""
    lines, owner = shapely.get_parts(boundaries, return_index=True)
    nodes, line = shapely.get_coordinates(lines, return_index=True)
    first_node = np.searchsorted(line, np.arange(len(lines)))
    edge = np.flatnonzero(line[1:] == line[:-1])
    if not len(edge):
        return lines[:0], np.empty(0, dtype=np.int64)
    place = edge - first_node[line[edge]]
    begins = place % _EDGES_PER_PIECE == 0
    piece = np.cumsum(begins) - 1
    # Every edge brings its first node; the last edge of a piece also brings its second.
    ends = np.append(begins[1:], True)
    take = np.concatenate([edge, edge[ends] + 1])
    of_piece = np.concatenate([piece, piece[ends]])
    order = np.lexsort((take, of_piece))
    cut = shapely.linestrings(nodes[take[order]], indices=of_piece[order])
    return cut, owner[line[edge[begins]]].astype(np.int64)
