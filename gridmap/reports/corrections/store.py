"""The SQL of corrections. Never commits."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import shapely
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database import tables as t
from gridmap.errors import Forbidden

Reference = tuple[UUID, datetime]  # a report: its id and when it occurred

# what a correction can change of a report
CORRECTED = (
    *("category", "lon", "lat", "datum", "accuracy_m", "geom", "named_code", "method", "grid_version"),
    *("community_version", "compound_version", "building_version", "edge_distance_m", "candidates"),
    "needs_review",
)
_SAID = ("category", "lon", "lat", "datum", "accuracy_m", "named_code", "method", "grid_version")


class Correction(NamedTuple):
    """What was corrected: `was` holds the columns CORRECTED as they were before."""

    number: int
    corrected_by: str
    reason: str
    was: dict[str, Any]
    recorded_at: datetime


def _is(reference: Reference) -> list[sa.ColumnElement[bool]]:
    return [t.report.c.id == reference[0], t.report.c.occurred_at == reference[1]]


def locked(connection: Connection, reference: Reference) -> dict[str, Any]:
    """What can be corrected of a report, and what identifies it; nobody else changes it meanwhile.

    Raises Forbidden(field="id") where whoever asks sees the report and may not change it.
    """
    c = t.report.c
    names = ("id", "occurred_at", "jurisdiction", *CORRECTED)
    query = sa.select(*(c[name] for name in names)).where(*_is(reference)).with_for_update()
    found = connection.execute(query).mappings().one_or_none()
    if found is None:
        raise Forbidden("it lies elsewhere: correcting it is for those who answer for it", field="id")
    return dict(found)


def append(
    connection: Connection,
    jurisdiction: str,
    was: Mapping[str, Any],
    now: Mapping[str, Any],
    by: str,
    reason: str,
) -> int:
    """Write a correction down; -> its number among those of the report."""
    c = t.report_correction.c
    key = {"report_id": was["id"], "occurred_at": was["occurred_at"]}
    last = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(c.number), 0)).where(
            c.report_id == key["report_id"], c.occurred_at == key["occurred_at"]
        )
    ).scalar_one()
    before = {name: was[name] for name in CORRECTED}
    if before["geom"] is not None:
        before["geom"] = shapely.to_wkb(shapely.set_srid(before["geom"], 4326), hex=True, include_srid=True)
    said = {name: now[name] for name in _SAID}
    own = {"number": last + 1, "jurisdiction": jurisdiction, "corrected_by": by, "reason": reason}
    connection.execute(t.report_correction.insert().values(**key, **said, **own, was=before))
    return int(last + 1)


def update(connection: Connection, now: Mapping[str, Any]) -> None:
    """Make a report what its last correction says; the database refuses it without one."""
    values = {name: now[name] for name in CORRECTED}
    if values["candidates"] is None:
        values["candidates"] = sa.null()
    connection.execute(t.report.update().where(*_is((now["id"], now["occurred_at"]))).values(**values))


def corrections(connection: Connection, reference: Reference) -> list[Correction]:
    """What was corrected of a report, in order."""
    c = t.report_correction.c
    rows = connection.execute(
        sa.select(c.number, c.corrected_by, c.reason, c.was, c.recorded_at)
        .where(c.report_id == reference[0], c.occurred_at == reference[1])
        .order_by(c.number)
    )
    return [Correction(*row) for row in rows]


def cuts(connection: Connection, reference: Reference) -> list[int]:
    """The editions that a report was cut to."""
    c = t.report_cut.c
    query = sa.select(c.cut).where(c.report_id == reference[0], c.occurred_at == reference[1])
    return list(connection.execute(query.order_by(c.cut)).scalars())


def recut(
    connection: Connection, reference: Reference, cut: int, grid_version: int, method: str, near: bool
) -> None:
    """Say where a report lies in an edition now."""
    c = t.report_cut.c
    connection.execute(
        t.report_cut.update()
        .where(c.cut == cut, c.report_id == reference[0], c.occurred_at == reference[1])
        .values(grid_version=grid_version, method=method, near_edge=near)
    )
