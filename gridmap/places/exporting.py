"""Places as a file: GeoJSON, GeoPackage, CSV, XLSX. No text of a user's becomes a formula."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from gridmap.errors import BadInput
from gridmap.geometry.shapes import to_geojson
from gridmap.places.model import PLACE_KINDS, Place
from gridmap.spreadsheets import csv_bytes, xlsx_bytes

SUFFIXES = {"geojson": ".geojson", "gpkg": ".gpkg", "csv": ".csv", "xlsx": ".xlsx"}
FIELDS = (
    *("code", "kind", "kind_name", "name", "name_en", "capacity", "opening_hours", "service_radius_m"),
    *("address", "valid_from", "valid_to"),
)


def export_places(places: Sequence[Place], out: Path, *, format: str) -> None:
    """Write places to `out`, WGS-84 degrees, unrounded. Replaces the file whole.

    CSV and XLSX carry lon and lat of the point (of a polygon: a point inside it) and one column per property.
    Raises BadInput(field="format").
    """
    if format not in SUFFIXES:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(SUFFIXES)}", field="format")
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder, f"places.{format}")
        if format == "geojson":
            made.write_text(_geojson(places), encoding="utf-8")
        elif format == "gpkg":
            _write_gpkg(places, made)
        else:
            made.write_bytes(_table(places, format))
        os.replace(made, out)


def _fields(place: Place) -> dict[str, Any]:
    values = {name: getattr(place, name) for name in FIELDS if hasattr(place, name)}
    values["kind_name"] = PLACE_KINDS[place.kind][0]
    for name in ("valid_from", "valid_to"):
        values[name] = values[name].isoformat() if values[name] else None
    return {name: values[name] for name in FIELDS}


def _geojson(places: Sequence[Place]) -> str:
    features = [
        {
            "type": "Feature",
            "properties": place.properties | _fields(place),
            "geometry": to_geojson(place.geometry),
        }
        for place in places
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)


def _table(places: Sequence[Place], format: str) -> bytes:
    extra = sorted({key for place in places for key in place.properties} - {*FIELDS, "lon", "lat"})
    fields = [*FIELDS[:5], "lon", "lat", *FIELDS[5:], *extra]
    rows = []
    for place in places:
        point = place.geometry.representative_point()
        values = {key: _flat(place.properties.get(key)) for key in extra} | _fields(place)
        values |= {"lon": point.x, "lat": point.y}
        rows.append([values[field] for field in fields])
    return csv_bytes(fields, rows) if format == "csv" else xlsx_bytes(fields, rows, title="places")


def _flat(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _write_gpkg(places: Sequence[Place], path: Path) -> None:
    rows = [_fields(place) for place in places]
    numbers = {"capacity", "service_radius_m"}
    columns = [
        np.array([np.nan if r[f] is None else r[f] for r in rows], dtype=np.float64)
        if f in numbers
        else np.array([r[f] for r in rows], dtype=object)
        for f in FIELDS
    ]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array([place.geometry for place in places], dtype=object)),
        field_data=columns,
        fields=list(FIELDS),
        geometry_type="Unknown",
        crs="EPSG:4326",
        driver="GPKG",
        layer="places",
        encoding="UTF-8",
    )
