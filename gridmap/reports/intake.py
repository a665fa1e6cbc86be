"""How a report gets in: checked, placed, recorded. One report is a batch of one; a file is many batches.

Placement is decided in the transaction that stores the report, on the editions valid on its own day,
while those are held still. Nothing of a refused draft is written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas, current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.areas.positions import out_of_range
from gridmap.areas.store import lock_areas
from gridmap.database import copying
from gridmap.database.copying import Column
from gridmap.database.months import Months, make_months
from gridmap.database.sessions import Database
from gridmap.errors import BadCoordinate, BadInput, Conflict, GridmapError
from gridmap.geometry.datums import DATUMS
from gridmap.reports import store
from gridmap.reports.batch import Batch, batch_of, bodies
from gridmap.reports.categories import Vocabulary, vocabulary
from gridmap.reports.counting import Tally, counted
from gridmap.reports.model import NewReport, Outcome
from gridmap.reports.placing import Placed, place
from gridmap.reports.rows import key_columns, report_columns
from gridmap.reports.times import WIDEST_OFFSET
from gridmap.settings import Settings
from gridmap.text import check_text

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
DESCRIPTION_MOST = 5_000
CLIENT_ID_MOST = 128
NAME_MOST = 200
ACCURACY_MOST_M = 200_000.0

CREATED, KNOWN, REFUSED, CONFLICT = range(4)  # what became of a row


@dataclass(frozen=True, slots=True)
class Prepared:
    """A batch on its way in: placed, with the id that each report will have. Nothing is written yet."""

    batch: Batch
    placed: Placed
    client_ids: list[str]  # made from the content where none was given
    bodies: list[bytes]
    ids: NDArray[np.uint8]  # (n, 16)
    rows: NDArray[np.intp]  # to be stored: those without an error, the first of each client id
    columns: dict[str, Column]  # of the table of reports, for `rows`
    keys: dict[str, Column]  # of the table of client ids, for `rows`


class Then(Protocol):
    """What else is done in the transaction that stores reports; `stored`: (id, occurred_at, category)."""

    def __call__(
        self, connection: Connection, jurisdiction: Jurisdiction, stored: Sequence[tuple[UUID, datetime, str]]
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of n rows: `status` is CREATED, KNOWN, REFUSED or CONFLICT; the last two have an error.

    `stored` tells for every client id that was there before who has it.
    """

    status: NDArray[np.int8]
    errors: dict[int, GridmapError]
    stored: dict[str, store.Key]


def record(
    database: Database,
    jurisdiction: Jurisdiction,
    drafts: Sequence[NewReport],
    *,
    import_id: int | None = None,
    then: Then | None = None,
) -> list[Outcome]:
    """Store a batch in one transaction; -> one outcome per draft, in their order, once it is committed.

    `then` is called in that transaction with what is new.
    """
    prepare_months(database, [d.occurred_at for d in drafts])
    with database.writing() as connection:
        outcomes = record_batch(
            connection, jurisdiction, drafts, settings=database.settings, import_id=import_id
        )
        if then is not None:
            then(connection, jurisdiction, created(drafts, outcomes))
    return outcomes


def created(drafts: Sequence[NewReport], outcomes: Sequence[Outcome]) -> list[tuple[UUID, datetime, str]]:
    """(id, occurred_at, category) of the reports that are new."""
    return [
        (outcome.report_id, draft.occurred_at, draft.category)
        for draft, outcome in zip(drafts, outcomes, strict=True)
        if outcome.status == "created" and outcome.report_id is not None
    ]


def prepare_months(
    database: Database, times: Iterable[datetime], *, made: frozenset[date] = frozenset()
) -> frozenset[date]:
    """Make the partitions (months of UTC) that reports of these times will need, in a transaction of its own.

    `made` are months that need no look; -> they and the new ones.
    """
    fitting = (moment.astimezone(UTC) for moment in times if moment.tzinfo and _time_fits(moment))
    months = {date(moment.year, moment.month, 1) for moment in fitting} - made
    if months:
        with database.writing() as connection:
            make_months(connection, months)
    return made | months


