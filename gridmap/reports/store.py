"""All SQL of the reports domain. Never commits; intake.py decides what is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError

from gridmap.database import copying
from gridmap.database import tables as t
from gridmap.database.copying import Column
from gridmap.database.months import Months
from gridmap.database.turns import hold
from gridmap.errors import NotFound
from gridmap.reports.counting import NO_CELL, Deltas
from gridmap.reports.model import PLACED_KINDS, AreaRef, Category, Placement, Report

report = t.report


def add_categories(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add categories that are not there yet, by jurisdiction and code."""
    if rows:
        connection.execute(postgresql.insert(t.category).on_conflict_do_nothing(), rows)


def categories(connection: Connection, jurisdiction: str) -> list[Category]:
    """The categories of a jurisdiction: those known everywhere and its own, by code."""
    c = t.category.c
    rows = connection.execute(
        sa.select(c.code, c.kind, c.name, c.name_en, c.standard, c.provisional, c.private)
        .where(sa.or_(c.jurisdiction.is_(None), c.jurisdiction == jurisdiction))
        .order_by(c.code.collate("C"))
    )
    return [Category(*row) for row in rows]


class Key(NamedTuple):
    """Who has a client id."""

    id: UUID
    occurred_at: datetime
    body: bytes


COPIED_KEYS = 1_000  # from so many, keys are copied in
KEY_TYPES = {
    "jurisdiction": "text",
    "client_id": "text",
    "report_id": "uuid",
    "occurred_at": "timestamptz",
    "body_sha256": "bytea",
    "sent_by": "text",
}


def claim_keys(
    connection: Connection, jurisdiction: str, clients: Sequence[str], columns: Mapping[str, Column]
) -> tuple[NDArray[np.bool_], dict[str, Key]]:
    """Claim n client ids, no two alike, for reports: `columns` of the table of keys, `client_id` among them.

    -> which of them were free, and who has the others. They are claimed in their order, so that two batches
    with ids in common wait for each other in turn.
    """
    if not clients:
        return np.zeros(0, bool), {}
    order = np.array(sorted(range(len(clients)), key=clients.__getitem__), dtype=np.intp)
    if _claim(connection, {name: column.take(order) for name, column in columns.items()}):
        return np.ones(len(clients), bool), {}
    found = keys(connection, jurisdiction, clients)
    own = columns["report_id"].rows(16)
    free = np.array(
        [found[client].id.bytes == id_.tobytes() for client, id_ in zip(clients, own, strict=True)]
    )
    taken = {client: found[client] for client, mine in zip(clients, free.tolist(), strict=True) if not mine}
    return free, taken


def _claim(connection: Connection, columns: Mapping[str, Column]) -> bool:
    """Claim what is free; -> whether all was."""
    count = len(columns["client_id"])
    if count >= COPIED_KEYS:
        # COPY costs half, and cannot pass over what is there
        with suppress(IntegrityError), connection.begin_nested():
            copying.copy_rows(connection, "report_key", columns)
            return True
    arrays = {name: copying.Array(column, KEY_TYPES[name]) for name, column in columns.items()}
    claimed = copying.execute(
        connection,
        "INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256, sent_by)"
        " SELECT * FROM unnest(%(jurisdiction)s::text[], %(client_id)s::text[], %(report_id)s::uuid[],"
        " %(occurred_at)s::timestamptz[], %(body_sha256)s::bytea[], %(sent_by)s::text[])"
        " ON CONFLICT DO NOTHING",
        arrays,
    )
    return claimed.rowcount == count


def keys(connection: Connection, jurisdiction: str, client_ids: Sequence[str]) -> dict[str, Key]:
    """Who has each client id that is claimed."""
    c = t.report_key.c
    rows = connection.execute(
        sa.select(c.client_id, c.report_id, c.occurred_at, c.body_sha256).where(
            c.jurisdiction == jurisdiction,
            c.client_id == sa.any_(sa.literal(list(client_ids), sa.ARRAY(sa.Text))),
        )
    )
    return {row[0]: Key(row[1], row[2], row[3]) for row in rows}


def copy_reports(
    connection: Connection,
    columns: Mapping[str, Column],
    occurred: NDArray[np.int64],
    months: Months | None = None,
) -> None:
    """Copy n reports in, given by columns; `occurred` in microseconds since 1970. Without `months` each
    month must be there."""
    of_month = occurred.astype("datetime64[us]").astype("datetime64[M]")
    parts = months.tables(of_month) if months else [("report", np.ones(len(occurred), bool))]
    for table, mine in parts:
        if mine.all():
            copying.copy_rows(connection, table, columns)
        else:
            rows = np.flatnonzero(mine)
            copying.copy_rows(connection, table, {name: c.take(rows) for name, c in columns.items()})


