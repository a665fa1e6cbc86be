"""A kernel surface over a district: reports per km² of ground, right up to the district's border.

It knows the district: what lies outside is neither counted nor estimated, and near the border the missing
half of the kernel is made up for. It lives on one raster of square metres that hangs on the district, the
cell and the bandwidth alone; pages and prints only resample it (`resampled`), so that a place has the same
value at any zoom. Not here: what is left out of it (statistics.doubts), classes, colours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray
from scipy import ndimage

from gridmap.errors import BadInput
from gridmap.geometry.density import Bounds, Surface
from gridmap.geometry.projection import metric_crs, project, transformer

Floats = NDArray[np.float64]

_REACH = 4.0  # bandwidths after which the Gaussian is cut (0.03 % of its mass lies beyond)
_MOST_CELLS = 25_000_000
_CELLS_PER_BANDWIDTH = 8


@dataclass(frozen=True, slots=True)
class Ground:
    """The raster of a district: square cells of `cell_m` metres of `crs`, corners at whole multiples of it.

    Cell [row, column] has its south-western corner at ((column + `west`) cell_m, (row + `south`) cell_m);
    row 0 is the southernmost. `inside` says whether its centre lies in the district, `mass` how much of
    a kernel around that centre does, 0 … 1; both (rows, columns), read-only.
    """

    crs: pyproj.CRS
    cell_m: float
    bandwidth_m: float
    west: int
    south: int
    inside: NDArray[np.bool_]
    mass: Floats
    outline: Any  # in metres of `crs`, prepared
    bounds: Bounds  # of the outline, lon/lat

    def centre(self, row: int, column: int) -> tuple[float, float]:
        """lon, lat of the centre of a cell."""
        x, y = (column + self.west + 0.5) * self.cell_m, (row + self.south + 0.5) * self.cell_m
        lon, lat = transformer(self.crs).transform(x, y, direction="INVERSE")
        return float(lon), float(lat)


@dataclass(frozen=True, slots=True)
class Intensity:
    """Reports per km² on a Ground: `per_km2` (rows, columns), 0 outside the district, read-only.

    `weight` is what the points inside weigh together (their number, unless weighted), `outside` that of the
    points left out because they lie outside the district.
    """

    ground: Ground
    per_km2: Floats
    weight: float
    outside: float

    @property
    def peak(self) -> tuple[float, float, float]:
        """(lon, lat, per km²) of the centre of the highest cell; of the district's first when all is 0."""
        shown = np.where(self.ground.inside, self.per_km2, -1.0)
        row, column = np.unravel_index(int(shown.argmax()), shown.shape)
        lon, lat = self.ground.centre(int(row), int(column))
        return lon, lat, float(self.per_km2[row, column])


def ground(outline: Any, *, bandwidth_m: float, cell_m: float | None = None) -> Ground:
    """The raster of a district; made once per outline and bandwidth, and used for every month.

    outline: a valid lon/lat polygon or multipolygon. The bandwidth is one standard deviation of the Gaussian
    in metres; the cell is an eighth of it unless given. The mass is the kernel convolved with the district,
    in the same plane and with the same cut as the surface itself.

    Raises BadInput for an outline without ground, a bandwidth that is no length, a cell over half the
    bandwidth, or too many cells.
    """
    if not 0 < bandwidth_m < np.inf:
        raise BadInput(f"{bandwidth_m} is not a bandwidth; give metres > 0", field="bandwidth_m")
    cell_m = bandwidth_m / _CELLS_PER_BANDWIDTH if cell_m is None else cell_m
    if not 0 < cell_m <= bandwidth_m / 2:
        raise BadInput(
            f"{cell_m} m is no cell for a bandwidth of {bandwidth_m} m; give at most half", field="cell_m"
        )
    if outline is None or shapely.area(outline) == 0:
        raise BadInput("is no area; give the district's polygon", field="outline")
    low_lon, low_lat, high_lon, high_lat = shapely.bounds(outline).tolist()
    crs = metric_crs((low_lon + high_lon) / 2, (low_lat + high_lat) / 2)
    flat = project(outline, crs)
    west, south, east, north = (shapely.bounds(flat) / cell_m).tolist()
    west, south, east, north = (int(v) for v in (*np.floor([west, south]), *np.ceil([east, north])))
    if (east - west) * (north - south) > _MOST_CELLS:
        raise BadInput(
            f"{east - west} × {north - south} cells are too many; give a larger cell", field="cell_m"
        )
    shapely.prepare(flat)
    x, y = np.meshgrid(np.arange(west, east) + 0.5, np.arange(south, north) + 0.5)
    inside = shapely.contains_xy(flat, x * cell_m, y * cell_m)
    if not inside.any():
        raise BadInput(f"holds the centre of no cell of {cell_m} m; give a smaller cell", field="cell_m")
    mass = _smoothed(inside.astype(np.float64), bandwidth_m / cell_m)
    for array in (inside, mass):
        array.setflags(write=False)
    bounds = (low_lon, low_lat, high_lon, high_lat)
    return Ground(crs, cell_m, bandwidth_m, west, south, inside, mass, flat, bounds)


