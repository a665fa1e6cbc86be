"""Single shapes: area, GeoJSON; and the doorway to projection and examination.

What is not here: relations between several polygons (partition.py), finding the polygon of a point
(locator.py), reading files (an unclosed ring is the reader's error and never becomes a shape).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.geometry.examination import Examined, Problem, examine
from gridmap.geometry.projection import metric_crs, project, transformer, unproject

__all__ = [
    "Examined",
    "Problem",
    "area_m2",
    "coordinates",
    "examine",
    "metric_crs",
    "project",
    "to_geojson",
    "transformer",
    "unproject",
]


def area_m2(geoms: ArrayLike) -> NDArray[np.float64]:
    """Area of each lon/lat geometry in square metres, in the local metric CRS of its own centre.

    Float array of the shape given (0-d for one geometry); 0 for empty and missing ones. Off by the zone's
    scale, at most 0.07 % at its rim.
    """
    array = np.asarray(geoms, dtype=object)
    flat = array.ravel()
    areas = np.zeros(len(flat))
    bounds = shapely.bounds(flat)
    crs_of = [
        metric_crs((w + e) / 2, (s + n) / 2) if np.isfinite(w) else None for w, s, e, n in bounds.tolist()
    ]
    for crs in {id(c): c for c in crs_of if c is not None}.values():
        chosen = np.array([c is crs for c in crs_of])
        areas[chosen] = shapely.area(project(flat[chosen], crs))
    return areas.reshape(array.shape)


def to_geojson(geom: Any) -> dict[str, Any]:
    """GeoJSON geometry (RFC 7946): unrounded, two-dimensional, exteriors counter-clockwise."""
    flat = shapely.force_2d(geom)
    if flat.geom_type in ("Polygon", "MultiPolygon"):
        flat = shapely.orient_polygons(flat, exterior_cw=False)
    return dict(shapely.geometry.mapping(flat))


def coordinates(polygons: Sequence[shapely.Polygon | shapely.MultiPolygon]) -> list[list[Any]]:
    """The `coordinates` of each in GeoJSON, as `to_geojson` has them, with (n, 2) arrays for rings.

    A fifth of the time, for those who write arrays (orjson does): GEOS hands over all nodes at once.
    """
    if not len(polygons):
        return []
    flat = shapely.force_2d(np.asarray(polygons, dtype=object))
    parts, of = shapely.get_parts(shapely.orient_polygons(flat, exterior_cw=False), return_index=True)
    _, nodes, (rings, starts) = shapely.to_ragged_array(parts)
    split = np.split(nodes, rings[1:-1])
    drawn = [split[first:last] for first, last in zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)]
    begin = np.searchsorted(of, np.arange(len(polygons) + 1)).tolist()
    return [
        drawn[begin[row]] if each.geom_type == "Polygon" else drawn[begin[row] : begin[row + 1]]
        for row, each in enumerate(polygons)
    ]
