"""The four datums that phones and maps in China speak, and the ways between them.

`wgs84` and `cgcs2000` are one and the same here: both are realisations of ITRS, and in China they differ by
the plate motion since 2000.0, under 0.1 m apart at the places gridmap serves, while a phone is metres off.
`gcj02` is the obfuscated datum of Chinese basemaps, `bd09` Baidu's further twist of it. Neither has an
official text; the polynomials below are the ones in general public use, defined on the Krasovsky 1940
ellipsoid. Both leave coordinates outside a box around China untouched, and so do we.

Lon, lat in degrees everywhere. What is not here: guessing a datum (it is always declared), map projections
(shapes.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput

DATUMS = ("wgs84", "cgcs2000", "gcj02", "bd09")

CHINA_BOX = (72.004, 0.8293, 137.8347, 55.8271)
"""West, south, east, north of the box inside which GCJ-02 shifts (the box of the public implementations)."""

_AXIS = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
_BAIDU_ANGLE = np.pi * 3000.0 / 180.0
_BAIDU_SHIFT = (0.0065, 0.006)

# A round of the fixed point shrinks the error at least 150-fold, from some 500 m (1,250 m for BD-09). Four
# rounds leave 1 µm, six reach the last digit. A fixed number, not a test of convergence: the result of a
# point must not depend on which others came in the same array.
_ROUNDS = 6

Arrays = tuple[NDArray[np.float64], NDArray[np.float64]]


def check_datum(datum: str) -> str:
    """The datum itself if it is one of the four; raises BadInput(field="datum") otherwise."""
    if datum not in DATUMS:
        raise BadInput(f"{datum!r} is not a datum; give one of {', '.join(DATUMS)}", field="datum")
    return datum


def from_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> Arrays:
    """WGS-84 coordinates expressed in `datum`.

    `lon`, `lat` are degrees of any common shape, scalars too; the result has the broadcast shape (0-d arrays
    for scalars). NaN, infinite and far-away values pass unchanged.

    >>> lon, lat = from_wgs84(109.47, 36.62, "gcj02")
    >>> f"{lon:.7f} {lat:.7f}"
    '109.4754691 36.6201720'
    """
    check_datum(datum)
    lon, lat = _pair(lon, lat)
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    inside = _in_china(lon, lat)
    return _where(inside, _twist(lon[inside], lat[inside], datum), lon, lat)


def to_wgs84(lon: ArrayLike, lat: ArrayLike, datum: str) -> Arrays:
    """Coordinates given in `datum` as WGS-84; the inverse of `from_wgs84` to some 20 nm.

    Solved by fixed-point iteration, because neither shift has a closed inverse. In the strip of about 1 km
    outside the China box where a shifted and an untouched point can share a coordinate, the shifted one is
    meant.

    >>> lon, lat = to_wgs84(109.4754691, 36.6201720, "gcj02")
    >>> f"{lon:.6f} {lat:.6f}"
    '109.470000 36.620000'
    """
    check_datum(datum)
    lon, lat = _pair(lon, lat)
    if datum in ("wgs84", "cgcs2000"):
        return lon, lat
    near = _in_china(lon, lat, margin=0.05)
    target_lon, target_lat = lon[near], lat[near]
    x, y = target_lon.copy(), target_lat.copy()
    for _ in range(_ROUNDS):
        shifted_x, shifted_y = _twist(x, y, datum)
        x += target_lon - shifted_x
        y += target_lat - shifted_y
    # A point on the box's rim comes back a rounding error beside it; 1e-9 degrees are 0.1 mm.
    genuine = _in_china(x, y, margin=1e-9)
    x, y = np.where(genuine, x, target_lon), np.where(genuine, y, target_lat)
    return _where(near, (x, y), lon, lat)


def shift_geometry(geometry: Any, datum: str) -> Any:
    """A WGS-84 geometry, or array of geometries, with every vertex moved to `datum`, for display only.

    Per vertex, since a constant offset over a whole map is wrong by metres within kilometres.
    """
    check_datum(datum)
    if datum in ("wgs84", "cgcs2000"):
        return geometry
    return shapely.transform(geometry, lambda x, y: from_wgs84(x, y, datum), interleaved=False)


def _pair(lon: ArrayLike, lat: ArrayLike) -> Arrays:
    x, y = np.broadcast_arrays(np.asarray(lon, dtype=np.float64), np.asarray(lat, dtype=np.float64))
    return x.copy(), y.copy()


def _where(
    mask: NDArray[np.bool_], values: Arrays, lon: NDArray[np.float64], lat: NDArray[np.float64]
) -> Arrays:
    lon[mask], lat[mask] = values
    return lon, lat


def _in_china(lon: NDArray[np.float64], lat: NDArray[np.float64], margin: float = 0.0) -> NDArray[np.bool_]:
    west, south, east, north = CHINA_BOX
    return (lon >= west - margin) & (lon <= east + margin) & (lat >= south - margin) & (lat <= north + margin)


def _twist(lon: NDArray[np.float64], lat: NDArray[np.float64], datum: str) -> Arrays:
    """WGS-84 to GCJ-02 or BD-09 without asking whether the point lies in China."""
    east, north = _gcj02_offset(lon, lat)
    lon, lat = lon + east, lat + north
    return (lon, lat) if datum == "gcj02" else _baidu(lon, lat)


def _gcj02_offset(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Arrays:
    """The shift in degrees: polynomial and waves in metres, then metres to degrees on the ellipsoid."""
    x, y = lon - 105.0, lat - 35.0
    pi = np.pi
    ripple = 20 * np.sin(6 * pi * x) + 20 * np.sin(2 * pi * x)
    root = np.sqrt(np.abs(x))
    waves_east = ripple + 20 * np.sin(pi * x) + 40 * np.sin(pi / 3 * x)
    waves_east += 150 * np.sin(pi / 12 * x) + 300 * np.sin(pi / 30 * x)
    waves_north = ripple + 20 * np.sin(pi * y) + 40 * np.sin(pi / 3 * y)
    waves_north += 160 * np.sin(pi / 12 * y) + 320 * np.sin(pi / 30 * y)
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root + waves_east * 2 / 3
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root + waves_north * 2 / 3

    phi = np.radians(lat)
    w_squared = 1 - _ECCENTRICITY_SQUARED * np.sin(phi) ** 2
    prime_vertical = _AXIS / np.sqrt(w_squared)
    meridian = _AXIS * (1 - _ECCENTRICITY_SQUARED) / (w_squared * np.sqrt(w_squared))
    return np.degrees(east / (prime_vertical * np.cos(phi))), np.degrees(north / meridian)


def _baidu(lon: NDArray[np.float64], lat: NDArray[np.float64]) -> Arrays:
    """GCJ-02 to BD-09: a small wobble in polar coordinates, then a constant shift."""
    radius = np.hypot(lon, lat) + 2e-5 * np.sin(lat * _BAIDU_ANGLE)
    angle = np.arctan2(lat, lon) + 3e-6 * np.cos(lon * _BAIDU_ANGLE)
    return radius * np.cos(angle) + _BAIDU_SHIFT[0], radius * np.sin(angle) + _BAIDU_SHIFT[1]
