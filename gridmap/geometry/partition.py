"""A set of polygons as a partition: overlaps, gaps, and what strays outside its parent, in m² with places.

All relations are decided in the lon/lat plane, on the coordinates as stored, because that is the plane in
which a point is located. Only the pieces found are projected, to be measured: a straight edge of 1 km in
lon/lat bends by about 1 cm in a metric projection, and a T-junction on it would look like an overlap there.

What is noise: a connected piece into which no disc of `SLIVER_WIDTH_M` fits anywhere. Rounding of coordinates
makes slivers of nanometres to micrometres however long they are, and no survey is good to a millimetre, so
1 mm parts the two by orders of magnitude. It is the largest width that counts, not area by perimeter: a real
sliver often trails a kilometre of rounding along the edges beside it. Pieces under `CRUMB_AREA_M2` (a hand's
breadth squared) are noise too: where borders cross at a repaired node, they leave such crumbs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyproj
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.geometry.projection import project

SLIVER_WIDTH_M = 0.001
"""Pieces nowhere wider than this are float noise."""

CRUMB_AREA_M2 = 0.01
"""Pieces smaller than this are float noise."""

CHANNEL_WIDTH_M = 1.0
"""Open slits between neighbours are looked for up to this width."""

_METRES_PER_DEGREE = 111_320.0
_CHANNEL_ELONGATION = 10.0
_ONE_SIDED = 0.75


@dataclass(frozen=True, slots=True)
class Overlap:
    """Ground that two areas share: their indices (left < right), and a lon, lat inside the largest piece."""

    left: int
    right: int
    area_m2: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Ground between the areas that belongs to none: one connected piece and a lon, lat inside it."""

    area_m2: float
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class Stray:
    """Ground of a child outside its parent, and a lon, lat inside the largest piece."""

    child: int
    area_m2: float
    lon: float
    lat: float


def overlaps(geoms: ArrayLike, *, crs: pyproj.CRS) -> list[Overlap]:
    """Pairs of areas that share more than noise, largest first.

    `geoms` are valid lon/lat polygons (None is skipped); `crs` is the metric CRS to measure in.
    """
    array = _as_array(geoms)
    left, right = shapely.STRtree(array).query(array, predicate="intersects")
    once = left < right
    left, right = left[once], right[once]
    shared = shapely.intersection(array[left], array[right])
    return [
        Overlap(int(left[i]), int(right[i]), area, lon, lat) for i, area, lon, lat in _measured(shared, crs)
    ]


def outside_parent(
    children: ArrayLike, parents_index: ArrayLike, parents: ArrayLike, *, crs: pyproj.CRS
) -> list[Stray]:
    """Children that reach outside their parent by more than noise, largest first.

    `parents_index[i]` is the position in `parents` of the parent of `children[i]`, or −1 for a child that
    names none (skipped). Lon/lat polygons; `crs` is the metric CRS to measure in.
    """
    inner, outer = _as_array(children), _as_array(parents)
    index = np.asarray(parents_index, dtype=np.intp)
    named = np.flatnonzero(index >= 0)
    own = outer[index[named]]
    suspect = ~shapely.covered_by(inner[named], own)
    named, own = named[suspect], own[suspect]
    beyond = shapely.difference(inner[named], own)
    return [Stray(int(named[i]), area, lon, lat) for i, area, lon, lat in _measured(beyond, crs)]


def gaps(geoms: ArrayLike, *, crs: pyproj.CRS, channel_width_m: float = CHANNEL_WIDTH_M) -> list[Gap]:
    """Ground enclosed by the areas, or left open as a slit between them, that none covers; largest first.

    Found: every hole of the union that is wider than noise, a foreign enclave included, since nobody answers
    for it; and slits up to `channel_width_m` wide along a common border that are open to the outside,
    provided they are at least ten times as long as wide and no single area makes up over three quarters of
    their border (a creek in one area's coast is meant). Not found: open bays wider than that, and short
    notches between diverging neighbours; both look like a border that is meant. The tip of a tidal creek
    between two areas does look like a slit. `channel_width_m=0` looks for holes only.

    Lon/lat polygons; `crs` is the metric CRS to measure in.
    """
    array = _as_array(geoms)
    union = shapely.union_all(array)
    if union.is_empty:
        return []
    found = np.concatenate([_enclosed(union), _slits(array, union, channel_width_m)])
    return [Gap(area, lon, lat) for _, area, lon, lat in _measured(found, crs)]


def _as_array(geoms: ArrayLike) -> NDArray[np.object_]:
    return np.array(list(geoms) if isinstance(geoms, Sequence) else geoms, dtype=object).ravel()


