"""Month × area × category: each partition summed by a worker, placed before or on the way; the sums added."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client
from numpy.typing import NDArray

from gridmap.errors import BadFile, BadInput
from gridmap.scale.calendar import months
from gridmap.scale.cluster import run
from gridmap.scale.layout import column, layout, open_file, placed_with
from gridmap.scale.model import AREA_COLUMNS, Partition
from gridmap.scale.placing import locate
from gridmap.scale.plan import Plan
from gridmap.scale.reading import batches, find, read_times, record_batches

KEYS = ["month", "area", "category"]
ADD_UP_ROWS = 1_000_000  # so many rows of sums wait to be added up
FORMATS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: rows by month of `time` in the zone, by code of `by`, by the text of `category`.

    With a plan the input is not placed yet, and nothing of the placing is kept but the counts.
    """

    by: str
    time_zone: str
    time: str = "occurred_at"
    category: str = "category"
    plan: Plan | None = None


def monthly(
    client: Client,
    source: str,
    counting: Counting,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> pa.Table:
    """month (date32, its first day), area, category (text, null for none), reports; in this order.

    Raises BadInput for `by`, BadFile for what is not placed, or cannot be, or has no such columns.
    """
    check_by(counting.by)
    partitions = find(source)
    for partition in partitions:
        _check(partition, counting)
    total, done = sum(p.rows for p in partitions), 0
    waiting: list[pa.Table] = []

    def note(found: tuple[int, bytes]) -> None:
        nonlocal done
        rows, sums = found
        waiting.append(_unpack(sums))
        if sum(len(each) for each in waiting) > ADD_UP_ROWS:
            waiting[:] = [_added(waiting)]
        done += rows
        on_progress(done, total)

    run(client, count_partition, partitions, counting, note)
    return _added(waiting).sort_by([(key, "ascending") for key in KEYS])


def check_by(by: str) -> None:
    """Raise BadInput(field="by") unless placed files have a column of it."""
    if by not in AREA_COLUMNS:
        raise BadInput(f"{by!r} is no way to count; give {', '.join(AREA_COLUMNS)}", field="by")


def count_partition(partition: Partition, counting: Counting) -> tuple[int, bytes]:
    """(rows, their sums as an Arrow stream)."""
    zone = ZoneInfo(counting.time_zone)
    rows, sums = 0, []
    for moments, area, category in _columns(partition, counting, zone):
        which, firsts = months(moments, zone)
        sums.append(_summed(which, firsts, _dictionary(area), _dictionary(category)))
        rows += len(moments)
    return rows, _pack(_added(sums))


def _columns(
    partition: Partition, counting: Counting, zone: ZoneInfo
) -> Iterator[tuple[NDArray[np.int64], pa.Array, pa.Array]]:
    """Moments, areas and categories of a partition, batch by batch."""
    file = open_file(partition.path, partition.name)
    if counting.plan is not None:
        how = layout(file, partition.name, counting.plan.options)
        names = [*how.needed(counting.plan.options), counting.category]
        for batch in batches(file, partition.name, how, counting.plan.options, names):
            placed, _ = locate(batch, counting.plan, how, partition.name)
            yield (
                batch.moments,
                counting.plan.column(counting.by, placed),
                batch.rows.column(counting.category),
            )
        return
    first = 1
    for rows in record_batches(file, partition.name, [counting.time, counting.by, counting.category]):
        moments = read_times(rows.column(counting.time), counting.time, zone, partition.name, first)
        yield moments, rows.column(counting.by), rows.column(counting.category)
        first += len(rows)


def _dictionary(column: pa.Array) -> pa.DictionaryArray:
    found = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    return pa.DictionaryArray.from_arrays(found.indices.cast(pa.int32()), found.dictionary.cast(pa.string()))


def _summed(
    month: NDArray[np.intp],
    firsts: NDArray[np.datetime64],
    area: pa.DictionaryArray,
    category: pa.DictionaryArray,
) -> pa.Table:
    """Counted by one number for month, area and category; the last area and category are none."""
    areas, categories = len(area.dictionary) + 1, len(category.dictionary) + 1
    key = (month * areas + _index(area)) * categories + _index(category)
    if len(firsts) * areas * categories <= 4 * len(key):
        count = np.bincount(key)
        found = np.flatnonzero(count)
        count = count[found]
    else:
        found, count = np.unique(key, return_counts=True)
    rest, which_category = np.divmod(found, categories)
    which_month, which_area = np.divmod(rest, areas)
    columns = [
        pa.array(firsts.astype("datetime64[D]")[which_month], pa.date32()),
        _text(area, which_area),
        _text(category, which_category),
        pa.array(count, pa.int64()),
    ]
    return pa.table(columns, [*KEYS, "reports"])


def _index(column: pa.DictionaryArray) -> NDArray[np.int64]:
    return column.indices.fill_null(len(column.dictionary)).to_numpy(zero_copy_only=False).astype(np.int64)


def _text(column: pa.DictionaryArray, which: NDArray[np.int64]) -> pa.Array:
    return column.dictionary.take(pa.array(which, mask=which == len(column.dictionary)))


def _pack(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def _unpack(stream: bytes) -> pa.Table:
    # What comes over a socket lies anywhere in memory, and summing wants its numbers aligned.
    options = pa.ipc.IpcReadOptions(ensure_alignment=pa.ipc.Alignment.At64Byte)
    return pa.ipc.open_stream(stream, options=options).read_all()


def _added(tables: list[pa.Table]) -> pa.Table:
    if not tables:
        kinds = (pa.date32(), pa.string(), pa.string(), pa.int64())
        return pa.table(
            {name: pa.array([], kind) for name, kind in zip([*KEYS, "reports"], kinds, strict=True)}
        )
    summed = pa.concat_tables(tables).group_by(KEYS, use_threads=False).aggregate([("reports", "sum")])
    return summed.rename_columns([*KEYS, "reports"])


def _check(partition: Partition, counting: Counting) -> None:
    file = open_file(partition.path, partition.name)
    column(file.schema_arrow, partition.name, counting.category)
    if counting.plan is not None:
        layout(file, partition.name, counting.plan.options)
        return
    said = placed_with(partition.path, partition.name)
    for name in (counting.time, counting.by):
        column(file.schema_arrow, partition.name, name)
    if said["time_zone"] != counting.time_zone:
        zones = f"{said['time_zone']}, others in {counting.time_zone}"
        raise BadFile(f"{partition.name} was placed in {zones}", field="input")


def write(table: pa.Table, by: str, out: Path) -> None:
    """As CSV or Parquet, by the ending; the area's column is named for its kind. Whole or not at all.

    Raises BadInput(field="out").
    """
    check_out(out)
    named = table.rename_columns(["month", by, "category", "reports"])
    unfinished = out.with_name(f".{out.name}.part")
    try:
        if out.suffix == ".parquet":
            pq.write_table(named, unfinished, compression="zstd")
        else:
            with unfinished.open("w", encoding="utf-8", newline="") as stream:
                lines = csv.writer(stream)
                lines.writerow(named.column_names)
                for batch in named.to_batches(max_chunksize=1 << 16):
                    months = (f"{month:%Y-%m}" for month in batch.column(0).to_pylist())
                    lines.writerows(zip(months, *(c.to_pylist() for c in batch.columns[1:]), strict=True))
        unfinished.replace(out)
    finally:
        unfinished.unlink(missing_ok=True)


def check_out(out: Path) -> None:
    """Raise BadInput(field="out") unless `write` can make it."""
    if out.suffix not in FORMATS:
        raise BadInput(f"{out.name} should end in {' or '.join(FORMATS)}", field="out")
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(f"{out} is not a file in a folder that there is", field="out")
