"""All SQL of the year's figures: one query of the rows behind each, from which its value is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from gridmap.annual.model import Wanted
from gridmap.areas.model import Jurisdiction
from gridmap.database import tables as t

Rows = sa.Select[Any]


class Answer(NamedTuple):
    """What a figure's query says, the query itself as SQL, and the rows that it counts."""

    value: Decimal
    rows: int
    query: str
    columns: tuple[str, ...]
    table: tuple[tuple[object, ...], ...]


def answer(
    connection: Connection, jurisdiction: Jurisdiction, wanted: Wanted, first: date, last: date
) -> Answer:
    """Derive one figure of the days first … last (both included, in the jurisdiction's zone)."""
    rows, value = ROWS[wanted.counts](jurisdiction, wanted.of, first, last)
    behind = rows.order_by(None).subquery("row")
    total = sa.select(sa.func.coalesce(value(behind), 0).label("value"), sa.func.count().label("rows"))
    query = total.select_from(behind)
    told, count = connection.execute(query).one()
    found = connection.execute(rows)
    return Answer(Decimal(told), count, as_sql(query), tuple(found.keys()), tuple(map(tuple, found)))


def as_sql(query: sa.Select[Any]) -> str:
    """A query with its values in place, to be run in any client of the database."""
    # the dialect's own quoting of literals; no text of a user's is in it but a jurisdiction's checked code
    dialect = postgresql.dialect()
    return str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


def _number(rows: sa.Subquery) -> sa.ColumnElement[Any]:
    return sa.func.count()


def _sum(column: str) -> Callable[[sa.Subquery], sa.ColumnElement[Any]]:
    return lambda rows: sa.func.sum(rows.c[column])


def _areas(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.area_version.c
    rows = (
        sa.select(c.kind, c.code, c.name, c.parent_code)
        .where(c.jurisdiction == jurisdiction.code, c.kind.in_(of), _valid(c, last))
        .order_by(c.kind, c.code.collate("C"))
    )
    return rows, _number


def _levels(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    kinds = _areas(jurisdiction, of, first, last)[0].order_by(None).subquery("area")
    areas = sa.func.count().label("areas")
    return sa.select(kinds.c.kind, areas).group_by(kinds.c.kind).order_by(kinds.c.kind), _number


def _places(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.place.c
    rows = (
        sa.select(c.kind, c.code, c.name, c.capacity, c.opening_hours, c.address)
        .where(c.jurisdiction == jurisdiction.code, c.kind.in_(of), _valid(c, last))
        .order_by(c.kind, c.code.collate("C"))
    )
    return rows, _number


def _capacity(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    rows, _ = _places(jurisdiction, of, first, last)
    return rows.where(t.place.c.capacity.is_not(None)), _sum("capacity")


def _duties(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.duty.c
    areas = sa.func.count().label("areas")
    rows = (
        sa.select(c.post, c.person, areas)  # by code: names are not needed to count
        .where(c.jurisdiction == jurisdiction.code, c.post.in_(of), _valid(c, last))
        .group_by(c.post, c.person)
        .order_by(c.post, c.person.collate("C"))
    )
    return rows, _number


def _parties(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.party.c
    rows = (
        sa.select(c.kind, c.code, c.name, c.area_kind, c.area_code)
        .where(c.jurisdiction == jurisdiction.code, c.kind.in_(of), _valid(c, last))
        .order_by(c.kind, c.code.collate("C"))
    )
    return rows, _number


def _works(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.work.c
    rows = (
        sa.select(c.id, c.kind, c.quantity, t.work_kind.c.unit, c.occurred_on, c.place_name, c.note)
        .join(t.work_kind, t.work_kind.c.code == c.kind)
        .where(c.jurisdiction == jurisdiction.code, c.kind.in_(of), c.occurred_on.between(first, last))
        .order_by(c.occurred_on, c.id)
    )
    return rows, _sum("quantity")


def _reports(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    c = t.report.c
    begin, end = (
        datetime(day.year, day.month, day.day, tzinfo=jurisdiction.zone).astimezone(ZoneInfo("UTC"))
        for day in (first, date.fromordinal(last.toordinal() + 1))
    )
    rows = (
        sa.select(c.id, c.category, c.occurred_at)  # not their words: some of these reports are private
        .where(
            c.jurisdiction == jurisdiction.code,
            c.category == of[0],
            c.occurred_at >= _literal(begin, sa.TIMESTAMP(timezone=True)),
            c.occurred_at < _literal(end, sa.TIMESTAMP(timezone=True)),
        )
        .order_by(c.occurred_at, c.id)
    )
    return rows, _number


def _valid(c: Any, day: date) -> sa.ColumnElement[bool]:
    found: sa.ColumnElement[bool] = c.valid.contains(_literal(day, sa.Date()))
    return found


def _literal(moment: date | datetime, type_: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    """A day or moment that says its type where `as_sql` writes it out."""
    return sa.cast(sa.literal(moment.isoformat(), sa.Text), type_)


def _with_work(of: tuple[str, ...], last: date) -> sa.ColumnElement[bool]:
    """Whether a report has a work record of a kind, by the period's last day."""
    link, work = t.work_report.c, t.work.c
    return (
        sa.select(1)
        .select_from(t.work_report.join(t.work, work.id == link.work_id))
        .where(link.report_id == t.report.c.id, link.occurred_at == t.report.c.occurred_at)
        .where(work.kind.in_(of[1:]), work.occurred_on <= last)
        .correlate(t.report)
        .exists()
    )


def _answered(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    rows, number = _reports(jurisdiction, of, first, last)
    return rows.where(_with_work(of, last)), number


def _unanswered(jurisdiction: Jurisdiction, of: tuple[str, ...], first: date, last: date) -> Any:
    rows, number = _reports(jurisdiction, of, first, last)
    return rows.where(~_with_work(of, last)), number


# what a figure counts -> (rows behind it, how its value is told from them)
ROWS: dict[str, Callable[[Jurisdiction, tuple[str, ...], date, date], Any]] = {
    "areas": _areas,
    "levels": _levels,
    "places": _places,
    "capacity": _capacity,
    "duties": _duties,
    "parties": _parties,
    "works": _works,
    "reports": _reports,
    "answered": _answered,
    "unanswered": _unanswered,
}
