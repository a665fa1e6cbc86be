"""All SQL of the works domain. Never commits; intake.py decides what is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql

from gridmap.database import tables as t
from gridmap.errors import NotFound
from gridmap.works.model import Work, WorkKind

work = t.work
BATCH = 1_000
_PLAIN = (
    *("id", "client_id", "kind", "kind_name", "quantity", "unit", "occurred_on", "recorded_at"),
    *("place_name", "note", "lon", "lat", "datum", "grid", "grid_name"),
)


def put_kinds(connection: Connection, kinds: Sequence[WorkKind]) -> None:
    """Insert kinds, or bring their names up to date."""
    insert = postgresql.insert(t.work_kind).values(
        [{"code": k.code, "name": k.name, "name_en": k.name_en, "unit": k.unit} for k in kinds]
    )
    new = {name: insert.excluded[name] for name in ("name", "name_en", "unit")}
    old = t.work_kind.c
    changed = sa.tuple_(old.name, old.name_en, old.unit) != sa.tuple_(*new.values())
    connection.execute(insert.on_conflict_do_update(index_elements=["code"], set_=new, where=changed))


def kinds(connection: Connection) -> dict[str, WorkKind]:
    """code -> kind, by code."""
    c = t.work_kind.c
    rows = connection.execute(sa.select(c.code, c.name, c.name_en, c.unit).order_by(c.code))
    return {row.code: WorkKind(*row) for row in rows}


def insert(connection: Connection, rows: Sequence[dict[str, Any]]) -> set[str]:
    """Insert rows of the table; -> the client ids among them that were free."""
    free: set[str] = set()
    for start in range(0, len(rows), BATCH):
        statement = postgresql.insert(work).on_conflict_do_nothing(
            index_elements=["jurisdiction", "client_id"]
        )
        result = connection.execute(statement.returning(work.c.client_id), rows[start : start + BATCH])
        free |= set(result.scalars())
    return free


def link(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Say which reports (id and occurred_at) a work record belongs to."""
    for start in range(0, len(rows), BATCH):
        connection.execute(t.work_report.insert(), rows[start : start + BATCH])


def bodies(
    connection: Connection, jurisdiction: str, client_ids: Sequence[str]
) -> dict[str, tuple[UUID, bytes]]:
    """client id -> (work id, body hash) of those that are stored."""
    c = work.c
    wanted = sa.any_(sa.literal(list(client_ids), postgresql.ARRAY(sa.Text)))
    rows = connection.execute(
        sa.select(c.client_id, c.id, c.body_sha256).where(
            c.jurisdiction == jurisdiction, c.client_id == wanted
        )
    )
    return {row[0]: (row[1], row[2]) for row in rows}


def report_times(
    connection: Connection, jurisdiction: str, ids: Sequence[UUID], client_ids: Sequence[str]
) -> dict[UUID | str, tuple[UUID, datetime]]:
    """Report id, and client id, -> (report id, occurred_at), of the reports that there are.

    Every report has a key with its time, so no month needs to be looked through.
    """
    c = t.report_key.c
    found: dict[UUID | str, tuple[UUID, datetime]] = {}
    query = sa.select(c.client_id, c.report_id, c.occurred_at).where(c.jurisdiction == jurisdiction)
    if client_ids:
        wanted = sa.any_(sa.literal(list(client_ids), postgresql.ARRAY(sa.Text)))
        found |= {
            r.client_id: (r.report_id, r.occurred_at)
            for r in connection.execute(query.where(c.client_id == wanted))
        }
    if ids:
        r = t.report.c
        by_id = sa.select(r.id, r.occurred_at).where(r.jurisdiction == jurisdiction, r.id.in_(ids))
        found |= {row.id: (row.id, row.occurred_at) for row in connection.execute(by_id)}
    return found


def get(connection: Connection, jurisdiction: str, id_: UUID) -> Work:
    """One work record. Raises NotFound."""
    rows = _works(connection, _select(jurisdiction).where(work.c.id == id_))
    if not rows:
        raise NotFound("there is no such work record", field="id")
    return rows[0]


