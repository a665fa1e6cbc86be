"""Reading partitions: which there are, and one of them in batches of places and moments.

A batch is some ten megabytes, whatever the size of the file or of its row groups.
"""

from __future__ import annotations

import glob
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pyproj
import shapely
from numpy.typing import NDArray

from gridmap.areas.positions import out_of_range
from gridmap.errors import BadCoordinate, BadFile, GridmapError
from gridmap.geometry.datums import check_datum, to_wgs84
from gridmap.reports.times import from_clock, parse_times
from gridmap.scale.layout import Layout, layout, open_file, unreadable
from gridmap.scale.model import Options, Partition
from gridmap.scale.points import Floats, NoPoint, from_wkb

BATCH_ROWS = 1 << 17


@dataclass(frozen=True, slots=True)
class Batch:
    """n rows as read, where they are (WGS-84 degrees, NaN for nowhere) and when (µs since 1970 UTC)."""

    rows: pa.RecordBatch
    lon: Floats
    lat: Floats
    moments: NDArray[np.int64]
    refused: NDArray[np.bool_]  # positions that are none; their lon, lat are NaN
    first: int  # number of the first row in the file, from 1


def find(source: str) -> list[Partition]:
    """The Parquet files of a folder (with its folders), a glob or a single path, by name.

    Hidden ones and those that begin with _ are no data, by the custom of such folders. Raises BadFile.
    """
    top = Path(source)
    if top.is_dir():
        paths = [path for path in top.rglob("*.parquet") if path.is_file()]
    else:
        paths = [Path(path) for path in glob.glob(source, recursive=True) if Path(path).is_file()]
        top = Path(os.path.commonpath([path.parent for path in paths])) if paths else top
    named = {path.relative_to(top).as_posix(): path for path in paths}
    chosen = {name: p for name, p in named.items() if not any(part[0] in "._" for part in Path(name).parts)}
    if not chosen:
        raise BadFile(f"there is no Parquet file at {source}", field="input")
    return [
        Partition(str(path.absolute()), name, open_file(str(path), name).metadata.num_rows)
        for name, path in sorted(chosen.items())
    ]


def examine(partitions: Sequence[Partition], options: Options) -> None:
    """Raise what `layout` raises for the first file that cannot be placed, before any work is done."""
    for partition in partitions:
        layout(open_file(partition.path, partition.name), partition.name, options)


def batches(
    file: pq.ParquetFile, name: str, how: Layout, options: Options, columns: Sequence[str] | None = None
) -> Iterator[Batch]:
    """A file's rows, BATCH_ROWS at a time. Raises BadFile and BadCoordinate naming file, column and row."""
    zone = ZoneInfo(options.time_zone)
    first = 1
    for rows in record_batches(file, name, columns):
        moments = read_times(rows.column(options.columns.time), options.columns.time, zone, name, first)
        lon, lat = _positions(rows, how, options, name, first)
        refused = _check(lon, lat, options, how, name, first)
        yield Batch(rows, lon, lat, moments, refused, first)
        first += len(rows)


