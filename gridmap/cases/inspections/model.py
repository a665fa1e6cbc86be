"""Values of inspections. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID, uuid5

from gridmap.areas.model import AreaVersion

# kind -> (Chinese, English)
INSPECTORS: dict[str, tuple[str, str]] = {
    "member": ("网格员", "grid member"),
    "squad": ("城管执法中队", "urban-management squad"),
    "property": ("物业公司", "property company"),
}
# the kinds of area that a target lies in
PLACED = ("community", "grid", "compound", "building")
TARGETS: dict[str, tuple[str, str]] = {"building": ("楼栋", "building"), "place": ("点位", "place")}
_SPACE = UUID("6f1c2f5e-6c0e-5d1f-9a53-2f1f0d2b9c11")  # of the ids of inspections, made from what they say


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
class Target:
    """A building or place of a day; `wgs84`: (lon, lat) in degrees of a point inside it. `areas`: kind -> the
    area that holds that point."""

    kind: str
    code: str
    name: str
    wgs84: tuple[float, float]
    areas: Mapping[str, AreaVersion] = field(default_factory=dict)

    @property
    def codes(self) -> dict[str, str | None]:
        """As a sight asks for them."""
        return {kind: area.code for kind, area in self.areas.items()}


@dataclass(frozen=True, slots=True)
class Inspection:
    """That a target was looked at on a day, and whether there was trouble."""

    plan: str
    target: str
    day: date
    by: str
    trouble: bool
    note: str = ""


def id_of(jurisdiction: str, each: Inspection) -> UUID:
    """One for a target under a plan on a day, so that what is sent twice is the same."""
    return uuid5(_SPACE, f"{jurisdiction}/{each.plan}/{each.target}/{each.day}")
