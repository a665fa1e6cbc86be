"""Where a Parquet file keeps its positions and times: told from its footer, before a row is read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj

from gridmap.errors import BadFile, GridmapError
from gridmap.geometry.datums import check_datum
from gridmap.scale.model import PLACED_COLUMNS, Options
from gridmap.vectors.frames import crs_name, on_storage_datum, parse_crs

GEO, OURS = b"geo", b"gridmap"  # keys of a footer's metadata
GEOMETRY = "geometry"  # the column that placing adds where there is none


@dataclass(frozen=True, slots=True)
class Layout:
    """`geometry` is None where positions are two columns. `crs` is that of projected points, else None."""

    geometry: str | None
    encoding: str  # WKB or point
    crs: pyproj.CRS | None
    schema: pa.Schema

    @property
    def out(self) -> str:
        """The geometry column of the output."""
        return self.geometry or GEOMETRY

    def needed(self, options: Options) -> list[str]:
        """The columns that placing reads."""
        columns = options.columns
        if self.geometry is not None:
            return [columns.time, self.geometry]
        datum = [columns.datum] if columns.datum in self.schema.names else []
        return [columns.time, columns.lon, columns.lat, *datum]


def open_file(path: str, name: str) -> pq.ParquetFile:
    """Its footer read; columns come in small blocks, however large a row group. Raises BadFile."""
    try:
        # Without pre_buffer: it would hold all columns of a row group, 300 MB where one has 10⁷ rows; so, 26.
        return pq.ParquetFile(path, buffer_size=1 << 20, pre_buffer=False)
    except FileNotFoundError:
        raise BadFile(f"{name} is not there", field="input") from None
    except (pa.ArrowException, OSError) as error:
        raise unreadable(name, error) from None


def unreadable(name: str, error: Exception) -> BadFile:
    return BadFile(f"{name} cannot be read as Parquet: {str(error).splitlines()[0][:200]}", field="input")


def layout(file: pq.ParquetFile, name: str, options: Options) -> Layout:
    """How to read a file. Raises BadFile naming file and column, BadInput for the datum."""
    schema = file.schema_arrow
    if len(set(schema.names)) < len(schema.names):
        raise BadFile(f"{name} has two columns of one name", field="input")
    time = column(schema, name, options.columns.time)
    if not (pa.types.is_timestamp(time.type) or pa.types.is_date(time.type) or _is_text(time.type)):
        raise BadFile(f"{name}: is {time.type}; give times, days or text", field=time.name)
    if options.datum is not None:
        check_datum(options.datum)
    found = _geometry(file, name, options) or _degrees(schema, name, options)
    _check_free(schema, name, options, found)
    return found


def _geo(metadata: dict[bytes, bytes] | None, name: str) -> dict[str, Any] | None:
    """The file's `geo` document, None without one. Raises BadFile."""
    text = (metadata or {}).get(GEO)
    if text is None:
        return None
    try:
        document = json.loads(text)
        document["columns"][document["primary_column"]]["encoding"]
    except (ValueError, KeyError, TypeError):
        raise BadFile(f"{name}: its GeoParquet metadata are broken", field="geo") from None
    return document


def _geometry(file: pq.ParquetFile, name: str, options: Options) -> Layout | None:
    schema = file.schema_arrow
    document = _geo(file.metadata.metadata, name)
    if document is None:
        return None
    primary = document["primary_column"]
    said = document["columns"][primary]
    kind = column(schema, name, primary).type
    encoding = said["encoding"]
    if encoding == "WKB" and not (pa.types.is_binary(kind) or pa.types.is_large_binary(kind)):
        raise BadFile(f"{name}: is {kind}, and WKB is binary", field=primary)
    if encoding == "point" and not (pa.types.is_struct(kind) and {"x", "y"} <= {f.name for f in kind.fields}):
        raise BadFile(f"{name}: is {kind}, and such points are a struct of x and y", field=primary)
    if encoding not in ("WKB", "point"):
        raise BadFile(f"{name}: its encoding is {encoding!r}; give points as WKB or `point`", field=primary)
    types = said.get("geometry_types") or []
    if wrong := [each for each in types if each.split()[0] != "Point"]:
        raise BadFile(f"{name}: holds {wrong[0]}; give points", field=primary)
    return Layout(primary, encoding, _crs(said, name, primary, options), schema)


