"""The lie of the land: valley axes, the (s, t) frame along them, and the way from metres to lon/lat.

Metres are local: x east, y north of ORIGIN in EPSG:4545 (CGCS2000 / 3-degree Gauss-Krüger CM 108E).
In a valley's own frame s runs downstream along the axis and t across it, positive to the left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline
from scipy.spatial import cKDTree

ORIGIN = (109.48, 36.62)
FRAME = (109.44, 36.58, 109.52, 36.66)  # lon/lat: everything drawn lies inside
Along = Callable[[ArrayLike], np.ndarray]  # a function of the distance s along something

LATTICE = 2.0**-32  # degrees, 26 µm

MAIN_VALLEY = (
    (-3400, 5600),
    (-2550, 4600),
    (-1900, 3600),
    (-950, 2750),
    (-50, 1850),
    (330, 700),
    (150, -450),
    (-330, -1400),
    (-260, -2450),
    (520, -3350),
    (1650, -3950),
    (3000, -4600),
    (4400, -5200),
)
SIDE_VALLEY = ((180, 330), (900, 420), (1550, 880), (2250, 1020), (2950, 1480), (3700, 2250), (4300, 2500))


@dataclass(frozen=True, slots=True)
class Axis:
    """A valley's centreline, sampled every 5 m: points (n, 2), unit left normals (n, 2), s (n,)."""

    points: np.ndarray
    normals: np.ndarray
    s: np.ndarray

    @property
    def length(self) -> float:
        return float(self.s[-1])

    def at(self, s: ArrayLike, t: ArrayLike) -> np.ndarray:
        """Local metres (n, 2) of the frame coordinates s, t (arrays or numbers, metres)."""
        s, t = np.broadcast_arrays(np.asarray(s, float), np.asarray(t, float))
        centre = [np.interp(s, self.s, self.points[:, k]) for k in (0, 1)]
        normal = [np.interp(s, self.s, self.normals[:, k]) for k in (0, 1)]
        return np.stack([centre[0] + t * normal[0], centre[1] + t * normal[1]], axis=-1)

    def frame(self, xy: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
        """Frame coordinates (s, t) of local metres (n, 2), by the nearest point of the axis."""
        xy = np.atleast_2d(np.asarray(xy, float))
        _, nearest = cKDTree(self.points).query(xy)
        offset = xy - self.points[nearest]
        return self.s[nearest], np.einsum("ij,ij->i", offset, self.normals[nearest])


def spline(control: ArrayLike, step: float = 5.0) -> np.ndarray:
    """A smooth curve (n, 2) through control points, sampled about every `step` metres of its own length."""
    control = np.asarray(control, float)
    chord = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(control, axis=0).T))])
    curve = CubicSpline(chord, control)
    fine = curve(np.linspace(0, chord[-1], int(chord[-1])))
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(fine, axis=0).T))])
    even = np.linspace(0, length[-1], max(2, round(length[-1] / step) + 1))
    return np.stack([np.interp(even, length, fine[:, k]) for k in (0, 1)], axis=-1)


def axis(control: ArrayLike) -> Axis:
    points = spline(control)
    tangent = np.gradient(points, axis=0)
    tangent /= np.hypot(*tangent.T)[:, None]
    s = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    return Axis(points, np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1), s)


@cache
def main_valley() -> Axis:
    return axis(MAIN_VALLEY)


@cache
def side_valley() -> Axis:
    return axis(SIDE_VALLEY)


def wander(rng: np.random.Generator, wavelength: float, amplitude: float, waves: int = 4) -> Along:
    """A smooth random function of length: a few sines with wavelengths about `wavelength` metres."""
    lengths = wavelength * rng.uniform(0.6, 1.8, waves)
    phases = rng.uniform(0, 2 * np.pi, waves)
    weights = rng.uniform(0.5, 1.0, waves)
    weights *= amplitude / np.sqrt((weights**2).sum() / 2) / np.sqrt(2)

    def value(s: ArrayLike) -> np.ndarray:
        at = np.asarray(s, float)[..., None]
        return (weights * np.sin(2 * np.pi * at / lengths + phases)).sum(axis=-1)

    return value


@cache
def _transformers() -> tuple[pyproj.Transformer, tuple[float, float]]:
    to_degrees = pyproj.Transformer.from_crs("EPSG:4545", "EPSG:4326", always_xy=True)
    east, north = to_degrees.transform(*ORIGIN, direction="INVERSE")
    return to_degrees, (east, north)


def to_degrees(xy: ArrayLike) -> np.ndarray:
    """Lon/lat (n, 2) of local metres (n, 2), on a binary lattice of 2⁻³² degree.

    The lattice (26 µm) keeps the committed bytes the same on machines whose libm differs in the last bit.
    """
    xy = np.asarray(xy, float).reshape(-1, 2)
    transformer, (east, north) = _transformers()
    lon, lat = transformer.transform(xy[:, 0] + east, xy[:, 1] + north)
    return on_lattice(np.stack([lon, lat], axis=-1))


def on_lattice(degrees: ArrayLike) -> np.ndarray:
    return np.rint(np.asarray(degrees, float) / LATTICE) * LATTICE


def to_metres(lonlat: ArrayLike) -> np.ndarray:
    lonlat = np.asarray(lonlat, float).reshape(-1, 2)
    transformer, (east, north) = _transformers()
    x, y = transformer.transform(lonlat[:, 0], lonlat[:, 1], direction="INVERSE")
    return np.stack([np.asarray(x) - east, np.asarray(y) - north], axis=-1)


@cache
def frame_polygon() -> shapely.Polygon:
    """FRAME in local metres (its sides are a little curved there, so they carry vertices)."""
    west, south, east, north = FRAME
    ring = shapely.segmentize(shapely.box(west, south, east, north), 0.01)
    return shapely.Polygon(to_metres(shapely.get_coordinates(ring)))
