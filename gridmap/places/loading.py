"""Files of places -> dated versions: read, check every row, and only then write, all or nothing."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import shapely
from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas, out_of_range
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadCoordinate, BadInput, Conflict, GridmapError
from gridmap.geometry.datums import check_datum, to_wgs84
from gridmap.geometry.shapes import examine
from gridmap.places import store
from gridmap.places.hours import check_hours
from gridmap.places.model import NewPlace, Place, check_kind
from gridmap.tabular import RowProblem, choose_columns, open_table, refused_rows
from gridmap.text import flaw
from gridmap.vectors import read_layer

FILE_LIMIT = 2 << 30
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".ods", ".ndjson", ".jsonl")
HEADINGS = {
    "code": ("code", "编码", "代码", "编号"),
    "kind": ("kind", "类型", "类别", "种类"),
    "name": ("name", "名称"),
    "name_en": ("name_en", "英文名", "英文名称"),
    "lon": ("lon", "lng", "longitude", "经度"),
    "lat": ("lat", "latitude", "纬度"),
    "capacity": ("capacity", "容量", "车位数", "泊位数", "摊位数", "床位数"),
    "opening_hours": ("opening_hours", "营业时间", "开放时间"),
    "service_radius_m": ("service_radius_m", "服务半径", "服务半径(米)"),
    "address": ("address", "地址", "详细地址"),
}
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_LIMITS = {"code": 64, "name": 200, "name_en": 200, "address": 300}
_CAPACITY_MOST = 10_000_000
_RADIUS_MOST_M = 100_000.0


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `changed` closed an older version or corrected one; `closed` were absent."""

    file_name: str
    added: int
    changed: int
    unchanged: int
    closed: int


def import_file(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    datum: str | None = None,
    kind: str | None = None,
    valid_from: date | None = None,
    replace: bool = False,
    loaded_by: str = "gridmap",
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    limit: int = FILE_LIMIT,
) -> Loaded:
    """Bring the places of a jurisdiction to what a file says, all or nothing.

    Tables hold points with lon and lat in `datum`, which must be declared; GeoJSON, Shapefile, GeoPackage,
    KML and FlatGeobuf hold points or polygons in their own CRS (`datum` then only for gcj02 or bd09).
    `kind`: of a file without such a column. A place that is as it was stays untouched; a changed one ends
    on `valid_from` and begins anew; a new one begins then, or has always been when it is the first of its
    kind here. Default today. Places that the file leaves out stay, unless `replace` ends those of the kinds
    that are in the file.

    Raises BadFile naming every refused row, BadInput, TooLarge; Conflict for a place that already has a
    version from a later day on.
    """
    store.lock(connection, jurisdiction.code)
    new = read_places(path, datum=datum, kind=kind, encoding=encoding, sheet=sheet, layer=layer, limit=limit)
    _check_near(connection, jurisdiction, path, new)
    day = valid_from or jurisdiction.today()
    kinds = {place.kind for _, place in new}
    first = kinds - store.kinds_present(connection, jurisdiction.code)
    old = store.versions(connection, jurisdiction.code, kinds)
    added = changed = unchanged = closed = 0
    for _, place in new:
        known = old.pop((place.kind, place.code), [])
        if not known:
            store.begin(connection, jurisdiction.code, place, valid_from if place.kind in first else day)
            added += 1
        elif _renew(connection, jurisdiction.code, known, place, day):
            changed += 1
        else:
            unchanged += 1
    for known in old.values() if replace else ():
        if known[-1].valid_to is None:
            store.end(connection, known[-1], day)
            closed += 1
    return Loaded(path.name, added, changed, unchanged, closed)


def _renew(connection: Connection, jurisdiction: str, known: list[Place], new: NewPlace, day: date) -> bool:
    """Whether anything had to be written for a place that has versions already."""
    last = known[-1]
    if last.valid_to is None and _same(last, new):
        return False
    if last.valid_to is not None:  # it was closed once, and is back
        if last.valid_to > day:
            text = f"{new.kind} {new.code} is closed from {last.valid_to} on; give that day or a later one"
            raise Conflict(text, field="valid_from")
        store.begin(connection, jurisdiction, new, day)
    elif last.valid_from == day:
        store.overwrite(connection, last, new)
    else:
        store.end(connection, last, day)
        store.begin(connection, jurisdiction, new, day)
    return True


def _same(old: Place, new: NewPlace) -> bool:
    fields = ("name", "name_en", "capacity", "opening_hours", "service_radius_m", "address", "properties")
    return all(getattr(old, name) == getattr(new, name) for name in fields) and bool(
        old.geometry.equals_exact(new.geometry)
    )


def _check_near(
    connection: Connection, jurisdiction: Jurisdiction, path: Path, new: list[tuple[int, NewPlace]]
) -> None:
    """Refuse what lies over 200 km from every area; without areas yet there is nothing to compare with."""
    atlas = current_atlas(connection, jurisdiction.code)
    today = jurisdiction.today()
    if not any(atlas.sheets.values()):
        return
    problems = []
    for number, place in new:
        point = place.geometry.representative_point()
        if reason := atlas.refusal(point.x, point.y, today):
            problems.append(RowProblem(number, "lon", reason))
    if problems:
        raise refused_rows(path.name, problems)


# --- reading


