"""The SQL of rules and calendar days. Never commits."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.cases.calendars import Special
from gridmap.database import tables as t


def rules(connection: Connection, jurisdiction: str) -> dict[str, tuple[str, str]]:
    """kind -> (content, sha256) of the file loaded last."""
    c = t.case_rules.c
    rows = connection.execute(
        sa.select(c.kind, c.content, c.sha256).where(c.jurisdiction == jurisdiction).order_by(c.id)
    )
    return {row.kind: (row.content, row.sha256) for row in rows}


def add_rules(
    connection: Connection, jurisdiction: str, kind: str, file_name: str, sha256: str, content: str, by: str
) -> None:
    """Record a file of rules, which from now on is the one of its kind."""
    row = {"jurisdiction": jurisdiction, "kind": kind, "file_name": file_name, "sha256": sha256}
    connection.execute(t.case_rules.insert().values(**row, content=content, loaded_by=by))


def days(connection: Connection, jurisdiction: str) -> list[Special]:
    """The days of all notices that the jurisdiction brought."""
    c = t.calendar_day.c
    rows = connection.execute(
        sa.select(c.year, c.day, c.working, c.name).where(c.jurisdiction == jurisdiction).order_by(c.day)
    )
    return [Special(*row) for row in rows]


def replace_days(connection: Connection, jurisdiction: str, found: Sequence[Special], by: str) -> None:
    """Put the notices of these years in place of those there are."""
    c = t.calendar_day.c
    years = sorted({each.year for each in found})
    connection.execute(t.calendar_day.delete().where(c.jurisdiction == jurisdiction, c.year.in_(years)))
    rows = [
        {"year": each.year, "day": each.day, "working": each.working, "name": each.name} for each in found
    ]
    own = {"jurisdiction": jurisdiction, "loaded_by": by}
    connection.execute(t.calendar_day.insert(), [row | own for row in rows])
