"""Areas of one kind, as valid on a day, written to a file that any GIS opens and that loads back the same."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely

from gridmap.areas.model import AreaVersion
from gridmap.errors import BadInput
from gridmap.geometry.shapes import to_geojson

DRIVERS = {"geojson": "", "gpkg": "GPKG", "shp": "ESRI Shapefile", "fgb": "FlatGeobuf", "kml": "KML"}
SUFFIXES = {"geojson": ".geojson", "gpkg": ".gpkg", "shp": ".zip", "fgb": ".fgb", "kml": ".kml"}


def export_areas(areas: Sequence[AreaVersion], out: Path, *, format: str, notice: str | None = None) -> None:
    """Write areas to `out`, EPSG:4326, coordinates unrounded (KML keeps 15 digits). Replaces the file whole.

    Fields: code, name, parent, kind, valid_from, valid_to, and in GeoJSON the areas' own properties as well.
    A Shapefile comes as a zip, UTF-8 with .cpg. `notice` is written into GeoJSON.
    Raises BadInput(field="format").
    """
    if format not in DRIVERS:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(DRIVERS)}", field="format")
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder, f"areas{SUFFIXES[format]}")
        if format == "geojson":
            made.write_text(_geojson(areas, notice), encoding="utf-8")
        elif format == "shp":
            _write(areas, Path(folder, "areas.shp"), DRIVERS[format])
            with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
                for part in sorted(Path(folder).glob("areas.*")):
                    if part != made:
                        archive.write(part, part.name)
        else:
            _write(areas, made, DRIVERS[format])
        os.replace(made, out)


def _fields(area: AreaVersion) -> dict[str, Any]:
    return {
        "code": area.code,
        "name": area.name,
        "parent": area.parent_code,
        "kind": area.kind,
        "valid_from": area.valid_from.isoformat() if area.valid_from else None,
        "valid_to": area.valid_to.isoformat() if area.valid_to else None,
    }


def _geojson(areas: Sequence[AreaVersion], notice: str | None) -> str:
    document: dict[str, Any] = {"type": "FeatureCollection"}
    if notice:
        document["note"] = notice
    document["features"] = [
        {
            "type": "Feature",
            "properties": area.properties | _fields(area),
            "geometry": to_geojson(area.geometry),
        }
        for area in areas
    ]
    return json.dumps(document, ensure_ascii=False)


def _write(areas: Sequence[AreaVersion], path: Path, driver: str) -> None:
    rows = [_fields(area) for area in areas]
    names = list(_fields(areas[0])) if areas else ["code"]
    multi = any(area.geometry.geom_type == "MultiPolygon" for area in areas)
    shapes = [
        shapely.MultiPolygon([a.geometry]) if multi and a.geometry.geom_type == "Polygon" else a.geometry
        for a in areas
    ]
    pyogrio.raw.write(
        path,
        geometry=shapely.to_wkb(np.array(shapes, dtype=object)),
        field_data=[np.array([row[name] for row in rows], dtype=object) for name in names],
        fields=names,
        geometry_type="MultiPolygon" if multi else "Polygon",
        crs="EPSG:4326",
        driver=driver,
        layer="areas",
        encoding="UTF-8",
    )
