"""A file of reports -> stored reports: one transaction a file, and a summary of what became of its rows.

Rows that cannot be reports are set aside with their number and the reason; the others are stored. The same
file again adds nothing: rows without an id of their own are known by their content.
"""

from __future__ import annotations

import csv
import gc
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from gridmap.areas.atlas import METHODS
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, GridmapError
from gridmap.geometry.datums import DATUMS
from gridmap.reports import categories, intake, store, times
from gridmap.reports.bulk import bulk
from gridmap.reports.columns import map_columns
from gridmap.reports.heaps import Heaps
from gridmap.reports.reading import Read, Reader, Reading, Words
from gridmap.spreadsheets import as_text
from gridmap.tabular import Block, Source, Table, open_table, read_ahead, read_apart

SHOWN = 20
REJECTED = ("rejected_row", "rejected_field", "rejected_reason")  # before a file's own columns


@dataclass(frozen=True, slots=True)
class Rejected:
    number: int
    field: str | None
    reason: str


@dataclass(slots=True)
class Summary:
    """What became of the rows of a file."""

    file_name: str
    encoding: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    order: str | None = None  # of day and month, where the column of times needs one
    rows: int = 0
    accepted: int = 0
    known: int = 0
    rejected: int = 0
    first_rejected: list[Rejected] = field(default_factory=list)
    methods: dict[str, int] = field(default_factory=dict)  # of accepted rows
    near_edge: int = 0
    needs_review: int = 0
    piles: list[tuple[float, float, int]] = field(default_factory=list)  # lon, lat as given, how many rows
    new_categories: list[str] = field(default_factory=list)


