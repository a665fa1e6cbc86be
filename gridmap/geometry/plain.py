"""The polygon of each of a few points, by GEOS alone: the answers of geometry.locator without its index.

Before its first point that one draws a raster and loads compiled code, 120 MB of memory; a page with some
hundred points needs neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.geometry.edges import TIE_M, projected
from gridmap.geometry.locator import points

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

FEW = 2_000  # points; with more the index is made in less time than it spares


class Plain:
    """Valid lon/lat polygons and multi-polygons under their codes; of equal codes the first given wins."""

    def __init__(self, geometries: Sequence[Any] | NDArray[np.object_], codes: Sequence[str]):
        # one more than there are polygons: what −1, nobody's rank, stands for
        self._names = np.array([*sorted(range(len(codes)), key=codes.__getitem__), -1], np.int32)
        given = np.empty(len(geometries), object)
        given[:] = list(geometries)
        self._polygons = shapely.force_2d(given[self._names[:-1]])
        self._tree = shapely.STRtree(self._polygons)

    def covers(self, lon: ArrayLike, lat: ArrayLike) -> Indices:
        """As Locator.covers: index of the polygon that covers each point, the smallest code; −1 for none."""
        return self._names[self._covering(*points(lon, lat))]

    def nearest(self, lon: ArrayLike, lat: ArrayLike, tolerance_m: float) -> tuple[Indices, Floats]:
        """As Locator.nearest: what covers each point, else the nearest within `tolerance_m`; and metres."""
        x, y = points(lon, lat)
        rank = self._covering(x, y)
        metres = np.zeros(len(x))
        away = np.flatnonzero(rank < 0)
        if len(away):
            near, metres[away] = self._beside(x[away], y[away])
            rank[away] = np.where(metres[away] <= tolerance_m, near, -1)
        return self._names[rank], metres

    def _covering(self, lon: Floats, lat: Floats) -> Indices:
        some = np.flatnonzero(np.isfinite(lon) & np.isfinite(lat))
        point, polygon = self._tree.query(shapely.points(lon[some], lat[some]), predicate="intersects")
        return _least(some[point], polygon, len(lon))

    def _beside(self, lon: Floats, lat: Floats) -> tuple[Indices, Floats]:
        transform, tree = self._boundaries
        x, y = transform(lon, lat)
        metres = np.where(np.isnan(lon) | np.isnan(lat), np.nan, np.inf)
        some = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
        place = shapely.points(x[some], y[some])
        (point, _), away = tree.query_nearest(place, return_distance=True, all_matches=False)
        metres[some[point]] = away
        near, polygon = tree.query(place[point], predicate="dwithin", distance=away + TIE_M)
        return _least(some[point[near]], polygon, len(lon)), metres

    @cached_property
    def _boundaries(self) -> tuple[Any, shapely.STRtree]:
        transform, lines = projected(self._polygons)
        return transform, shapely.STRtree(lines)


def _least(point: NDArray[np.intp], polygon: NDArray[np.intp], points: int) -> Indices:
    """Of pairs of points and ranks the least rank of each point, −1 without any."""
    nobody = np.iinfo(np.int32).max
    rank = np.full(points, nobody, np.int32)
    np.minimum.at(rank, point, polygon.astype(np.int32))
    return np.where(rank == nobody, np.int32(-1), rank)
