"""From areas, places and backdrop to what a page's script draws: plain JSON values.

Inputs are known by their fields only, so database rows, test values and GeoDataFrame rows all do:

- an area has `kind, code, name, parent_code, properties, geometry` (gridmap.areas.model.AreaVersion);
- a place has `code, kind, name, name_en, geometry, capacity, opening_hours, service_radius_m, address,
  properties` (gridmap.places.model.Place);
- the backdrop is a sequence of `(kind, name, geometry)`, kinds as in colours.BACKDROP.

All geometry comes in EPSG:4326, lon/lat, and leaves in the datum of the basemap, lon/lat (GeoJSON).
Not here: styles (colours, and the scripts in assets/gridmap) and pages.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.areas.model import AREAS_DRAWN
from gridmap.geometry.datums import shift_geometry
from gridmap.geometry.shapes import area_m2
from gridmap.maps import colours
from gridmap.maps.basemaps import Basemap
from gridmap.maps.openings import hours_text
from gridmap.maps.symbols import symbol
from gridmap.maps.words import kind_name, short_name, short_number, titled, words
from gridmap.statistics.model import Pile

DECIMALS = 7  # about a centimetre; equal corners stay equal, because rounding knows no neighbours
VERTEX_BUDGET = 25_000  # some 0.6 MB of GeoJSON
PILES_MOST = 300  # markers on a page
_FIRST_TOLERANCE = 1e-5  # degrees, about a metre
_DETAILS = ("households", "floors", "units")


def shown(geometries: Sequence[BaseGeometry], basemap: Basemap | None) -> list[BaseGeometry]:
    """Geometries as displayed: thinned when they are many, in the basemap's datum, at `DECIMALS` decimals.

    Polygons are thinned as one coverage (Visvalingam–Whyatt on shared edges), so neighbours stay in contact.
    """
    geoms = np.asarray(list(geometries), dtype=object)
    polygonal = np.isin(shapely.get_type_id(geoms), (3, 6)).all() if len(geoms) else False
    tolerance = _first_tolerance(geoms) if polygonal else _FIRST_TOLERANCE
    while polygonal and shapely.get_num_coordinates(geoms).sum() > VERTEX_BUDGET and tolerance < 0.1:
        geoms = shapely.coverage_simplify(geoms, tolerance)
        tolerance *= 2
    if basemap is not None and basemap.datum != "wgs84":
        geoms = np.asarray([shift_geometry(g, basemap.datum) for g in geoms], dtype=object)
    return list(shapely.transform(geoms, lambda xy: np.round(xy, DECIMALS)))


def _first_tolerance(geoms: np.ndarray) -> float:
    """Degrees; over a wide country a tenth of a pixel of the whole page, which no one sees."""
    west, south, east, north = shapely.total_bounds(geoms).tolist()
    return float(np.nanmax([_FIRST_TOLERANCE, (east - west) / 20_000, (north - south) / 20_000]))


def features(
    geometries: Sequence[BaseGeometry], properties: Sequence[Mapping[str, Any]], basemap: Basemap | None
) -> dict[str, Any]:
    """A FeatureCollection of displayed geometries."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": dict(values), "geometry": shapely.geometry.mapping(geometry)}
            for geometry, values in zip(shown(geometries, basemap), properties, strict=True)
        ],
    }


def bounds(geometries: Sequence[BaseGeometry], basemap: Basemap | None) -> list[list[float]] | None:
    """[[south, west], [north, east]] of what is displayed, as Leaflet wants it; None for nothing."""
    if not len(geometries):
        return None
    west, south, east, north = shapely.total_bounds(
        np.asarray(shown([shapely.box(*shapely.total_bounds(list(geometries)))], basemap))
    )
    return [[south, west], [north, east]]


def drawable(areas: Sequence[Any]) -> tuple[list[Any], dict[str, int]]:
    """(areas of the kinds that a page can draw one by one, kind → number of those that are too many)."""
    numbers = Counter(area.kind for area in areas)
    too_many = {kind: number for kind, number in numbers.items() if number > AREAS_DRAWN}
    return [area for area in areas if area.kind not in too_many], too_many


