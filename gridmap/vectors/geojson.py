"""GeoJSON read strictly by RFC 7946, without GDAL.

GDAL mends and drops in silence: a Polygon whose coordinates are one level too shallow becomes a feature
without geometry, a string among the numbers a zero, an unknown type an empty layer. An officer must be told
instead. So GeoJSON is parsed and checked here, member by member, and every refusal names its path
(`features[3].geometry.coordinates[0]`). Whether a well-formed ring is also a *valid* polygon is decided
later, by geometry.shapes.examine, the same as for every other format.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.errors import BadFile
from gridmap.text import printable
from gridmap.vectors.model import Feature, Remark

DEPTHS = {"Point": 0, "MultiPoint": 1, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
GEOMETRY_TYPES = (*DEPTHS, "GeometryCollection")
_BBOX_SLACK = 1e-6  # degrees; a bbox is often written with fewer decimals than the coordinates


class _Wrong(Exception):
    """The structure is wrong at a path."""

    def __init__(self, path: str, message: str, code: str = "structure"):
        super().__init__(f"{path or 'the document'} {message}")
        self.remark = Remark(code, str(self), refuses=True)


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed GeoJSON text; `crs` is the name in a legacy crs member. Coordinates are as written."""

    features: list[Feature]
    crs: str | None
    notes: list[Remark]


def parse(text: str, name: str) -> Document:
    """Features of a GeoJSON text: a FeatureCollection, a Feature or a bare geometry.

    A feature that breaks the standard is returned with a refusing remark, so that the others can still be
    judged. Raises BadFile when the document itself does.
    """
    try:
        document = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{name} is not JSON: {error}", field="file") from error
    try:
        return _document(document)
    except _Wrong as wrong:
        raise BadFile(f"{name} is not GeoJSON: {wrong}", field="file") from wrong
    except RecursionError as error:
        raise BadFile(f"{name} is nested too deep", field="file") from error


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [key for key, _ in pairs]
        raise ValueError(
            f"the member {next(n for n in names if names.count(n) > 1)!r} stands twice in one object"
        )
    return members


def _document(document: Any) -> Document:
    if not isinstance(document, dict):
        raise _Wrong("", "is not an object")
    kind = document.get("type")
    notes: list[Remark] = []
    crs = _legacy_crs(document)
    if crs and "CRS84" not in crs:
        text = f"has a crs member ({printable(crs[:80])}), which RFC 7946 no longer knows; it was followed"
        notes.append(Remark("legacy_crs", text))
    if kind == "FeatureCollection":
        members = document.get("features")
        if not isinstance(members, list):
            raise _Wrong("features", "is missing" if "features" not in document else "is not an array")
        _check_bbox(document, "")
        features = [_feature(member, i, f"features[{i - 1}]") for i, member in enumerate(members, 1)]
        boxes = [f.geometry.bounds for f in features if f.geometry is not None and not f.geometry.is_empty]
        if boxes and _bbox_misses(document.get("bbox"), np.array(boxes)):
            notes.append(
                Remark("bbox", "bbox of the collection does not enclose its features; it was ignored")
            )
        return Document(features, crs, notes)
    if kind == "Feature":
        return Document([_feature(document, 1, "")], crs, notes)
    if kind in GEOMETRY_TYPES:
        bare = {"type": "Feature", "properties": None, "geometry": document}
        return Document([_feature(bare, 1, "")], crs, notes)
    raise _Wrong("type", _unknown_type(document, ("FeatureCollection", "Feature", *GEOMETRY_TYPES)))


def _unknown_type(owner: dict[str, Any], known: tuple[str, ...]) -> str:
    if "type" not in owner:
        return "is missing"
    value = owner["type"]
    like = [each for each in known if isinstance(value, str) and each.lower() == value.lower()]
    return f"is {json.dumps(value)[:60]}" + (
        f"; write {like[0]!r}" if like else f", which is none of {', '.join(known)}"
    )


def _legacy_crs(document: dict[str, Any]) -> str | None:
    crs = document.get("crs")
    if crs is None:
        return None
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    if not isinstance(crs, dict) or crs.get("type") != "name" or not isinstance(name, str):
        raise _Wrong("crs", 'is not {"type": "name", "properties": {"name": …}}; nothing is fetched by link')
    return name