def _crs(said: dict[str, Any], name: str, primary: str, options: Options) -> pyproj.CRS | None:
    """The CRS of projected points; None for degrees. Without a `crs` the standard means OGC:CRS84."""
    definition = said.get("crs", "OGC:CRS84")
    if definition is None:
        if options.datum is None:
            raise BadFile(f"{name}: names no CRS; say its datum with --datum", field=primary)
        return None
    text = definition if isinstance(definition, str) else json.dumps(definition)
    try:
        crs = parse_crs(text)
    except GridmapError as error:
        raise BadFile(f"{name}: {error.message}", field=primary) from None
    if not on_storage_datum(crs):
        raise BadFile(f"{name}: is in {crs_name(crs)}; convert it to CGCS2000 or WGS-84 first", field=primary)
    if crs.is_geographic:
        return None
    if options.datum in ("gcj02", "bd09"):
        raise BadFile(f"{name}: is in {crs_name(crs)}, and {options.datum} is of degrees", field=primary)
    return crs


def _degrees(schema: pa.Schema, name: str, options: Options) -> Layout:
    columns = options.columns
    if columns.lon not in schema.names and columns.lat not in schema.names:
        raise BadFile(
            f"{name} is no GeoParquet and has no column of this name; there are {', '.join(schema.names)}",
            field=columns.lon,
        )
    for each in (columns.lon, columns.lat):
        if not _is_number(kind := column(schema, name, each).type):
            raise BadFile(f"{name}: is {kind}; give degrees as numbers", field=each)
    if columns.datum in schema.names:
        if not _is_text(kind := schema.field(columns.datum).type):
            raise BadFile(f"{name}: is {kind}; give the name of a datum", field=columns.datum)
    elif options.datum is None:
        raise BadFile(f"{name} has no such column; say with --datum what lon and lat are", field="datum")
    return Layout(None, "WKB", None, schema)


def _check_free(schema: pa.Schema, name: str, options: Options, found: Layout) -> None:
    """What placing adds must not be there already, and must be there to be cut anew."""
    there = [each for each in PLACED_COLUMNS if each in schema.names]
    if options.recut and len(there) < len(PLACED_COLUMNS):
        missing = next(each for each in PLACED_COLUMNS if each not in there)
        raise BadFile(f"{name} is not placed yet: it has no such column; run scale place", field=missing)
    if options.recut:
        return
    if found.geometry is None and GEOMETRY in schema.names:
        raise BadFile(f"{name}: is there, but the file is no GeoParquet; rename it", field=GEOMETRY)
    if there:
        raise BadFile(f"{name}: is there already; use scale recut, or rename it", field=there[0])


def column(schema: pa.Schema, name: str, wanted: str) -> pa.Field:
    """A file's column. Raises BadFile naming both."""
    if wanted not in schema.names:
        raise BadFile(f"{name} has no such column; there are {', '.join(schema.names)}", field=wanted)
    return schema.field(wanted)


def _is_number(kind: pa.DataType) -> bool:
    return pa.types.is_floating(kind) or pa.types.is_integer(kind) or pa.types.is_decimal(kind)


def _is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_string(kind) or pa.types.is_large_string(kind)


def placed_with(path: str, name: str) -> dict[str, Any]:
    """What a placed file tells of its job. Raises BadFile when it is none."""
    said = our_metadata(open_file(path, name).metadata.metadata)
    if "time_zone" not in said:
        raise BadFile(f"{name} was not made by `gridmap scale place`", field="input")
    return said


def our_metadata(metadata: dict[bytes, bytes] | None) -> dict[str, Any]:
    """What an earlier job wrote about itself into a footer; empty for a file that is not ours."""
    text = (metadata or {}).get(OURS)
    try:
        document = json.loads(text) if text else {}
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