def intensity(lon: ArrayLike, lat: ArrayLike, on: Ground, *, weights: ArrayLike | None = None) -> Intensity:
    """Kernel estimate of reports per km² from lon/lat points, or from weighted cells by their centres.

    λ(u) = Σᵢ wᵢ k(u − xᵢ) / ∫ k(u − v) dv over the district: the uniform edge correction (Diggle 1985;
    Berman and Diggle 1989), unbiased where reports are evenly spread, up to the very border and in any
    corner. Its price is that the integral over the district is the number of reports only on average, not to
    the digit: numbers are taken from counts, the surface shows where. Grid borders play no part in it.

    Points are counted in the cells of the raster first; NaN points are ignored; weights default to 1. Points
    outside the district are left out and weighed in `outside`: the correction already stands for the ground
    they come from. Raises BadInput for weights that are negative, not finite or of another number.
    """
    x, y = transformer(on.crs).transform(
        np.asarray(lon, dtype=np.float64).ravel(), np.asarray(lat, dtype=np.float64).ravel()
    )
    weight = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=np.float64).ravel()
    if len(weight) != len(x) or not np.isfinite(weight).all() or (weight < 0).any():
        raise BadInput("gives no weight ≥ 0 for each point", field="weights")
    real = np.isfinite(x) & np.isfinite(y)
    x, y, weight = x[real], y[real], weight[real]
    within = shapely.intersects_xy(on.outline, x, y)
    height, width = on.mass.shape
    # rounding can put a point on the outline's rim one cell beyond it
    column = np.clip(np.floor(x[within] / on.cell_m).astype(np.int64) - on.west, 0, width - 1)
    row = np.clip(np.floor(y[within] / on.cell_m).astype(np.int64) - on.south, 0, height - 1)
    counts = np.bincount(row * width + column, weights=weight[within], minlength=height * width)
    smooth = _smoothed(counts.astype(np.float64).reshape(height, width), on.bandwidth_m / on.cell_m)
    per_km2 = np.zeros_like(smooth)
    per_km2[on.inside] = smooth[on.inside] / on.mass[on.inside] * (1e6 / on.cell_m**2)
    per_km2.setflags(write=False)
    return Intensity(on, per_km2, float(weight[within].sum()), float(weight[~within].sum()))


def resampled(
    of: Intensity,
    bounds: Bounds,
    *,
    columns: int,
    lines: int,
    rows: Literal["latitude", "mercator"] = "latitude",
) -> Surface:
    """The surface read off, bilinearly, at the centres of columns × lines cells over lon/lat bounds.

    For laying over a map of any size and zoom: two that show the same place show the same value. As
    `density.Surface`: row 0 southernmost, rows even in latitude or in web Mercator. Outside the district,
    by the centres read off, it is 0: a page clips it there, and nothing fades towards the border.
    Raises BadInput for bounds or sizes that hold nothing.
    """
    west, south, east, north = bounds
    if not (-180 <= west < east <= 180 and -85 <= south < north <= 85):
        raise BadInput(f"{bounds} is not west, south, east, north in degrees", field="bounds")
    if min(columns, lines) < 1 or columns * lines > _MOST_CELLS:
        raise BadInput(f"{columns} × {lines} cells cannot be drawn", field="columns")
    step = (np.arange(lines) + 0.5) / lines
    lat = south + step * (north - south)
    if rows == "mercator":
        low, high = (np.arctanh(np.sin(np.radians(v))) for v in (south, north))
        lat = np.degrees(np.arcsin(np.tanh(low + step * (high - low))))
    lon = west + (np.arange(columns) + 0.5) * (east - west) / columns
    x, y = transformer(of.ground.crs).transform(*np.meshgrid(lon, lat))
    values = _read_off(of, x, y)
    values.setflags(write=False)
    return Surface(values, bounds, of.ground.cell_m, of.ground.bandwidth_m, rows)


def _read_off(of: Intensity, x: Floats, y: Floats) -> Floats:
    """Bilinear between cells that lie inside the district: the 0 outside must not be mixed in."""
    on = of.ground
    where = [y / on.cell_m - on.south - 0.5, x / on.cell_m - on.west - 0.5]
    known = ndimage.map_coordinates(on.inside.astype(np.float64), where, order=1, mode="constant")
    mixed = ndimage.map_coordinates(of.per_km2, where, order=1, mode="constant")
    some = (known > 0) & shapely.intersects_xy(on.outline, x, y)
    values = np.zeros(x.shape)
    values[some] = mixed[some] / known[some]
    return values


def _smoothed(cells: Floats, sigma: float) -> Floats:
    return np.asarray(ndimage.gaussian_filter(cells, sigma, mode="constant", truncate=_REACH))