def areas_payload(areas: Sequence[Any], basemap: Basemap | None) -> dict[str, Any]:
    """kind → FeatureCollection with `code, name, within, rows` and, but for buildings, `short, at, tint`.

    `rows` are (word key, text) pairs for the details; `at` is [lat, lon] inside the area for its label;
    `tint` numbers the colours so that neighbours differ.
    """
    names = {area.code: area.name for area in areas if area.kind != "building"}
    by_kind: dict[str, list[Any]] = defaultdict(list)
    for area in areas:
        by_kind[area.kind].append(area)
    payload = {}
    for kind, members in by_kind.items():
        geometries = [area.geometry for area in members]
        properties = [
            {
                "code": area.code,
                "name": area.name,
                "within": names.get(area.parent_code, ""),
                "rows": _area_rows(area, size),
            }
            for area, size in zip(members, area_m2(geometries), strict=True)
        ]
        if kind != "building":
            _add_labels(properties, geometries, basemap)
        payload[kind] = features(geometries, properties, basemap)
    return payload


def _add_labels(
    properties: Sequence[dict[str, Any]], geometries: Sequence[BaseGeometry], basemap: Basemap | None
) -> None:
    for values, at, tint in zip(
        properties, label_points(geometries, basemap), tints(geometries), strict=True
    ):
        values |= {"short": short_name(values["name"], values["within"]), "at": at, "tint": tint}


def _area_rows(area: Any, size_m2: float) -> list[tuple[str, str]]:
    rows = [("area", area_text(size_m2))]
    rows += [(key, str(area.properties[key])) for key in _DETAILS if area.properties.get(key) is not None]
    return rows


def area_text(size_m2: float) -> str:
    """`0.42 km²`, or `850 m²` for what is small."""
    return f"{size_m2 / 1e6:.2f} km²" if size_m2 >= 10_000 else f"{size_m2:,.0f} m²"


def label_points(geometries: Sequence[BaseGeometry], basemap: Basemap | None) -> list[tuple[float, float]]:
    """(lat, lon) of the centre of the widest part of each area, where a label has most room."""
    centres = [shapely.get_point(widest(geometry), 0) for geometry in geometries]
    return [(point.y, point.x) for point in shown(centres, basemap)]


def widest(geometry: BaseGeometry) -> BaseGeometry:
    """The radius line of the largest circle inside an area: centre, then a point of the edge (degrees)."""
    west, south, east, north = geometry.bounds
    return shapely.maximum_inscribed_circle(geometry, tolerance=max(east - west, north - south) / 50)


def tints(geometries: Sequence[BaseGeometry]) -> list[int]:
    """A number 0 … for each area, so that no two which touch have the same (greedy, busiest first)."""
    array = np.array(geometries, dtype=object)  # of none as well
    left, right = shapely.STRtree(array).query(array, predicate="intersects")
    neighbours: dict[int, set[int]] = defaultdict(set)
    for a, b in zip(left.tolist(), right.tolist(), strict=True):
        if a != b:
            neighbours[a].add(b)
    used: Counter[int] = Counter()
    chosen: dict[int, int] = {}
    for index in sorted(range(len(geometries)), key=lambda i: (-len(neighbours[i]), i)):
        taken = {chosen[n] for n in neighbours[index] if n in chosen}
        free = [t for t in range(len(colours.COMMUNITY_TINTS)) if t not in taken] or [0]
        chosen[index] = min(free, key=lambda t: (used[t], t))
        used[chosen[index]] += 1
    return [chosen[i] for i in range(len(geometries))]


def backdrop_payload(
    backdrop: Sequence[tuple[str, str, BaseGeometry]], basemap: Basemap | None
) -> list[dict[str, Any]]:
    """Backdrop features; the longest piece of each name carries the place and slope of its label."""
    if basemap is not None:
        return []
    longest: dict[str, int] = {}
    for index, (_, name, geometry) in enumerate(backdrop):
        if name and (name not in longest or geometry.length > backdrop[longest[name]][2].length):
            longest[name] = index
    drawn = shown([geometry for _, _, geometry in backdrop], basemap)
    return [
        {
            "kind": kind,
            "name": name,
            "geometry": shapely.geometry.mapping(geometry),
            **({"label": _label_along(geometry)} if name and longest[name] == index else {}),
        }
        for index, ((kind, name, _), geometry) in enumerate(zip(backdrop, drawn, strict=True))
    ]