def works(
    connection: Connection,
    jurisdiction: str,
    *,
    kind: str | None = None,
    first: date | None = None,
    last: date | None = None,
    grid: str | None = None,
    limit: int | None = 100,
    after: tuple[date, UUID] | None = None,
) -> list[Work]:
    """Work records, newest first. first <= occurred_on <= last (whole days); `grid` is a code; `after` is
    the last (occurred_on, id) of the page before."""
    c = work.c
    query = _select(jurisdiction).order_by(c.occurred_on.desc(), c.id.desc()).limit(limit)
    if kind is not None:
        query = query.where(c.kind == kind)
    if first is not None:
        query = query.where(c.occurred_on >= first)
    if last is not None:
        query = query.where(c.occurred_on <= last)
    if grid is not None:
        query = query.where(t.area_version.c.code == grid)
    if after is not None:
        query = query.where(sa.tuple_(c.occurred_on, c.id) < sa.tuple_(*after))
    return _works(connection, query)


def totals(
    connection: Connection,
    jurisdiction: str,
    first: date | None = None,
    last: date | None = None,
    *,
    as_of: datetime | None = None,
) -> dict[str, tuple[Decimal, int]]:
    """kind -> (sum of quantities, number of records), first <= occurred_on <= last; by code of the kind.

    `as_of`: of those recorded until then.
    """
    c = work.c
    query = (
        sa.select(c.kind, sa.func.sum(c.quantity), sa.func.count())
        .where(c.jurisdiction == jurisdiction)
        .group_by(c.kind)
        .order_by(c.kind)
    )
    if first is not None:
        query = query.where(c.occurred_on >= first)
    if last is not None:
        query = query.where(c.occurred_on <= last)
    if as_of is not None:
        query = query.where(c.recorded_at <= as_of)
    return {kind: (quantity, rows) for kind, quantity, rows in connection.execute(query)}


def by_place(
    connection: Connection, jurisdiction: str, kinds: Sequence[str], first: date, last: date
) -> list[tuple[str, str, Decimal, int]]:
    """(place name, kind, sum of quantities, records), first <= occurred_on <= last, by name and kind."""
    c = work.c
    query = (
        sa.select(c.place_name, c.kind, sa.func.sum(c.quantity), sa.func.count())
        .where(
            c.jurisdiction == jurisdiction,
            c.kind.in_(kinds),
            c.occurred_on >= first,
            c.occurred_on <= last,
        )
        .group_by(c.place_name, c.kind)
        .order_by(c.place_name.collate("C"), c.kind)
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def _select(jurisdiction: str) -> sa.Select[Any]:
    c, grid = work.c, t.area_version.c
    joined = work.join(t.work_kind, t.work_kind.c.code == c.kind).outerjoin(
        t.area_version, grid.id == c.grid_version
    )
    return (
        sa.select(
            *(
                c.id,
                c.client_id,
                c.kind,
                t.work_kind.c.name.label("kind_name"),
                c.quantity,
                t.work_kind.c.unit,
            ),
            *(c.occurred_on, c.recorded_at, c.place_name, c.note, c.lon, c.lat, c.datum),
            *(sa.func.ST_X(c.geom).label("x"), sa.func.ST_Y(c.geom).label("y")),
            *(grid.code.label("grid"), grid.name.label("grid_name")),
        )
        .select_from(joined)
        .where(c.jurisdiction == jurisdiction)
    )


def _works(connection: Connection, query: sa.Select[Any]) -> list[Work]:
    rows = connection.execute(query).all()
    reports: dict[UUID, list[UUID]] = {row.id: [] for row in rows}
    c = t.work_report.c
    if rows:
        links = sa.select(c.work_id, c.report_id).where(c.work_id.in_(list(reports))).order_by(c.report_id)
        for work_id, report_id in connection.execute(links):
            reports[work_id].append(report_id)
    return [_work(row, tuple(reports[row.id])) for row in rows]


def _work(row: Row[Any], reports: tuple[UUID, ...]) -> Work:
    fields = {column: getattr(row, column) for column in _PLAIN}
    return Work(**fields, wgs84=None if row.x is None else (row.x, row.y), report_ids=reports)