def import_file(
    database: Database,
    jurisdiction: Jurisdiction,
    path: Path,
    reading: Reading,
    *,
    loaded_by: str,
    rejects: Path | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> Summary:
    """Store the reports of a file in one transaction.

    `rejects` is where refused rows go (made only when there are any); `progress` hears how many rows are
    done. Raises BadFile, BadInput (naming a flag) or TooLarge before anything is written.
    """
    if reading.datum is not None and reading.datum not in DATUMS:
        raise BadInput(f"{reading.datum!r} is not a datum; there are {', '.join(DATUMS)}", field="datum")
    if reading.dates not in (None, "dmy", "mdy"):
        raise BadInput("give dmy or mdy", field="dates")
    check_side_file(rejects)
    table = _open(database, path, reading)
    columns = map_columns(table.fields, reading.columns)
    if "lon" in columns and reading.datum is None and "datum" not in columns:
        raise BadInput(f"declare the datum of the coordinates: {', '.join(DATUMS)}", field="datum")
    order = reading.dates or _order(database, path, reading, columns["occurred_at"])
    summary = Summary(path.name, table.encoding, columns, order)
    settings = database.settings
    source = Source(path, table.encoding, reading.sheet, settings.file_limit)
    with (
        _frozen(),
        database.adding.writing() as connection,
        _Rejects(rejects, table.fields) as aside,
        read_apart(source) as read_blocks,
    ):
        atlas = intake.held_atlas(connection, jurisdiction, settings)
        known = categories.vocabulary(connection, jurisdiction.code)
        reader = Reader(columns, reading, order, jurisdiction.zone, Words(known, reading), known)
        heaps = Heaps()

        def ready() -> Iterator[tuple[Block, Read, intake.Prepared]]:
            for block in read_blocks:
                read = reader.read(block)
                yield block, read, intake.prepare(read.batch, atlas, jurisdiction, settings)

        with read_ahead(ready()) as blocks, bulk(connection, jurisdiction, settings) as under_way:
            for block, read, prepared in blocks:
                _add_categories(connection, jurisdiction, reader.words, summary)
                recorded = under_way.store(prepared)
                new = recorded.status == intake.CREATED
                heaps.add(prepared.batch.lon[new], prepared.batch.lat[new])
                _count(summary, prepared, recorded, settings.near_edge_m)
                errors = {int(read.rows[row]): error for row, error in recorded.errors.items()}
                _set_aside(summary, aside, block, read.errors | errors)
                summary.rows += len(block)
                progress(summary.rows)
        if summary.accepted:
            _record(connection, jurisdiction, summary, under_way.import_id, path, loaded_by)
        if heaps.highest >= settings.pile_size:
            summary.piles = store.piles_of_import(
                connection, jurisdiction.code, under_way.import_id, settings.pile_size
            )
    return summary


@contextmanager
def _frozen() -> Iterator[None]:
    """What exists by now is left out of garbage collections: millions of new texts would set them off, and
    walking through all of a program's objects each time takes a quarter of an import."""
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _open(database: Database, path: Path, reading: Reading) -> Table:
    return open_table(
        path, encoding=reading.encoding, sheet=reading.sheet, limit=database.settings.file_limit
    )


def _order(database: Database, path: Path, reading: Reading, heading: str) -> str | None:
    """The order of day and month that the whole column shows, looked for when its first values need one."""
    blocks = _open(database, path, reading).blocks
    values = (value or "" for block in blocks for value in block.columns[heading])
    head = list(islice(values, 100))
    if not any(times.needs_order(value) for value in head):
        return None
    return times.shown_order(chain(head, values))


def _add_categories(
    connection: Connection, jurisdiction: Jurisdiction, words: Words, summary: Summary
) -> None:
    """Make the categories that the file has brought up to now."""
    for name in list(words.new)[len(summary.new_categories) :]:
        categories.add_local(connection, jurisdiction.code, name)
        summary.new_categories.append(name)


def check_side_file(path: Path | None) -> None:
    """Raise BadInput(field="rejects") unless refused rows could be written there: said before the work."""
    if path is not None and not (path.parent.is_dir() and os.access(path.parent, os.W_OK)):
        raise BadInput(f"{path.parent} is not a folder that can be written", field="rejects")


class _Rejects(ExitStack):
    """The side file of refused rows: row number, field, reason, and the row itself. Made at the first one."""

    def __init__(self, path: Path | None, fields: list[str]):
        super().__init__()
        self._path = path
        self._fields = fields

    @cached_property
    def _table(self) -> Callable[[list[object]], object]:
        assert self._path is not None
        stream = self.enter_context(self._path.open("w", encoding="utf-8-sig", newline=""))
        table = csv.writer(stream)
        heading = [*REJECTED, *(as_text(name) for name in self._fields)]
        table.writerow(heading)
        return table.writerow

    def add(self, block: Block, place: int, rejected: Rejected) -> None:
        if self._path is not None:
            values = [as_text(block.columns[name][place] or "") for name in self._fields]
            self._table([rejected.number, rejected.field, as_text(rejected.reason), *values])


def _set_aside(summary: Summary, aside: _Rejects, block: Block, errors: dict[int, GridmapError]) -> None:
    for place, error in sorted(errors.items()):
        rejected = Rejected(block.numbers[place], error.field, error.message)
        summary.rejected += 1
        if len(summary.first_rejected) < SHOWN:
            summary.first_rejected.append(rejected)
        aside.add(block, place, rejected)


def _count(
    summary: Summary, prepared: intake.Prepared, recorded: intake.Recorded, near_edge_m: float
) -> None:
    new = recorded.status == intake.CREATED
    placed = prepared.placed
    summary.accepted += int(new.sum())
    summary.known += int((recorded.status == intake.KNOWN).sum())
    for method, count in enumerate(np.bincount(placed.method[new]).tolist()):
        if count:
            summary.methods[METHODS[method]] = summary.methods.get(METHODS[method], 0) + count
    summary.needs_review += int(placed.needs_review[new].sum())
    summary.near_edge += int((placed.edge_distance_m[new] < near_edge_m).sum())


def _record(
    connection: Connection,
    jurisdiction: Jurisdiction,
    summary: Summary,
    import_id: int,
    path: Path,
    loaded_by: str,
) -> None:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    store.add_import(
        connection,
        id=import_id,
        jurisdiction=jurisdiction.code,
        file_name=path.name,
        sha256=digest,
        loaded_by=loaded_by,
        accepted=summary.accepted,
        known=summary.known,
        rejected=summary.rejected,
    )
