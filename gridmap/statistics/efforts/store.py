"""SQL of efforts: reports of a category day by day."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database import tables as t

AREA_COLUMNS = {
    "community": t.report.c.community_version,
    "grid": t.report.c.grid_version,
    "compound": t.report.c.compound_version,
}


def daily(
    connection: Connection,
    jurisdiction: Jurisdiction,
    category: str,
    span: tuple[datetime, datetime],
    area: tuple[str, str] | None = None,
) -> dict[date, int]:
    """Day of the jurisdiction's clocks -> reports of a category, days without any left out.

    `span` is from a moment to just before another; `area` the kind (of AREA_COLUMNS) and code of an area in
    which they were placed, on whatever boundary their own day had.
    """
    c = t.report.c
    day = sa.cast(sa.func.timezone(jurisdiction.time_zone, c.occurred_at), sa.Date).label("day")
    query = (
        sa.select(day, sa.func.count())
        .where(
            c.jurisdiction == jurisdiction.code,
            c.occurred_at >= span[0],
            c.occurred_at < span[1],
            c.category == category,
        )
        .group_by(day)
    )
    if area is not None:
        kind, code = area
        version = t.area_version.c
        of_code = sa.select(version.id).where(
            version.jurisdiction == jurisdiction.code, version.kind == kind, version.code == code
        )
        query = query.where(AREA_COLUMNS[kind].in_(of_code))
    return {row[0]: row[1] for row in connection.execute(query)}