def _feature(value: Any, number: int, path: str) -> Feature:
    properties: dict[str, Any] = {}
    try:
        if not isinstance(value, dict):
            raise _Wrong(path, f"is {_kind(value)}, not a Feature")
        if value.get("type") != "Feature":
            raise _Wrong(_join(path, "type"), _unknown_type(value, ("Feature",)))
        if "properties" not in value:
            raise _Wrong(_join(path, "properties"), "is missing; a Feature has it, if only null")
        if value["properties"] is not None and not isinstance(value["properties"], dict):
            raise _Wrong(_join(path, "properties"), f"is {_kind(value['properties'])}, not an object or null")
        properties = value["properties"] or {}
        if isinstance(value.get("id"), dict | list | bool):
            raise _Wrong(_join(path, "id"), f"is {_kind(value['id'])}, not a string or number")
        if "geometry" not in value:
            raise _Wrong(_join(path, "geometry"), "is missing; a Feature has it, if only null")
        _check_bbox(value, path)
        where = _join(path, "geometry")
        if value["geometry"] is None:
            return Feature(number, properties, None, (Remark("empty", f"{where} is null", refuses=True),))
        remarks: list[Remark] = []
        geometry = _geometry(value["geometry"], where, remarks)
    except _Wrong as wrong:
        return Feature(number, properties, None, (wrong.remark,))
    for owner in (value, value["geometry"]):
        if not geometry.is_empty and _bbox_misses(owner.get("bbox"), np.array([geometry.bounds])):
            remarks.append(
                Remark("bbox", f"{_join(path, 'bbox')} does not enclose the geometry; it was ignored")
            )
    return Feature(number, properties, geometry, tuple(dict.fromkeys(remarks)))


def _geometry(value: Any, path: str, remarks: list[Remark]) -> BaseGeometry:
    if not isinstance(value, dict):
        raise _Wrong(path, f"is {_kind(value)}, not a geometry")
    kind = value.get("type")
    if kind not in GEOMETRY_TYPES:
        raise _Wrong(_join(path, "type"), _unknown_type(value, GEOMETRY_TYPES))
    _check_bbox(value, path)
    if kind == "GeometryCollection":
        members = value.get("geometries")
        if not isinstance(members, list):
            raise _Wrong(_join(path, "geometries"), "is missing or not an array")
        return shapely.GeometryCollection(
            [_geometry(member, f"{path}.geometries[{i}]", remarks) for i, member in enumerate(members)]
        )
    where = _join(path, "coordinates")
    if "coordinates" not in value:
        raise _Wrong(where, "is missing")
    parts = value["coordinates"]
    if kind == "Point":
        if parts == []:
            return shapely.Point()
        return shapely.Point(_positions([parts], where, remarks, single=True)[0])
    return _BUILDERS[kind](parts, where, remarks)


def _polygon(rings: Any, path: str, remarks: list[Remark]) -> BaseGeometry:
    shells = [
        shapely.linearrings(_closed(_positions(ring, f"{path}[{i}]", remarks), f"{path}[{i}]"))
        for i, ring in enumerate(_array(rings, path, "rings"))
    ]
    return shapely.Polygon(shells[0], shells[1:]) if shells else shapely.Polygon()


def _line(positions: Any, path: str, remarks: list[Remark]) -> BaseGeometry:
    read = _positions(positions, path, remarks)
    if len(read) == 1:
        raise _Wrong(path, "has one position; a line has at least two")
    return shapely.LineString(read)


def _closed(ring: np.ndarray, path: str) -> np.ndarray:
    if len(ring) < 4:
        text = f"has {len(ring)} positions; a ring has at least four, the last equal to the first"
        raise _Wrong(path, text, "too_few_nodes")
    if not (ring[0] == ring[-1]).all():
        text = f"is not closed: it starts at {ring[0].tolist()} and ends at {ring[-1].tolist()}"
        raise _Wrong(path, text, "unclosed_ring")
    return ring