CHANNEL = "gridmap_reports"  # NOTIFY, with the jurisdiction: its reports have changed


def add_deltas(
    connection: Connection, jurisdiction: str, deltas: Deltas, categories: Sequence[str], *, cut: int = 0
) -> None:
    """Append what this transaction adds to the monthly counts, and tell who listens once it is committed.

    `categories` are what `deltas.category` indexes; `cut` is the edition that they are cut to, or 0.
    """
    columns = {
        "cut": copying.integers(np.full(len(deltas.month), cut)),
        "jurisdiction": copying.words(np.zeros(len(deltas.month), np.int8), [jurisdiction]),
        "month": copying.dates(deltas.month),
        "grid_version": copying.integers(deltas.grid_version),
        "community_version": copying.integers(deltas.community_version),
        "category": copying.words(deltas.category, categories),
        "method": copying.words(deltas.method, t.METHODS),
        "cell_x": copying.fixed(deltas.cell_x.astype(np.int32), deltas.cell_x == NO_CELL),
        "cell_y": copying.fixed(deltas.cell_y.astype(np.int32), deltas.cell_y == NO_CELL),
        "reports": copying.fixed(deltas.reports.astype(np.int32)),
        "near_edge": copying.fixed(deltas.near_edge.astype(np.int32)),
    }
    copying.copy_rows(connection, "report_delta", columns)
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, jurisdiction)))


def hold_cuts(connection: Connection, jurisdiction: str, month: date, *, cutting: bool) -> None:
    """Until the transaction ends, of a local month (its first day) no report is both cut and corrected.

    Whoever cuts it waits for those who correct its reports, and the other way round: neither would see what
    the other has not yet committed.
    """
    hold(connection, f"cut:{jurisdiction}:{month}", shared=not cutting)


def next_import_id(connection: Connection) -> int:
    """The id that the rows of a file carry; the import itself is recorded when they are in."""
    return connection.execute(
        sa.select(sa.func.nextval(sa.func.pg_get_serial_sequence("report_import", "id")))
    ).scalar_one()


def add_import(connection: Connection, **values: Any) -> None:
    """Record that a file was read, by whom, and what became of its rows."""
    connection.execute(t.report_import.insert().values(**values))


