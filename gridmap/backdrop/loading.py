"""A file of lines and polygons -> the backdrop of a jurisdiction, replaced whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import shapely
from sqlalchemy import Connection

from gridmap.archives import FILE_LIMIT
from gridmap.areas.model import Jurisdiction
from gridmap.backdrop import store
from gridmap.backdrop.model import BACKDROP_KINDS, Trace
from gridmap.errors import BadFile, BadInput, GridmapError
from gridmap.tabular import RowProblem, choose_columns, refused_rows
from gridmap.text import flaw
from gridmap.vectors import Feature, read_layer

HEADINGS = {"kind": ("kind", "类型", "类别"), "name": ("name", "名称")}
NAME_LIMIT = 200


def import_file(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    layer: str | None = None,
    encoding: str | None = None,
    crs: str | None = None,
    datum: str | None = None,
    limit: int = FILE_LIMIT,
) -> int:
    """Replace the backdrop by the features of a file; -> how many.

    GeoJSON, Shapefile, GeoPackage, KML or FlatGeobuf with a field `kind` (see BACKDROP_KINDS) and, if there
    are names, `name`. Raises BadFile naming every refused feature, BadInput and TooLarge.
    """
    read = read_layer(path, limit=limit, layer=layer, encoding=encoding, crs=crs, datum=datum)
    if not read.features:
        raise BadFile(f"{path.name} holds no features", field="file")
    columns = choose_columns(read.fields, HEADINGS, needed=("kind",))
    problems: list[RowProblem] = []
    traces: list[Trace] = []
    for feature in read.features:
        try:
            traces.append(_trace(feature, columns))
        except GridmapError as error:
            problems.append(RowProblem(feature.number, error.field, error.message))
    if problems:
        raise refused_rows(path.name, problems)
    store.replace(connection, jurisdiction.code, traces)
    return len(traces)


def _trace(feature: Feature, columns: dict[str, str]) -> Trace:
    for remark in feature.remarks:
        if remark.refuses:
            raise BadInput(remark.message, field="geometry")
    kind = str(feature.properties.get(columns["kind"]) or "").strip()
    if kind not in BACKDROP_KINDS:
        known = ", ".join(BACKDROP_KINDS)
        raise BadInput(f"{kind[:40]!r} is not a kind of backdrop; there are {known}", field="kind")
    name = str(feature.properties.get(columns.get("name", "")) or "").strip()
    if reason := flaw(name, limit=NAME_LIMIT):
        raise BadInput(reason, field="name")
    return Trace(kind, name, _drawable(feature.geometry))


def _drawable(geometry: Any) -> Any:
    """The geometry, flat; polygons made valid, since nothing is ever measured on a backdrop."""
    if geometry is None or geometry.is_empty:
        raise BadInput("there is no geometry", field="geometry")
    flat = shapely.force_2d(geometry)
    nodes = shapely.get_coordinates(flat)
    if not (np.abs(nodes) <= (180, 90)).all():
        raise BadInput("a coordinate is outside ±180, ±90 degrees", field="geometry")
    if flat.geom_type == "GeometryCollection":
        raise BadInput("a GeometryCollection cannot be drawn; give lines or polygons", field="geometry")
    return (
        flat
        if flat.is_valid or flat.geom_type not in ("Polygon", "MultiPolygon")
        else shapely.make_valid(flat)
    )
