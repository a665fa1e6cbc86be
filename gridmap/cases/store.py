"""All SQL of cases, their histories, reports and notices. Never commits; moving.py says what is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects.postgresql import ARRAY

from gridmap.cases.ledger import Link
from gridmap.cases.model import DISPATCHER, CaseFile, Move, Standing
from gridmap.cases.workflow import live_states
from gridmap.database import tables as t
from gridmap.errors import BadInput, NotFound
from gridmap.reports.model import PLACED_KINDS
from gridmap.reports.store import areas_of, with_areas

CHANNEL = "gridmap_cases"  # NOTIFY, with the jurisdiction: its cases have changed
SORTS = {  # name -> (column, descending)
    "-opened_at": ("opened_at", True),
    "opened_at": ("opened_at", False),
    "-changed_at": ("changed_at", True),
}
case = t.case_file


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of cases is to hold: all that is given must fit. `first` <= opened_at < `last`; it is
    the turn of one of `recipients` (of none: no case fits)."""

    states: tuple[str, ...] = ()
    category: str | None = None
    grid: str | None = None
    community: str | None = None
    recipients: tuple[str, ...] | None = None
    supervised: bool | None = None
    private: bool | None = None
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case on its way in; place and time are those of its first report."""

    id: UUID
    category: str
    private: bool
    reports: tuple[tuple[UUID, datetime], ...]
    move: Move
    hash: bytes
    previous: bytes


def insert(connection: Connection, jurisdiction: str, cases: Sequence[NewCase]) -> None:
    """Store cases with their first move and their reports."""
    r = t.report.c
    for new in cases:
        id_, occurred_at = new.reports[0]
        place = [r.geom, *(r[f"{kind}_version"] for kind in PLACED_KINDS), r.occurred_at]
        own = {
            "id": new.id,
            "jurisdiction": jurisdiction,
            "category": new.category,
            "private": new.private,
            "opened_at": new.move.at,
            "changed_at": new.move.at,
            "state": new.move.target,
            "seq": new.move.seq,
            "head": new.hash,
        }
        values = [sa.literal(value, case.c[name].type).label(name) for name, value in own.items()]
        nobody = [sa.literal([], case.c[name].type).label(name) for name in ("waiting_for", "recipients")]
        query = sa.select(*place, *values, *nobody).where(r.id == id_, r.occurred_at == occurred_at)
        names = ["geom", *(f"{kind}_version" for kind in PLACED_KINDS), "occurred_at", *own]
        names += ["waiting_for", "recipients"]
        connection.execute(case.insert().from_select(names, query))
    rows = [_move_row(jurisdiction, new.id, new.move, new.previous, new.hash) for new in cases]
    connection.execute(t.case_move.insert(), rows)
    links = [
        {"report_id": id_, "occurred_at": at, "case_id": new.id, "jurisdiction": jurisdiction}
        for new in cases
        for id_, at in new.reports
    ]
    connection.execute(t.case_report.insert(), links)


def _move_row(jurisdiction: str, case_id: UUID, move: Move, previous: bytes, hash_: bytes) -> dict[str, Any]:
    names = ("seq", "move", "source", "target", "actor", "at", "reason")
    row = {name: getattr(move, name) for name in names} | {"details": dict(move.details)}
    return row | {"case_id": case_id, "jurisdiction": jurisdiction, "previous": previous, "hash": hash_}


def append(connection: Connection, jurisdiction: str, case_id: UUID, link: Link, standing: Standing) -> None:
    """Add a move to a history, and make the case what that comes to."""
    row = _move_row(jurisdiction, case_id, link.move, link.previous, link.hash)
    connection.execute(t.case_move.insert(), row)
    connection.execute(
        case.update()
        .where(case.c.id == case_id)
        .values(
            state=standing.state,
            seq=standing.seq,
            head=link.hash,
            changed_at=link.move.at,
            waiting_for=list(standing.waiting_for),
            recipients=sorted(standing.recipients),
            supervised=standing.supervised,
            merged_into=standing.merged_into,
        )
    )


def tell(connection: Connection, jurisdiction: str) -> None:
    """Say to who listens, once it is committed, that cases have changed."""
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, jurisdiction)))


def replace(
    connection: Connection, case_id: UUID, report: tuple[UUID, datetime], category: str, private: bool
) -> None:
    """Give a case the place that its report has now, and a category."""
    r = t.report.c
    names = ("geom", *(f"{kind}_version" for kind in PLACED_KINDS))
    theirs = (r.id == report[0], r.occurred_at == report[1])
    place = {name: sa.select(r[name]).where(*theirs).scalar_subquery() for name in names}
    values = {"category": category, "private": private, **place}
    connection.execute(case.update().where(case.c.id == case_id).values(**values))


def locked(connection: Connection, jurisdiction: str, ids: Iterable[UUID]) -> dict[UUID, CaseFile]:
    """Cases that nobody else moves until this transaction ends, locked in the order of their ids.

    Raises NotFound(field="id") unless all are there.
    """
    wanted = sorted(set(ids))
    statement = (
        sa.select(case.c.id)
        .where(case.c.jurisdiction == jurisdiction, case.c.id.in_(wanted))
        .order_by(case.c.id)
        .with_for_update()
    )
    connection.execute(statement).all()
    found = {row.id: row for row in by_ids(connection, jurisdiction, wanted)}
    if len(found) < len(wanted):
        raise NotFound("there is no such case", field="id")
    return found


def by_ids(connection: Connection, jurisdiction: str, ids: Sequence[UUID]) -> list[CaseFile]:
    """Cases in the order of their ids, those that there are."""
    query = _select(jurisdiction).where(case.c.id.in_(ids)).order_by(case.c.id)
    return [_case(row) for row in connection.execute(query)]


def get(connection: Connection, jurisdiction: str, id_: UUID) -> CaseFile:
    """One case. Raises NotFound(field="id")."""
    found = by_ids(connection, jurisdiction, [id_])
    if not found:
        raise NotFound("there is no such case", field="id")
    return found[0]


def cases(
    connection: Connection,
    jurisdiction: str,
    wanted: Filter,
    *,
    sort: str = "-opened_at",
    limit: int | None = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[CaseFile]:
    """Cases that fit, in one of SORTS. `after`: (the column sorted by, id) that the page before ended with.

    Raises BadInput(field="sort").
    """
    if sort not in SORTS:
        raise BadInput(f"is one of {', '.join(SORTS)}", field="sort")
    name, descending = SORTS[sort]
    column = case.c[name]
    query = _select(jurisdiction).limit(limit)
    order = (column.desc(), case.c.id.desc()) if descending else (column, case.c.id)
    query = query.order_by(*order).where(*fitting(jurisdiction, wanted))
    if after is not None:
        mine, theirs = sa.tuple_(column, case.c.id), sa.tuple_(*after)
        query = query.where(mine < theirs if descending else mine > theirs)
    return [_case(row) for row in connection.execute(query)]


def fitting(jurisdiction: str, wanted: Filter) -> list[sa.ColumnElement[bool]]:
    """The conditions of a filter, but for the jurisdiction of the cases."""
    c = case.c
    conditions: list[sa.ColumnElement[bool]] = []
    if wanted.states:
        conditions.append(c.state.in_(wanted.states))
    for name in ("category", "supervised", "private"):
        if (value := getattr(wanted, name)) is not None:
            conditions.append(c[name] == value)
    for kind in ("grid", "community"):
        if (code := getattr(wanted, kind)) is not None:
            v = t.area_version.c
            versions = sa.select(v.id).where(v.jurisdiction == jurisdiction, v.kind == kind, v.code == code)
            conditions.append(c[f"{kind}_version"].in_(versions))
    if wanted.recipients is not None:
        # by a function: policies keep its index from being used by whoever may not see every case
        waiting = sa.func.cases_waiting_for(jurisdiction, sa.cast(list(wanted.recipients), ARRAY(sa.Text)))
        turn: sa.ColumnElement[bool] = c.id.in_(sa.select(waiting.column_valued("waiting")))
        if DISPATCHER in wanted.recipients:  # as workflow.in_hand has it
            turn |= c.state.in_(live_states()) & (c.waiting_for == sa.literal([], c.waiting_for.type))
        conditions.append(turn)
    if wanted.first is not None:
        conditions.append(c.opened_at >= wanted.first)
    if wanted.last is not None:
        conditions.append(c.opened_at < wanted.last)
    return conditions


def histories(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Link]]:
    """Case -> its moves with their hashes, in order."""
    found: dict[UUID, list[Link]] = {id_: [] for id_ in ids}
    if not found:
        return found
    m = t.case_move.c
    rows = connection.execute(
        sa.select(t.case_move).where(m.case_id.in_(list(found))).order_by(m.case_id, m.seq)
    )
    for row in rows:
        found[row.case_id].append(link_of(row))
    return found


def link_of(row: Row[Any]) -> Link:
    move = Move(row.seq, row.move, row.source, row.target, row.actor, row.at, row.reason, dict(row.details))
    return Link(move, bytes(row.previous), bytes(row.hash))


def reports_of(connection: Connection, case_id: UUID) -> list[tuple[UUID, datetime]]:
    """(report id, occurred_at) of a case and of all that were merged into it, by when they occurred."""
    tree = sa.select(case.c.id).where(case.c.id == case_id).cte("tree", recursive=True)
    tree = tree.union(sa.select(case.c.id).where(case.c.merged_into == tree.c.id))
    link = t.case_report.c
    query = (
        sa.select(link.report_id, link.occurred_at)
        .where(link.case_id.in_(sa.select(tree.c.id)))
        .order_by(link.occurred_at, link.report_id)
    )
    return [(row[0], row[1]) for row in connection.execute(query)]


def own_reports(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Case -> the reports that it was opened for or that joined it, not those of merged cases."""
    link = t.case_report.c
    found: dict[UUID, list[UUID]] = {id_: [] for id_ in ids}
    rows = connection.execute(
        sa.select(link.case_id, link.report_id).where(link.case_id.in_(ids)).order_by(link.report_id)
    )
    for case_id, report_id in rows:
        found[case_id].append(report_id)
    return found


