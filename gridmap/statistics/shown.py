"""Which areas a month is shown on: its grids, or the areas above where those are too many for one map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import AREAS_DRAWN, AreaVersion, Edition

ABOVE = {"grid": "community", "community": "subdistrict", "subdistrict": None}


@dataclass(frozen=True, slots=True)
class Shown:
    """`areas` of one kind, what the areas above them are called, and which of them each grid belongs to."""

    edition: Edition  # of the grids
    kind: str
    areas: Sequence[AreaVersion]
    above: dict[str, str]  # code of an area above them -> its name
    of_grid: dict[str, str] | None  # grid code -> code of one of `areas`; None: they are the grids

    def summed(self, by_grid: Counter[str]) -> Counter[str]:
        """Counts by grid as counts by the area shown; a grid that belongs to none is left out."""
        if self.of_grid is None:
            return by_grid
        counts: Counter[str] = Counter()
        for grid, count in by_grid.items():
            if code := self.of_grid.get(grid):
                counts[code] += count
        return counts


def shown_on(connection: Connection, jurisdiction: str, day: date) -> Shown | None:
    """The narrowest kind with at most AREAS_DRAWN areas on a day, or the last kind that there is above the
    grids; None without grids."""
    editions = {
        edition.kind: edition
        for edition in areas.editions(connection, jurisdiction)  # by start, so that the latest stays
        if edition.area_count and (edition.valid_from is None or edition.valid_from <= day)
    }
    if "grid" not in editions:
        return None
    kind, of_grid = "grid", None
    while editions[kind].area_count > AREAS_DRAWN and (wider := ABOVE[kind]) in editions:
        assert wider
        parents = areas.parents(connection, jurisdiction, kind, day)
        steps = of_grid or {code: code for code in parents}
        of_grid = {grid: above for grid, code in steps.items() if (above := parents.get(code))}
        kind = wider
    members = areas.areas(connection, jurisdiction, kind=kind, day=day)
    upper = ABOVE[kind]
    names = areas.areas(connection, jurisdiction, kind=upper, day=day) if upper else []
    return Shown(editions["grid"], kind, members, {area.code: area.name for area in names}, of_grid)