def record_batches(
    file: pq.ParquetFile, name: str, columns: Sequence[str] | None = None
) -> Iterator[pa.RecordBatch]:
    try:
        yield from file.iter_batches(BATCH_ROWS, columns=columns, use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise unreadable(name, error) from None


def read_times(column: pa.Array, field: str, zone: ZoneInfo, name: str, first: int) -> NDArray[np.int64]:
    """Microseconds since 1970 UTC; times without an offset, and days, are of the zone. Raises BadFile."""
    if column.null_count:
        row = first + int(np.flatnonzero(column.is_null().to_numpy(zero_copy_only=False))[0])
        raise BadFile(f"{name}: row {row:,} is empty; give a time", field=field)
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_timestamp(column.type) or pa.types.is_date(column.type):
        kept = pc.cast(column, pa.timestamp("us", getattr(column.type, "tz", None)), safe=False)
        clock = kept.cast(pa.int64()).to_numpy()
        return clock if kept.type.tz else from_clock(clock, zone)
    moments, doubtful = parse_times(column.to_pylist(), zone, None)
    if doubtful.any():
        row = int(np.flatnonzero(doubtful)[0])
        said = column[row].as_py()[:40]
        raise BadFile(
            f"{name}: row {first + row:,}: {said!r} is not a time; write it like 2023-06-18T20:30+08:00",
            field=field,
        )
    return moments


def _positions(
    rows: pa.RecordBatch, how: Layout, options: Options, name: str, first: int
) -> tuple[Floats, Floats]:
    """As WGS-84, but not yet checked."""
    if how.geometry is None:
        return _degrees(rows, options, name, first)
    column = rows.column(how.geometry)
    try:
        x, y = from_wkb(column) if how.encoding == "WKB" else _struct(column)
    except NoPoint as wrong:
        raise BadFile(
            f"{name}: row {first + wrong.row:,} is {wrong.what}; give points", field=how.geometry
        ) from None
    except shapely.errors.GEOSException as error:
        raise BadFile(
            f"{name}: from row {first:,} on: no well-known binary: {error}", field=how.geometry
        ) from None
    if how.crs is None:
        return to_wgs84(x, y, options.datum or "wgs84")
    there = ~np.isnan(x)
    base = how.crs.geodetic_crs
    transformer = pyproj.Transformer.from_crs(how.crs, base, always_xy=True)
    x[there], y[there] = transformer.transform(x[there], y[there])
    return x, y


def _struct(column: pa.StructArray) -> tuple[Floats, Floats]:
    """x, y of GeoArrow's separated points; NaN for null."""
    parts = dict(zip((field.name for field in column.type.fields), column.flatten(), strict=True))
    x, y = (pc.cast(parts[axis], pa.float64()).to_numpy(zero_copy_only=False).copy() for axis in "xy")
    return x, y


def _degrees(rows: pa.RecordBatch, options: Options, name: str, first: int) -> tuple[Floats, Floats]:
    """Of two columns; each row's datum is its own, where there is a column of it, else the options'."""
    columns = options.columns
    lon, lat = (
        pc.cast(rows.column(each), pa.float64(), safe=False).to_numpy(zero_copy_only=False).copy()
        for each in (columns.lon, columns.lat)
    )
    if columns.datum not in rows.schema.names:
        return to_wgs84(lon, lat, options.datum or "wgs84")
    said = rows.column(columns.datum)
    said = said if pa.types.is_dictionary(said.type) else said.dictionary_encode()
    which = said.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    nowhere = np.isnan(lon) & np.isnan(lat)
    for index in np.unique(which[~nowhere]).tolist():
        mine = np.flatnonzero((which == index) & ~nowhere)
        datum = options.datum if index < 0 else said.dictionary[index].as_py()
        try:
            lon[mine], lat[mine] = to_wgs84(lon[mine], lat[mine], check_datum(datum or ""))
        except GridmapError as error:
            row = first + int(mine[0])
            raise BadFile(f"{name}: row {row:,}: {error.message}", field=columns.datum) from None
    return lon, lat


def _check(
    lon: Floats, lat: Floats, options: Options, how: Layout, name: str, first: int
) -> NDArray[np.bool_]:
    """Which positions are none, made NaN; both NaN is a row without one. Raises BadCoordinate."""
    with np.errstate(invalid="ignore"):
        sound = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
    refused = ~sound & ~(np.isnan(lon) & np.isnan(lat))
    if refused.any() and not options.keep_refused:
        row = int(np.flatnonzero(refused)[0])
        field, reason = out_of_range(float(lon[row]), float(lat[row])) or ("", "")
        column = how.geometry or getattr(options.columns, field)
        raise BadCoordinate(f"{name}: row {first + row:,}: {reason}", field=column)
    lon[refused] = lat[refused] = np.nan
    return refused
