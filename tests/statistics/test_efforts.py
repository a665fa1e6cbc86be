"""Before and after a campaign, events and services: each number is one that SQL counts from the rows."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput
from gridmap.statistics import plain
from gridmap.statistics.campaigns import spread
from gridmap.statistics.efforts.campaign import campaign
from gridmap.statistics.efforts.services import KINDS, services, span_of

TEA = "local-teastall"
JULY = {"first": date(2023, 7, 1), "to": date(2023, 7, 31), "until": date(2023, 8, 31)}
GRID, OTHER = "grid/610602006001001", "grid/610602006001002"


def counted(demo, category: str, first: date, last: date, area: str | None = None) -> int:
    kind, _, code = (area or "").partition("/")
    return demo.scalar(
        sa.text(
            "SELECT count(*) FROM report r LEFT JOIN area_version v"
            " ON v.id = CASE :kind WHEN 'grid' THEN r.grid_version ELSE r.community_version END"
            " WHERE r.jurisdiction = '610602006' AND r.category = :category"
            " AND (r.occurred_at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN :first AND :last"
            " AND (:code = '' OR v.code = :code)"
        ),
        {"category": category, "first": first, "last": last, "kind": kind, "code": code},
    )


def test_before_and_after_are_the_rows(demo) -> None:
    found = campaign(demo, JURISDICTION, TEA, **JULY)
    assert found.before.reports == counted(demo, TEA, date(2023, 7, 1), date(2023, 7, 31)) > 50
    assert found.after.reports == counted(demo, TEA, date(2023, 8, 1), date(2023, 8, 31)) > 50
    assert (found.before.days, found.after.days) == (31, 31)
    assert found.ratio.ratio == pytest.approx(found.after.reports / found.before.reports)
    assert found.ratio.low < found.ratio.ratio < found.ratio.high
    assert sum(week.reports for week in found.weeks) == found.before.reports + found.after.reports
    assert [week.days for week in found.weeks] == [3, 7, 7, 7, 7, 7, 7, 7, 7, 3]
    day = date(2023, 7, 1)
    for week in found.weeks:
        assert week.first == day, "no day is left out and none is in two"
        assert week.reports == counted(demo, TEA, week.first, week.last)
        day = week.last + timedelta(days=1)
    assert date(2023, 8, 1) in [week.first for week in found.weeks]


def test_days_of_the_campaign_itself_belong_to_neither(demo) -> None:
    found = campaign(demo, JURISDICTION, TEA, **JULY, since=date(2023, 8, 15))
    assert found.after.first == date(2023, 8, 15)
    assert found.after.days == 17
    assert found.after.reports == counted(demo, TEA, date(2023, 8, 15), date(2023, 8, 31))
    assert sum(week.reports for week in found.weeks) > found.before.reports + found.after.reports
    assert [week.days for week in found.weeks] == [3, 7, 7, 7, 7, 7, 7, 7, 7, 3]


def test_the_year_before_has_the_same_weekdays(demo) -> None:
    found = campaign(demo, JURISDICTION, TEA, **JULY, against="year_before").against
    assert found.before.first.weekday() == date(2023, 7, 1).weekday()
    assert (found.before.first, found.after.last) == (date(2022, 7, 2), date(2022, 9, 1))
    assert found.before.reports == counted(demo, TEA, found.before.first, found.before.last)
    assert found.after.reports == counted(demo, TEA, found.after.first, found.after.last)
    assert found.before.days == found.after.days == 31


@pytest.mark.parametrize(
    ("area", "against"),
    [
        (None, "matter-09001"),
        (GRID, OTHER),
        ("community/610602006001", "community/610602006002"),
        ("community/610602006001", "matter-09001"),
    ],
)
def test_against_something_else(demo, area, against) -> None:
    found = campaign(demo, JURISDICTION, TEA, **JULY, area=area, against=against)
    elsewhere = against if "/" in against else area
    category = TEA if "/" in against else against
    there = found.against
    assert found.before.reports == counted(demo, TEA, *_days(found.before), area)
    assert there.before.reports == counted(demo, category, *_days(there.before), elsewhere)
    assert there.after.reports == counted(demo, category, *_days(there.after), elsewhere)
    assert (there.area is None) == (elsewhere is None)


def _days(span) -> tuple[date, date]:
    return span.first, span.last


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to": date(2023, 6, 30)}, "to"),
        ({"since": date(2023, 7, 31)}, "since"),
        ({"until": date(2023, 7, 15), "since": date(2023, 8, 1)}, "until"),
        ({"first": date(2022, 6, 30)}, "from"),
        ({"first": date(1, 1, 1)}, "until"),
        ({"first": date(2022, 1, 1)}, "from"),
        ({"until": date(2024, 1, 1)}, "until"),
        ({"until": date(2026, 7, 6)}, "until"),
        ({"category": "tea"}, "category"),
        ({"area": "610602006001001"}, "area"),
        ({"area": "building/x"}, "area"),
        ({"area": "grid/none"}, "area"),
        ({"area": GRID, "category": "local-dispute"}, "category"),
        ({"area": "community/610602006001", "category": "local-petition"}, "category"),
        ({"against": TEA}, "against"),
        ({"against": "none"}, "against"),
        ({"against": OTHER}, "against"),
        ({"area": GRID, "against": GRID}, "against"),
        ({"area": GRID, "against": "community/610602006002"}, "against"),
        ({"area": GRID, "against": "grid/none"}, "against"),
        ({"area": GRID, "against": "local-stability"}, "against"),
        ({"first": date(2022, 8, 1), "against": "year_before"}, "against"),
    ],
)
def test_what_cannot_be_compared(demo, changed, field) -> None:
    given = {"category": TEA, **JULY, **changed}
    with pytest.raises(BadInput) as refused:
        campaign(demo, JURISDICTION, given.pop("category"), **given)
    assert refused.value.field == field


def test_a_private_category_is_counted_for_the_whole_district(demo) -> None:
    found = campaign(demo, JURISDICTION, "local-dispute", **JULY)
    assert found.before.reports == counted(demo, "local-dispute", date(2023, 7, 1), date(2023, 7, 31))
    assert found.area is None


def test_nothing_before_and_nothing_at_all(demo) -> None:
    winter = {"first": date(2022, 12, 1), "to": date(2022, 12, 31), "until": date(2023, 1, 31)}
    found = campaign(demo, JURISDICTION, TEA, **winter)
    assert (found.before.reports, found.after.reports) == (0, 0)
    assert (found.ratio.ratio, found.ratio.high, found.ratio.p, found.spread) == (None, None, 1.0, None)
    assert plain.campaign(found)["ratio"]["ratio"] is None


def test_a_district_without_reports(connection, jurisdiction) -> None:
    with pytest.raises(BadInput, match="no reports yet"):
        campaign(connection, jurisdiction, TEA, **JULY)


def test_days_that_differ_more_than_by_chance_are_told() -> None:
    rng = np.random.default_rng(5)
    chance = [spread([rng.poisson(4, 60).tolist(), rng.poisson(2, 60).tolist()]) for _ in range(200)]
    assert np.mean(chance) == pytest.approx(1, abs=0.03)
    assert spread([[0, 8] * 30, [0, 4] * 30]) > 2.5, "every other day twice as many"
    assert spread([[3], [0, 0, 0]]) is None
    assert spread([]) is None


@pytest.mark.parametrize(
    ("month", "year", "first", "last"),
    [
        ("2023-06", None, date(2023, 6, 1), date(2023, 6, 30)),
        (None, "2023", date(2023, 1, 1), date(2023, 12, 31)),
    ],
)
def test_services_are_the_records(demo, month, year, first, last) -> None:
    found = services(demo, JURISDICTION, *span_of(month, year))
    rows = demo.execute(
        sa.text(
            "SELECT kind, place_name, sum(quantity), count(*) FROM work WHERE jurisdiction = '610602006'"
            " AND occurred_on BETWEEN :first AND :last GROUP BY 1, 2"
        ),
        {"first": first, "last": last},
    ).all()
    told = {(each.kind.code, at.place_name): each for at in found.places for each in at.done}
    wanted = {(kind, place): (quantity, n) for kind, place, quantity, n in rows if kind in KINDS}
    assert {key: (each.quantity, each.records) for key, each in told.items()} == wanted
    assert [each.kind.code for each in found.kinds] == list(KINDS)
    for total in found.kinds:
        assert total.quantity == sum(q for (kind, _), (q, _) in wanted.items() if kind == total.kind.code)
    records = [at.records for at in found.places]
    assert records == sorted(records, reverse=True)
    assert not any(kind.startswith(("dispute", "case", "stability")) for kind, _ in told)


def test_the_year_says_what_the_subdistrict_said(demo) -> None:
    year = {
        each.kind.code: each.quantity for each in services(demo, JURISDICTION, *span_of(None, "2023")).kinds
    }
    assert (year["film_showing"], year["volunteer_day"], year["performance"]) == (72, 50, 8)
    assert (year["festival_event"], year["culture_event"], year["job_fair"], year["job_found"]) == (
        30,
        10,
        3,
        12,
    )


def test_services_of_an_empty_month(demo) -> None:
    found = services(demo, JURISDICTION, *span_of("2031-02", None))
    assert found.places == ()
    assert {each.records for each in found.kinds} == {0}


@pytest.mark.parametrize(
    ("month", "year", "field"),
    [
        (None, None, "month"),
        ("2023-06", "2023", "month"),
        ("2023", None, "month"),
        (None, "23", "year"),
        (None, "２０２３", "year"),
        (None, "", "year"),
    ],
)
def test_a_span_that_is_none(month, year, field) -> None:
    with pytest.raises(BadInput) as refused:
        span_of(month, year)
    assert refused.value.field == field


def test_another_jurisdictions_rows_are_not_counted(connection, jurisdiction) -> None:
    areas.add_jurisdiction(connection, Jurisdiction("other", "别处", "Other"))
    found = services(connection, jurisdiction, *span_of("2023-06", None))
    assert found.places == ()
