"""How smooth a surface of reports is, how fine it is counted, and the surface as it is laid over a map.

Not here: the estimate itself (geometry.intensity); colours, scales, pictures (maps/).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.geometry.cells import LEVEL
from gridmap.geometry.projection import metric_crs, project

Floats = NDArray[np.float64]
Bounds = tuple[float, float, float, float]

_CELLS_PER_BANDWIDTH = 6


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
