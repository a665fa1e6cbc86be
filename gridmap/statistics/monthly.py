"""Months of a jurisdiction: counts by grid, community or category, and all that a heat map shows.

A month is a month of the jurisdiction's time zone. Each number here can be had by one query of its rows
(statistics.store); a test does so. Small counts by area of private categories are masked
(statistics.private).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial

import shapely
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Edition, Jurisdiction
from gridmap.backdrop.store import backdrop
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.geometry.density import bandwidth_for, level_for
from gridmap.geometry.shapes import area_m2
from gridmap.reports.categories import vocabulary
from gridmap.reports.store import categories
from gridmap.statistics import left_out, store
from gridmap.statistics.asof.counting import month_cells, months_with_reports
from gridmap.statistics.asof.store import counted
from gridmap.statistics.counts import store as counts
from gridmap.statistics.doubts import Doubt, check_doubts
from gridmap.statistics.model import GridCount, MonthHeat, Scale, Titled
from gridmap.statistics.months import last_day, month_span, next_month
from gridmap.statistics.piles import piles
from gridmap.statistics.private.hiding import hidden, refuse_second
from gridmap.statistics.private.store import names, private
from gridmap.statistics.private.veiling import veiled
from gridmap.statistics.shown import Shown, shown_on

LADDER = tuple(step * 10**power for power in range(7) for step in (1, 2, 5))
CLASSES = 6
LEAST_DENSITIES = (5.0, 10.0, 20.0)  # of a district with hardly any report


@dataclass(frozen=True, slots=True)
class MonthlyCount:
    """Reports of one month under one code; code None: in no area; count None: masked."""

    month: date
    code: str | None
    name: str | None
    count: int | None


def monthly(
    connection: Connection,
    jurisdiction: Jurisdiction,
    *,
    first_month: date,
    last_month: date,
    category: str | None = None,
    by: str = "grid",
    edition: int | None = None,
    as_of: datetime | None = None,
) -> list[MonthlyCount]:
    """Reports per month and code, as placed or as cut to an edition; of those recorded until `as_of`.

    Raises BadInput for `by` and `category`, and for an edition or `as_of` with a private one.
    """
    if by not in counts.GROUPS:
        raise BadInput(f"{by!r} is no way to count; give {', '.join(counts.GROUPS)}", field="by")
    if last_month < first_month:
        raise BadInput("is before the first month", field="to")
    if category is not None:
        vocabulary(connection, jurisdiction.code).check(category)
    span = month_span(jurisdiction, first_month)[0], month_span(jurisdiction, last_month)[1]
    found = counts.monthly(
        connection,
        jurisdiction.code,
        first_month,
        last_month,
        by,
        category,
        cut=edition or 0,
        counted=counted(jurisdiction, span, as_of, cut=edition or 0),
    )
    rows = [MonthlyCount(*row) for row in found]
    if category is None or by == "category" or category not in private(connection, jurisdiction.code):
        return rows
    refuse_second(category, edition, as_of)
    return list(_masked(connection, jurisdiction, category, by, rows))


def _masked(
    connection: Connection, jurisdiction: Jurisdiction, category: str, by: str, rows: list[MonthlyCount]
) -> Iterator[MonthlyCount]:
    """Rows by grid or community of a private category, and those of what is hidden though it is 0."""
    for month in sorted({row.month for row in rows}):
        hide = hidden(connection, jurisdiction, month, category)
        away = hide.grids if by == "grid" else hide.communities
        named = names(connection, jurisdiction.code, by, [code for code in away if code])
        seen = [row for row in rows if row.month == month and row.code not in away]
        seen += [MonthlyCount(month, code, named.get(code or ""), None) for code in away]
        yield from sorted(seen, key=lambda row: (row.code is None, row.code))


def by_grid_and_category(
    connection: Connection, jurisdiction: Jurisdiction, *, first_month: date, last_month: date
) -> Iterator[tuple[date, str | None, str, int | None]]:
    """(month, grid code, category, reports) in that order, one month in memory; code None: in none;
    reports None: masked."""
    secret = private(connection, jurisdiction.code)
    month = first_month
    while month <= last_month:
        found = counts.cross(connection, jurisdiction.code, month, month)
        codes = store.codes(connection, found.grid_version)
        total: Counter[tuple[str, str]] = Counter()  # a code may have several versions in a month
        columns = found.grid_version.tolist(), found.category.tolist(), found.reports.tolist()
        for grid, category, reports in zip(*columns, strict=True):
            total[codes.get(grid, ""), found.categories[category]] += reports
        told: dict[tuple[str, str], int | None] = dict(total)
        for each in set(secret).intersection(found.categories):
            told |= {(c or "", each): None for c in hidden(connection, jurisdiction, month, each).grids}
        for (code, category), reported in sorted(told.items(), key=lambda pair: pair[0]):
            yield month, code or None, category, reported
        month = next_month(month)


def month_heat(
    database: Database,
    jurisdiction: Jurisdiction,
    month: date,
    category: str | None = None,
    *,
    include: Collection[Doubt] = (),
    as_of: datetime | None = None,
    edition: int | None = None,
    public: bool = False,
) -> MonthHeat:
    """All that the heat map of a month shows, on the grids valid on the month's last day.

    `include`: doubts that surface and stars do not leave out. `public`: without private categories in the
    cells and piles of all categories, and without a look for doubts beside piles: the digest, for which this
    is, looks for them by category. `as_of`: as was known at that moment of recording, reports, areas and
    scale. `edition`: on the grids of that edition. Whoever does not see everything has the grids that they
    answer for, and no others. Raises NotFound when there are none, when the jurisdiction has no grids or
    (field "edition") not this edition, BadInput for an unknown category, and for an edition or `as_of` with a
    private one.
    """
    settings = database.settings
    first, last = month_span(jurisdiction, month)
    code = jurisdiction.code
    with database.reading() as connection:
        titled = _category(connection, jurisdiction, category)
        shown = shown_on(connection, code, last_day(month), as_of=as_of, edition=edition)
        if shown is None:
            raise NotFound(f"{code} has no grids in {month:%Y-%m}; import them", field="month")
        if not database.shows_all:
            shown = shown.within(store.sight(connection))
            if not shown.areas:
                raise NotFound("you answer for no whole grid; its month is for those who do", field="month")
        cut, previous = (
            cut_to(connection, database, jurisdiction, shown.edition, each, category, as_of=as_of)
            for each in (month, next_month(month, -1))
        )
        grids = _grid_counts(shown, by_code(cut), by_code(previous))
        scale, keep = _scale(connection, jurisdiction, category, shown, grids, as_of)
        span = months_with_reports(connection, jurisdiction, as_of)
        outline = _outline(connection, jurisdiction, shown, as_of)
        level = level_for(bandwidth_for(outline), outline.centroid.y)
        celled = month_cells(connection, jurisdiction, month, category, level, as_of, public=public)
        piled, all_piles = piles(
            connection,
            code,
            (first, last),
            category,
            celled,
            settings.pile_size,
            as_of=as_of,
            public=public,
        )
        doubtful = left_out.of_piles(piled)
        if not public:
            wanted = [c.code for c in categories(connection, code) if category in (None, c.code)]
            located = int(celled.reports.sum())
            doubtful = left_out.find(connection, code, (first, last), wanted, piled, located, as_of=as_of)
        heat = MonthHeat(
            jurisdiction=Titled(code, jurisdiction.name, jurisdiction.name_en),
            illustrative=jurisdiction.illustrative,
            month=month,
            time_zone=jurisdiction.time_zone,
            category=titled,
            grids=grids,
            cells=celled,
            outline=outline,
            backdrop=tuple(backdrop(connection, code)),
            scale=scale,
            total=sum(row.reports for row in cut),
            outside=sum(row.reports for row in cut if row.code is None),
            nearest=sum(row.reports for row in cut if row.method == "nearest"),
            named=sum(row.reports for row in cut if row.method == "named"),
            near_edge=sum(row.near_edge for row in cut),
            near_edge_m=settings.near_edge_m,
            piles=piled,
            all_piles=all_piles,
            first_month=span[0] if span else None,
            last_month=span[1] if span else None,
            edition=shown.edition.id,
            edition_from=shown.edition.valid_from,
            generated_at=datetime.now(UTC),
            kind=shown.kind,
            parts=shown.parts,
            as_of=as_of,
            recut=edition,
            doubtful=doubtful,
            doubtful_in=left_out.grid_of(doubtful, grids, settings.nearest_tolerance_m),
            include=check_doubts(include),
        )
        if category is not None and category in private(connection, code):
            refuse_second(category, edition, as_of)
            heat = veiled(connection, jurisdiction, heat, shown, by_code(cut), by_code(previous))
    if keep and as_of is None and edition is None and database.shows_all:
        with database.writing() as connection:
            store.keep_scale(connection, code, category, scale)
    return heat


def cut_to(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    edition: Edition,
    month: date,
    category: str | None,
    *,
    as_of: datetime | None = None,
    by_category: bool = False,
) -> list[store.CutCount]:
    """A month's reports by code and method (and category) on the grids of an edition.

    Where all were placed on that edition, or cut to it, they are counted already: 3 ms, however many.
    """
    span, settings = month_span(jurisdiction, month), database.settings
    near_edge_m = settings.near_edge_m
    counted = partial(store.as_placed, connection, jurisdiction, span, category, as_of=as_of)
    counted = partial(counted, near_edge_m=near_edge_m, by_category=by_category)
    placed = counted()
    if all(of in (edition.id, None) for of, _ in placed):
        outside = any(of is None for of, _ in placed)
        if not outside or _judged_all(connection, jurisdiction, edition, month, as_of):
            return [count for _, count in placed]
    kept = counted(cut=edition.id)
    if sum(count.reports for _, count in kept) == sum(count.reports for _, count in placed):
        return [count for _, count in kept]
    return store.in_edition(
        connection,
        jurisdiction,
        edition.id,
        *span,
        category,
        tolerance_m=settings.nearest_tolerance_m,
        near_edge_m=near_edge_m,
        as_of=as_of,
        by_category=by_category,
    )


def _judged_all(
    connection: Connection, jurisdiction: Jurisdiction, edition: Edition, month: date, as_of: datetime | None
) -> bool:
    """Whether it was this edition that put reports of the month outside every grid."""
    known = areas.editions(connection, jurisdiction.code, "grid", as_of=as_of)
    starts = [e.valid_from for e in known if e.valid_from]
    if edition.valid_from and edition.valid_from > month:
        return False
    if any((edition.valid_from or date.min) < day <= last_day(month) for day in starts):
        return False
    span = month_span(jurisdiction, month)
    return not store.outside_before(connection, jurisdiction.code, *span, edition.recorded_at)


def by_code(cut: Sequence[store.CutCount]) -> Counter[str]:
    """Reports per grid code, whatever the method."""
    counts: Counter[str] = Counter()
    for row in cut:
        if row.code is not None:
            counts[row.code] += row.reports
    return counts


def _category(connection: Connection, jurisdiction: Jurisdiction, code: str | None) -> Titled | None:
    if code is None:
        return None
    vocabulary(connection, jurisdiction.code).check(code)
    return next(
        Titled(c.code, c.name, c.name_en) for c in categories(connection, jurisdiction.code) if c.code == code
    )


def _grid_counts(shown: Shown, by_grid: Counter[str], previous: Counter[str]) -> tuple[GridCount, ...]:
    now, before = shown.summed(by_grid), shown.summed(previous)
    sizes = area_m2([v.geometry for v in shown.areas]) / 1e6
    return tuple(
        GridCount(
            v.code,
            v.name,
            shown.above.get(v.parent_code or "", ""),
            v.geometry,
            float(size),
            now[v.code],
            before[v.code],
        )
        for v, size in zip(shown.areas, sizes, strict=True)
    )


def _outline(
    connection: Connection, jurisdiction: Jurisdiction, shown: Shown, as_of: datetime | None
) -> shapely.Geometry:
    """The subdistrict's own boundary, else that of all areas shown together."""
    if shown.parts:
        return shapely.union_all([a.geometry for a in shown.areas])
    whole = areas.areas(connection, jurisdiction.code, kind="subdistrict", day=shown.day, as_of=as_of)
    return shapely.union_all([a.geometry for a in whole or shown.areas])


def _scale(
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
