"""Months of a jurisdiction in numbers: by grid, community or category.

A month is a month of the jurisdiction's time zone. Each number here can be had by one query of its rows
(statistics.store); a test does so. Small counts by area of private categories are masked
(statistics.private).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.reports.categories import vocabulary
from gridmap.statistics import store
from gridmap.statistics.asof.store import counted
from gridmap.statistics.counts import store as counts
from gridmap.statistics.months import month_span, next_month
from gridmap.statistics.private.hiding import hidden, refuse_second
from gridmap.statistics.private.store import names, private


@dataclass(frozen=True, slots=True)
class MonthlyCount:
    """Reports of one month under one code; code None: in no area; count None: masked."""

    month: date
    code: str | None
    name: str | None
    count: int | None


def monthly(
    connection: Connection,
    jurisdiction: Jurisdiction,
    *,
    first_month: date,
    last_month: date,
    category: str | None = None,
    by: str = "grid",
    edition: int | None = None,
    as_of: datetime | None = None,
) -> list[MonthlyCount]:
    """Reports per month and code, as placed or as cut to an edition; of those recorded until `as_of`.

    Raises BadInput for `by` and `category`, and for an edition or `as_of` with a private one.
    """
    if by not in counts.GROUPS:
        raise BadInput(f"{by!r} is no way to count; give {', '.join(counts.GROUPS)}", field="by")
    if last_month < first_month:
        raise BadInput("is before the first month", field="to")
    if category is not None:
        vocabulary(connection, jurisdiction.code).check(category)
    span = month_span(jurisdiction, first_month)[0], month_span(jurisdiction, last_month)[1]
    found = counts.monthly(
        connection,
        jurisdiction.code,
        first_month,
        last_month,
        by,
        category,
        cut=edition or 0,
        counted=counted(jurisdiction, span, as_of, cut=edition or 0),
    )
    rows = [MonthlyCount(*row) for row in found]
    if category is None or by == "category" or category not in private(connection, jurisdiction.code):
        return rows
    refuse_second(category, edition, as_of)
    return list(_masked(connection, jurisdiction, category, by, rows))


def _masked(
    connection: Connection, jurisdiction: Jurisdiction, category: str, by: str, rows: list[MonthlyCount]
) -> Iterator[MonthlyCount]:
    """Rows by grid or community of a private category, and those of what is hidden though it is 0."""
    for month in sorted({row.month for row in rows}):
        hide = hidden(connection, jurisdiction, month, category)
        away = hide.grids if by == "grid" else hide.communities
        named = names(connection, jurisdiction.code, by, [code for code in away if code])
        seen = [row for row in rows if row.month == month and row.code not in away]
        seen += [MonthlyCount(month, code, named.get(code or ""), None) for code in away]
        yield from sorted(seen, key=lambda row: (row.code is None, row.code))


def by_grid_and_category(
    connection: Connection, jurisdiction: Jurisdiction, *, first_month: date, last_month: date
) -> Iterator[tuple[date, str | None, str, int | None]]:
    """(month, grid code, category, reports) in that order, one month in memory; code None: in none;
    reports None: masked."""
    secret = private(connection, jurisdiction.code)
    month = first_month
    while month <= last_month:
        found = counts.cross(connection, jurisdiction.code, month, month)
        codes = store.codes(connection, found.grid_version)
        total: Counter[tuple[str, str]] = Counter()  # a code may have several versions in a month
        columns = found.grid_version.tolist(), found.category.tolist(), found.reports.tolist()
        for grid, category, reports in zip(*columns, strict=True):
            total[codes.get(grid, ""), found.categories[category]] += reports
        told: dict[tuple[str, str], int | None] = dict(total)
        for each in set(secret).intersection(found.categories):
            told |= {(c or "", each): None for c in hidden(connection, jurisdiction, month, each).grids}
        for (code, category), reported in sorted(told.items(), key=lambda pair: pair[0]):
            yield month, code or None, category, reported
        month = next_month(month)
