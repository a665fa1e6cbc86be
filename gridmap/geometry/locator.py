"""The exact index from a point to its polygon, in process.

`covers` answers as GEOS (and so PostGIS's ST_Covers) answers: a point on a boundary is covered. Where several
polygons cover a point, a shared edge or an overlap, the one with the smallest code wins; codes compare as
Python strings, which is SQL's `COLLATE "C"`. Speed comes from a raster whose uncontested cells need no
geometry (raster.py); exactness from GEOS deciding every other point.

What is not here: where the polygons come from, what "near an edge" means for a report.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.geometry import raster
from gridmap.geometry.edges import Edges
from gridmap.geometry.scatter import OUTERMOST, scattered

Floats = NDArray[np.float64]
Indices = NDArray[np.int32]

# More cells leave fewer points to GEOS (2.5 % of a district with 70 grids) but cost memory, 2 bytes each, and
# time to build: some 25 ms for 70 grids.
_CELLS_PER_POLYGON = 2**15
_CELLS_PER_EDGE = 2**6
_FEWEST_CELLS, _MOST_CELLS, _LEAST_PER_POLYGON = 2**14, 2**22, 200
_BATCH = 32  # points whose scatter is located together: 32 × 2,048 nodes


class Locator:
    """An immutable, picklable, thread-safe index over lon/lat polygons.

    Every method takes scalars or arrays of lon, lat degrees (WGS-84) that broadcast to one dimension, and
    answers with one-dimensional arrays: a scalar is one point. Indices refer to `codes` in the order given.
    """

    __slots__ = ("_edges", "_order", "_polygons", "_raster", "codes", "geometries")

    codes: tuple[str, ...]
    geometries: NDArray[np.object_]
    _polygons: NDArray[np.object_]
    _raster: raster.Raster
    _order: Indices
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
        _prepare(polygons)
        cell_count = _cell_count(len(given), int(shapely.get_num_coordinates(polygons).sum()))
        self._keep("codes", names)
        self._keep("geometries", _read_only(given))
        self._keep("_polygons", polygons)
        self._keep("_raster", raster.build(polygons, cell_count))
        self._keep("_order", _read_only(np.append(order, np.int32(-1))))
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

        Exact on boundaries, nodes and slivers. One point takes some microseconds, a million in 70 polygons
        some hundredths of a second.

        >>> west, east = shapely.box(0, 0, 1, 1), shapely.box(1, 0, 2, 1)
        >>> Locator([east, west], ["B", "A"]).covers([0.5, 1.0, 1.5, 2.5], 0.5).tolist()
        [1, 1, 0, -1]
        """
        if isinstance(lon, float | int) and isinstance(lat, float | int):
            return np.array([self._order[self._rank_of_one(float(lon), float(lat))]], dtype=np.int32)
        return self._order[self._ranks(*_points(lon, lat))]

    def edge_distance(self, lon: ArrayLike, lat: ArrayLike) -> Floats:
        """Metres from each point to the nearest boundary of any polygon, holes' included.

        Measured in the metric CRS of the polygons' common centre. inf where there is no polygon or the point
        is too far away to be projected there; NaN for NaN.
        """
        return self._metric().distance(*_points(lon, lat))

    def nearest(self, lon: ArrayLike, lat: ArrayLike, tolerance_m: float) -> tuple[Indices, Floats]:
        """The polygon that covers each point, else the nearest within `tolerance_m`, else −1; and its metres.

        A covered point is 0 m away. In a tie, within a micrometre, the smallest code wins. The distance is
        given beyond the tolerance too (inf without any polygon, NaN for NaN).
        """
        if not tolerance_m >= 0:
            raise BadInput(f"{tolerance_m} is not a distance; give metres ≥ 0", field="tolerance_m")
        x, y = _points(lon, lat)
        rank = self._ranks(x, y)
        metres = np.zeros(len(x))
        away = np.flatnonzero(rank < 0)
        if len(away):
            near, metres[away] = self._metric().nearest(x[away], y[away])
            rank[away] = np.where(metres[away] <= tolerance_m, near, -1)
        return self._order[rank], metres

    def probabilities(
        self, lon: ArrayLike, lat: ArrayLike, accuracy_m: ArrayLike
    ) -> list[list[tuple[int, float]]]:
        """For each point the polygons it may truly lie in: (index, probability), the likeliest first.

        `accuracy_m` is the 95 % radius in metres that positioning devices report (W3C Geolocation), one or
        one per point; 0 means exactly there. The model is in scatter.py. Probability outside all polygons is
        missing from the sum; overlaps count for the smallest code. Equal probabilities come by code. Raises
        BadInput for a radius that is negative or not finite.
        """
        x, y = _points(lon, lat)
        radius = np.array(np.broadcast_to(np.asarray(accuracy_m, dtype=np.float64), x.shape))
        if not (np.isfinite(radius) & (radius >= 0)).all():
            raise BadInput("The accuracy is a radius; give metres ≥ 0", field="accuracy_m")
        rank = self._ranks(x, y)
        # Where the whole scatter stays on one side of every boundary, its nodes need no locating.
        certain = self._metric().distance(x, y) > 1.01 * OUTERMOST * radius
        certain |= np.isnan(x) | np.isnan(y)
        result = [[(int(self._order[k]), 1.0)] if k >= 0 else [] for k in rank.tolist()]
        doubtful = np.flatnonzero(~certain)
        for start in range(0, len(doubtful), _BATCH):
            batch = doubtful[start : start + _BATCH]
            node_lon, node_lat = scattered(x[batch], y[batch], radius[batch])
            ranks = self._ranks(node_lon.ravel(), node_lat.ravel()).reshape(node_lon.shape)
            for i, row in zip(batch.tolist(), ranks, strict=True):
                found, count = np.unique(row[row >= 0], return_counts=True)
                falling = np.argsort(-count, kind="stable")
                shares = (count[falling] / row.size).tolist()
                result[i] = list(zip(self._order[found[falling]].tolist(), shares, strict=True))
        return result

    def _metric(self) -> Edges:
        if self._edges is None:
            # Two threads may both build it; either result is the same.
            self._keep("_edges", Edges(self._polygons))
        assert self._edges is not None
        return self._edges

    def _rank_of_one(self, lon: float, lat: float) -> int:
        cells = self._raster
        column, row = (
            (lon - cells.west) * cells.columns_per_degree,
            (lat - cells.south) * cells.rows_per_degree,
        )
        if not (0 <= column < cells.width and 0 <= row < cells.height):
            return -1
        cell = int(row) * cells.width + int(column)
        label = int(cells.labels[cell])
        if label != raster.CONTESTED:
            return label
        k = int(cells.cells.searchsorted(cell))
        for rank in cells.candidates[cells.starts[k] : cells.starts[k + 1]].tolist():
            if shapely.intersects_xy(self._polygons[rank], lon, lat):
                return int(rank)
        return int(cells.fallback[k])

    def _ranks(self, lon: Floats, lat: Floats) -> Indices:
        cells = self._raster
        with np.errstate(over="ignore"):
            column = (lon - cells.west) * cells.columns_per_degree
            row = (lat - cells.south) * cells.rows_per_degree
        inside = (column >= 0) & (column < cells.width) & (row >= 0) & (row < cells.height)
        if not inside.all():
            column, row = np.where(inside, column, 0), np.where(inside, row, 0)
        cell = row.astype(np.int64) * cells.width + column.astype(np.int64)
        rank = cells.labels[cell].astype(np.int32)
        rank[~inside] = raster.NOBODY
        contested = np.flatnonzero(rank == raster.CONTESTED)
        if len(contested):
            rank[contested] = self._decide(lon[contested], lat[contested], cell[contested])
        return rank

    def _decide(self, lon: Floats, lat: Floats, cell: NDArray[np.int64]) -> Indices:
        """Ranks of points in contested cells: each candidate in turn, the next one only where it failed."""
        cells = self._raster
        k = np.searchsorted(cells.cells, cell)
        rank = cells.fallback[k]
        turn, end = cells.starts[k], cells.starts[k + 1]
        open_ = np.arange(len(cell))
        while len(open_):
            candidate = cells.candidates[turn[open_]]
            hit = shapely.intersects_xy(self._polygons[candidate], lon[open_], lat[open_])
            rank[open_[hit]] = candidate[hit]
            open_ = open_[~hit]
            turn[open_] += 1
            open_ = open_[turn[open_] < end[open_]]
        return rank


def _points(lon: ArrayLike, lat: ArrayLike) -> tuple[Floats, Floats]:
    x, y = np.broadcast_arrays(
        np.atleast_1d(np.asarray(lon, dtype=np.float64)), np.atleast_1d(np.asarray(lat, dtype=np.float64))
    )
    return x, y


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
