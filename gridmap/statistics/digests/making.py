"""Making a month's digest: counts by grid and category, hot spots, places, works, on one set of grids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.database.sessions import Database
from gridmap.geometry.cells import centres
from gridmap.geometry.density import bandwidth_for
from gridmap.geometry.intensity import ground, intensity
from gridmap.geometry.locator import Locator
from gridmap.reports.store import categories
from gridmap.statistics.counts import store as counts
from gridmap.statistics.digests import store
from gridmap.statistics.digests.model import (
    CategoryDigest,
    Digest,
    PlaceDigest,
    WorkDigest,
)
from gridmap.statistics.digests.places import PlaceAround, around_related
from gridmap.statistics.doubts import DOUBTS, Difference, apart_m, without
from gridmap.statistics.figures import Change, GridFigures, change, figures
from gridmap.statistics.hotspots import HotSpots, hot_spots, seed_of, surplus
from gridmap.statistics.model import MonthHeat, Titled
from gridmap.statistics.monthly import by_code, cut_to, last_day, month_heat, month_span, next_month
from gridmap.statistics.neighbours import Neighbours, contiguity
from gridmap.statistics.shown import Shown, shown_on
from gridmap.works import store as works

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Month:
    """A month's reports, cut to one set of n areas: (categories, n + 1), the last column in none of them."""

    counts: Ints

    @property
    def by_grid(self) -> Ints:
        return np.asarray(self.counts[:, :-1].sum(axis=0))


def digest(database: Database, jurisdiction: Jurisdiction, month: date) -> Digest:
    """Everything that a bulletin of the month says. Raises NotFound where there are no grids."""
    heat = month_heat(database, jurisdiction, month)
    with database.reading() as connection:
        shown = shown_on(connection, jurisdiction.code, last_day(month))
        assert shown is not None, "month_heat would have refused"
        versions = shown.areas
        known = [Titled(c.code, c.name, c.name_en) for c in categories(connection, jurisdiction.code)]
        locator = Locator([version.geometry for version in versions], [version.code for version in versions])
        now = _counted(connection, database, jurisdiction, shown, known, month)
        # before the first report is not the same as a month without any
        before, year_before = (
            None
            if heat.first_month and each < heat.first_month
            else _counted(connection, database, jurisdiction, shown, known, each)
            for each in (next_month(month, -1), next_month(month, -12))
        )
        span, codes = month_span(jurisdiction, month), [each.code for each in known]
        doubtful = store.doubtful(connection, jurisdiction.code, span, codes, heat.piles)
        clean = now.counts[:, :-1] - _doubtful_by_grid(doubtful, database, locator, len(known))
        near = contiguity([version.geometry for version in versions])
        size = np.array([grid.area_km2 for grid in heat.grids])
        by_kind = [kind for kind in around_related(connection, jurisdiction, month) if kind.places]
        found_places = [_place(each) for kind in by_kind for each in kind.places]
        return Digest(
            heat=heat,
            figures=_figures(connection, jurisdiction, month, heat, locator, now, before, year_before),
            hot=_hot(clean.sum(axis=0), size, near, seed_of(jurisdiction.code, None, month)),
            categories=_categories(
                jurisdiction, month, known, versions, clean, (now, before, year_before), size, near
            ),
            difference=_difference(heat, doubtful),
            places=tuple(sorted(found_places, key=lambda each: (-each.reports, each.kind, each.code))),
            rhythms={each.kind: each.rhythm for each in sorted(by_kind, key=lambda each: each.kind)},
            works=_works(connection, jurisdiction, month),
        )


def _counted(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    shown: Shown,
    known: Sequence[Titled],
    month: date,
) -> _Month:
    there = {
        row[1] for row in counts.monthly(connection, jurisdiction.code, month, month, "category") if row[3]
    }
    place = {version.code: at for at, version in enumerate(shown.areas)}
    counted = np.zeros((len(known), len(shown.areas) + 1), np.int64)
    for number, category in enumerate(known):
        if category.code in there:
            cut = cut_to(connection, database, jurisdiction, shown.edition, month, category.code)
            for code, reports in shown.summed(by_code(cut)).items():
                counted[number, place[code]] += reports
            counted[number, -1] = sum(row.reports for row in cut) - counted[number, :-1].sum()
    return _Month(counted)