def record_batch(
    connection: Connection,
    jurisdiction: Jurisdiction,
    drafts: Sequence[NewReport],
    *,
    settings: Settings,
    import_id: int | None = None,
) -> list[Outcome]:
    """`record` inside the caller's transaction; its months must be there."""
    atlas = held_atlas(connection, jurisdiction, settings)
    known = vocabulary(connection, jurisdiction.code)
    outcomes: list[Outcome | None] = [None] * len(drafts)
    good: list[NewReport] = []
    positions: list[int] = []
    for position, draft in enumerate(drafts):
        try:
            good.append(check(draft, known))
            positions.append(position)
        except GridmapError as error:
            outcomes[position] = Outcome("refused", error=error)
    prepared = prepare(batch_of(good), atlas, jurisdiction, settings)
    tally = Tally()
    recorded = store_batch(
        connection, jurisdiction, prepared, settings=settings, import_id=import_id, tally=tally
    )
    if (deltas := tally.take()) is not None:
        store.add_deltas(connection, jurisdiction.code, deltas, tally.categories)
    for position, outcome in zip(
        positions, _outcomes(connection, jurisdiction, prepared, recorded, atlas), strict=True
    ):
        outcomes[position] = outcome
    return [outcome for outcome in outcomes if outcome is not None]


def held_atlas(connection: Connection, jurisdiction: Jurisdiction, settings: Settings) -> Atlas:
    """The atlas, and no edition can come or go until this transaction ends."""
    lock_areas(connection, jurisdiction.code, shared=True)
    return current_atlas(connection, jurisdiction.code, nearest_tolerance_m=settings.nearest_tolerance_m)


def check(draft: NewReport, known: Vocabulary, *, own: Container[str] = ()) -> NewReport:
    """The draft, without blanks around its words; all is checked that can be without knowing the areas.

    `own` are categories beside the known ones, about to be made. Raises BadInput or BadCoordinate naming the
    field.
    """
    if draft.category not in own:
        known.check(draft.category)
    description = check_text(draft.description, "description", most=DESCRIPTION_MOST)
    check_time(draft.occurred_at)
    if draft.lon is None and draft.lat is None:
        if not draft.named_area:
            raise BadCoordinate("give lon and lat, or the name of a compound or building", field="location")
        check_text(draft.named_area, "named_area", most=NAME_MOST, lines=False)
    else:
        check_position(draft.lon, draft.lat, draft.datum, draft.accuracy_m)
    if draft.client_id is not None:
        check_text(draft.client_id, "client_id", most=CLIENT_ID_MOST, least=1, lines=False)
    return draft if description == draft.description else replace(draft, description=description)


def check_time(moment: datetime) -> None:
    """Raise BadInput(field="occurred_at") for a naive time, one in the future, or one before 1990."""
    if moment.tzinfo is None:
        raise BadInput("has no offset; give it like 2023-06-18T20:30:00+08:00", field="occurred_at")
    offset = moment.utcoffset()
    if offset is None or abs(offset) >= WIDEST_OFFSET:
        raise BadInput("has an offset of 16 hours or more, which no place has", field="occurred_at")
    if not _time_fits(moment):
        raise BadInput("is before 1990 or more than a day in the future", field="occurred_at")


def _time_fits(moment: datetime) -> bool:
    return EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1)


def check_position(lon: float | None, lat: float | None, datum: str | None, accuracy_m: float | None) -> None:
    """Raise BadCoordinate or BadInput naming lon, lat, datum or accuracy_m."""
    for field, value in (("lon", lon), ("lat", lat)):
        if value is None:
            raise BadCoordinate("is missing; give both lon and lat", field=field)
    assert lon is not None
    assert lat is not None
    if (reason := out_of_range(lon, lat)) is not None:
        raise BadCoordinate(reason[1], field=reason[0])
    if datum not in DATUMS:
        raise BadInput(f"declare the datum, one of {', '.join(DATUMS)}", field="datum")
    if accuracy_m is not None and not 0 < accuracy_m <= ACCURACY_MOST_M:
        raise BadInput("give the radius in metres, more than 0 and at most 200,000", field="accuracy_m")


def prepare(batch: Batch, atlas: Atlas, jurisdiction: Jurisdiction, settings: Settings) -> Prepared:
    """Place a checked batch. Touches no database; the atlas must be held until it is stored."""
    says = bodies(batch)
    client_ids = [
        given or f"content-{body.hex()[:32]}" for given, body in zip(batch.client_id, says, strict=True)
    ]
    placed = place(batch, atlas, jurisdiction, settings)
    ids = _new_ids(len(batch))
    rows = _first_rows(client_ids, placed.errors)
    columns = report_columns(batch, placed, client_ids, ids, rows, jurisdiction.code)
    some = rows.tolist()
    keys = key_columns(columns, [says[row] for row in some], batch, some)
    return Prepared(batch, placed, client_ids, says, ids, rows, columns, keys)


def _first_rows(client_ids: Sequence[str], refused: Container[int]) -> NDArray[np.intp]:
    first: dict[str, int] = {}
    for row, client in enumerate(client_ids):
        if row not in refused:
            first.setdefault(client, row)
    return np.fromiter(first.values(), np.intp, len(first))


