"""Projection between lon/lat and a local metric plane.

The one place that knows which CRS is metric where. Everything else receives a `pyproj.CRS`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@lru_cache(maxsize=256)
def _zone(central_meridian: int, covered: bool) -> pyproj.CRS:
    if covered:
        return pyproj.CRS.from_epsg(4534 + (central_meridian - 75) // 3)
    return pyproj.CRS.from_proj4(
        f"+proj=tmerc +lat_0=0 +lon_0={central_meridian} +k=1 +x_0=500000 +y_0=0 +ellps=GRS80 +units=m"
    )


def metric_crs(lon: float, lat: float) -> pyproj.CRS:
    """The metric CRS for the surroundings of one coordinate.

    Inside lon 73.5–136.5 and lat 15–55 the CGCS2000 3-degree Gauss–Krüger zone by central meridian
    (EPSG:4534 for 75°E … EPSG:4554 for 135°E, easting without zone prefix); elsewhere the same transverse
    Mercator on the nearest meridian that is a multiple of 3°. Scale is 1 on the central meridian and at most
    1.00035 at the zone's rim.

    >>> metric_crs(109.47, 36.62).to_epsg()
    4545
    """
    meridian = 3 * int(np.floor(lon / 3 + 0.5))
    covered = 73.5 <= lon < 136.5 and 15 <= lat <= 55
    return _zone(meridian, covered)


@lru_cache(maxsize=256)
def transformer(crs: pyproj.CRS) -> pyproj.Transformer:
    """Lon, lat to `crs` (x east, y north), built once: creating one costs milliseconds.

    From the CRS's own geographic base, so that no datum shift sneaks in: WGS-84 and CGCS2000 are one here.
    """
    return pyproj.Transformer.from_crs(crs.geodetic_crs, crs, always_xy=True)


def project(geoms: Any, crs: pyproj.CRS) -> Any:
    """Geometry or array of geometries, lon/lat degrees to metres of `crs`, vertex by vertex."""
    return shapely.transform(geoms, transformer(crs).transform, interleaved=False)


def unproject(geoms: Any, crs: pyproj.CRS) -> Any:
    """Geometry or array of geometries, metres of `crs` back to lon/lat degrees."""

    def inverse(x: Floats, y: Floats) -> tuple[Floats, Floats]:
        lon, lat = transformer(crs).transform(x, y, direction="INVERSE")
        return lon, lat

    return shapely.transform(geoms, inverse, interleaved=False)
