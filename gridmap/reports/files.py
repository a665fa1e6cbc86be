"""A file of reports -> stored reports: one transaction a file, and a summary of what became of its rows.

Rows that cannot be reports are set aside with their number and the reason; the others are stored. The same
file again adds nothing: rows without an id of their own are known by their content.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, GridmapError
from gridmap.geometry.datums import DATUMS
from gridmap.reports import categories, intake, store, times
from gridmap.reports.columns import map_columns
from gridmap.reports.model import NewReport, Outcome
from gridmap.spreadsheets import as_text
from gridmap.tabular import Row, Table, open_table, plain_number

BATCH = 5_000
SHOWN = 20
REJECTED = ("rejected_row", "rejected_field", "rejected_reason")  # before a file's own columns


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read a file: what the flags of `gridmap reports import` say."""

    datum: str | None = None  # of every row without one of its own
    columns: dict[str, str | None] = field(default_factory=dict)  # field of a report -> heading
    category: str | None = None  # of every row where no column says
    add_categories: bool = False  # make local categories of names that are not known
    dates: str | None = None  # "dmy" or "mdy" for 05/06/2023
    encoding: str | None = None
    sheet: str | None = None


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
    months: frozenset[date] = frozenset()
    with database.writing() as connection, _Rejects(rejects, table.fields) as aside:
        words = _Words(connection, jurisdiction, reading, summary)
        import_id = store.next_import_id(connection)
        for rows in _batches(table.rows):
            drafts: list[NewReport] = []
            sources: list[Row] = []
            for row in rows:
                try:
                    drafts.append(_draft(row, columns, reading, order, jurisdiction, words))
                    sources.append(row)
                except GridmapError as error:
                    _reject(summary, aside, row, error)
            months = intake.prepare_months(database, (d.occurred_at for d in drafts), made=months)
            outcomes = intake.record_batch(
                connection, jurisdiction, drafts, settings=database.settings, import_id=import_id
            )
            for row, outcome in zip(sources, outcomes, strict=True):
                _count(summary, aside, row, outcome, database.settings.near_edge_m)
            summary.rows += len(rows)
            progress(summary.rows)
        _finish(connection, jurisdiction, summary, import_id, path, loaded_by, database.settings.pile_size)
    return summary


def _open(database: Database, path: Path, reading: Reading) -> Table:
    return open_table(
        path, encoding=reading.encoding, sheet=reading.sheet, limit=database.settings.file_limit
    )


def _order(database: Database, path: Path, reading: Reading, heading: str) -> str | None:
    """The order of day and month that the whole column shows, looked for when its first values need one."""
    values = (row.values.get(heading) or "" for row in _open(database, path, reading).rows)
    head = list(islice(values, 100))
    if not any(times.needs_order(value) for value in head):
        return None
    return times.shown_order(chain(head, values))


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    batch: list[Row] = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _draft(
    row: Row,
    columns: dict[str, str],
    reading: Reading,
    order: str | None,
    jurisdiction: Jurisdiction,
    words: _Words,
) -> NewReport:
    if row.problem:
        raise BadInput(row.problem)
    value = {name: row.values.get(heading) for name, heading in columns.items()}
    moment = value.get("occurred_at")
    if not moment:
        raise BadInput("is empty", field="occurred_at")
    lon, lat = plain_number(value.get("lon"), "lon"), plain_number(value.get("lat"), "lat")
    return NewReport(
        category=words.code(value.get("category")),
        description=value.get("description") or "",
        occurred_at=times.parse_time(moment, jurisdiction.zone, order),
        client_id=value.get("client_id"),
        lon=lon,
        lat=lat,
        datum=(value.get("datum") or reading.datum) if lon is not None else None,
        accuracy_m=plain_number(value.get("accuracy_m"), "accuracy_m") if lon is not None else None,
        named_area=value.get("named_area") if lon is None and lat is None else None,
    )


class _Words:
    """Category words of a file -> codes; makes local categories where the flags allow it."""

    def __init__(
        self, connection: Connection, jurisdiction: Jurisdiction, reading: Reading, summary: Summary
    ):
        self._connection = connection
        self._jurisdiction = jurisdiction.code
        self._reading = reading
        self._summary = summary
        self._codes: dict[str, str] = {}
        self._known = categories.vocabulary(connection, jurisdiction.code)
        self._default = reading.category or categories.UNSORTED
        self._known.check(self._default)

    def code(self, word: str | None) -> str:
        if not word:
            return self._default
        if word not in self._codes:
            found = self._known.find(word)
            if found is None and self._reading.add_categories:
                found = categories.add_local(self._connection, self._jurisdiction, word)
                self._summary.new_categories.append(word)
            self._codes[word] = found or word  # intake refuses an unknown word with a hint
        return self._codes[word]


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

    def add(self, row: Row, rejected: Rejected) -> None:
        if self._path is not None:
            values = [as_text(row.values.get(name) or "") for name in self._fields]
            self._table([rejected.number, rejected.field, as_text(rejected.reason), *values])


def _reject(summary: Summary, aside: _Rejects, row: Row, error: GridmapError) -> None:
    rejected = Rejected(row.number, error.field, error.message)
    summary.rejected += 1
    if len(summary.first_rejected) < SHOWN:
        summary.first_rejected.append(rejected)
    aside.add(row, rejected)


def _count(summary: Summary, aside: _Rejects, row: Row, outcome: Outcome, near_edge_m: float) -> None:
    if outcome.status in ("refused", "conflict"):
        assert outcome.error is not None
        _reject(summary, aside, row, outcome.error)
    elif outcome.status == "known":
        summary.known += 1
    else:
        assert outcome.placement is not None
        summary.accepted += 1
        method = outcome.placement.method
        summary.methods[method] = summary.methods.get(method, 0) + 1
        summary.needs_review += outcome.needs_review
        distance = outcome.placement.edge_distance_m
        summary.near_edge += distance is not None and distance < near_edge_m


def _finish(
    connection: Connection,
    jurisdiction: Jurisdiction,
    summary: Summary,
    import_id: int,
    path: Path,
    loaded_by: str,
    pile_size: int,
) -> None:
    if not summary.accepted:
        return
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
    summary.piles = store.piles_of_import(connection, jurisdiction.code, import_id, pile_size)
