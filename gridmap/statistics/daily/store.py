"""SQL of a month's days. Reads only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.database import copying

BY_DAY = """
    SELECT extract(day FROM occurred_at AT TIME ZONE %(zone)s)::int, coalesce(grid_version, 0), count(*)
    FROM report
    WHERE jurisdiction = %(jurisdiction)s AND occurred_at >= %(first)s AND occurred_at < %(last)s
      AND (%(category)s::text IS NULL OR category = %(category)s)
    GROUP BY 1, 2
    """


def by_day(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    zone: str,
    category: str | None,
) -> Mapping[str, NDArray[Any]]:
    """Reports of a month by day (1 …) and grid version (0: in none): day, grid, reports; n each."""
    given = {
        "jurisdiction": jurisdiction,
        "first": span[0],
        "last": span[1],
        "zone": zone,
        "category": category,
    }
    return copying.fetch_columns(connection, BY_DAY, given, {"day": "i4", "grid": "i8", "reports": "i8"})
