"""Answers of the hot spots and the days of a month: their shape (Pydantic) and their making."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from gridmap.geometry.density import bandwidth_for
from gridmap.statistics.daily import Daily
from gridmap.statistics.doubts import DOUBTS, Difference
from gridmap.statistics.figures import Change as Changed
from gridmap.statistics.figures import GridFigures
from gridmap.statistics.hotspots import LEAST_REPORTS
from gridmap.statistics.model import GridCount, MonthHeat
from gridmap.statistics.months import month_text
from gridmap.statistics.significance import Significance

CAVEATS = (
    "A star compares a grid and its neighbours with the rest of the district in the same month.",
    "It says where reports gather, not why, and not that there is more trouble than is reported.",
    "Tested is the surplus over the grid's share by area of all that is tested.",
    "The false discovery rate is held (Benjamini and Hochberg): about one star in twenty may be chance.",
    "Left out unless included: piles on one coordinate, whole degrees, uncertain placements; not of `count`.",
)


class Change(BaseModel):
    before: int
    by: int
    percent: Annotated[float | None, Field(description="null where there were none before")]


class Grid(BaseModel):
    code: str
    name: str
    community: str
    count: Annotated[int | None, Field(description="all reports; null where masked")]
    masked: bool
    area_km2: float
    density: Annotated[float | None, Field(description="reports per km² in the month")]
    buildings: int | None
    rate_per_building: float | None
    on_last_month: Change | None
    on_last_year: Change | None
    tested_count: Annotated[int | None, Field(description="`count` without what is left out")]
    expected: Annotated[float | None, Field(description="its share, by area, of all that is tested")]
    surplus: Annotated[float | None, Field(description="Freeman–Tukey deviate of tested_count from expected")]
    z: Annotated[float | None, Field(description="Gi*; null where nothing is tested")]
    p: float | None
    q: Annotated[float | None, Field(description="p after Benjamini and Hochberg")]
    star: Literal["hot", "cold"] | None


class LeftOut(BaseModel):
    reports: int
    by_doubt: Annotated[dict[str, int], Field(description="one in two doubts is in both")]
    included: Annotated[list[str], Field(description="doubts that were asked for")]
    share: Annotated[float, Field(description="0 … 1, of the surface's weight that they would have had")]
    peak_shift_m: Annotated[float | None, Field(description="how far the highest place would move")]
    stars_gained: Annotated[list[str], Field(description="starred only because they are left out")]
    stars_lost: Annotated[list[str], Field(description="would be starred with them")]


class Parameters(BaseModel):
    statistic: str
    neighbours: str
    exposure: str
    level: float
    permutations: int
    seed: str
    least_reports: int
    bandwidth_m: float


class HotSpots(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    category: str | None
    kind: Annotated[str, Field(description="what the items are: grids, or a wider kind where they are many")]
    edition: int
    total: int
    untested: Annotated[
        Literal["few_reports", "flat", "private"] | None, Field(description="why there is no star")
    ]
    left_out: LeftOut
    parameters: Parameters
    caveats: list[str]
    items: list[Grid]
    next: None


class Day(BaseModel):
    code: Annotated[str | None, Field(description="null: in none of the map's areas")]
    counts: Annotated[list[int], Field(description="one for each day of the month")]


class DailyList(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    category: str | None
    days: int
    items: list[Day]
    next: None


def hot_spots(
    heat: MonthHeat, told: Significance, difference: Difference, figures: Sequence[GridFigures]
) -> dict[str, Any]:
    """As `HotSpots`; the command line's --json is the same."""
    rows = enumerate(zip(heat.grids, figures, strict=True))
    return {
        "month": month_text(heat.month),
        "category": heat.category.code if heat.category else None,
        "kind": heat.kind,
        "edition": heat.edition,
        "total": heat.total,
        "untested": told.reason,
        "left_out": {
            "reports": difference.left_out,
            "by_doubt": {doubt: difference.reports.get(doubt, 0) for doubt in DOUBTS},
            "included": list(heat.include),
            "share": difference.share,
            "peak_shift_m": difference.shift_m,
            "stars_gained": list(told.gained),
            "stars_lost": list(told.lost),
        },
        "parameters": {
            "statistic": "Getis–Ord Gi*, itself included",
            "neighbours": "queen contiguity of the boundaries shown",
            "exposure": "area",
            "level": told.hot.level,
            "permutations": told.hot.permutations,
            "seed": str(told.hot.seed),
            "least_reports": LEAST_REPORTS,
            "bandwidth_m": bandwidth_for(heat.outline),
        },
        "caveats": list(CAVEATS),
        "items": [_grid(grid, told, at, each) for at, (grid, each) in rows],
        "next": None,
    }


def _grid(grid: GridCount, told: Significance, at: int, each: GridFigures) -> dict[str, Any]:
    secret, tested = told.reason == "private", told.reason is None and bool(told.hot.tested[at])
    return {
        "code": grid.code,
        "name": grid.name,
        "community": grid.community,
        "count": each.count,
        "masked": each.count is None,
        "area_km2": each.area_km2,
        "density": each.density,
        "buildings": each.buildings,
        "rate_per_building": each.rate,
        "on_last_month": _change(each.on_last_month),
        "on_last_year": _change(each.on_last_year),
        "tested_count": None if secret else int(told.counts[at]),
        "expected": None if secret else float(told.expected[at]),
        "surplus": None if secret else float(told.surplus[at]),
        "z": float(told.hot.z[at]) if tested else None,
        "p": float(told.hot.p[at]) if tested else None,
        "q": float(told.hot.q[at]) if tested else None,
        "star": {1: "hot", -1: "cold"}.get(int(told.stars[at])),
    }


def _change(value: Changed | None) -> dict[str, Any] | None:
    return None if value is None else {"before": value.before, "by": value.by, "percent": value.percent}


def days(value: Daily, category: str | None) -> dict[str, Any]:
    """As `DailyList`."""
    rows = [*value.counts.items(), (None, value.elsewhere)]
    return {
        "month": month_text(value.month),
        "category": category,
        "days": value.days,
        "items": [{"code": code, "counts": list(counts)} for code, counts in rows],
        "next": None,
    }
