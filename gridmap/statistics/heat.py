"""All that the heat map of a month shows: grids and their counts, cells, piles and doubts, its scale."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime

import shapely
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.backdrop.store import backdrop
from gridmap.database.sessions import Database
from gridmap.errors import NotFound
from gridmap.geometry.density import bandwidth_for, level_for
from gridmap.geometry.shapes import area_m2
from gridmap.reports.categories import vocabulary
from gridmap.reports.store import categories
from gridmap.statistics import left_out, store
from gridmap.statistics.asof.counting import month_cells, months_with_reports
from gridmap.statistics.cuts import by_code, cut_to
from gridmap.statistics.doubts import Doubt, check_doubts
from gridmap.statistics.model import CellCounts, Doubtful, GridCount, MonthHeat, Pile, Titled
from gridmap.statistics.months import last_day, month_span, next_month
from gridmap.statistics.piles import piles
from gridmap.statistics.private.hiding import refuse_second
from gridmap.statistics.private.store import private
from gridmap.statistics.private.veiling import veiled
from gridmap.statistics.scales import month_scale
from gridmap.statistics.shown import Shown, shown_on


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
    private one, and NotFound(field="category") of that for whoever does not see everything.
    """
    settings, code = database.settings, jurisdiction.code
    with database.reading() as connection:
        titled = _category(connection, jurisdiction, category)
        if category in private(connection, code) and not database.shows_all:
            raise NotFound("is private; of it only totals of the jurisdiction are told", field="category")
        shown = _shown(connection, database, code, month, as_of, edition)
        cut, previous = (
            cut_to(connection, database, jurisdiction, shown.edition, each, category, as_of=as_of)
            for each in (month, next_month(month, -1))
        )
        grids = _grid_counts(shown, by_code(cut), by_code(previous))
        scale, keep = month_scale(connection, jurisdiction, category, shown, grids, as_of)
        span = months_with_reports(connection, jurisdiction, as_of)
        outline = _outline(connection, jurisdiction, shown, as_of)
        level = level_for(bandwidth_for(outline), outline.centroid.y)
        celled = month_cells(connection, jurisdiction, month, category, level, as_of, public=public)
        piled, all_piles, doubtful = _odd(
            connection, database, jurisdiction, month, category, celled, as_of, public=public
        )
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


def _shown(
    connection: Connection,
    database: Database,
    code: str,
    month: date,
    as_of: datetime | None,
    edition: int | None,
) -> Shown:
    """The grids of the map: all, or those that whoever looks answers for."""
    shown = shown_on(connection, code, last_day(month), as_of=as_of, edition=edition)
    if shown is None:
        raise NotFound(f"{code} has no grids in {month:%Y-%m}; import them", field="month")
    if database.shows_all:
        return shown
    own = shown.within(store.sight(connection))
    if not own.areas:
        raise NotFound("you answer for no whole grid; its month is for those who do", field="month")
    return own


def _odd(
    connection: Connection,
    database: Database,
    jurisdiction: Jurisdiction,
    month: date,
    category: str | None,
    celled: CellCounts,
    as_of: datetime | None,
    *,
    public: bool,
) -> tuple[tuple[Pile, ...], bool, Doubtful]:
    """The piles, whether they are all, and what is in doubt."""
    code, span = jurisdiction.code, month_span(jurisdiction, month)
    size = database.settings.pile_size
    piled, every = piles(connection, code, span, category, celled, size, as_of=as_of, public=public)
    if public:
        return piled, every, left_out.of_piles(piled)
    wanted = [c.code for c in categories(connection, code) if category in (None, c.code)]
    located = int(celled.reports.sum())
    return piled, every, left_out.find(connection, code, span, wanted, piled, located, as_of=as_of)


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
