"""The exact index from a point to its polygon, in process.

`covers` answers as GEOS (and so PostGIS's ST_Covers) answers: a point on a boundary is covered. Where several
polygons cover a point, a shared edge or an overlap, the one with the smallest code wins; codes compare as
Python strings, which is SQL's `COLLATE "C"`. Speed comes from a raster whose uncontested cells need no
geometry (raster.py) and from a compiled walk through the few edges of the others (raster_kernels.py);
exactness from proved error bounds, and from GEOS where floating point cannot decide.

PostGIS 3 takes a shortcut of its own there: for a point within about 1e-19 degrees of an edge its ST_Covers
may see the point on the edge where GEOS knows the side. tests/areas/test_million_points.py counts them.

What is not here: where the polygons come from, what "near an edge" means for a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.geometry import raster
from gridmap.geometry.edges import Edges
from gridmap.geometry.scatter import AWAY, EAST, NODES, NORTH, scale

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

_CELLS_PER_POLYGON = 2**13
_CELLS_PER_EDGE = 2**6
_FEWEST_CELLS, _MOST_CELLS, _LEAST_PER_POLYGON = 2**14, 2**22, 200
_BATCH = 256  # points whose scatter is located together: 256 × 2,048 nodes
# What is nearer than the nearest boundary by this is so on the ellipsoid as well: the projection stretches
# what it measures, and between its nodes an edge bends there.
_STRETCH, _BEND_M = 1.01, 1.0
_LARGE = 512  # nodes from which a polygon is prepared for GEOS; in smaller ones a plain search is as fast


class Locator:
    """An immutable, picklable, thread-safe index over lon/lat polygons.

    Every method takes scalars or arrays of lon, lat degrees (WGS-84) that broadcast to one dimension, and
    answers with one-dimensional arrays: a scalar is one point. Indices refer to `codes` in the order given.
    """

    __slots__ = ("_edges", "_names", "_polygons", "_ranks", "_raster", "codes", "geometries")

    codes: tuple[str, ...]
    geometries: NDArray[np.object_]
    _polygons: NDArray[np.object_]
    _raster: raster.Raster
    _names: Indices  # by 1 + rank: the index given, and −1 for nobody; `_ranks` likewise the rank itself
    _ranks: Indices
    _edges: Edges | None

    def __init__(self, geometries: Sequence[Any] | NDArray[np.object_], codes: Sequence[str]):
        """Index valid polygons and multi-polygons (holes, overlaps and empties allowed) under their codes.

        Raises BadInput for other geometries and when the numbers differ. Of equal codes the first given wins.
        """
        given = np.empty(len(geometries), dtype=object)
        given[:] = list(geometries)
        if len(given) != len(codes):
            raise BadInput(f"{len(given)} geometries but {len(codes)} codes; give one each", field="codes")
        if not np.isin(shapely.get_type_id(given), (3, 6)).all():
            raise BadInput("Only polygons and multi-polygons can be located in", field="geometries")
        names = tuple(codes)
        order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int32)
        # The copies belong to this index alone: preparing them changes nobody else's geometry.
        polygons = _read_only(shapely.force_2d(given[order]))
        _prepare(polygons[shapely.get_num_coordinates(polygons) >= _LARGE])
        cell_count = _cell_count(len(given), int(shapely.get_num_coordinates(polygons).sum()))
        self._keep("codes", names)
        self._keep("geometries", _read_only(given))
        self._keep("_polygons", polygons)
        self._keep("_raster", raster.build(polygons, cell_count))
        self._keep("_names", _read_only(np.append(np.int32(-1), order)))
        self._keep("_ranks", _read_only(np.arange(-1, len(order), dtype=np.int32)))
        self._keep("_edges", None)

    _keep = object.__setattr__

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"A locator cannot be changed ({name})")

    def __reduce__(self) -> tuple[Any, ...]:
        return Locator, (self.geometries, self.codes)

    def __len__(self) -> int:
        return len(self.codes)

    def covers(self, lon: ArrayLike, lat: ArrayLike) -> Indices:
        """Index of the polygon that covers each point, −1 for none; the smallest code wins. NaN gives −1.

        Exact on boundaries, nodes and slivers. One point takes about a microsecond, ten million in 70
        polygons about a tenth of a second.

        >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
        >>> Locator([east, west], ["B", "A"]).covers([0.5, 1.0, 1.5, 2.5], 0.5).tolist()
        [1, 1, 0, -1]
        """
        if isinstance(lon, float | int) and isinstance(lat, float | int):
            label = self._raster.label(float(lon), float(lat))
            if label >= raster.NOBODY:
                return self._names[label + 1 : label + 2].copy()
        return self._find(*points(lon, lat), self._names)

    def edge_distance(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Metres from each point to the nearest boundary of any polygon, holes' included.

        Measured in the metric CRS of the polygons' common centre. inf where there is no polygon or the point
        is too far away to be projected there; NaN for NaN.
        """
        return self._metric().distance(*points(lon, lat))

    def nearest(self, lon: ArrayLike, lat: ArrayLike, tolerance_m: float) -> tuple[Indices, Floats]:
        """The polygon that covers each point, else the nearest within `tolerance_m`, else −1; and its metres.

        A covered point is 0 m away. In a tie, within a micrometre, the smallest code wins. The distance is
        given beyond the tolerance too (inf without any polygon, NaN for NaN).
        """
        if not tolerance_m >= 0:
            raise BadInput(f"{tolerance_m} is not a distance; give metres ≥ 0", field="tolerance_m")
        x, y = points(lon, lat)
        rank = self._find(x, y, self._ranks)
        metres = np.zeros(len(x))
        away = np.flatnonzero(rank < 0)
        if len(away):
            near, metres[away] = self._metric().nearest(x[away], y[away])
            rank[away] = np.where(metres[away] <= tolerance_m, near, -1)
        return self._names[rank + 1], metres

    def probabilities(
        self, lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike
    ) -> list[list[tuple[int, float]]]:
        """For each point the polygons it may truly lie in: (index, probability), the likeliest first.

        `accuracy_m` is the 95 % radius in metres that positioning devices report (W3C Geolocation), one or
        one per point; 0 means exactly there. The model is in scatter.py. Probability outside all polygons is
        missing from the sum; overlaps count for the smallest code. Equal probabilities come by code. Raises
        BadInput for a radius that is negative or not finite.
        """
        x, y = points(lon, lat)
        radius = np.array(np.broadcast_to(np.asarray(accuracy_m, dtype=np.float64), x.shape))
        if not (np.isfinite(radius) & (radius >= 0)).all():
            raise BadInput("The accuracy is a radius; give metres ≥ 0", field="accuracy_m")
        rank = self._find(x, y, self._ranks)
        alone = [[(index, 1.0)] if index >= 0 else [] for index in self._names.tolist()]
        result = [alone[1 + each] for each in rank.tolist()]
        inner = self._inner_nodes(x, y, radius)
        doubtful = np.flatnonzero(inner < NODES)
        for start in range(0, len(doubtful), _BATCH):
            batch = doubtful[start : start + _BATCH]
            shares = self._shares(x[batch], y[batch], radius[batch], rank[batch], inner[batch])
            for i, of_point in zip(batch.tolist(), shares, strict=True):
                result[i] = of_point
        return result

    def _inner_nodes(self, x: Floats, y: Floats, radius: Floats) -> Indices:
        """How many nodes, from the first, are nearer than any boundary and so lie where the point does."""
        clear = (self._metric().distance(x, y) - _BEND_M) / _STRETCH
        with np.errstate(divide="ignore", invalid="ignore"):  # no radius; NaN, which comes after all
            return np.searchsorted(AWAY, clear / radius).astype(np.int32)

    def _shares(
        self, x: Floats, y: Floats, radius: Floats, rank: Indices, inner: Indices
    ) -> list[list[tuple[int, float]]]:
        """(index, share of the scatter) around each point, most first, equal ones by code.

        The `inner` first nodes of each lie in the polygon `rank` as the point itself.
        """
        from gridmap.geometry import raster_kernels as kernels

        ranks, counts = np.empty((2, len(x), NODES), dtype=np.int32)
        kinds = np.empty(len(x), dtype=np.int32)
        spread = scale(y, radius)
        nodes = (*spread, EAST, NORTH, rank, inner)
        if kernels.tally(x, y, *nodes, *self._raster.arrays, ranks, counts, kinds):
            for i in np.flatnonzero(kinds == kernels.UNDECIDED):
                node_lon, node_lat = x[i] + spread[0][i] * EAST, y[i] + spread[1][i] * NORTH
                found, count = np.unique(self._find(node_lon, node_lat, self._ranks), return_counts=True)
                found, count = found[found >= 0], count[found >= 0]
                falling = np.argsort(-count, kind="stable")
                kinds[i] = len(found)
                ranks[i, : len(found)], counts[i, : len(found)] = found[falling], count[falling]
        most = int(kinds.max())
        filled = np.arange(most) < kinds[:, None]
        index = self._names[1 + ranks[:, :most][filled]].tolist()
        share = (counts[:, :most][filled] / NODES).tolist()
        each = iter(zip(index, share, strict=True))
        return [list(islice(each, kind)) for kind in kinds.tolist()]

    def _metric(self) -> Edges:
        if self._edges is None:
            # Two threads may both build it; either result is the same.
            self._keep("_edges", Edges(self._polygons))
        assert self._edges is not None
        return self._edges

    def _find(self, lon: Floats, lat: Floats, names: Indices) -> Indices:
        """names[1 + rank] for each point, names[0] where nothing covers it."""
        from gridmap.geometry import raster_kernels as kernels

        found = np.empty(len(lon), dtype=np.int32)
        if kernels.find(lon, lat, *self._raster.arrays, names, found):
            left = np.flatnonzero(found == kernels.UNDECIDED)
            found[left] = names[self._decide(lon[left], lat[left]) + 1]
        return found

    def _decide(self, lon: Floats, lat: Floats) -> Indices:
        """Ranks of points in contested cells, by GEOS: each candidate in turn, the next where it failed."""
        cells = self._raster
        turn, end = cells.spans(lon, lat)
        rank = np.full(len(lon), raster.NOBODY, dtype=np.int32)
        open_ = np.arange(len(lon))
        while len(open_):
            candidate = cells.stream[turn[open_]] >> 2
            hit = shapely.intersects_xy(self._polygons[candidate], lon[open_], lat[open_])
            rank[open_[hit]] = candidate[hit]
            open_ = open_[~hit]
            turn[open_] += 2 + cells.stream[turn[open_] + 1]
            open_ = open_[turn[open_] < end[open_]]
        return rank


def points(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    """Degrees that broadcast as two arrays of one dimension."""
    x, y = np.broadcast_arrays(
        np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    )
    return np.ascontiguousarray(x), np.ascontiguousarray(y)


def _cell_count(polygons: int, edges: int) -> int:
    wanted = max(_CELLS_PER_POLYGON * polygons, _CELLS_PER_EDGE * edges, _FEWEST_CELLS)
    return min(wanted, max(_MOST_CELLS, _LEAST_PER_POLYGON * polygons))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.setflags(write=False)
    return array


def _prepare(polygons: NDArray[np.object_]) -> None:
    """Prepare the polygons for many point tests, completely.

    GEOS builds the point index of a prepared polygon at its first use, without a lock. One test inside every
    part builds them all here, in one thread; from then on they are only read.
    """
    shapely.prepare(polygons)
    parts, owner = shapely.get_parts(polygons, return_index=True)
    full = ~shapely.is_empty(parts)
    with np.errstate(over="ignore"):  # in slivers of a few floats
        inside = shapely.point_on_surface(parts[full])
    shapely.intersects_xy(polygons[owner[full]], shapely.get_x(inside), shapely.get_y(inside))
