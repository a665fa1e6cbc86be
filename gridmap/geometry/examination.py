"""The examination of one user-supplied polygon: accepted, warned (mended and named) or refused, and why.

The verdict follows one rule: what can be mended without changing which ground is meant is mended and named;
everything else is refused with a place to look at. `shapes.examine` is the public name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import shapely
from shapely import MultiPolygon, Polygon

from gridmap.geometry.projection import metric_crs, project

Verdict = Literal["accepted", "warned", "refused"]

AREA_TOLERANCE = 0.001
"""A repair may change the area by this share at most, against the rings as they were drawn."""

_GEOS_REASONS = {
    "Self-intersection": ("self_intersection", "The boundary crosses itself"),
    "Ring Self-intersection": ("ring_self_intersection", "The boundary touches itself"),
    "Hole lies outside shell": ("hole_outside_shell", "A hole lies outside its outer ring"),
    "Holes are nested": ("nested_holes", "A hole lies inside another hole"),
    "Nested shells": ("nested_parts", "One part lies inside another"),
    "Interior is disconnected": ("interior_disconnected", "Holes cut the interior into pieces"),
    "Duplicate Rings": ("duplicate_rings", "The same ring is given twice"),
    "Too few points in geometry component": ("too_few_nodes", "A ring collapses to fewer than three nodes"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding: a code for programs, an English sentence, the lon, lat to look at (None if nowhere)."""

    code: str
    message: str
    lon: float | None
    lat: float | None


@dataclass(frozen=True, slots=True)
class Examined:
    """The verdict on one geometry.

    `geometry` is what should be stored (2-D, valid, exteriors counter-clockwise), None when refused.
    `problems` is empty exactly when the verdict is accepted. `repaired` tells that make-valid was needed, as
    against a mere tidying (ring order, duplicate nodes, a dropped height).
    """

    geometry: Polygon | MultiPolygon | None
    verdict: Verdict
    problems: tuple[Problem, ...]
    repaired: bool = False


def examine(geom: Any, *, ring_order: Literal["rfc7946", "any"] = "rfc7946") -> Examined:
    """Examine one lon/lat geometry (or None) as the boundary of an area.

    Refused: `empty`, `not_polygon`, `not_finite`, `outside_world` (±180/±90), `antimeridian`,
    `too_few_nodes`, and every invalidity whose repair would not keep a polygon and its area within 0.1 %.
    Mended and warned: `ring_order` (exterior not counter-clockwise or hole not clockwise; pass
    `ring_order="any"` for formats with another convention, such as Shapefile), `duplicate_nodes` (exactly
    repeated neighbours), `z_dropped` (heights or measures), `collection` (a collection holding polygons
    only), and repaired invalidities under GEOS's reason: `self_intersection`, `ring_self_intersection`,
    `hole_outside_shell`, `nested_holes`, `nested_parts`, `interior_disconnected`, `duplicate_rings`.

    Holes and several parts are legitimate. A hole that no other area fills shows in `partition.gaps`.
    """
    refusal = _not_a_boundary(geom)
    if refusal:
        return _refused(refusal)
    problems: list[Problem] = []
    if geom.geom_type == "GeometryCollection":
        problems.append(_at(geom, "collection", "A collection of polygons was read as one multi-polygon"))
        geom = MultiPolygon([part for piece in geom.geoms for part in getattr(piece, "geoms", [piece])])
    if shapely.has_z(geom) or shapely.has_m(geom):
        problems.append(_at(geom, "z_dropped", "Heights or measures were dropped; boundaries are flat here"))
        geom = shapely.force_2d(geom)
    refusal = _off_the_map(geom)
    if refusal:
        return _refused(refusal, *problems)

    if ring_order == "rfc7946":
        problems += _ring_order(geom)
    geom, repeated = _without_repeated_nodes(geom)
    problems += repeated
    repaired = not geom.is_valid
    if repaired:
        geom, verdict = _repair(geom)
        problems.append(verdict)
        if geom is None:
            return Examined(None, "refused", tuple(problems))
    geom = shapely.orient_polygons(geom, exterior_cw=False)
    return Examined(geom, "warned" if problems else "accepted", tuple(problems), repaired)


def _refused(reason: Problem, *before: Problem) -> Examined:
    return Examined(None, "refused", (*before, reason))


def _at(geom: Any, code: str, message: str) -> Problem:
    """A problem of the geometry as a whole, placed at its first node."""
    x, y = shapely.get_coordinates(geom)[0].tolist()
    return Problem(code, message, x, y)


def _not_a_boundary(geom: Any) -> Problem | None:
    if geom is None:
        return Problem("empty", "There is no geometry", None, None)
    if shapely.is_empty(geom):
        return Problem("empty", f"The {geom.geom_type} is empty", None, None)
    kinds = {part.geom_type for part in getattr(geom, "geoms", [geom])}
    if geom.geom_type in ("Polygon", "MultiPolygon"):
        return None
    if geom.geom_type == "GeometryCollection" and kinds <= {"Polygon", "MultiPolygon"}:
        return None
    return _at(geom, "not_polygon", f"A {geom.geom_type} is not an area; give a Polygon or MultiPolygon")