def _measured(pieces: NDArray[np.object_], crs: pyproj.CRS) -> list[tuple[int, float, float, float]]:
    """(index, area in m², lon, lat) of each geometry that holds more than noise, by falling area.

    The area sums the polygonal parts wider than noise; the place lies inside the largest of them.
    """
    parts, owner = shapely.get_parts(pieces, return_index=True)
    while (nested := shapely.get_type_id(parts) > 3).any():  # a multi-polygon inside a collection
        inner, index = shapely.get_parts(parts[nested], return_index=True)
        parts, owner = np.r_[parts[~nested], inner], np.r_[owner[~nested], owner[nested][index]]
    polygonal = shapely.get_type_id(parts) == 3
    parts, owner = parts[polygonal], owner[polygonal]
    if not len(parts):
        return []
    flat = project(parts, crs)
    area = shapely.area(flat)
    genuine = area >= CRUMB_AREA_M2
    genuine[genuine] = ~shapely.is_empty(shapely.buffer(flat[genuine], -SLIVER_WIDTH_M / 2))
    parts, owner, area = parts[genuine], owner[genuine], area[genuine]
    by_size = np.argsort(-area, kind="stable")
    total = np.bincount(owner, weights=area, minlength=len(pieces))
    owners, first = np.unique(owner[by_size], return_index=True)
    inside = shapely.get_coordinates(shapely.point_on_surface(parts[by_size[first]]))
    rows = [(int(o), float(total[o]), float(x), float(y)) for o, (x, y) in zip(owners, inside, strict=True)]
    return sorted(rows, key=lambda row: (-row[1], row[0]))


def _enclosed(union: Any) -> NDArray[np.object_]:
    """Ground inside the union that it does not cover.

    The union is grown by a noise width first: a slit of rounding between two neighbours would otherwise join
    a real hole to the outside, or to the next one.
    """
    noise = SLIVER_WIDTH_M / 2 / _METRES_PER_DEGREE
    grown = shapely.get_parts(shapely.buffer(union, noise, join_style="mitre"))
    holes = np.array([shapely.Polygon(ring) for part in grown for ring in part.interiors], dtype=object)
    return np.asarray(shapely.difference(shapely.buffer(holes, 2 * noise, join_style="mitre"), union))


def _slits(areas: NDArray[np.object_], union: Any, width_m: float) -> NDArray[np.object_]:
    """Long thin openings of the union between different areas: what a closing by half the width fills.

    Done in lon/lat scaled affinely to about metres, where straight edges stay straight.
    """
    none = np.empty(0, dtype=object)
    if width_m <= 0:
        return none
    centre = shapely.get_coordinates(shapely.centroid(union))[0]
    scale = _METRES_PER_DEGREE * np.array([np.cos(np.radians(centre[1])), 1.0])
    solid = shapely.MultiPolygon([shapely.Polygon(part.exterior) for part in shapely.get_parts(union)])
    plane = shapely.transform(solid, lambda nodes: (nodes - centre) * scale)
    grown = shapely.buffer(plane, width_m / 2, join_style="mitre", mitre_limit=2)
    closed = shapely.buffer(grown, -width_m / 2, join_style="mitre", mitre_limit=2)
    filled = _without_hairs(shapely.difference(closed, plane))
    area, perimeter = shapely.area(filled), shapely.length(filled)
    # For a strip of length L and width w, perimeter ≈ 2L and area ≈ Lw, so L/w ≈ perimeter² / (4 area).
    filled = filled[perimeter**2 >= 4 * _CHANNEL_ELONGATION * area]
    if not len(filled):
        return none
    plane_areas = shapely.transform(areas, lambda nodes: (nodes - centre) * scale)
    filled = filled[_largest_share(filled, plane_areas) <= _ONE_SIDED]
    return np.asarray(shapely.transform(filled, lambda nodes: nodes / scale + centre), dtype=object)


def _without_hairs(geom: Any) -> NDArray[np.object_]:
    """The polygonal parts, freed of the rounding that trails along the edges which were grown and shrunk."""
    core = shapely.buffer(geom, -SLIVER_WIDTH_M / 2, join_style="mitre")
    parts = shapely.get_parts(shapely.buffer(core, SLIVER_WIDTH_M / 2, join_style="mitre"))
    return np.asarray(parts[~shapely.is_empty(parts)], dtype=object)


def _largest_share(slits: NDArray[np.object_], areas: NDArray[np.object_]) -> NDArray[np.float64]:
    """The largest part of each slit's border that runs along one area: near 1 in a creek, ½ between two."""
    nodes, ring = shapely.get_coordinates(shapely.get_exterior_ring(slits), return_index=True)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    length = np.hypot(*(nodes[edge + 1] - nodes[edge]).T)
    middle = shapely.points((nodes[edge + 1] + nodes[edge]) / 2)
    which, area = shapely.STRtree(areas).query_nearest(middle, max_distance=0.01, all_matches=False)
    pairs, pair = np.unique(ring[edge[which]] * len(areas) + area, return_inverse=True)
    shared = np.bincount(pair, weights=length[which])
    largest = np.zeros(len(slits))
    np.maximum.at(largest, pairs // len(areas), shared)
    return np.asarray(largest / shapely.length(slits))