def store_batch(
    connection: Connection,
    jurisdiction: Jurisdiction,
    prepared: Prepared,
    *,
    settings: Settings,
    import_id: int | None,
    tally: Tally,
    months: Months | None = None,
) -> Recorded:
    """Claim the client ids and copy in what is new; say of the rest whether it is the same.

    What is new is counted in `tally`, which the caller has to append in the same transaction.
    """
    rows = prepared.rows
    clients = [prepared.client_ids[row] for row in rows.tolist()]
    free, stored = store.claim_keys(connection, jurisdiction.code, clients, prepared.keys)
    new = rows[free]
    status = np.full(len(prepared.batch), REFUSED, np.int8)
    status[new] = CREATED
    if len(new):
        columns = prepared.columns
        if stored:
            columns = {name: column.take(np.flatnonzero(free)) for name, column in columns.items()}
        of_import = copying.integers(np.full(len(new), import_id or 0), null=0)
        columns = {**columns, "import_id": of_import}
        store.copy_reports(connection, columns, prepared.batch.occurred[new], months)
        _count(tally, prepared, new, settings)
    errors = dict(prepared.placed.errors)
    if len(new) < len(prepared.batch) - len(errors):
        _judge_the_rest(prepared, stored, status, errors)
    return Recorded(status, errors, stored)


def _judge_the_rest(
    prepared: Prepared,
    stored: dict[str, store.Key],
    status: NDArray[np.int8],
    errors: dict[int, GridmapError],
) -> None:
    """Rows whose client id is taken, before this batch or in it: the same report again, or another one."""
    first = {prepared.client_ids[row]: row for row in np.flatnonzero(status == CREATED).tolist()}
    for row, client in enumerate(prepared.client_ids):
        if status[row] == CREATED or row in errors:
            continue
        theirs = stored[client].body if client in stored else prepared.bodies[first[client]]
        status[row] = KNOWN if theirs == prepared.bodies[row] else CONFLICT
        if status[row] == CONFLICT:
            errors[row] = Conflict(
                f"another report has the client_id {client!r}; send a new id", field="client_id"
            )


def _count(tally: Tally, prepared: Prepared, new: NDArray[np.intp], settings: Settings) -> None:
    placed = prepared.placed
    tally.add(
        counted(
            month=placed.day[new].astype("datetime64[M]"),
            grid_version=placed.grid[new],
            community_version=placed.community[new],
            category=tally.codes([prepared.batch.category[row] for row in new.tolist()]),
            method=placed.method[new],
            lon=placed.lon[new],
            lat=placed.lat[new],
            near_edge=placed.edge_distance_m[new] < settings.near_edge_m,
        )
    )


def _outcomes(
    connection: Connection,
    jurisdiction: Jurisdiction,
    prepared: Prepared,
    recorded: Recorded,
    atlas: Atlas,
) -> list[Outcome]:
    """For each row of the batch what its sender is told."""
    again = np.flatnonzero(recorded.status == KNOWN).tolist()
    before = [recorded.stored[c] for row in again if (c := prepared.client_ids[row]) in recorded.stored]
    old = store.by_ids(connection, jurisdiction.code, [(key.id, key.occurred_at) for key in before])
    first: dict[str, Outcome] = {}
    outcomes = []
    for row, client in enumerate(prepared.client_ids):
        if row in recorded.errors:
            outcomes.append(
                Outcome(
                    "conflict" if recorded.status[row] == CONFLICT else "refused", error=recorded.errors[row]
                )
            )
        elif recorded.status[row] == CREATED:
            id_, placement = UUID(bytes=prepared.ids[row].tobytes()), prepared.placed.placement(row, atlas)
            review = bool(prepared.placed.needs_review[row])
            first[client] = Outcome("known", id_, placement, review)
            outcomes.append(replace(first[client], status="created"))
        elif client in first:
            outcomes.append(first[client])
        else:
            report = old[recorded.stored[client].id]
            outcomes.append(Outcome("known", report.id, report.placement, report.needs_review))
    return outcomes


def new_ids(count: int) -> list[UUID]:
    """UUIDs of version 7 (RFC 9562): in order of time, so that indexes grow at one end; 74 random bits."""
    return [UUID(bytes=row.tobytes()) for row in _new_ids(count)]


def _new_ids(count: int) -> NDArray[np.uint8]:
    """The same as (n, 16) bytes."""
    ids = np.frombuffer(os.urandom(16 * count), np.uint8).reshape(count, 16).copy()
    ids[:, :6] = np.frombuffer(int(time.time() * 1000).to_bytes(6, "big"), np.uint8)
    ids[:, 6] = ids[:, 6] & 0x0F | 0x70
    ids[:, 8] = ids[:, 8] & 0x3F | 0x80
    return ids