def cases_of(connection: Connection, jurisdiction: str, reports: Sequence[UUID]) -> dict[UUID, UUID]:
    """Report -> the case that it is in."""
    link = t.case_report.c
    rows = connection.execute(
        sa.select(link.report_id, link.case_id).where(
            link.jurisdiction == jurisdiction, link.report_id.in_(reports)
        )
    )
    return {row[0]: row[1] for row in rows}


def final(connection: Connection, case_id: UUID) -> UUID:
    """The case that a case was merged into in the end; itself where it was not."""
    up = sa.select(case.c.id, case.c.merged_into).where(case.c.id == case_id).cte("up", recursive=True)
    parent = case.alias()
    up = up.union(sa.select(parent.c.id, parent.c.merged_into).where(parent.c.id == up.c.merged_into))
    found: UUID = connection.execute(sa.select(up.c.id).where(up.c.merged_into.is_(None))).scalar_one()
    return found


LIKELY = sa.text(
    """
    SELECT r.id AS report_id, c.id AS case_id
    FROM report r CROSS JOIN LATERAL (
        SELECT f.id, ST_Distance(f.geom::geography, r.geom::geography) AS metres
        FROM case_file f
        WHERE f.jurisdiction = :jurisdiction AND f.state = ANY(:live) AND f.category = ANY(:categories)
          AND f.occurred_at BETWEEN r.occurred_at - :recent AND r.occurred_at + :recent
          AND f.geom && ST_Expand(r.geom, :reach / greatest(0.01, cosd(ST_Y(r.geom))), :reach)
          AND ST_Distance(f.geom::geography, r.geom::geography) <= :near_m
        ORDER BY metres, f.id LIMIT :most
    ) c
    WHERE r.id = :id AND r.occurred_at = :occurred_at AND r.geom IS NOT NULL
    ORDER BY c.metres, c.id
    """
)