def _off_the_map(geom: Any) -> Problem | None:
    nodes = shapely.get_coordinates(geom)
    if not np.isfinite(nodes).all():
        return Problem("not_finite", "A coordinate is not a finite number", None, None)
    wrong = (np.abs(nodes[:, 0]) > 180) | (np.abs(nodes[:, 1]) > 90)
    if wrong.any():
        x, y = nodes[wrong][0].tolist()
        hint = " (longitude comes first)" if abs(x) <= 90 and 90 < abs(y) <= 180 else ""
        return Problem("outside_world", f"({x}, {y}) is outside ±180, ±90 degrees{hint}", x, y)
    for ring in _rings(geom):
        lon = shapely.get_coordinates(ring)[:, 0]
        jumps = np.flatnonzero(np.abs(np.diff(lon)) > 180)
        if len(jumps):
            x, y = shapely.get_coordinates(ring)[jumps[0]].tolist()
            return Problem("antimeridian", "An edge crosses the 180° meridian; cut the area there", x, y)
        if len(np.unique(shapely.get_coordinates(ring), axis=0)) < 3:
            return _at(ring, "too_few_nodes", "A ring has fewer than three different nodes")
    return None


def _rings(geom: Any) -> Iterator[Any]:
    yield from shapely.get_rings(shapely.get_parts(geom))


def _ring_order(geom: Any) -> list[Problem]:
    for part in shapely.get_parts(geom):
        if not shapely.is_ccw(part.exterior):
            text = "An outer ring ran clockwise; it was turned round"
            return [_at(part.exterior, "ring_order", text)]
        for hole in part.interiors:
            if shapely.is_ccw(hole):
                return [_at(hole, "ring_order", "A hole ran counter-clockwise; it was turned round")]
    return []


def _without_repeated_nodes(geom: Any) -> tuple[Any, list[Problem]]:
    for ring in _rings(geom):
        nodes = shapely.get_coordinates(ring)
        same = np.flatnonzero((nodes[1:] == nodes[:-1]).all(axis=1))
        if len(same):
            cleaned = shapely.remove_repeated_points(geom)
            count = shapely.get_num_coordinates(geom) - shapely.get_num_coordinates(cleaned)
            x, y = nodes[same[0]].tolist()
            text = f"{count} node{'s' if count > 1 else ''} repeated the one before; dropped"
            return cleaned, [Problem("duplicate_nodes", text, x, y)]
    return geom, []


def _repair(geom: Any) -> tuple[Polygon | MultiPolygon | None, Problem]:
    """The valid form of an invalid polygon, if it is still what was drawn.

    The measure is the signed area of the rings as drawn: a bow-tie's lobes cancel in it, so that a repair
    which keeps both lobes shows as a change of area, while a touch or a millimetre loop does not. Shapes
    that wind around themselves could balance by accident; there GEOS's two ways of repairing (by rings and
    by lines) disagree, and the shape is refused as well.
    """
    code, sentence, x, y = _geos_reason(geom)
    by_rings = shapely.make_valid(geom, method="structure", keep_collapsed=False)
    by_lines = _polygons_of(shapely.make_valid(geom, method="linework"))
    if by_rings.is_empty or by_rings.geom_type not in ("Polygon", "MultiPolygon"):
        return None, Problem(code, f"{sentence}; a repair leaves no polygon", x, y)
    west, south, east, north = shapely.bounds(geom).tolist()
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    drawn = _signed_area(project(geom, crs))
    change = abs(project(by_rings, crs).area - drawn)
    doubt = project(shapely.symmetric_difference(by_rings, by_lines), crs).area
    worst = max(change, doubt)
    share = f"{100 * worst / drawn:.3g} %" if drawn > 0 else "all"
    if worst > AREA_TOLERANCE * drawn:
        return None, Problem(
            code, f"{sentence}; a repair would change {share} of the area (limit 0.1 %)", x, y
        )
    return by_rings, Problem(code, f"{sentence}; repaired, the area changed by {share}", x, y)


def _polygons_of(geom: Any) -> Any:
    parts = [p for p in shapely.get_parts(geom) if p.geom_type in ("Polygon", "MultiPolygon")]
    return shapely.union_all(parts)


def _signed_area(geom: Any) -> float:
    """Shoelace area of the rings as drawn, self-crossings cancelling, in the geometry's unit squared."""
    return float(
        sum(
            shapely.area(Polygon(part.exterior)) - sum(shapely.area(Polygon(hole)) for hole in part.interiors)
            for part in shapely.get_parts(geom)
        )
    )


def _geos_reason(geom: Any) -> tuple[str, str, float | None, float | None]:
    reason = shapely.is_valid_reason(geom)
    match = re.fullmatch(r"([^\[]+)\[(\S+) (\S+)\]", reason)
    if not match:
        return "invalid", f"The polygon is invalid ({reason})", None, None
    text, x, y = match[1].strip(), float(match[2]), float(match[3])
    code, sentence = _GEOS_REASONS.get(text, ("invalid", f"The polygon is invalid ({text})"))
    return code, sentence, x, y
