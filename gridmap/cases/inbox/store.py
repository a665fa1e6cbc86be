"""The SQL of the inbox: what little of each case decides numbers and order. Never commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.cases.store import Filter, case, fitting


@dataclass(frozen=True, slots=True)
class Line:
    """A case as the inbox counts it; `head` is the hash of its last move."""

    id: UUID
    head: bytes
    category: str
    state: str
    supervised: bool
    waiting_for: tuple[str, ...]
    opened_at: datetime


def lines(connection: Connection, jurisdiction: str, wanted: Filter) -> list[Line]:
    """All cases that fit, in no order."""
    names = ("id", "head", "category", "state", "supervised", "waiting_for", "opened_at")
    query = sa.select(*(case.c[name] for name in names)).where(
        case.c.jurisdiction == jurisdiction, *fitting(jurisdiction, wanted)
    )
    return [
        Line(row[0], bytes(row[1]), row[2], row[3], row[4], tuple(row[5]), row[6])
        for row in connection.execute(query)
    ]


def counts(connection: Connection, jurisdiction: str, wanted: Filter) -> dict[str, int]:
    """State -> how many of the cases that fit are in it."""
    query = (
        sa.select(case.c.state, sa.func.count())
        .where(case.c.jurisdiction == jurisdiction, *fitting(jurisdiction, wanted))
        .group_by(case.c.state)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def opened_since(connection: Connection, jurisdiction: str, moment: datetime) -> int:
    """How many cases were opened at `moment` or later."""
    query = sa.select(sa.func.count()).where(case.c.jurisdiction == jurisdiction, case.c.opened_at >= moment)
    return connection.execute(query).scalar_one()
