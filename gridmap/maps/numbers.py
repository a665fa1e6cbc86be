"""The month's numbers per grid as a table or a layer: XLSX, CSV, GeoPackage, GeoJSON.

Text from data never becomes a formula in XLSX and CSV (see gridmap.spreadsheets). GeoPackage and GeoJSON
carry the grids' polygons in EPSG:4326, unrounded.
"""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import shapely

from gridmap.errors import BadInput
from gridmap.geometry.shapes import to_geojson
from gridmap.maps import facts
from gridmap.maps.words import words
from gridmap.spreadsheets import csv_bytes, text_cell, writable
from gridmap.statistics.model import MonthHeat
from gridmap.statistics.significance import significance

COLUMNS = (
    *("code", "name", "community", "count", "previous", "change", "area_km2", "density"),
    *("star", "z", "q"),
)
_NULLABLE = dict.fromkeys(("count", "previous", "change"), "Int64") | dict.fromkeys(
    ("density", "z", "q"), "Float64"
)
_HEADINGS = (
    *("code", "grid", "community", "count", "previous", "change", "area_km2", "density"),
    *("by_star", "z", "q"),
)


def heat_numbers(heat: MonthHeat, format: str, lang: str = "zh") -> bytes:
    """The file's bytes. Columns are `COLUMNS`; headings are in the language given for XLSX and CSV.

    `change` is count − previous, `area_km2` in the local metric projection, `density` reports per km² in the
    month, `star` hot or cold, `z` Gi* and `q` its chance (statistics.significance; empty: not tested). Raises
    BadInput for a format that there is not.
    """
    writers: dict[str, Callable[[MonthHeat, str], bytes]] = {
        "xlsx": _xlsx,
        "csv": _csv,
        "gpkg": _gpkg,
        "geojson": _geojson,
    }
    if format not in writers:
        raise BadInput(f"{format!r} is not a format of numbers; give {', '.join(writers)}", field="format")
    return writers[format](heat, lang)


def rows(
    heat: MonthHeat, text: Mapping[str, str] | None = None
) -> list[tuple[str | int | float | None, ...]]:
    """One row per grid by code, values of `COLUMNS`: for people in the words given, else for programs."""
    masked, names = (text["masked"], text) if text else (None, {"star_hot": "hot", "star_cold": "cold"})

    def shown(value: float | None, digits: int | None = None) -> str | int | float | None:
        return masked if value is None else round(value, digits) if digits else value

    told = significance(heat)
    tested = told.hot.tested & (told.reason is None)
    return [
        (
            writable(grid.code),
            writable(grid.name),
            writable(grid.community),
            shown(grid.count),
            shown(grid.previous),
            shown(grid.change),
            round(grid.area_km2, 6),
            shown(grid.density, 3),
            ("", names["star_hot"], names["star_cold"])[told.stars[at]],
            round(float(told.hot.z[at]), 4) if tested[at] else None,
            round(float(told.hot.q[at]), 6) if tested[at] else None,
        )
        for at, grid in enumerate(heat.grids)
    ]


def headings(lang: str) -> list[str]:
    text = dict(words(lang)) | {"area_km2": "面积(平方公里)" if lang == "zh" else "Area (km²)"}
    return [text[key] for key in _HEADINGS]


def notes(heat: MonthHeat, lang: str) -> list[tuple[str, str]]:
    """What the numbers are and where they come from, as (label, text)."""
    text = words(lang)
    pairs = [
        (facts.jurisdiction_name(heat, lang), heat.jurisdiction.code),
        (text["month"], heat.month.strftime("%Y-%m")),
        (text["category"], facts.category_name(heat, lang)),
        (text["total"], f"{heat.total}"),
        *facts.figures(heat, lang),
    ]
    pairs += [(text["about"], note) for note in facts.notes(heat, lang)]
    return [(writable(label), writable(value)) for label, value in pairs]


def _xlsx(heat: MonthHeat, lang: str) -> bytes:
    import openpyxl
    from openpyxl.styles import Font

    text = words(lang)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(heat.month.strftime("%Y-%m"))
    sheet.freeze_panes = "A2"
    for letter, width in zip("ABCDEFGHIJK", (20, 26, 18, 10, 12, 10, 16, 20, 10, 10, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    heading = [text_cell(sheet, text) for text in headings(lang)]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows(heat, text):
        sheet.append([text_cell(sheet, value) if isinstance(value, str) else value for value in row])
    about = book.create_sheet(text["about"])
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 28, 80
    for pair in notes(heat, lang):
        about.append([text_cell(about, value) for value in pair])
    book.properties.creator = "gridmap"
    book.properties.created = book.properties.modified = heat.generated_at.replace(tzinfo=None)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _csv(heat: MonthHeat, lang: str) -> bytes:
    return csv_bytes(headings(lang), rows(heat, words(lang)))


def _gpkg(heat: MonthHeat, lang: str) -> bytes:
    import geopandas
    import pandas
    import pyogrio

    frame = geopandas.GeoDataFrame(
        pandas.DataFrame(rows(heat), columns=list(COLUMNS)).astype(_NULLABLE),
        geometry=[shapely.multipolygons(shapely.get_parts(grid.geometry)) for grid in heat.grids],
        crs="EPSG:4326",
    )
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        path = Path(folder) / "heat.gpkg"
        frame.to_file(path, layer="heat", driver="GPKG", engine="pyogrio", geometry_type="MultiPolygon")
        about = pandas.DataFrame(notes(heat, lang), columns=["label", "text"])
        pyogrio.write_dataframe(about, path, layer="notes", driver="GPKG", append=False)
        return path.read_bytes()


def _geojson(heat: MonthHeat, lang: str) -> bytes:
    collection = {
        "type": "FeatureCollection",
        "name": f"{heat.jurisdiction.code}-{heat.month:%Y-%m}",
        "notes": [f"{label}: {text}" for label, text in notes(heat, lang)],
        "features": [
            {
                "type": "Feature",
                "id": row[0],
                "properties": dict(zip(COLUMNS, row, strict=True)),
                "geometry": to_geojson(grid.geometry),
            }
            for grid, row in zip(heat.grids, rows(heat), strict=True)
        ],
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()