def piles_of_import(
    connection: Connection, jurisdiction: str, import_id: int, least: int
) -> list[tuple[float, float, int]]:
    """(lon, lat, rows) of coordinates as given on which at least so many rows of one file lie."""
    c = report.c
    rows = connection.execute(
        sa.select(c.lon, c.lat, sa.func.count())
        .where(c.jurisdiction == jurisdiction, c.import_id == import_id, c.lon.is_not(None))
        .group_by(c.lon, c.lat)
        .having(sa.func.count() >= least)
        .order_by(sa.func.count().desc(), c.lon, c.lat)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def get(connection: Connection, jurisdiction: str, id_: UUID) -> Report:
    """One report. Raises NotFound."""
    row = connection.execute(_select(jurisdiction).where(report.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound("there is no such report", field="id")
    return _report(row)


def by_ids(
    connection: Connection, jurisdiction: str, ids: Sequence[tuple[UUID, datetime]]
) -> dict[UUID, Report]:
    """id -> report, of (id, occurred_at) pairs; the time spares looking into every month."""
    if not ids:
        return {}
    pairs = sa.tuple_(report.c.id, report.c.occurred_at).in_(ids)
    return {row.id: _report(row) for row in connection.execute(_select(jurisdiction).where(pairs))}


def sent_by(
    connection: Connection, jurisdiction: str, person: str, *, limit: int
) -> list[tuple[UUID, datetime]]:
    """(id, occurred_at) of what a person sent, the last first; of it what whoever asks may see."""
    c = t.report_key.c
    query = sa.select(c.report_id, c.occurred_at).where(c.jurisdiction == jurisdiction, c.sent_by == person)
    rows = connection.execute(query.order_by(c.report_id.desc()).limit(limit))
    return [(row.report_id, row.occurred_at) for row in rows]


def reports(
    connection: Connection,
    jurisdiction: str,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    category: str | None = None,
    grid: str | None = None,
    community: str | None = None,
    method: str | None = None,
    needs_review: bool | None = None,
    limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[Report]:
    """Reports, newest first, of first <= occurred_at < last.

    `after` is the (occurred_at, id) that the page before ended with.
    """
    c = report.c
    query = _select(jurisdiction).order_by(c.occurred_at.desc(), c.id.desc()).limit(limit)
    if first is not None:
        query = query.where(c.occurred_at >= first)
    if last is not None:
        query = query.where(c.occurred_at < last)
    for column, value in ((c.category, category), (c.method, method), (c.needs_review, needs_review)):
        if value is not None:
            query = query.where(column == value)
    for kind, code in (("grid", grid), ("community", community)):
        if code is not None:
            query = query.where(c[f"{kind}_version"].in_(_version_ids(jurisdiction, kind, code)))
    if after is not None:
        query = query.where(sa.tuple_(c.occurred_at, c.id) < sa.tuple_(*after))
    return [_report(row) for row in connection.execute(query)]


class Stored(NamedTuple):
    """A report for a file: lon, lat as given, in `datum`; x, y in WGS-84; areas by their codes."""

    id: UUID
    client_id: str
    category: str
    description: str
    occurred_at: datetime
    lon: float | None
    lat: float | None
    datum: str | None
    accuracy_m: float | None
    named_area: str | None
    x: float | None
    y: float | None
    method: str
    grid: str | None
    community: str | None
    compound: str | None
    building: str | None
    edge_distance_m: float | None
    needs_review: bool


STREAMED = 10_000  # rows that are held at once


def stored(
    connection: Connection,
    jurisdiction: str,
    first: datetime | None,
    last: datetime | None,
    category: str | None,
) -> Iterator[list[Stored]]:
    """The reports of first <= occurred_at < last by time, STREAMED at a time: the server keeps the rest."""
    c, v = report.c, t.area_version.c
    known = connection.execute(sa.select(v.id, v.code).where(v.jurisdiction == jurisdiction))
    code: dict[int | None, str] = {row[0]: row[1] for row in known}
    columns: list[Any] = [c[name] for name in Stored._fields[:9]]
    columns += [c.named_code, sa.func.ST_X(c.geom), sa.func.ST_Y(c.geom), c.method]
    columns += [c[f"{kind}_version"] for kind in PLACED_KINDS]
    query = sa.select(*columns, c.edge_distance_m, c.needs_review).where(c.jurisdiction == jurisdiction)
    if first is not None:
        query = query.where(c.occurred_at >= first)
    if last is not None:
        query = query.where(c.occurred_at < last)
    if category is not None:
        query = query.where(c.category == category)
    query = query.order_by(c.occurred_at, c.id).execution_options(yield_per=STREAMED)
    for rows in connection.execute(query).partitions():
        yield [Stored(*row[:13], *(code.get(version) for version in row[13:17]), *row[17:]) for row in rows]


def count(connection: Connection, jurisdiction: str) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(report).where(report.c.jurisdiction == jurisdiction)
    ).scalar_one()


def _version_ids(jurisdiction: str, kind: str, code: str) -> sa.Select[Any]:
    v = t.area_version.c
    return sa.select(v.id).where(v.jurisdiction == jurisdiction, v.kind == kind, v.code == code)


def _select(jurisdiction: str) -> sa.Select[Any]:
    return _whole().where(report.c.jurisdiction == jurisdiction)


@cache
def _whole() -> sa.Select[Any]:
    return with_areas(
        report,
        *("id", "client_id", "category", "description", "occurred_at", "recorded_at"),
        *("lon", "lat", "datum", "accuracy_m", "method", "edge_distance_m", "candidates", "needs_review"),
    )


def with_areas(table: sa.Table, *names: str) -> sa.Select[Any]:
    """These columns of what has a place, its point as x and y (WGS84, degrees), and its areas for `areas_of`.

    To be made once for a table and kept: making the aliases takes longer than PostgreSQL takes to answer.
    """
    c = table.c
    columns = [*(c[name] for name in names), sa.func.ST_X(c.geom).label("x"), sa.func.ST_Y(c.geom).label("y")]
    source: Any = table
    for kind in PLACED_KINDS:
        alias = t.area_version.alias(kind)
        source = source.outerjoin(alias, alias.c.id == c[f"{kind}_version"])
        columns += [alias.c.code.label(f"{kind}_code"), alias.c.name.label(f"{kind}_name")]
    return sa.select(*columns).select_from(source)


def areas_of(row: Row[Any]) -> dict[str, AreaRef | None]:
    """Kind -> the area that a row of `with_areas` lies in."""
    return {
        kind: AreaRef(code, getattr(row, f"{kind}_name")) if (code := getattr(row, f"{kind}_code")) else None
        for kind in PLACED_KINDS
    }


def _report(row: Row[*tuple[Any, ...]]) -> Report:
    return Report(
        row.id,
        row.client_id,
        row.category,
        row.description,
        row.occurred_at,
        row.recorded_at,
        row.lon,
        row.lat,
        row.datum,
        row.accuracy_m,
        None if row.x is None else (row.x, row.y),
        Placement(
            method=row.method,
            edge_distance_m=row.edge_distance_m,
            candidates=tuple((code, p) for code, p in row.candidates or ()),
            **areas_of(row),
        ),
        row.needs_review,
    )
