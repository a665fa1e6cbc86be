"""The SQL of what reporters are told. Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.cases.model import Notice
from gridmap.database import tables as t


def notify(
    connection: Connection, jurisdiction: str, case_id: UUID, seq: int, kind: str, reports: Iterable[UUID]
) -> None:
    """Record that the reporters of these reports are told."""
    rows = [
        {"jurisdiction": jurisdiction, "case_id": case_id, "seq": seq, "report_id": id_, "kind": kind}
        for id_ in reports
    ]
    if rows:
        connection.execute(t.case_notice.insert(), rows)


def told(connection: Connection, jurisdiction: str, reports: Sequence[UUID]) -> dict[UUID, list[Notice]]:
    """Report -> what its reporter was told, in order."""
    n = t.case_notice.c
    rows = connection.execute(
        sa.select(n.report_id, n.case_id, n.seq, n.kind, n.recorded_at)
        .where(n.jurisdiction == jurisdiction, n.report_id.in_(reports))
        .order_by(n.id)
    )
    found: dict[UUID, list[Notice]] = {id_: [] for id_ in reports}
    for row in rows:
        found[row.report_id].append(Notice(*row))
    return found