def likely(
    connection: Connection,
    jurisdiction: str,
    report: tuple[UUID, datetime],
    *,
    live: Sequence[str],
    categories: Sequence[str],
    near_m: float,
    recent: timedelta,
    most: int,
) -> list[UUID]:
    """Cases of these states and categories, so near a report in place and time; the nearest first."""
    values = {
        "jurisdiction": jurisdiction,
        "id": report[0],
        "occurred_at": report[1],
        "live": list(live),
        "categories": list(categories),
        "near_m": near_m,
        "recent": recent,
        "reach": near_m / 110_000 * 1.01,  # degrees of latitude; one is 110.57 km and more
        "most": most,
    }
    return [row.case_id for row in connection.execute(LIKELY, values)]


def without_case(
    connection: Connection, jurisdiction: str, since: datetime, most: int
) -> list[tuple[UUID, datetime, str]]:
    """(id, occurred_at, category) of reports that occurred since then, came one by one or were corrected, and
    are in no case."""
    r, link, correction = t.report.c, t.case_report.c, t.report_correction.c
    query = sa.select(r.id, r.occurred_at, r.category).where(
        r.jurisdiction == jurisdiction,
        r.occurred_at >= since,
        r.import_id.is_(None) | sa.exists().where(correction.report_id == r.id),
        ~sa.exists().where(link.report_id == r.id),
    )
    return [tuple(row) for row in connection.execute(query.order_by(r.id).limit(most))]


def categories_of(
    connection: Connection, jurisdiction: str, ids: Sequence[tuple[UUID, datetime]]
) -> dict[UUID, str]:
    """Report -> its category now, of those that there are."""
    r = t.report.c
    named = (
        sa.func.unnest(
            sa.literal([id_ for id_, _ in ids], ARRAY(sa.Uuid)),
            sa.literal([at for _, at in ids], ARRAY(sa.TIMESTAMP(timezone=True))),
        )
        .table_valued("id", "occurred_at", name="named")
        .render_derived()
    )
    same = (r.id == named.c.id) & (r.occurred_at == named.c.occurred_at)
    query = sa.select(r.id, r.category).select_from(t.report.join(named, same))
    return {row[0]: row[1] for row in connection.execute(query.where(r.jurisdiction == jurisdiction))}


def _select(jurisdiction: str) -> sa.Select[Any]:
    return _whole().where(case.c.jurisdiction == jurisdiction)


@cache
def _whole() -> sa.Select[Any]:
    return with_areas(
        case,
        *("id", "category", "private", "occurred_at", "opened_at", "changed_at", "state", "seq", "head"),
        *("waiting_for", "supervised", "merged_into"),
    )


def _case(row: Row[Any]) -> CaseFile:
    return CaseFile(
        id=row.id,
        category=row.category,
        private=row.private,
        wgs84=None if row.x is None else (row.x, row.y),
        **areas_of(row),
        occurred_at=row.occurred_at,
        opened_at=row.opened_at,
        changed_at=row.changed_at,
        state=row.state,
        seq=row.seq,
        head=bytes(row.head),
        waiting_for=tuple(row.waiting_for),
        supervised=row.supervised,
        merged_into=row.merged_into,
    )
