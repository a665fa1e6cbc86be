"""Making a month's digest: counts by grid and category, hot spots, places, works, on one set of grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

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
from gridmap.places import store as places
from gridmap.reports.store import categories
from gridmap.statistics.around import around
from gridmap.statistics.asof import store as asof
from gridmap.statistics.digests import store
from gridmap.statistics.digests.model import (
    RADIUS_M,
    RELATED,
    CategoryDigest,
    Digest,
    PlaceDigest,
    WorkDigest,
)
from gridmap.statistics.doubts import DOUBTS, Difference, apart_m, without
from gridmap.statistics.figures import Change, GridFigures, change, figures
from gridmap.statistics.hotspots import HotSpots, hot_spots, seed_of, surplus
from gridmap.statistics.model import MonthHeat, Titled
from gridmap.statistics.monthly import cut_to, month_heat
from gridmap.statistics.months import last_day, month_span, next_month
from gridmap.statistics.neighbours import Neighbours, contiguity
from gridmap.statistics.rhythm import Rhythm, rhythms
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


def digest(
    database: Database,
    jurisdiction: Jurisdiction,
    month: date,
    *,
    as_of: datetime | None = None,
    edition: int | None = None,
) -> Digest:
    """Everything that a bulletin of the month says.

    `as_of`: as was known at that moment of recording. `edition`: on the grids of that edition, instead of
    those of the month's last day. Raises NotFound where there are no grids.
    """
    heat = month_heat(database, jurisdiction, month, as_of=as_of, edition=edition)
    with database.reading() as connection:
        shown = shown_on(connection, jurisdiction.code, last_day(month), as_of=as_of, edition=edition)
        assert shown is not None, "month_heat would have refused"
        versions = shown.areas
        known = [Titled(c.code, c.name, c.name_en) for c in categories(connection, jurisdiction.code)]
        locator = Locator([version.geometry for version in versions], [version.code for version in versions])
        counted = partial(_counted, connection, database, jurisdiction, shown, known, as_of=as_of)
        now = counted(month)
        # before the first report is not the same as a month without any
        before, year_before = (
            None if heat.first_month and each < heat.first_month else counted(each)
            for each in (next_month(month, -1), next_month(month, -12))
        )
        span, codes = month_span(jurisdiction, month), [each.code for each in known]
        doubtful = store.doubtful(connection, jurisdiction.code, span, codes, heat.piles, as_of)
        clean = now.counts[:, :-1] - _doubtful_by_grid(doubtful, database, locator, len(known))
        near = contiguity([version.geometry for version in versions])
        size = np.array([grid.area_km2 for grid in heat.grids])
        found_places, by_kind = _places(connection, jurisdiction, month, as_of)
        return Digest(
            heat=heat,
            figures=_figures(connection, jurisdiction, heat, locator, now, before, year_before),
            hot=_hot(clean.sum(axis=0), size, near, seed_of(jurisdiction.code, None, month)),
            categories=_categories(
                jurisdiction, month, known, versions, clean, (now, before, year_before), size, near
            ),
            difference=_difference(heat, doubtful),
            places=found_places,
            rhythms=by_kind,
            works=_works(connection, jurisdiction, month, as_of),
            as_of=as_of,
            recut=edition,
            data_until=_data_until(connection, jurisdiction, month, as_of),
        )


def _data_until(
    connection: Connection, jurisdiction: Jurisdiction, month: date, as_of: datetime | None
) -> datetime | None:
    spans = [
        month_span(jurisdiction, each) for each in (month, next_month(month, -1), next_month(month, -12))
    ]
    known = [asof.newest_report(connection, jurisdiction.code, span, as_of) for span in spans]
    year, last = month.replace(month=1), last_day(month)
    known.append(asof.newest_other(connection, jurisdiction.code, year, last, tuple(RELATED), as_of))
    return max((each for each in known if each), default=None)


def _counted(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    shown: Shown,
    known: Sequence[Titled],
    month: date,
    *,
    as_of: datetime | None,
) -> _Month:
    place = {version.code: at for at, version in enumerate(shown.areas)}
    number = {category.code: at for at, category in enumerate(known)}
    counted = np.zeros((len(known), len(shown.areas) + 1), np.int64)
    of_category: dict[str, Counter[str]] = {}
    for row in cut_to(
        connection, database, jurisdiction, shown.edition, month, None, as_of=as_of, by_category=True
    ):
        assert row.category is not None
        counted[number[row.category], -1] += row.reports
        if row.code is not None:
            of_category.setdefault(row.category, Counter())[row.code] += row.reports
    for category, by_grid in of_category.items():
        for code, reports in shown.summed(by_grid).items():
            counted[number[category], [place[code], -1]] += reports, -reports
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
    heat: MonthHeat,
    locator: Locator,
    now: _Month,
    before: _Month | None,
    year_before: _Month | None,
) -> tuple[GridFigures, ...]:
    day = last_day(heat.month)
    houses = areas.areas(connection, jurisdiction.code, kind="building", day=day, as_of=heat.as_of)
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


def _places(
    connection: Connection, jurisdiction: Jurisdiction, month: date, as_of: datetime | None
) -> tuple[tuple[PlaceDigest, ...], dict[str, Rhythm]]:
    """Places of RELATED kinds with the reports around them, and the rhythm of each kind."""
    span, day = month_span(jurisdiction, month), last_day(month)
    made: list[PlaceDigest] = []
    by_kind: dict[str, Rhythm] = {}
    for wanted in sorted(set(RELATED.values())):
        kinds = [kind for kind, of in RELATED.items() if of == wanted]
        found = places.places(connection, jurisdiction.code, day=day, kinds=kinds, as_of=as_of)
        if not found:
            continue
        rows = store.related(connection, jurisdiction.code, span, wanted, as_of)
        radius = [place.service_radius_m or RADIUS_M for place in found]
        told = around(
            [place.geometry for place in found],
            radius,
            [place.capacity for place in found],
            rows["lon"],
            rows["lat"],
        )
        hours = [place.opening_hours for place in found]
        of_kind = [place.kind for place in found]
        by_kind |= rhythms(rows["moment"], told.nearest, of_kind, hours, jurisdiction.zone)
        for place, reach, reports, per_100 in zip(
            found, radius, told.reports.tolist(), told.per_100_spaces, strict=True
        ):
            made.append(
                PlaceDigest(
                    place.kind,
                    place.code,
                    place.name,
                    place.name_en,
                    place.capacity,
                    reach,
                    reports,
                    per_100,
                    place.opening_hours,
                )
            )
    return tuple(sorted(made, key=lambda each: (-each.reports, each.kind, each.code))), by_kind


def _works(
    connection: Connection, jurisdiction: Jurisdiction, month: date, as_of: datetime | None
) -> tuple[WorkDigest, ...]:
    kinds, last = works.kinds(connection), last_day(month)
    of_month = works.totals(connection, jurisdiction.code, month, last, as_of=as_of)
    of_year = works.totals(connection, jurisdiction.code, month.replace(month=1), last, as_of=as_of)
    return tuple(
        WorkDigest(kinds[code], *of_month.get(code, (0 * total, 0)), total)
        for code, (total, _) in sorted(of_year.items())
    )