def _label_along(geometry: BaseGeometry) -> tuple[float, float, float]:
    """(lat, lon, degrees clockwise) for a name: along a line's middle, level inside a polygon."""
    if geometry.geom_type in ("Polygon", "MultiPolygon"):
        point = shapely.get_point(widest(geometry), 0)
        return point.y, point.x, 0.0
    line = max(shapely.get_parts(geometry), key=lambda part: part.length)
    before, middle, after = (line.interpolate(share, normalized=True) for share in (0.45, 0.5, 0.55))
    east = (after.x - before.x) * math.cos(math.radians(middle.y))
    slope = -math.degrees(math.atan2(after.y - before.y, east))
    slope = (slope + 90) % 180 - 90  # never upside down
    return middle.y, middle.x, round(slope, 1)


def places_payload(places: Sequence[Any], lang: str, basemap: Basemap | None) -> list[dict[str, Any]]:
    """Places with `code, kind, name, at [lat, lon], capacity, radius, rows` and a polygon's `geometry`."""
    points = shown([shapely.point_on_surface(place.geometry) for place in places], basemap)
    payload = []
    for place, point in zip(places, points, strict=True):
        entry = {
            "code": place.code,
            "kind": place.kind,
            "name": titled(place.name, place.name_en, lang),
            "at": (point.y, point.x),
            "capacity": place.capacity,
            "radius": place.service_radius_m,
            "rows": _place_rows(place, lang),
        }
        if place.geometry.geom_type in ("Polygon", "MultiPolygon"):
            entry["geometry"] = shapely.geometry.mapping(shown([place.geometry], basemap)[0])
        payload.append(entry)
    return payload


def _place_rows(place: Any, lang: str) -> list[tuple[str, str]]:
    text = words(lang)
    rows = [("kind", kind_name(place.kind, lang))]
    vehicle = (place.properties or {}).get("vehicle")
    if vehicle in ("motor", "non_motor"):
        rows.append(("vehicle", text[vehicle]))
    if place.capacity is not None:
        rows.append(("capacity", str(place.capacity)))
    if place.opening_hours:
        rows.append(("opening_hours", hours_text(place.opening_hours, lang)))
    if place.service_radius_m:
        rows.append(("service_radius", f"{place.service_radius_m:g} m"))
    if place.address:
        rows.append(("address", place.address))
    return rows


def kinds_payload(kinds: Sequence[str], lang: str) -> list[dict[str, str]]:
    """Kinds of places with name, colour and symbol, in the order given."""
    return [
        {"kind": kind, "name": kind_name(kind, lang), "colour": symbol(kind)[0], "path": symbol(kind)[1]}
        for kind in kinds
    ]


def mask(geometries: Sequence[BaseGeometry], basemap: Basemap | None) -> dict[str, Any]:
    """One outline around areas, as a GeoJSON geometry with at most `VERTEX_BUDGET` corners."""
    return dict(shapely.geometry.mapping(shown([shapely.union_all(list(geometries))], basemap)[0]))


def pile_payload(piles: Sequence[Pile], basemap: Basemap | None, lang: str) -> list[dict[str, Any]]:
    """The largest piled coordinates with their counts; `piles` are in that order."""
    piles = piles[:PILES_MOST]
    points = shown([shapely.Point(pile.lon, pile.lat) for pile in piles], basemap)
    return [
        {"at": (point.y, point.x), "label": short_number(pile.count, lang)}
        for pile, point in zip(piles, points, strict=True)
    ]


def basemap_payload(basemap: Basemap | None) -> dict[str, Any] | None:
    """What the scripts need of a basemap."""
    if basemap is None:
        return None
    return {"urls": basemap.urls, "attribution": basemap.attribution, "max_zoom": basemap.max_zoom}


def styles_payload() -> dict[str, Any]:
    """The colours that the scripts draw with."""
    return {
        "backdrop": colours.BACKDROP,
        "casing": colours.CASING,
        "paper": colours.PAPER,
        "tints": colours.COMMUNITY_TINTS,
        "zero": colours.ZERO,
        "masked": colours.MASKED,
        "hot": colours.HOT,
        "cold": colours.COLD,
        "cold_line": colours.COLD_LINE,
        "subdistrict": colours.BORDER_SUBDISTRICT,
        "community": colours.BORDER_COMMUNITY,
        "grid": colours.BORDER_GRID,
    }
