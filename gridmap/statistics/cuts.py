"""A month's reports on the grids of an edition, counted again only where they were placed on another one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from functools import partial

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Edition, Jurisdiction
from gridmap.database.sessions import Database
from gridmap.statistics import store
from gridmap.statistics.months import last_day, month_span


def cut_to(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    edition: Edition,
    month: date,
    category: str | None,
    *,
    as_of: datetime | None = None,
    by_category: bool = False,
) -> list[store.CutCount]:
    """A month's reports by code and method (and category) on the grids of an edition.

    Where all were placed on that edition, or cut to it, they are counted already: 3 ms, however many.
    """
    span, settings = month_span(jurisdiction, month), database.settings
    near_edge_m = settings.near_edge_m
    counted = partial(store.as_placed, connection, jurisdiction, span, category, as_of=as_of)
    counted = partial(counted, near_edge_m=near_edge_m, by_category=by_category)
    placed = counted()
    if all(of in (edition.id, None) for of, _ in placed):
        outside = any(of is None for of, _ in placed)
        if not outside or _judged_all(connection, jurisdiction, edition, month, as_of):
            return [count for _, count in placed]
    kept = counted(cut=edition.id)
    if sum(count.reports for _, count in kept) == sum(count.reports for _, count in placed):
        return [count for _, count in kept]
    return store.in_edition(
        connection,
        jurisdiction,
        edition.id,
        *span,
        category,
        tolerance_m=settings.nearest_tolerance_m,
        near_edge_m=near_edge_m,
        as_of=as_of,
        by_category=by_category,
    )


def _judged_all(
    connection: Connection, jurisdiction: Jurisdiction, edition: Edition, month: date, as_of: datetime | None
) -> bool:
    """Whether it was this edition that put reports of the month outside every grid."""
    known = areas.editions(connection, jurisdiction.code, "grid", as_of=as_of)
    starts = [e.valid_from for e in known if e.valid_from]
    if edition.valid_from and edition.valid_from > month:
        return False
    if any((edition.valid_from or date.min) < day <= last_day(month) for day in starts):
        return False
    span = month_span(jurisdiction, month)
    return not store.outside_before(connection, jurisdiction.code, *span, edition.recorded_at)


def by_code(cut: Sequence[store.CutCount]) -> Counter[str]:
    """Reports per grid code, whatever the method."""
    counts: Counter[str] = Counter()
    for row in cut:
        if row.code is not None:
            counts[row.code] += row.reports
    return counts
