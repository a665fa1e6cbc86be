"""The classes of a heat map's grids and surface, kept by jurisdiction and category so that months compare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.statistics import store
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.model import GridCount, Scale
from gridmap.statistics.monthly import monthly
from gridmap.statistics.shown import Shown

LADDER = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
CLASSES = 6
LEAST_DENSITIES = (5.0, 10.0, 20.0)  # of a district with hardly any report


def month_scale(
    connection: Connection,
    jurisdiction: Jurisdiction,
    category: str | None,
    shown: Shown,
    grids: Sequence[GridCount],
    as_of: datetime | None,
) -> tuple[Scale, bool]:
    """The scale that is kept (by `as_of`), else one made from all months; and whether to keep it from now on.

    It is kept once a month with reports is over: the first days of a new district would make a scale that
    every later month bursts.
    """
    if kept := store.scale(connection, jurisdiction.code, category, as_of):
        return kept, False
    span = months_with_reports(connection, jurisdiction, as_of)
    if span is None:
        return make_scale([], []), False
    by_grid = monthly(
        connection,
        jurisdiction,
        first_month=span[0],
        last_month=span[1],
        category=category,
        by="grid",
        as_of=as_of,
    )
    size = {g.code: g.area_km2 for g in grids}
    of_month: dict[date, Counter[str]] = {}
    for row in by_grid:
        of_month.setdefault(row.month, Counter())[row.code or ""] += row.count or 0
    counted = [pair for month in of_month.values() for pair in shown.summed(month).items() if pair[0] in size]
    scale = make_scale([count for _, count in counted], [count / size[code] for code, count in counted])
    keep = span[0] < jurisdiction.today().replace(day=1)
    return replace(scale, since=datetime.now(UTC).date()) if keep else scale, keep


def make_scale(counts: Sequence[int], densities: Sequence[float]) -> Scale:
    """Classes on a 1-2-5 ladder; the busiest and the densest grid and month lie in the highest class."""
    steps = [step for step in LADDER if step <= max(counts, default=0)]
    steps = steps if len(steps) >= 3 else [1, 2, 5]
    surface = [float(step) for step in LADDER if step <= max(densities, default=0)][-CLASSES:]
    return Scale(
        tuple([1, *steps[-CLASSES + 1 :]] if len(steps) > CLASSES else steps),
        tuple(surface) if len(surface) >= 3 else LEAST_DENSITIES,
    )
