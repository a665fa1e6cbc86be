"""The audit: every stored placement against what PostGIS says, month by month.

The index in process places reports (geometry.locator); the database judges it here, with nothing in common
but the boundaries: `ST_Covers` and on a shared edge the smallest code, the nearest within the tolerance, on
the versions valid on the report's own day. What differs is told, and nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput
from gridmap.reports.audit import store


@dataclass(frozen=True, slots=True)
class Verdict:
    """A placement as stored or as judged. Areas as code/edition, None for none."""

    method: str
    grid: str | None
    community: str | None
    compound: str | None
    building: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """A report whose stored placement is not the one that SQL finds."""

    id: UUID
    occurred_at: datetime
    stored: Verdict
    judged: Verdict


def audit(
    database: Database, jurisdiction: Jurisdiction, since: date | None = None, until: date | None = None
) -> Iterator[Difference]:
    """The differences among the reports of the days `since` to `until`, both included; in order of time.

    Each month is one reading transaction, so that no snapshot is held for long and no table is read into
    memory. Raises BadInput(field="until") when the days are in the wrong order.
    """
    if since and until and until < since:
        raise BadInput("must not be before `since`", field="until")
    with database.reading() as connection:
        span = store.span(connection, jurisdiction)
    if span is None:
        return
    zone = jurisdiction.zone
    day, end = (moment.astimezone(zone).date() for moment in span)
    day, end = max(day, since or day), min(end, until or end) + timedelta(days=1)
    while day < end:
        following = min((day.replace(day=1) + timedelta(days=32)).replace(day=1), end)
        first, last = (datetime.combine(each, time(), zone) for each in (day, following))
        with database.reading() as connection:
            tolerance = database.settings.nearest_tolerance_m
            for row in store.differing(connection, jurisdiction, first, last, tolerance):
                yield Difference(row[0], row[1], Verdict(*row[2:7]), Verdict(*row[7:12]))
        day = following
