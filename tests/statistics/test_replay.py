"""A year in which grids are split and merged and much comes in late: each month is found again."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.opening import open_gridmap
from gridmap.statistics import store
from gridmap.statistics.cuts import cut_to
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.heat import month_heat
from gridmap.statistics.monthly import monthly
from gridmap.statistics.months import month_span
from tests.replaying import HERE, MONTHS, plain, tell


@dataclasses.dataclass(frozen=True, slots=True)
class Year:
    database: Database
    published: dict[date, tuple[datetime, Digest]]  # by month: when, and what it said


@pytest.fixture(scope="module")
def year(make_settings) -> Iterator[Year]:
    published: dict[date, tuple[datetime, Digest]] = {}
    with open_gridmap(make_settings()) as database:

        def publish(month: date) -> None:
            told = digest(database, HERE, month)
            published[month] = told.heat.generated_at, told

        tell(database, publish)
        yield Year(database, published)


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