def _doubtful_by_grid(doubtful: store.Arrays, database: Database, locator: Locator, known: int) -> Ints:
    """(categories, n): how many reports in doubt each grid holds, placed as everything else is."""
    tolerance = database.settings.nearest_tolerance_m
    grid, _ = locator.nearest(doubtful["lon"], doubtful["lat"], tolerance)
    inside = grid >= 0
    key = doubtful["category"][inside].astype(np.int64) * len(locator) + grid[inside]
    return np.bincount(key, minlength=known * len(locator)).reshape(known, len(locator))


def _hot(clean: Ints, size: NDArray[np.float64], near: Neighbours, seed: int) -> HotSpots:
    return hot_spots(surplus(clean, size), near, reports=int(clean.sum()), seed=seed)


def _categories(
    jurisdiction: Jurisdiction,
    month: date,
    known: Sequence[Titled],
    versions: Sequence[AreaVersion],
    clean: Ints,
    months: tuple[_Month, _Month | None, _Month | None],
    size: NDArray[np.float64],
    near: Neighbours,
) -> tuple[CategoryDigest, ...]:
    now, before, year_before = months
    made = []
    for number, category in enumerate(known):
        count = int(now.counts[number].sum())
        last = [None if m is None else int(m.counts[number].sum()) for m in (before, year_before)]
        if not count and not any(last):
            continue
        hot = _hot(clean[number], size, near, seed_of(jurisdiction.code, category.code, month))
        starred = tuple(versions[at].code for at in np.flatnonzero(hot.hot).tolist())
        changes: list[Change | None] = [change(count, each) for each in last]
        made.append(CategoryDigest(category, count, changes[0], changes[1], starred, hot.reason))
    return tuple(sorted(made, key=lambda each: (-each.count, each.category.code)))


def _figures(
    connection: Connection,
    jurisdiction: Jurisdiction,
    month: date,
    heat: MonthHeat,
    locator: Locator,
    now: _Month,
    before: _Month | None,
    year_before: _Month | None,
) -> tuple[GridFigures, ...]:
    houses = areas.areas(connection, jurisdiction.code, kind="building", day=last_day(month))
    inside = [house.geometry.representative_point() for house in houses]
    held = locator.covers([p.x for p in inside], [p.y for p in inside]) if inside else np.empty(0, np.int64)
    buildings = np.bincount(held[held >= 0], minlength=len(locator)).tolist() if inside else None
    return figures(
        locator.codes,
        now.by_grid.tolist(),
        [grid.area_km2 for grid in heat.grids],
        buildings=buildings,
        last_month=None if before is None else before.by_grid.tolist(),
        last_year=None if year_before is None else year_before.by_grid.tolist(),
    )


def _difference(heat: MonthHeat, doubtful: store.Arrays) -> Difference:
    """What leaving out the reports in doubt changes of the surface, told from cells."""
    on = ground(heat.outline, bandwidth_m=bandwidth_for(heat.outline))
    counted = heat.cells
    lon, lat = centres(counted.x, counted.y, counted.level)
    where = doubtful["lon"], doubtful["lat"]
    kept = without(counted.x, counted.y, counted.reports, *where, np.ones(len(where[0])), level=counted.level)
    shown, whole = intensity(lon, lat, on, weights=kept), intensity(lon, lat, on, weights=counted.reports)
    peak = shown.peak if shown.weight else None
    peak_with = whole.peak if whole.weight else None
    return Difference(
        {doubt: int(doubtful[doubt].sum()) for doubt in DOUBTS},
        len(doubtful["lon"]),
        heat.piles,
        (whole.weight - shown.weight) / whole.weight if whole.weight else 0.0,
        None if peak is None or peak_with is None else apart_m(peak, peak_with, on),
        peak,
        peak_with,
    )


def _place(each: PlaceAround) -> PlaceDigest:
    place = each.place
    names = place.kind, place.code, place.name, place.name_en
    return PlaceDigest(*names, place.capacity, each.radius_m, each.reports, each.per_100_spaces)


def _works(connection: Connection, jurisdiction: Jurisdiction, month: date) -> tuple[WorkDigest, ...]:
    kinds, last = works.kinds(connection), last_day(month)
    of_month = works.totals(connection, jurisdiction.code, month, last)
    of_year = works.totals(connection, jurisdiction.code, month.replace(month=1), last)
    return tuple(
        WorkDigest(kinds[code], *of_month.get(code, (0 * total, 0)), total)
        for code, (total, _) in sorted(of_year.items())
    )