def _parts(
    build: Callable[[Any, str, list[Remark]], BaseGeometry],
    collect: Callable[[list[Any]], BaseGeometry],
    what: str,
) -> Callable[[Any, str, list[Remark]], BaseGeometry]:
    def builder(parts: Any, path: str, remarks: list[Remark]) -> BaseGeometry:
        return collect(
            [build(part, f"{path}[{i}]", remarks) for i, part in enumerate(_array(parts, path, what))]
        )

    return builder


_BUILDERS: dict[str, Callable[[Any, str, list[Remark]], BaseGeometry]] = {
    "MultiPoint": lambda parts, path, remarks: shapely.MultiPoint(_positions(parts, path, remarks)),
    "LineString": _line,
    "MultiLineString": _parts(_line, shapely.MultiLineString, "lines"),
    "Polygon": _polygon,
    "MultiPolygon": _parts(_polygon, shapely.MultiPolygon, "polygons"),
}


def _array(value: Any, path: str, of: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Wrong(path, f"is {_kind(value)}, not an array of {of}")
    return value


def _positions(value: Any, path: str, remarks: list[Remark], *, single: bool = False) -> np.ndarray:
    """Array (n, 2) or (n, 3). Checked with a few set operations; only a wrong array is walked in Python."""
    positions = _array(value, path, "positions")
    if not positions:
        return np.empty((0, 2))
    sound = set(map(type, positions)) == {list} and set(map(type, chain.from_iterable(positions))) <= {
        int,
        float,
    }
    widths = set(map(len, positions)) if sound else set()
    if not sound or min(widths) < 2:
        raise _wrong_position(positions, path, single)
    width = 2 if len(widths) > 1 else min(*widths, 3)
    if max(widths) > 3:
        remarks.append(
            Remark("extra_ordinates", f"{path} has positions of over three numbers; the rest was dropped")
        )
    try:
        read = np.array([p[:width] for p in positions] if widths != {width} else positions, dtype=np.float64)
    except OverflowError:
        raise _Wrong(path, "holds a number too large for a coordinate") from None
    if not np.isfinite(read).all():
        raise _Wrong(path, "holds a number too large for a coordinate")
    return read


def _wrong_position(positions: list[Any], path: str, single: bool) -> _Wrong:
    for index, position in enumerate(positions):
        where = path if single else f"{path}[{index}]"
        if not isinstance(position, list):
            return _Wrong(where, f"is {_kind(position)}, not a position [lon, lat]")
        if any(isinstance(item, list) for item in position):
            return _Wrong(where, "is nested too deep: arrays where a position [lon, lat] belongs")
        if len(position) < 2:
            count = "no numbers" if not position else "one number"
            return _Wrong(where, f"has {count}; a position is [lon, lat]")
        for item in position:
            if type(item) not in (int, float):
                return _Wrong(where, f"holds {_kind(item)} where a number belongs")
    raise AssertionError("called for sound positions")


def _check_bbox(owner: dict[str, Any], path: str) -> None:
    if "bbox" not in owner:
        return
    box, where = owner["bbox"], _join(path, "bbox")
    if not isinstance(box, list):
        raise _Wrong(where, f"is {_kind(box)}, not an array")
    if len(box) not in (4, 6):
        raise _Wrong(where, f"has {len(box)} numbers; it has four (or six with heights)")
    if any(type(item) not in (int, float) for item in box):
        raise _Wrong(where, "holds something that is not a number")


def _bbox_misses(box: Any, bounds: np.ndarray) -> bool:
    if not isinstance(box, list):
        return False
    half = len(box) // 2
    west, south, east, north = box[0], box[1], box[half], box[half + 1]
    if west > east:  # RFC 7946 section 5.2: it crosses the antimeridian
        return False
    low, high = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    slack = _BBOX_SLACK
    inside = west <= low[0] + slack and south <= low[1] + slack
    return not (inside and east >= high[0] - slack and north >= high[1] - slack)


def _join(path: str, member: str) -> str:
    return f"{path}.{member}" if path else member


def _kind(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    names = {str: "a string", int: "a number", float: "a number", list: "an array", dict: "an object"}
    return names[type(value)]
