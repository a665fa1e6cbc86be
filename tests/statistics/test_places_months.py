"""A month around places: every number is one that SQL counts from the rows, and none is private."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import Range

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database import tables as t
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput
from gridmap.places.hours import is_open
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics import plain
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import PARKING, STALLS
from gridmap.statistics.digests.places import around_kind, around_related, by_strain

JUNE = date(2023, 6, 1)
CHINA = ZoneInfo("Asia/Shanghai")
TOWN = Jurisdiction("town", "小城", "Town")


# In the metric CRS of 延安, whose metres are 0.02 % longer here than those of the spheroid.
NEAREST = sa.text(
    """
    SELECT DISTINCT ON (r.id) p.kind, p.code, p.opening_hours, r.occurred_at
    FROM report r JOIN place p ON p.jurisdiction = r.jurisdiction AND p.kind = ANY(:kinds)
     AND p.valid @> date '2023-06-30'
     AND ST_DWithin(ST_Transform(r.geom, 4545), ST_Transform(p.geom, 4545), coalesce(p.service_radius_m, 150))
    WHERE r.jurisdiction = '610602006' AND r.category = ANY(:categories)
      AND r.occurred_at >= '2023-06-01+08' AND r.occurred_at < '2023-07-01+08'
    ORDER BY r.id, ST_Distance(ST_Transform(r.geom, 4545), ST_Transform(p.geom, 4545))
    """
)


@pytest.mark.parametrize(
    ("kind", "kinds", "categories"),
    [
        ("night_market", ["morning_market", "night_market", "trunk_market"], STALLS),
        ("parking", ["parking"], PARKING),
    ],
)
def test_who_has_a_report_and_whether_it_was_open(demo, kind, kinds, categories) -> None:
    rows = [
        row
        for row in demo.execute(NEAREST, {"kinds": kinds, "categories": list(categories)})
        if row.kind == kind
    ]
    found = around_kind(demo, JURISDICTION, JUNE, kind)
    assert found.categories == categories
    assert len(found.near) == len(found.lon) == found.rhythm.every.sum() == len(rows) > 20
    for each in found.places:
        own = [row for row in rows if row.code == each.place.code]
        open_ = sum(is_open(row.opening_hours, row.occurred_at, CHINA) for row in own)
        assert (each.within, each.beyond, each.unknown) == (open_, len(own) - open_, 0)
    matrix = np.zeros((7, 24), int)
    for row in rows:
        local = row.occurred_at.astimezone(CHINA)
        matrix[local.weekday(), local.hour] += 1
    assert (found.rhythm.every == matrix).all()


def test_the_bulletin_says_the_same(demo_database, demo) -> None:
    told = {each.code: each for each in digest(demo_database, JURISDICTION, JUNE).places}
    found = [place for kind in around_related(demo, JURISDICTION, JUNE) for place in kind.places]
    assert len(told) == len(found) == 63
    for each in found:
        said = told[each.place.code]
        assert (said.reports, said.per_100_spaces) == (each.reports, each.per_100_spaces)
        assert each.own <= each.reports


def test_one_category_alone(demo) -> None:
    late = around_kind(demo, JURISDICTION, JUNE, "night_market", "matter-09002")
    assert late.categories == ("matter-09002",)
    assert (
        0 < late.rhythm.every.sum() < around_kind(demo, JURISDICTION, JUNE, "night_market").rhythm.every.sum()
    )
    assert late.rhythm.beyond.sum() > late.rhythm.within.sum(), "after hours is what it is about"
    hall = around_kind(demo, JURISDICTION, JUNE, "service_hall", "matter-09009")
    assert all(each.per_100_spaces is None for each in hall.places), "halls have no capacity"


def test_order_is_by_strain(demo) -> None:
    found = by_strain(around_kind(demo, JURISDICTION, JUNE, "parking").places)
    shares = [each.per_100_spaces for each in found]
    assert shares == sorted(shares, reverse=True)


@pytest.mark.parametrize("month", [date(2021, 1, 1), date(2030, 1, 1)])
def test_a_month_without_reports(demo, month) -> None:
    found = around_kind(demo, JURISDICTION, month, "night_market")
    assert len(found.places) == 3
    assert {each.per_100_spaces for each in found.places} == {0.0}
    assert found.rhythm.every.sum() == 0
    assert found.opening is not None


@pytest.mark.parametrize(
    ("kind", "category", "field"),
    [
        ("shops", None, "kind"),
        ("day_care", None, "kind"),
        ("parking", "matter-00000", "category"),
        ("parking", "local-dispute", "category"),
        ("mediation_room", "local-dispute", "category"),
        ("service_hall", "local-petition", "category"),
        ("service_hall", "local-stability", "category"),
    ],
)
def test_what_is_not_told(demo, kind, category, field) -> None:
    with pytest.raises(BadInput) as refused:
        around_kind(demo, JURISDICTION, JUNE, kind, category)
    assert refused.value.field == field


@pytest.fixture
def town(database):
    """A night market past midnight with no capacity, a car park that gives no hours, and one from July on."""
    places = [
        ("night_market", "N", 109.401, None, "Fr-Su 18:00-02:00", None),
        ("parking", "P", 109.405, 0, None, None),
        ("parking", "Q", 109.4, 10, None, date(2023, 7, 1)),
    ]
    with database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
        grid = [NewArea("g", "", shapely.box(109.4, 36.6, 109.41, 36.61))]
        areas.add_edition(
            connection,
            TOWN.code,
            "grid",
            grid,
            file_name="t",
            sha256="0" * 64,
            loaded_by="t",
            valid_from=None,
        )
        for kind, code, lon, capacity, hours, since in places:
            connection.execute(
                t.place.insert().values(
                    jurisdiction=TOWN.code,
                    kind=kind,
                    code=code,
                    name=code,
                    geom=shapely.Point(lon, 36.605),
                    capacity=capacity,
                    opening_hours=hours,
                    valid=Range(since, None),
                )
            )
    return database


def at(day: int, hour: int, minute: int, category: str, lon: float) -> NewReport:
    moment = datetime(2023, 6, day, hour, minute, tzinfo=CHINA)
    return NewReport(
        category, "x", moment, client_id=f"{moment:%d%H%M}-{lon}", lon=lon, lat=36.605, datum="wgs84"
    )


def test_midnight_no_hours_and_no_capacity(town) -> None:
    stalls = [
        at(18, 23, 59, "matter-09001", 109.401),  # Sunday night, open
        at(19, 1, 59, "matter-09001", 109.401),  # still Sunday's hours
        at(19, 2, 0, "matter-09001", 109.401),  # closed at that minute
        at(20, 1, 0, "matter-09001", 109.401),  # Monday had none
        at(16, 17, 59, "matter-09001", 109.401),
        at(16, 18, 0, "matter-09001", 109.401),
    ]
    cars = [at(3, 9, 0, "matter-09009", 109.405), at(3, 10, 0, "matter-09009", 109.4)]
    record(town, TOWN, stalls + cars)
    with town.reading() as connection:
        night = around_kind(connection, TOWN, JUNE, "night_market")
        parking = around_kind(connection, TOWN, JUNE, "parking")
        trunk = around_kind(connection, TOWN, JUNE, "trunk_market")
        july = around_kind(connection, TOWN, date(2023, 7, 1), "parking")
    (market,) = night.places
    assert (market.within, market.beyond, market.unknown, market.per_100_spaces) == (3, 3, 0, None)
    assert night.rhythm.within[0, 1] == 1, "Monday, one in the morning"
    (ground,) = parking.places
    assert (ground.reports, ground.unknown, ground.per_100_spaces) == (1, 1, None), "150 m, no spaces"
    assert parking.opening is None
    assert (trunk.places, trunk.opening, trunk.rhythm.every.sum()) == ((), None, 0)
    assert [each.place.code for each in july.places] == ["P", "Q"]
    assert plain.rhythm(TOWN, parking)["open_share"] is None
    shares = plain.rhythm(TOWN, night)["open_share"]
    assert (shares[0][1], shares[0][2], shares[4][18], shares[3][20]) == (1, 0, 1, 0)


def test_a_zone_with_summer_time() -> None:
    """Clocks, not hours since midnight: in New York on 12 March 2023 there is no half past two."""
    from gridmap.statistics.rhythm import OPEN, legality

    zone = ZoneInfo("America/New_York")
    moment = datetime(2023, 3, 12, 3, 30, tzinfo=zone)
    utc = np.array([moment.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)], "datetime64[s]")
    assert legality(utc, [0], ["Mo-Su 03:00-04:00"], zone).tolist() == [OPEN]
    assert legality(utc + np.timedelta64(timedelta(hours=1)), [0], ["Mo-Su 03:00-04:00"], zone)[0] != OPEN
