"""Stored reports as a file: CSV, NDJSON, GeoJSON, GeoPackage. Written as they are read: memory stays flat.

A file of NDJSON loads back the same, one of CSV but for the apostrophe that keeps a user's text from being a
formula.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyogrio.raw
import shapely
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.reports import store
from gridmap.reports.store import Stored
from gridmap.spreadsheets import as_text

SUFFIXES = {"csv": ".csv", "ndjson": ".ndjson", "geojson": ".geojson", "gpkg": ".gpkg"}
FIELDS = (
    *("client_id", "category", "description", "occurred_at", "lon", "lat", "datum", "accuracy_m"),
    *("named_area", "report_id", "method", "grid", "community", "compound", "building"),
    *("edge_distance_m", "needs_review"),
)
_NUMBERS = {"lon", "lat", "accuracy_m", "edge_distance_m"}

Write = Callable[[Sequence[Stored]], None]


def export_reports(
    connection: Connection,
    jurisdiction: Jurisdiction,
    out: Path,
    *,
    format: str,
    first: datetime | None = None,
    last: datetime | None = None,
    category: str | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> int:
    """Write reports of first <= occurred_at < last to `out`, by time; -> how many. Replaces the file whole.

    lon, lat are as given, in `datum`; the geometry of GeoJSON and GeoPackage is WGS-84, none where the
    report names an area instead. Times are in the jurisdiction's zone, areas by their codes.
    Raises BadInput(field="format").
    """
    if format not in SUFFIXES:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(SUFFIXES)}", field="format")
    opened = {"csv": _csv, "ndjson": _ndjson, "geojson": _geojson, "gpkg": _gpkg}[format]
    written = 0
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        made = Path(folder, f"reports.{format}")
        with opened(made, jurisdiction) as write:
            for rows in store.stored(connection, jurisdiction.code, first, last, category):
                write(rows)
                written += len(rows)
                progress(written)
        os.replace(made, out)
    return written


def _values(row: Stored, jurisdiction: Jurisdiction) -> list[Any]:
    """A report's FIELDS."""
    return [
        row.client_id,
        row.category,
        row.description,
        row.occurred_at.astimezone(jurisdiction.zone).isoformat(),
        *(row.lon, row.lat, row.datum, row.accuracy_m, row.named_area),
        str(row.id),
        *(row.method, row.grid, row.community, row.compound, row.building),
        *(row.edge_distance_m, row.needs_review),
    ]


@contextmanager
def _csv(path: Path, jurisdiction: Jurisdiction) -> Iterator[Write]:
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(FIELDS)
        yield lambda rows: writer.writerows(
            [as_text(value) if isinstance(value, str) else value for value in _values(row, jurisdiction)]
            for row in rows
        )


@contextmanager
def _ndjson(path: Path, jurisdiction: Jurisdiction) -> Iterator[Write]:
    with path.open("wb") as stream:
        yield lambda rows: stream.writelines(
            orjson.dumps(dict(zip(FIELDS, _values(row, jurisdiction), strict=True))) + b"\n" for row in rows
        )


@contextmanager
def _geojson(path: Path, jurisdiction: Jurisdiction) -> Iterator[Write]:
    """One feature a line."""
    between = b"\n"

    def write(rows: Sequence[Stored]) -> None:
        nonlocal between
        for row in rows:
            feature = {
                "type": "Feature",
                "properties": dict(zip(FIELDS, _values(row, jurisdiction), strict=True)),
                "geometry": None if row.x is None else {"type": "Point", "coordinates": [row.x, row.y]},
            }
            stream.write(between + orjson.dumps(feature))
            between = b",\n"

    with path.open("wb") as stream:
        head = {"type": "FeatureCollection"} | ({"note": "示意数据"} if jurisdiction.illustrative else {})
        stream.write(orjson.dumps(head)[:-1] + b',"features":[')
        yield write
        stream.write(b"\n]}\n")


@contextmanager
def _gpkg(path: Path, jurisdiction: Jurisdiction) -> Iterator[Write]:
    def write(rows: Sequence[Stored]) -> None:
        columns = list(zip(*(_values(row, jurisdiction) for row in rows), strict=True)) or [()] * len(FIELDS)
        x, y = (np.array([getattr(row, name) for row in rows], np.float64) for name in ("x", "y"))
        places = np.where(np.isnan(x), None, shapely.points(x, y))
        pyogrio.raw.write(
            path,
            geometry=shapely.to_wkb(places),
            field_data=[_column(name, values) for name, values in zip(FIELDS, columns, strict=True)],
            fields=list(FIELDS),
            geometry_type="Point",
            crs="EPSG:4326",
            driver="GPKG",
            layer="reports",
            encoding="UTF-8",
            append=path.exists(),
        )

    yield write
    if not path.exists():
        write([])  # a layer without a row


def _column(name: str, values: Sequence[Any]) -> np.ndarray:
    if name in _NUMBERS:
        return np.array(values, np.float64)
    return np.array(values, bool) if name == "needs_review" else np.array(values, object)
