"""Files of places -> checked values, every refused row with its number. Writes nothing.

A table may be one of our own exports: the apostrophes that guard its CSV from formulas are taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import shapely

from gridmap.archives import FILE_LIMIT
from gridmap.areas.positions import out_of_range
from gridmap.errors import BadCoordinate, BadInput, GridmapError
from gridmap.geometry.datums import check_datum, to_wgs84
from gridmap.geometry.shapes import examine
from gridmap.places.hours import check_hours
from gridmap.places.model import NewPlace, check_kind
from gridmap.spreadsheets import from_text
from gridmap.tabular import (
    DELIMITED,
    NUMBER,
    RowProblem,
    choose_columns,
    open_table,
    plain_number,
    refused_rows,
)
from gridmap.text import flaw
from gridmap.vectors import read_layer

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
    "valid_from": ("valid_from", "启用日期", "起始日期"),
    "valid_to": ("valid_to", "停用日期", "截止日期"),
    "kind_name": ("kind_name",),  # an export adds it for readers; `kind` is what counts
}
_LIMITS = {"code": 64, "name": 200, "name_en": 200, "address": 300}
_CAPACITY_MOST = 10_000_000
_RADIUS_MOST_M = 100_000.0
# A day; a workbook or GeoPackage may give its date cells a midnight
_DAY = re.compile(r"(\d{4}-\d\d-\d\d)([ T]00:00:00(\.0+)?)?", re.ASCII)


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
            values = _unguarded(row.values) if path.suffix.lower() in DELIMITED else row.values
            yield row.number, _place(values, columns, kind, _point(lon, lat, datum))
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


def _unguarded(values: Mapping[str, str | None]) -> dict[str, str | None]:
    """Headings and texts of a CSV without the apostrophe that keeps a spreadsheet from running them."""
    return {from_text(heading): from_text(text) if text else text for heading, text in values.items()}


def _degrees(text: str | None, field: str) -> float:
    degrees = plain_number(text, field)
    if degrees is None:
        raise BadCoordinate("is empty; a place needs lon and lat", field=field)
    return degrees


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
    valid_from, valid_to = _day(told.get("valid_from"), "valid_from"), _day(told.get("valid_to"), "valid_to")
    if valid_from and valid_to and valid_to <= valid_from:
        text = f"{valid_to} is not after valid_from {valid_from}; it is the first day without the place"
        raise BadInput(text, field="valid_to")
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
        valid_from=valid_from,
        valid_to=valid_to,
        end_said="valid_to" in columns,
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
    if not NUMBER.fullmatch(text) or not 0 <= float(text) <= _RADIUS_MOST_M:
        raise BadInput(
            f"{text[:40]!r} is not a number of metres from 0 to {_RADIUS_MOST_M:,.0f}",
            field="service_radius_m",
        )
    return float(text)


def _day(text: str | None, field: str) -> date | None:
    if text is None:
        return None
    try:
        if found := _DAY.fullmatch(text):
            return date.fromisoformat(found[1])
    except ValueError:  # the 30th of February
        pass
    raise BadInput(f"{text[:40]!r} is not a day; write it like 2023-06-18", field=field)
