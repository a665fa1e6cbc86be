"""The district as files: GeoJSON (RFC 7946) and CSV, every one of them marked as illustrative."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry.polygon import orient

from geodata.atlas import Area, degrees
from geodata.backdrop import Feature
from geodata.places import Place
from geodata.reports import PILE_AT, Report
from geodata.valley import ORIGIN, on_lattice, to_degrees
from geodata.words import MARK
from geodata.works import Work
from gridmap.geometry.datums import from_wgs84

COLLECTION_NOTE = f"{MARK} illustrative data: invented geometry, no real boundary"
REPORT_COLUMNS = (
    "client_id",
    "category",
    "description",
    "occurred_at",
    "lon",
    "lat",
    "datum",
    "accuracy_m",
    "named_area",
    "note",
)
WORK_COLUMNS = (
    "client_id",
    "kind",
    "quantity",
    "unit",
    "occurred_on",
    "place_name",
    "lon",
    "lat",
    "note",
    "report_ids",
)
PLACE_COLUMNS = (
    "code",
    "kind",
    "name",
    "name_en",
    "lon",
    "lat",
    "capacity",
    "opening_hours",
    "service_radius_m",
    "address",
    "vehicle",
    "note",
)


def geometry(shape: shapely.Geometry) -> dict:
    """A GeoJSON geometry in lon/lat of a geometry in local metres; exterior rings anticlockwise."""
    shape = degrees(shape)
    if shape.geom_type == "Polygon":
        shape = orient(shape)
    elif shape.geom_type == "MultiPolygon":
        shape = shapely.MultiPolygon([orient(part) for part in shape.geoms])
    return shapely.geometry.mapping(shape)


def write_collection(path: Path, name: str, features: Iterable[tuple[dict, shapely.Geometry]]) -> None:
    """One feature per line, so that a change is seen in a diff."""
    lines = [
        json.dumps(
            {"type": "Feature", "properties": {**properties, "note": MARK}, "geometry": geometry(shape)},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        for properties, shape in features
    ]
    head = json.dumps(
        {"type": "FeatureCollection", "name": name, "note": COLLECTION_NOTE}, ensure_ascii=False
    )
    path.write_text(
        f'{head[:-1]}, "features": [\n' + ",\n".join(lines) + "\n]}\n", encoding="utf-8", newline="\n"
    )


def write_areas(path: Path, areas: Iterable[Area]) -> None:
    write_collection(
        path,
        path.stem,
        (
            (
                {"code": area.code, "name": area.name, "parent": area.parent or None, **dict(area.extra)},
                area.shape,
            )
            for area in areas
        ),
    )


def write_backdrop(path: Path, features: Iterable[Feature]) -> None:
    def properties(one: Feature) -> dict:
        height = {} if one.height_m is None else {"height_m": one.height_m}
        return {"kind": one.kind, "name": one.name, "name_en": one.name_en, **height}

    write_collection(path, path.stem, ((properties(one), one.shape) for one in features))


def write_table(path: Path, columns: tuple[str, ...], rows: Iterable[tuple]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def write_marked(path: Path, rows: Sequence[Any]) -> None:
    """Dataclasses of texts, a column per field and one for the mark."""
    names = tuple(field.name for field in fields(rows[0]))
    write_table(path, (*names, "note"), ((*(getattr(one, name) for name in names), MARK) for one in rows))


def lonlat(points: list[tuple[float, float] | None]) -> list[tuple[str, str]]:
    """Lon and lat as written (shortest text that reads back the same), empty where there is no point."""
    there = [k for k, point in enumerate(points) if point is not None]
    answer = [("", "")] * len(points)
    for k, (lon, lat) in zip(
        there, to_degrees([point for point in points if point is not None]).tolist(), strict=True
    ):
        answer[k] = (repr(lon), repr(lat))
    return answer


def write_places(path: Path, places: tuple[Place, ...]) -> None:
    where = lonlat([(one.at.x, one.at.y) for one in places])
    serial: dict[str, int] = {}
    rows = []
    for one, (lon, lat) in zip(places, where, strict=True):
        serial[one.kind] = serial.get(one.kind, 0) + 1
        code = f"{one.kind}-{serial[one.kind]:02d}"
        rows.append(
            (
                code,
                one.kind,
                one.name,
                one.name_en,
                lon,
                lat,
                one.capacity,
                one.opening_hours,
                one.service_radius_m,
                one.address,
                one.vehicle,
                MARK,
            )
        )
    write_table(path, PLACE_COLUMNS, rows)


def write_reports(path: Path, reports: tuple[Report, ...]) -> None:
    """Each row's lon and lat are in that row's datum, as the phone gave them."""
    there = [k for k, one in enumerate(reports) if one.at is not None]
    given = to_degrees([one.at for one in reports if one.at is not None])
    datums = np.array([reports[k].datum for k in there])
    for datum in ("gcj02", "bd09"):
        rows = datums == datum
        given[rows] = on_lattice(np.stack(from_wgs84(given[rows, 0], given[rows, 1], datum), axis=-1))
    where = [("", "")] * len(reports)
    for k, (lon, lat) in zip(there, given.tolist(), strict=True):
        default = reports[k].at == PILE_AT
        where[k] = (str(ORIGIN[0]), str(ORIGIN[1])) if default else (repr(lon), repr(lat))
    write_table(
        path,
        REPORT_COLUMNS,
        (
            (
                one.client_id,
                one.category,
                one.description,
                one.moment.isoformat(),
                *at,
                one.datum,
                one.accuracy_m,
                one.named_area,
                MARK,
            )
            for one, at in zip(reports, where, strict=True)
        ),
    )


def write_works(path: Path, works: tuple[Work, ...]) -> None:
    where = lonlat([one.at for one in works])
    write_table(
        path,
        WORK_COLUMNS,
        (
            (
                one.client_id,
                one.kind,
                one.quantity,
                one.unit,
                one.day.isoformat(),
                one.place_name,
                *at,
                MARK,
                ";".join(one.reports),
            )
            for one, at in zip(works, where, strict=True)
        ),
    )
