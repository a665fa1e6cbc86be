"""Which areas a month is shown on: its grids, or the areas above where those are too many for one map."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import AREAS_DRAWN, AreaVersion, Edition

EVERYTHING = -1  # in a sight: the whole jurisdiction
ABOVE = {"grid": "community", "community": "subdistrict", "subdistrict": None}


@dataclass(frozen=True, slots=True)
class Shown:
    """`areas` of one kind, what the areas above them are called, and which of them each grid belongs to."""

    edition: Edition  # of the grids
    kind: str
    areas: Sequence[AreaVersion]
    above: dict[str, str]  # code of an area above them -> its name
    of_grid: dict[str, str] | None  # grid code -> code of one of `areas`; None: they are the grids
    day: date  # on which all of them are valid
    parts: bool = False  # only the areas that whoever asks answers for

    def within(self, sight: Collection[int]) -> Shown:
        """Those of the areas that are in a sight, given as versions of areas, or EVERYTHING."""
        if EVERYTHING in sight:
            return self
        return replace(self, areas=[each for each in self.areas if each.id in sight], parts=True)

    def summed(self, by_grid: Counter[str]) -> Counter[str]:
        """Counts by grid as counts by the area shown; a grid that belongs to none is left out."""
        if self.of_grid is None:
            return by_grid
        counts: Counter[str] = Counter()
        for grid, count in by_grid.items():
            if code := self.of_grid.get(grid):
                counts[code] += count
        return counts


def shown_on(
    connection: Connection,
    jurisdiction: str,
    day: date,
    *,
    as_of: datetime | None = None,
    edition: int | None = None,
) -> Shown | None:
    """The narrowest kind with at most AREAS_DRAWN areas on a day, or the last kind that there is above the
    grids; None without grids.

    `as_of`: as was known at that moment of recording. `edition`: of those grids, on the day nearest to `day`
    on which they are valid. Raises NotFound(field="edition"), BadInput where it is not one of grids.
    """
    known = areas.editions(connection, jurisdiction, as_of=as_of)  # by start, so that the latest stays
    if edition is not None:
        day = nearest_day(known, areas.choose_edition(known, edition), day)
    editions = {e.kind: e for e in known if e.area_count and (e.valid_from is None or e.valid_from <= day)}
    if "grid" not in editions:
        return None
    kind, of_grid = "grid", None
    while editions[kind].area_count > AREAS_DRAWN and (wider := ABOVE[kind]) in editions:
        assert wider
        parents = areas.parents(connection, jurisdiction, kind, day, as_of)
        steps = of_grid or {code: code for code in parents}
        of_grid = {grid: above for grid, code in steps.items() if (above := parents.get(code))}
        kind = wider
    members = areas.areas(connection, jurisdiction, kind=kind, day=day, as_of=as_of)
    upper = ABOVE[kind]
    names = areas.areas(connection, jurisdiction, kind=upper, day=day, as_of=as_of) if upper else []
    return Shown(editions["grid"], kind, members, {area.code: area.name for area in names}, of_grid, day)


def nearest_day(known: Sequence[Edition], edition: Edition, day: date) -> date:
    """The day nearest to `day` on which an edition is in force, among those `known`."""
    start = edition.valid_from or date.min
    later = [e.valid_from for e in known if e.kind == edition.kind and e.valid_from and e.valid_from > start]
    end = min(later) - timedelta(days=1) if later else date.max
    return min(max(day, start), end)
