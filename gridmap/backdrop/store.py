"""All SQL of the backdrop. Never commits."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.backdrop.model import BACKDROP_KINDS, Trace
from gridmap.database import tables as t

BATCH = 1_000


def backdrop(connection: Connection, jurisdiction: str) -> list[Trace]:
    """Everything, in the order of drawing."""
    c = t.backdrop.c
    query = sa.select(c.kind, c.name, c.geom).where(c.jurisdiction == jurisdiction).order_by(c.id)
    order = {kind: rank for rank, kind in enumerate(BACKDROP_KINDS)}
    traces = [Trace(row.kind, row.name, row.geom) for row in connection.execute(query)]
    return sorted(traces, key=lambda trace: order.get(trace.kind, len(order)))


def replace(connection: Connection, jurisdiction: str, traces: Sequence[Trace]) -> None:
    """Put these in the place of all there were: a backdrop is decoration, and no evidence hangs on it."""
    connection.execute(t.backdrop.delete().where(t.backdrop.c.jurisdiction == jurisdiction))
    for start in range(0, len(traces), BATCH):
        connection.execute(
            t.backdrop.insert(),
            [
                {"jurisdiction": jurisdiction, "kind": trace.kind, "name": trace.name, "geom": trace.geometry}
                for trace in traces[start : start + BATCH]
            ],
        )