def read_places(
    path: Path,
    *,
    datum: str | None = None,
    kind: str | None = None,
    encoding: str | None = None,
    sheet: str | None = None,
    layer: str | None = None,
    limit: int = FILE_LIMIT,
) -> list[tuple[int, NewPlace]]:
    """(row number, place) of a whole file, checked. Raises BadFile naming every refused row, and BadInput."""
    if datum is not None:
        check_datum(datum)
    if kind is not None:
        kind = check_kind(kind)
    if path.suffix.lower() in TABLES:
        rows = _table_rows(path, datum, kind, encoding, sheet, limit)
    else:
        rows = _layer_rows(path, datum, kind, encoding, layer, limit)
    problems: list[RowProblem] = []
    places: list[tuple[int, NewPlace]] = []
    seen: dict[tuple[str, str], int] = {}
    for number, read in rows:
        if isinstance(read, GridmapError):
            problems.append(RowProblem(number, read.field, read.message))
            continue
        key = (read.kind, read.code)
        if key in seen:
            text = f"{read.kind} {read.code} stands in row {seen[key]} already"
            problems.append(RowProblem(number, "code", text))
        seen.setdefault(key, number)
        places.append((number, read))
    if problems:
        raise refused_rows(path.name, problems)
    return places


Read = Iterator[tuple[int, NewPlace | GridmapError]]


def _table_rows(
    path: Path, datum: str | None, kind: str | None, encoding: str | None, sheet: str | None, limit: int
) -> Read:
    if datum is None:
        raise BadInput("declare the datum of the coordinates: wgs84, cgcs2000, gcj02 or bd09", field="datum")
    table = open_table(path, encoding=encoding, sheet=sheet, limit=limit)
    needed = ("code", "name", "lon", "lat") if kind else ("code", "name", "lon", "lat", "kind")
    columns = choose_columns(table.fields, HEADINGS, needed=needed)
    for row in table.rows:
        try:
            if row.problem:
                raise BadInput(row.problem)
            lon, lat = (
                _degrees(row.values.get(columns["lon"]), "lon"),
                _degrees(row.values.get(columns["lat"]), "lat"),
            )
            yield row.number, _place(row.values, columns, kind, _point(lon, lat, datum))
        except GridmapError as error:
            yield row.number, error


def _layer_rows(
    path: Path, datum: str | None, kind: str | None, encoding: str | None, layer: str | None, limit: int
) -> Read:
    read = read_layer(path, limit=limit, layer=layer, encoding=encoding, datum=datum)
    needed = ("code", "name") if kind else ("code", "name", "kind")
    columns = choose_columns(read.fields, HEADINGS, needed=needed) if read.features else {}
    for feature in read.features:
        try:
            for remark in feature.remarks:
                if remark.refuses:
                    raise BadInput(remark.message, field="geometry")
            geometry = _shape(feature.geometry)
            yield feature.number, _place(feature.properties, columns, kind, geometry)
        except GridmapError as error:
            yield feature.number, error


def _degrees(text: str | None, field: str) -> float:
    if text is None:
        raise BadCoordinate("is empty; a place needs lon and lat", field=field)
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise BadCoordinate(f"{text[:40]!r} is not a plain finite number like 109.4781", field=field)
    return float(text)


def _point(lon: float, lat: float, datum: str) -> shapely.Point:
    if reason := out_of_range(lon, lat):
        raise BadCoordinate(reason[1], field=reason[0])
    if lon == 0 and lat == 0:
        raise BadCoordinate("0, 0 is what a device sends that knows no position", field="lon")
    x, y = to_wgs84(lon, lat, datum)
    return shapely.Point(float(x), float(y))


def _shape(geometry: Any) -> Any:
    if geometry is not None and geometry.geom_type == "MultiPoint" and len(geometry.geoms) == 1:
        geometry = geometry.geoms[0]
    if geometry is not None and geometry.geom_type == "Point" and not geometry.is_empty:
        return _point(geometry.x, geometry.y, "wgs84")
    examined = examine(geometry, ring_order="any")
    if examined.geometry is None:
        raise BadInput(examined.problems[-1].message, field="geometry")
    return examined.geometry


def _place(
    values: Mapping[str, Any], columns: Mapping[str, str], kind: str | None, geometry: Any
) -> NewPlace:
    """A place from a row's values, whichever format they came from."""
    told = {field: _text(values.get(heading)) for field, heading in columns.items()}
    for field, limit in _LIMITS.items():
        if (text := told.get(field)) and (reason := flaw(text, limit=limit)):
            raise BadInput(reason, field=field)
    code, name = told.get("code"), told.get("name")
    if not code:
        raise BadInput("is empty", field="code")
    if not name:
        raise BadInput("is empty", field="name")
    used = set(columns.values())
    rest = {key: value for key, value in values.items() if key not in used and value is not None}
    for key, value in rest.items():
        if reason := flaw(str(value), limit=10_000, lines=True) or flaw(key, limit=200):
            raise BadInput(reason, field=key[:40])
    hours = told.get("opening_hours")
    return NewPlace(
        kind=check_kind(told.get("kind") or kind or ""),
        code=code,
        name=name,
        geometry=geometry,
        name_en=told.get("name_en"),
        capacity=_capacity(told.get("capacity")),
        opening_hours=check_hours(hours) if hours else None,
        service_radius_m=_radius(told.get("service_radius_m")),
        address=told.get("address"),
        properties=rest,
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value).strip() or None


def _capacity(text: str | None) -> int | None:
    if text is None:
        return None
    if not re.fullmatch(r"\d{1,8}(\.0+)?", text, re.ASCII) or float(text) > _CAPACITY_MOST:
        raise BadInput(f"{text[:40]!r} is not a whole number from 0 to {_CAPACITY_MOST:,}", field="capacity")
    return int(float(text))


def _radius(text: str | None) -> float | None:
    if text is None:
        return None
    if not _NUMBER.fullmatch(text) or not 0 <= float(text) <= _RADIUS_MOST_M:
        raise BadInput(
            f"{text[:40]!r} is not a number of metres from 0 to {_RADIUS_MOST_M:,.0f}",
            field="service_radius_m",
        )
    return float(text)
