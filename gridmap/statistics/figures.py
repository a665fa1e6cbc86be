"""The plain figures of each grid in one category and month: count, density, rate, change.

Counts only, as they are; what a surface leaves out (statistics.doubts) is counted here. A count that is
masked (statistics.masking) is None, and with it all that is made from it: a change or a density would give it
away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.errors import BadInput


@dataclass(frozen=True, slots=True)
class Change:
    """Against an earlier month: `by` reports, and in per cent of it (None where it had none)."""

    before: int
    by: int
    percent: float | None


@dataclass(frozen=True, slots=True)
class GridFigures:
    """One grid. `count` None: masked. `density` per km² and `rate` per building in the month.

    `rate` is None where the number of buildings is not known or 0; a change is None where the other month is
    masked, or lies before the first report of the jurisdiction, which is not the same as none in it.
    """

    code: str
    count: int | None
    area_km2: float
    buildings: int | None
    density: float | None
    rate: float | None
    on_last_month: Change | None
    on_last_year: Change | None


def figures(
    codes: Sequence[str],
    counts: Sequence[int | None],
    area_km2: Sequence[float],
    *,
    buildings: Sequence[int | None] | None = None,
    last_month: Sequence[int | None] | None = None,
    last_year: Sequence[int | None] | None = None,
) -> tuple[GridFigures, ...]:
    """Figures of n grids, in the order given. All sequences hold one value for each grid.

    All counts must be cut to the same grids: those of the month shown (statistics.recut). Raises BadInput for
    sequences of another length, negative counts, and areas that are not over 0.
    """
    unknown: Sequence[None] = [None] * len(codes)
    columns = {
        "counts": counts,
        "area_km2": area_km2,
        "buildings": buildings or unknown,
        "last_month": last_month or unknown,
        "last_year": last_year or unknown,
    }
    for field, column in columns.items():
        if len(column) != len(codes):
            raise BadInput(f"has {len(column)} values for {len(codes)} grids", field=field)
        if any(value is not None and not 0 <= value < float("inf") for value in column):
            raise BadInput("has a value that is not 0 or more", field=field)
    if not all(area > 0 for area in area_km2):
        raise BadInput("has a grid without ground", field="area_km2")
    return tuple(
        GridFigures(
            code,
            count,
            area,
            houses,
            None if count is None else count / area,
            None if count is None or not houses else count / houses,
            change(count, month),
            change(count, year),
        )
        for code, count, area, houses, month, year in zip(codes, *columns.values(), strict=True)
    )


def change(now: int | None, before: int | None) -> Change | None:
    """None where either count is not known."""
    if now is None or before is None:
        return None
    return Change(before, now - before, 100 * (now - before) / before if before else None)
