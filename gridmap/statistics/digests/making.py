"""Making a month's digest: counts by grid and category, hot spots, places, works, on one set of grids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.database.sessions import Database
from gridmap.reports.store import categories
from gridmap.statistics import left_out
from gridmap.statistics.asof import store as asof
from gridmap.statistics.cuts import cut_to
from gridmap.statistics.digests import store
from gridmap.statistics.digests.model import (
    RELATED,
    CategoryDigest,
    Digest,
    PlaceDigest,
    WorkDigest,
)
from gridmap.statistics.digests.places import PlaceAround, around_related
from gridmap.statistics.figures import Change, GridFigures, change, figures
from gridmap.statistics.grid_figures import buildings_in
from gridmap.statistics.heat import month_heat
from gridmap.statistics.hotspots import seed_of
from gridmap.statistics.model import MonthHeat, Titled
from gridmap.statistics.months import last_day, month_span, next_month
from gridmap.statistics.neighbours import Neighbours
from gridmap.statistics.shown import Shown, shown_on
from gridmap.statistics.significance import neighbours_of, tested
from gridmap.works import store as works

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Month:
    """A month's reports, cut to one set of n areas: (categories, n + 1), the last column in none of them."""

    counts: Ints
    public: NDArray[np.bool_]  # (categories,)

    @property
    def by_grid(self) -> Ints:
        """Of the public categories, (n,)."""
        return np.asarray(self.counts[self.public, :-1].sum(axis=0))


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
    heat = month_heat(database, jurisdiction, month, as_of=as_of, edition=edition, public=True)
    with database.reading() as connection:
        shown = shown_on(connection, jurisdiction.code, last_day(month), as_of=as_of, edition=edition)
        assert shown is not None, "month_heat would have refused"
        versions = shown.areas
        ordered = sorted(categories(connection, jurisdiction.code), key=lambda each: each.private)
        known = [Titled(c.code, c.name, c.name_en) for c in ordered]  # the private ones last
        public = np.array([not c.private for c in ordered])
        counted = partial(_counted, connection, database, jurisdiction, shown, known, public, as_of=as_of)
        now = counted(month)
        # before the first report is not the same as a month without any
        before, year_before = (
            None if heat.first_month and each < heat.first_month else counted(each)
            for each in (next_month(month, -1), next_month(month, -12))
        )
        heat = _public(heat, now, before)
        span, codes = month_span(jurisdiction, month), [each.code for each in known[: public.sum()]]
        doubtful = store.doubtful(connection, jurisdiction.code, span, codes, heat.piles, as_of)
        of_rows = left_out.of_rows(doubtful, heat.piles)
        lies_in = left_out.grid_of(of_rows, heat.grids, database.settings.nearest_tolerance_m)
        heat = replace(heat, doubtful=of_rows, doubtful_in=lies_in)
        clean = now.counts[:, :-1] - _doubtful_by_grid(doubtful["category"], heat, len(known))
        near = neighbours_of(heat)
        size = np.array([grid.area_km2 for grid in heat.grids])
        near_places = around_related(connection, jurisdiction, month, as_of=as_of)
        by_kind = [kind for kind in near_places if kind.places]
        found_places = [_place(each) for kind in by_kind for each in kind.places]
        return Digest(
            heat=heat,
            figures=_figures(connection, jurisdiction, heat, now, before, year_before),
            hot=tested(clean[public].sum(axis=0), size, near, seed_of(jurisdiction.code, None, month)),
            categories=_categories(
                jurisdiction, month, known, versions, clean, (now, before, year_before), size, near
            ),
            difference=left_out.surfaces(heat)[1],
            places=tuple(sorted(found_places, key=lambda each: (-each.reports, each.kind, each.code))),
            rhythms={each.kind: each.rhythm for each in sorted(by_kind, key=lambda each: each.kind)},
            works=_works(connection, jurisdiction, month, as_of),
            private_left_out=int(now.counts[~public].sum()),
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


def _public(heat: MonthHeat, now: _Month, before: _Month | None) -> MonthHeat:
    """The month's map with the public categories' counts by grid alone."""
    earlier = [0] * len(heat.grids) if before is None else before.by_grid.tolist()
    both = zip(heat.grids, now.by_grid.tolist(), earlier, strict=True)
    return replace(heat, grids=tuple(replace(g, count=count, previous=last) for g, count, last in both))


def _counted(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    shown: Shown,
    known: Sequence[Titled],
    public: NDArray[np.bool_],
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
    return _Month(counted, public)


def _doubtful_by_grid(category: Ints, heat: MonthHeat, known: int) -> Ints:
    """(categories, n): how many reports in doubt each grid holds; `category`: of each of `heat.doubtful`."""
    grids, grid = len(heat.grids), heat.doubtful_in
    inside = grid >= 0
    key = category[inside].astype(np.int64) * grids + grid[inside]
    return np.bincount(key, minlength=known * grids).reshape(known, grids)


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
        changes: list[Change | None] = [change(count, each) for each in last]
        starred: tuple[str, ...] = ()
        reason: str | None = "private"
        if now.public[number]:
            hot = tested(clean[number], size, near, seed_of(jurisdiction.code, category.code, month))
            starred = tuple(versions[at].code for at in np.flatnonzero(hot.hot).tolist())
            reason = hot.reason
        made.append(CategoryDigest(category, count, changes[0], changes[1], starred, reason))
    return tuple(sorted(made, key=lambda each: (-each.count, each.category.code)))


def _figures(
    connection: Connection,
    jurisdiction: Jurisdiction,
    heat: MonthHeat,
    now: _Month,
    before: _Month | None,
    year_before: _Month | None,
) -> tuple[GridFigures, ...]:
    return figures(
        [grid.code for grid in heat.grids],
        now.by_grid.tolist(),
        [grid.area_km2 for grid in heat.grids],
        buildings=buildings_in(connection, jurisdiction, heat),
        last_month=None if before is None else before.by_grid.tolist(),
        last_year=None if year_before is None else year_before.by_grid.tolist(),
    )


def _place(each: PlaceAround) -> PlaceDigest:
    place = each.place
    names = place.kind, place.code, place.name, place.name_en
    told = each.radius_m, each.reports, each.per_100_spaces
    return PlaceDigest(*names, place.capacity, *told, place.opening_hours)


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
