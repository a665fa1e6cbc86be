"""A year in which grids are split and merged and much comes in late: each month is found again."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.opening import open_gridmap
from gridmap.places import store as places
from gridmap.places.model import NewPlace
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics import store
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.monthly import cut_to, month_heat, month_span, monthly, next_month
from gridmap.works import intake as works
from gridmap.works.model import NewWork

HERE = Jurisdiction("year", "流年街道", "Year")
MONTHS = [next_month(date(2023, 1, 1), n) for n in range(12)]
WEST, SOUTH, SIDE = 109.40, 36.60, 0.005
CATEGORIES = ("matter-06010", "matter-09010", "matter-09001", "matter-06011")

Grids = dict[str, shapely.Geometry]


def first_grids() -> Grids:
    """Four by three squares of about 450 by 550 m, a0 … c3."""
    return {
        f"{row}{column}": shapely.box(x, y, x + SIDE, y + SIDE)
        for r, row in enumerate("abc")
        for column in range(4)
        for x, y in [(WEST + column * SIDE, SOUTH + r * SIDE)]
    }


def split(grids: Grids, code: str) -> Grids:
    """A grid as two, a western and an eastern half."""
    west, south, east, north = grids[code].bounds
    middle = (west + east) / 2
    halves = {
        f"{code}w": shapely.box(west, south, middle, north),
        f"{code}x": shapely.box(middle, south, east, north),
    }
    return {each: shape for each, shape in grids.items() if each != code} | halves


def merge(grids: Grids, one: str, other: str) -> Grids:
    """Two grids as one, under the code of the first."""
    both = shapely.union_all([grids[one], grids[other]])
    return {each: shape for each, shape in grids.items() if each != other} | {one: both}


# (recorded in the course of this month, valid from, what changes): three splits and two merges; the second
# is back-dated over two published months, the last two over one each.
CHANGES: tuple[tuple[int, date, Callable[[Grids], Grids]], ...] = (
    (3, date(2023, 3, 10), lambda grids: split(grids, "b1")),
    (8, date(2023, 6, 15), lambda grids: merge(grids, "a2", "a3")),
    (9, date(2023, 9, 1), lambda grids: split(grids, "c0")),
    (12, date(2023, 10, 20), lambda grids: split(grids, "b2")),
    (12, date(2023, 11, 5), lambda grids: merge(grids, "c2", "c3")),
)


@dataclasses.dataclass(frozen=True, slots=True)
class Year:
    database: Database
    published: dict[date, tuple[datetime, Digest]]  # by month: when, and what it said


@pytest.fixture(scope="module")
def year(make_settings) -> Iterator[Year]:
    """The year, told month by month; each is published before what follows is recorded."""
    draw = np.random.default_rng(11)
    with open_gridmap(make_settings()) as database:
        grids = first_grids()
        with database.writing() as connection:
            areas.add_jurisdiction(connection, HERE)
            compound = NewArea("k", "河边小区", shapely.box(109.4012, 36.6012, 109.4018, 36.6018))
            load(connection, "compound", [compound], None)
            load(connection, "building", houses(), None)
            load(connection, "grid", new_areas(grids), None)
            for new in (parking(120), market("18:00-23:00")):
                places.begin(connection, HERE.code, new, None)
        published = {}
        for month in MONTHS:
            assert not refused(record(database, HERE, drafts(draw, month, "early", 70)))
            for recorded_in, valid_from, change in CHANGES:
                if recorded_in == month.month:
                    grids = change(grids)
                    with database.writing() as connection:
                        load(connection, "grid", new_areas(grids), valid_from)
            assert not refused(record(database, HERE, drafts(draw, month, "then", 30)))
            with database.writing() as connection:
                assert not refused(works.record(connection, HERE, efforts(month, "then")))
            published[month] = (publish := digest(database, HERE, month)).heat.generated_at, publish
            happen_after(database, draw, month)
        yield Year(database, published)


def happen_after(database: Database, draw: np.random.Generator, month: date) -> None:
    """What is recorded once a month is published: late reports and works, places ended and corrected."""
    late = [each for back in range(3) for each in drafts(draw, next_month(month, -back), f"late {month}", 6)]
    assert not refused(record(database, HERE, late))
    with database.writing() as connection:
        assert not refused(works.record(connection, HERE, efforts(month, "late")))
        known = {(p.kind, p.code): p for p in places.places(connection, HERE.code, day=month)}
        if month.month == 4:  # more spaces since March, as was found out now
            places.end(connection, known["parking", "p"], date(2023, 3, 1))
            places.begin(connection, HERE.code, parking(200), date(2023, 3, 1))
        if month.month == 7:  # the market's hours had been written down wrong from the beginning
            places.overwrite(connection, known["night_market", "n"], market("17:00-21:00"), None, None)
        if month.month == 11:  # and closed in August
            places.end(connection, known["night_market", "n"], date(2023, 8, 1))
        if month.month == 5:
            store.forget_scale(connection, HERE.code, None)
    if month.month in (2, 6, 9):
        fold(database)
    if month.month in (3, 9, 12):
        with database.reading() as connection:
            latest = areas.editions(connection, HERE.code, "grid")[-1].id
        recut(database, HERE, latest)


def load(connection: sa.Connection, kind: str, some: list[NewArea], valid_from: date | None) -> None:
    options = {"file_name": "f", "sha256": "", "loaded_by": "t", "valid_from": valid_from}
    areas.add_edition(connection, HERE.code, kind, some, **options)


def new_areas(grids: Grids) -> list[NewArea]:
    return [NewArea(code, f"{code}格", shape, parent_code=code[0]) for code, shape in grids.items()]


def houses() -> list[NewArea]:
    corners = [(WEST + 0.001 + 0.0025 * n, SOUTH + 0.001 + 0.0019 * n) for n in range(7)]
    return [
        NewArea(f"h{n}", f"{n}号楼", shapely.box(x, y, x + 2e-4, y + 2e-4))
        for n, (x, y) in enumerate(corners)
    ]


def parking(capacity: int) -> NewPlace:
    return NewPlace("parking", "p", "桥头停车场", shapely.Point(109.4071, 36.6078), capacity=capacity)


def market(hours: str) -> NewPlace:
    return NewPlace("night_market", "n", "河滨夜市", shapely.Point(109.4122, 36.6043), opening_hours=hours)


def efforts(month: date, name: str) -> list[NewWork]:
    return [
        NewWork("advert_removed", Decimal(10 * month.month), month + timedelta(days=9), f"{month} {name}")
    ]


def drafts(draw: np.random.Generator, month: date, name: str, many: int) -> list[NewReport]:
    """Reports all over the grids, on their edges, beside them, far off, on one point, by a name."""
    last = (next_month(month) - month).days
    made = []
    for n in range(many):
        x, y = draw.uniform(
            (WEST - 0.0006, SOUTH - 0.0006), (WEST + 4 * SIDE + 0.0006, SOUTH + 3 * SIDE + 0.0006)
        )
        kind = n % 10
        if kind == 1:
            x = WEST + SIDE * round((x - WEST) / SIDE * 2) / 2  # on an edge, old or new
        if kind == 2:
            x, y = 109.4125, 36.6075
        if kind == 3:
            x, y = (109.0, 36.0) if n % 20 == 3 else (109.5, 36.65)
        moment = datetime(month.year, month.month, 1, tzinfo=HERE.zone) + timedelta(
            days=int(draw.integers(last)), hours=float(draw.uniform(0, 24))
        )
        where: dict[str, Any] = {"lon": float(x), "lat": float(y), "datum": "wgs84"}
        if kind == 4:
            where |= {"accuracy_m": 150.0}
        if kind == 5:
            where = {"named_area": "k"}
        category = CATEGORIES[int(draw.integers(len(CATEGORIES)))]
        made.append(NewReport(category, "", moment, f"{month} {name} {n}", **where))
    return made


def refused(outcomes: list[Any]) -> list[Any]:
    return [outcome for outcome in outcomes if outcome.status != "created"]


def plain(value: Any) -> Any:
    """A value as what can be compared whole: arrays and shapes as bytes, and not when it was asked."""
    if dataclasses.is_dataclass(value):
        asked = {"generated_at", "as_of"}
        fields = [field.name for field in dataclasses.fields(value) if field.name not in asked]
        return {name: plain(getattr(value, name)) for name in fields}
    if isinstance(value, shapely.Geometry):
        return value.wkb
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, Mapping):
        return {key: plain(each) for key, each in value.items()}
    return [plain(each) for each in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("month", MONTHS, ids=str)
def test_a_month_is_found_as_it_was_published(year: Year, month: date) -> None:
    moment, published = year.published[month]
    again = digest(year.database, HERE, month, as_of=moment)
    assert again.as_of == moment
    assert plain(again) == plain(published)
    assert again.data_until is not None
    assert again.data_until <= moment


def test_the_year_is_one_that_changes_what_is_known(year: Year) -> None:
    """Else the test above would hold for software that knows no time."""
    now = {month: digest(year.database, HERE, month) for month in MONTHS}
    then = {month: published for month, (_, published) in year.published.items()}
    for month in MONTHS:
        assert now[month].heat.total > then[month].heat.total
        assert plain(now[month].works) != plain(then[month].works)
        assert now[month].data_until > then[month].data_until
    codes = {
        month: [{g.code for g in each.heat.grids} for each in (then[month], now[month])] for month in MONTHS
    }
    assert [month.month for month in MONTHS if codes[month][0] != codes[month][1]] == [6, 7, 10, 11]
    changed = [month.month for month in MONTHS if plain(now[month].places) != plain(then[month].places)]
    assert {3, 4, 8, 9, 10, 11} <= set(changed)
    hours = [month.month for month in MONTHS if plain(now[month].rhythms) != plain(then[month].rhythms)]
    assert min(hours) < 8 <= max(hours), "a correction of all its past, and the market's end"
    assert then[MONTHS[0]].heat.piles, "there is something in doubt"
    assert then[MONTHS[0]].difference.reports["uncertain"]
    assert then[MONTHS[0]].difference.reports["whole_degree"]
    assert {g.previous for g in then[MONTHS[0]].heat.grids} == {0}


def test_as_of_now_is_now(year: Year) -> None:
    for month in MONTHS[::3]:
        now = digest(year.database, HERE, month)
        assert plain(digest(year.database, HERE, month, as_of=datetime.now(UTC))) == plain(now)


KNOWN = sa.text(
    """
    SELECT v.code, r.method, count(*), count(*) FILTER (WHERE r.edge_distance_m < 5), r.category
    FROM report r LEFT JOIN area_version v ON v.id = r.grid_version
    WHERE r.occurred_at >= :first AND r.occurred_at < :last AND r.recorded_at <= :as_of
    GROUP BY 1, 2, 5
    """
)


@pytest.mark.parametrize("month", MONTHS[::2], ids=str)
def test_counts_less_what_came_later_are_the_rows_of_then(year: Year, month: date) -> None:
    """Cut to the edition of its last day as was known, by counts and by rows, category by category."""
    settings = year.database.settings
    first, last = month_span(HERE, month)
    for as_of, _ in year.published.values():
        with year.database.reading() as connection:
            told = connection.execute(KNOWN, {"first": first, "last": last, "as_of": as_of}).all()
            counted = store.as_placed(
                connection,
                HERE,
                (first, last),
                None,
                as_of=as_of,
                near_edge_m=settings.near_edge_m,
                by_category=True,
            )
            by_code: dict[Any, np.ndarray] = {}
            for _, row in counted:  # a code may have versions of several editions
                at = row.code, row.method, row.category
                by_code[at] = by_code.get(at, 0) + np.array([row.reports, row.near_edge])
            assert {at: tuple(n) for at, n in by_code.items()} == {
                (r[0], r[1], r[4]): (r[2], r[3]) for r in told
            }
            for edition in areas.editions(connection, HERE.code, "grid", as_of=as_of):
                options = {"as_of": as_of, "by_category": True}
                cut = cut_to(connection, year.database, HERE, edition, month, None, **options)
                judged = store.in_edition(
                    connection,
                    HERE,
                    edition.id,
                    first,
                    last,
                    None,
                    tolerance_m=settings.nearest_tolerance_m,
                    near_edge_m=settings.near_edge_m,
                    **options,
                )
                assert summed(cut) == summed(judged)


def summed(rows: list[store.CutCount]) -> dict[Any, tuple[int, int]]:
    found: dict[Any, np.ndarray] = {}
    for row in rows:
        at = row.code, row.method, row.category
        found[at] = found.get(at, 0) + np.array([row.reports, row.near_edge])
    return {at: tuple(each.tolist()) for at, each in found.items()}


@pytest.mark.parametrize("by", ["grid", "community", "category"])
def test_the_monthly_table_as_of_then(year: Year, by: str) -> None:
    for month, (as_of, published) in year.published.items():
        with year.database.reading() as connection:
            rows = monthly(connection, HERE, first_month=MONTHS[0], last_month=MONTHS[-1], by=by, as_of=as_of)
        assert sum(row.count for row in rows if row.month == month) == published.heat.total
        assert max(row.month for row in rows) == month
    with year.database.reading() as connection:
        options = {"first_month": MONTHS[0], "last_month": MONTHS[-1], "by": by}
        assert monthly(connection, HERE, **options, as_of=datetime.now(UTC)) == monthly(
            connection, HERE, **options
        )


def test_the_first_month_knows_nothing_of_the_others(year: Year) -> None:
    as_of, _ = year.published[MONTHS[0]]
    heat = month_heat(year.database, HERE, MONTHS[0], as_of=as_of)
    assert (heat.first_month, heat.last_month) == (MONTHS[0], MONTHS[0])
    later = month_heat(year.database, HERE, MONTHS[5], as_of=as_of)
    assert (later.total, len(later.cells.x), later.piles) == (0, 0, ())


def test_a_category_as_of_then(year: Year) -> None:
    for month in MONTHS[::4]:
        as_of, published = year.published[month]
        for each in published.categories:
            assert month_heat(year.database, HERE, month, each.category.code, as_of=as_of).total == each.count


def test_a_month_re_cut_holds_the_same_reports(year: Year) -> None:
    with year.database.reading() as connection:
        editions = areas.editions(connection, HERE.code, "grid")
    for month in MONTHS[::4]:
        plainly = digest(year.database, HERE, month)
        for edition in editions:
            cut = digest(year.database, HERE, month, edition=edition.id)
            assert (cut.recut, cut.heat.recut, cut.heat.edition) == (edition.id, edition.id, edition.id)
            assert (cut.heat.total, cut.heat.piles) == (plainly.heat.total, plainly.heat.piles)
            assert sum(g.count for g in cut.heat.grids) + cut.heat.outside == cut.heat.total
            assert len(cut.figures) == edition.area_count
            assert [c.count for c in cut.categories] == [c.count for c in plainly.categories]
        own = digest(year.database, HERE, month, edition=plainly.heat.edition)
        assert plain(dataclasses.replace(own.heat, recut=None)) == plain(plainly.heat)
        assert plain(own.figures) == plain(plainly.figures)


def test_an_edition_must_be_there_then_and_of_grids(year: Year) -> None:
    with year.database.reading() as connection:
        known = areas.editions(connection, HERE.code)
    compound = next(e.id for e in known if e.kind == "compound")
    latest = max(e.id for e in known)
    as_of, _ = year.published[MONTHS[4]]
    with pytest.raises(NotFound, match="there is no edition") as missing:
        month_heat(year.database, HERE, MONTHS[4], edition=latest, as_of=as_of)
    assert missing.value.field == "edition"
    with pytest.raises(BadInput, match="is one of compound"):
        month_heat(year.database, HERE, MONTHS[4], edition=compound)
    before = datetime(2020, 1, 1, tzinfo=UTC)
    with pytest.raises(NotFound, match="no grids"):
        month_heat(year.database, HERE, MONTHS[4], as_of=before)


def test_a_view_of_then_keeps_no_scale(year: Year) -> None:
    as_of, _ = year.published[MONTHS[4]]
    with year.database.writing() as connection:
        store.forget_scale(connection, HERE.code, "matter-06010")
    month_heat(year.database, HERE, MONTHS[4], "matter-06010", as_of=as_of)
    with year.database.reading() as connection:
        edition = areas.editions(connection, HERE.code, "grid")[0].id
    month_heat(year.database, HERE, MONTHS[4], "matter-06010", edition=edition)
    with year.database.reading() as connection:
        assert store.scale(connection, HERE.code, "matter-06010") is None
