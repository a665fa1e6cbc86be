"""Values of inspections. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

# kind -> (Chinese, English)
INSPECTORS: dict[str, tuple[str, str]] = {
    "member": ("网格员", "grid member"),
    "squad": ("城管执法中队", "urban-management squad"),
    "property": ("物业公司", "property company"),
}
TARGETS: dict[str, tuple[str, str]] = {"building": ("楼栋", "building"), "place": ("点位", "place")}


@dataclass(frozen=True, slots=True)
class Plan:
    """Who inspects what, every how many days. `targets`: codes, None: every building. `category`: of the
    report that trouble leads to."""

    code: str
    name: str
    inspector: str
    target: str
    every_days: int
    category: str | None = None
    targets: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Inspection:
    """That a target was looked at on a day, and whether there was trouble."""

    plan: str
    target: str
    day: date
    by: str
    trouble: bool
    note: str = ""
