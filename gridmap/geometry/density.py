"""Points to a surface: how many reports per square kilometre, on the ground.

The surface depends on the points, the bandwidth and the cell size only: not on the zoom of a map, the size of
a page, or the corner of the district that is shown. What is not here: colours, scales, pictures (maps/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from gridmap.errors import BadInput
from gridmap.geometry.cells import LEVEL
from gridmap.geometry.projection import metric_crs, project, transformer

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

_REACH = 4.0  # bandwidths after which the Gaussian is cut (0.03 % of its mass lies beyond)
_MOST_CELLS = 25_000_000
_EARTH_M_PER_DEGREE = 111_320.0
_CELLS_PER_BANDWIDTH = 6
_STRIP = 64  # rows that are read off at a time, so that memory holds little beside the surface


@dataclass(frozen=True, slots=True)
class Surface:
    """Reports per km² over `bounds` (west, south, east, north in lon/lat degrees).

    `values[row, column]` belongs to the centre of a cell; row 0 is the southernmost, column 0 the
    westernmost; the cells divide the bounds evenly in longitude, and in latitude or, when `rows` is
    "mercator", in the ordinate of web Mercator. `cell_m` and `bandwidth_m` are metres on the ground.
    """

    values: Floats
    bounds: Bounds
    cell_m: float
    bandwidth_m: float
    rows: Literal["latitude", "mercator"]


def surface(
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    bounds: Bounds,
    crs: pyproj.CRS,
    cell_m: float,
    bandwidth_m: float,
    rows: Literal["latitude", "mercator"] = "latitude",
    weights: ArrayLike | None = None,
) -> Surface:
    """Density of lon/lat points over `bounds`, smoothed by a Gaussian of `bandwidth_m` (one sigma) metres.

    `weights`: how many reports each of the n points stands for; one, unless given.

    1. Points are counted in square cells of `cell_m` metres of `crs`, whose corners lie at whole multiples of
       `cell_m`, so that any window over the same place counts in the same cells. The window reaches four
       bandwidths beyond the bounds: points just outside contribute, and nothing piles up at the rim.
    2. The counts are smoothed in the same plane, where a circle is a circle, and divided by the cell's area.
    3. The result is read off, bilinearly, at the centres of an even lon/lat grid over exactly `bounds`, with
       cells of about `cell_m`. So the array can be laid over lon/lat without being turned or stretched:
       `rows="latitude"` for a lon/lat (plate carrée) plot, `rows="mercator"` for an image that a web map
       stretches between two corners.

    The sum of values times the area of their cells is the number of points, for points well inside. NaN
    points are ignored. Raises BadInput for empty bounds, cells over half the bandwidth or too many cells.
    """
    _check(bounds, cell_m, bandwidth_m)
    to_metres = transformer(crs).transform
    x, y = to_metres(np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel())
    columns, lines = _centres(bounds, cell_m, rows)
    # what lies inside reaches no farther than the rim
    (side_x, side_y), (end_x, end_y) = (
        np.meshgrid(columns[[0, -1]], lines),
        np.meshgrid(columns, lines[[0, -1]]),
    )
    rim_x, rim_y = to_metres(np.append(side_x, end_x), np.append(side_y, end_y))
    margin = _REACH * bandwidth_m + 2 * cell_m
    west, south = (int(np.floor((v.min() - margin) / cell_m)) for v in (rim_x, rim_y))
    east, north = (int(np.ceil((v.max() + margin) / cell_m)) for v in (rim_x, rim_y))
    width, height = east - west, north - south
    if width * height > _MOST_CELLS:
        raise BadInput(f"{width} × {height} cells are too many; give a larger cell", field="cell_m")

    column, row = np.floor(x / cell_m) - west, np.floor(y / cell_m) - south
    inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
    cell = row[inside].astype(np.int64) * width + column[inside].astype(np.int64)
    heavy = None if weights is None else np.asarray(weights, dtype=np.float64).ravel()[inside]
    counts = np.bincount(cell, heavy, width * height).reshape(height, width).astype(np.float64)
    per_km2 = ndimage.gaussian_filter(counts, bandwidth_m / cell_m, mode="constant", truncate=_REACH)
    per_km2 *= 1e6 / cell_m**2
    values = np.empty((len(lines), len(columns)))
    for first in range(0, len(lines), _STRIP):
        strip = slice(first, first + _STRIP)
        at_x, at_y = to_metres(*np.meshgrid(columns, lines[strip]))
        where = [at_y / cell_m - south - 0.5, at_x / cell_m - west - 0.5]
        values[strip] = ndimage.map_coordinates(per_km2, where, order=1, mode="constant")
    values.setflags(write=False)
    return Surface(values, bounds, cell_m, bandwidth_m, rows)


def bandwidth_for(outline: shapely.Geometry) -> float:
    """Standard deviation of the kernel in metres: an eightieth of the diagonal of a lon/lat outline, at least
    100 m, in tens.

    It depends on the outline alone, so that a density means the same in every month.
    """
    width, height = extent_m(outline)
    return max(100.0, round(float(np.hypot(width, height)) / 80, -1))


def extent_m(outline: shapely.Geometry) -> tuple[float, float]:
    """West to east, south to north, in metres."""
    crs = metric_crs(outline.centroid.x, outline.centroid.y)
    west, south, east, north = shapely.bounds(project(outline, crs))
    return float(east - west), float(north - south)


def level_for(bandwidth_m: float, lat: float) -> int:
    """The coarsest level of cells (geometry.cells) that a surface of this bandwidth may be counted in.

    Its cells are at most a sixth of the bandwidth, or those of the finest level. A report then lies up to
    0.12 of a bandwidth from the middle of its cell: that widens the kernel by 1/864 and lowers a peak by
    0.23 %. A district has 1/80 of its diagonal as bandwidth, so it has some 200,000 such cells however many
    reports there are.
    """
    around = 2 * np.pi * 6_378_137 * np.cos(np.radians(lat))
    return int(np.clip(np.ceil(np.log2(around * _CELLS_PER_BANDWIDTH / bandwidth_m)), 0, LEVEL))


def _check(bounds: Bounds, cell_m: float, bandwidth_m: float) -> None:
    west, south, east, north = bounds
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise BadInput(f"{bounds} is not west, south, east, north in degrees", field="bounds")
    if not 0 < bandwidth_m < np.inf:
        raise BadInput(f"{bandwidth_m} is not a bandwidth; give metres > 0", field="bandwidth_m")
    if not 0 < cell_m <= bandwidth_m / 2:
        raise BadInput(
            f"{cell_m} m is no cell for a bandwidth of {bandwidth_m} m; give at most half", field="cell_m"
        )


def _centres(bounds: Bounds, cell_m: float, rows: str) -> tuple[Floats, Floats]:
    """Longitudes of the columns and latitudes of the rows of an even grid over the bounds."""
    west, south, east, north = bounds
    middle = np.cos(np.radians((south + north) / 2))
    across = max(1, round((east - west) * _EARTH_M_PER_DEGREE * middle / cell_m))
    up = max(1, round((north - south) * _EARTH_M_PER_DEGREE / cell_m))
    if across * up > _MOST_CELLS:
        raise BadInput(f"{across} × {up} cells are too many; give a larger cell", field="cell_m")
    columns = west + (np.arange(across) + 0.5) * (east - west) / across
    step = (np.arange(up) + 0.5) / up
    if rows == "mercator":
        low, high = (np.arctanh(np.sin(np.radians(v))) for v in (south, north))
        return columns, np.degrees(np.arcsin(np.tanh(low + step * (high - low))))
    return columns, south + step * (north - south)
