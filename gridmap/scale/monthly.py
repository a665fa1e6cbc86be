"""Month × area × category over a placed dataset: each partition summed where it lies, the sums added here."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from distributed import Client

from gridmap.errors import BadFile, BadInput
from gridmap.reports.times import local_days
from gridmap.scale.cluster import run
from gridmap.scale.layout import column, open_file, placed_with
from gridmap.scale.model import AREA_COLUMNS, Partition
from gridmap.scale.reading import find, read_times, record_batches

KEYS = ["month", "area", "category"]
ADD_UP_ROWS = 1_000_000  # so many rows of sums wait to be added up
FORMATS = (".csv", ".parquet")


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: rows by month of `time` in the zone, by code of `by`, by the text of `category`."""

    by: str
    time_zone: str
    time: str = "occurred_at"
    category: str = "category"


def monthly(
    client: Client,
    source: str,
    counting: Counting,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> pa.Table:
    """month (date32, its first day), area, category (text, null for none), reports; in this order.

    Raises BadInput for `by`, BadFile for what is not placed or has no such columns.
    """
    check_by(counting.by)
    partitions = find(source)
    for partition in partitions:
        _check(partition, counting)
    total, done = sum(p.rows for p in partitions), [0]
    waiting: list[pa.Table] = []

    def note(found: tuple[int, bytes]) -> None:
        rows, sums = found
        waiting.append(_unpack(sums))
        if sum(len(each) for each in waiting) > ADD_UP_ROWS:
            waiting[:] = [_added(waiting)]
        done[0] += rows
        on_progress(done[0], total)

    run(client, count_partition, partitions, counting, note)
    return _added(waiting).sort_by([(key, "ascending") for key in KEYS])


def check_by(by: str) -> None:
    """Raise BadInput(field="by") unless placed files have a column of it."""
    if by not in AREA_COLUMNS:
        raise BadInput(f"{by!r} is no way to count; give {', '.join(AREA_COLUMNS)}", field="by")


def count_partition(partition: Partition, counting: Counting) -> tuple[int, bytes]:
    """(rows, their sums as an Arrow stream)."""
    zone = ZoneInfo(counting.time_zone)
    names = [counting.time, counting.by, counting.category]
    file = open_file(partition.path, partition.name)
    sums: list[pa.Table] = []
    first = 1
    for rows in record_batches(file, partition.name, names):
        moments = read_times(rows.column(counting.time), counting.time, zone, partition.name, first)
        months = local_days(moments, zone).astype("datetime64[M]")
        columns = [pa.array(months.astype("datetime64[D]"), pa.date32())]
        columns += [_text(rows.column(name)) for name in names[1:]]
        one = pa.table([*columns, pa.repeat(pa.scalar(1, pa.int64()), len(rows))], [*KEYS, "reports"])
        sums = [_added([*sums, _added([one])])]
        first += len(rows)
    return first - 1, _pack(_added(sums))


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


def _text(values: pa.Array) -> pa.Array:
    plain = values.dictionary_decode() if pa.types.is_dictionary(values.type) else values
    return pc.cast(plain, pa.string())


def _check(partition: Partition, counting: Counting) -> None:
    schema = open_file(partition.path, partition.name).schema_arrow
    said = placed_with(partition.path, partition.name)
    for name in (counting.time, counting.by, counting.category):
        column(schema, partition.name, name)
    if said["time_zone"] != counting.time_zone:
        raise BadFile(
            f"{partition.name} was placed in {said['time_zone']}, others in {counting.time_zone}",
            field="input",
        )


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
