"""A month's digest says what its rows say, and stars what was planted."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.demonstration import JURISDICTION
from gridmap.errors import NotFound
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import PARKING, Digest

JUNE = date(2023, 6, 1)
TOWN = Jurisdiction("town", "小城", "Town")


@pytest.fixture(scope="module")
def june(demo_database) -> Digest:
    return digest(demo_database, JURISDICTION, JUNE)


def by_grid(demo, month: str) -> dict[str, int]:
    rows = demo.execute(
        sa.text(
            "SELECT v.code, count(*) FROM report r JOIN area_version v ON v.id = r.grid_version"
            " JOIN category c ON c.code = r.category AND NOT c.private WHERE r.jurisdiction = '610602006'"
            " AND to_char(r.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') = :month GROUP BY 1"
        ),
        {"month": month},
    )
    return {row[0]: row[1] for row in rows}


def test_figures_are_the_rows(demo, june) -> None:
    now, before = by_grid(demo, "2023-06"), by_grid(demo, "2023-05")
    assert len(june.figures) == 70
    for each, grid in zip(june.figures, june.heat.grids, strict=True):
        assert (each.code, each.count) == (grid.code, grid.count)
        assert each.count == now.get(each.code, 0)
        assert each.on_last_month.before == before.get(each.code, 0)
        assert each.on_last_year is None, "June 2022 lies before the first report"
        assert each.buildings is not None
    houses = areas.areas(demo, JURISDICTION.code, kind="building", day=date(2023, 6, 30))
    assert sum(each.buildings for each in june.figures) == len(houses)


def test_categories_are_the_rows(demo, june) -> None:
    rows = demo.execute(
        sa.text(
            "SELECT category, count(*) FROM report WHERE jurisdiction = '610602006'"
            " AND occurred_at >= '2023-06-01+08' AND occurred_at < '2023-07-01+08' GROUP BY 1"
        )
    )
    told = {each.category.code: each.count for each in june.categories if each.count}
    assert told == {row[0]: row[1] for row in rows}
    assert sum(told.values()) == june.heat.total
    counts = [each.count for each in june.categories]
    assert counts == sorted(counts, reverse=True)


def test_a_year_later_there_is_a_year_before(demo_database) -> None:
    december = digest(demo_database, JURISDICTION, date(2023, 12, 1))
    assert all(each.on_last_year is not None for each in december.figures)
    assert sum(each.on_last_year.before for each in december.figures) > 100


def test_doubts_are_left_out_and_told(demo, june) -> None:
    assert june.difference.piles == june.heat.piles
    in_doubt = demo.scalar(
        sa.text(
            "SELECT count(*) FROM report WHERE jurisdiction = '610602006' AND needs_review"
            " AND geom IS NOT NULL"
            " AND occurred_at >= '2023-06-01+08' AND occurred_at < '2023-07-01+08'"
        )
    )
    assert june.difference.reports["uncertain"] == in_doubt > 0
    assert june.difference.left_out >= in_doubt
    assert 0 < june.difference.share < 0.5


def test_places_count_what_lies_around_them(demo, june) -> None:
    assert {"parking", "morning_market", "night_market", "trunk_market"} == {p.kind for p in june.places}
    place = next(p for p in june.places if p.kind == "parking" and p.reports)
    around = demo.scalar(
        sa.text(
            "SELECT count(*) FROM report r, place p WHERE p.code = :code AND r.category = ANY(:categories)"
            " AND r.occurred_at >= '2023-06-01+08' AND r.occurred_at < '2023-07-01+08'"
            " AND ST_DWithin(r.geom::geography, p.geom::geography, :radius)"
        ),
        {"code": place.code, "categories": list(PARKING), "radius": place.radius_m},
    )
    assert abs(place.reports - around) <= 1, "the spheroid and the plane differ by millimetres"
    assert place.per_100_spaces == pytest.approx(100 * place.reports / place.capacity)
    assert june.rhythms["night_market"].every.sum() > 0
    assert june.rhythms["night_market"].unknown.sum() == 0


def test_works_are_the_records(demo, june) -> None:
    rows = demo.execute(
        sa.text(
            "SELECT kind, sum(quantity), count(*) FROM work WHERE jurisdiction = '610602006'"
            " AND occurred_on BETWEEN '2023-06-01' AND '2023-06-30' GROUP BY 1"
        )
    )
    told = {each.kind.code: (each.quantity, each.records) for each in june.works if each.records}
    assert told == {row[0]: (row[1], row[2]) for row in rows}
    assert all(each.of_year >= each.quantity for each in june.works)


def test_the_same_month_gives_the_same_digest(demo_database, june) -> None:
    again = digest(demo_database, JURISDICTION, JUNE)
    assert (again.figures, again.categories, again.places, again.works) == (
        june.figures,
        june.categories,
        june.places,
        june.works,
    )
    assert (again.hot.q == june.hot.q).all()


def test_it_says_until_when_its_rows_were_recorded(demo, june) -> None:
    newest = demo.scalar(
        sa.text(
            "SELECT max(recorded_at) FROM ("
            " SELECT max(recorded_at) AS recorded_at FROM report WHERE jurisdiction = '610602006' AND ("
            "  occurred_at >= '2023-05-01+08' AND occurred_at < '2023-07-01+08'"
            "  OR occurred_at >= '2022-06-01+08' AND occurred_at < '2022-07-01+08')"
            " UNION ALL SELECT max(recorded_at) FROM work WHERE jurisdiction = '610602006'"
            "  AND occurred_on BETWEEN '2023-01-01' AND '2023-06-30'"
            " UNION ALL SELECT max(recorded_at) FROM place WHERE jurisdiction = '610602006'"
            "  AND valid @> date '2023-06-30' AND kind = ANY(:kinds)"
            " UNION ALL SELECT max(recorded_at) FROM edition WHERE jurisdiction = '610602006') each"
        ),
        {"kinds": ["parking", "morning_market", "night_market", "trunk_market"]},
    )
    assert june.data_until == newest is not None


@pytest.fixture
def town(database):
    """A hundred grids of a chequerboard, 500 m wide."""
    with database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
        boxes = [
            NewArea(f"g{row}{column}", "", shapely.box(x, y, x + 0.005, y + 0.005))
            for row in range(10)
            for column in range(10)
            for x, y in [(109.4 + 0.005 * column, 36.6 - 0.005 * row)]
        ]
        areas.add_edition(
            connection,
            TOWN.code,
            "grid",
            boxes,
            file_name="test",
            sha256="0" * 64,
            loaded_by="test",
            valid_from=None,
        )
    return database


def reports(where: np.ndarray, name: str) -> list[NewReport]:
    start = datetime(2023, 6, 2, tzinfo=UTC)
    return [
        NewReport(
            "matter-06010",
            f"{name} {n}",
            start + timedelta(hours=n % 600),
            client_id=f"{name}-{n}",
            lon=lon,
            lat=lat,
            datum="wgs84",
        )
        for n, (lon, lat) in enumerate(where.tolist())
    ]


def test_a_cluster_is_starred_and_a_pile_is_not(town) -> None:
    rng = np.random.default_rng(3)
    noise = rng.uniform((109.4, 36.555), (109.45, 36.605), (600, 2))
    cluster = rng.uniform((109.41, 36.57), (109.425, 36.585), (150, 2))  # nine grids
    pile = np.full((80, 2), (109.4431, 36.5983))
    for where, name in ((noise, "noise"), (cluster, "cluster"), (pile, "pile")):
        record(town, TOWN, reports(where, name))
    june = digest(town, TOWN, JUNE)
    with town.reading() as own:
        assert june.data_until == own.scalar(sa.text("SELECT max(recorded_at) FROM report"))
    codes = np.array([grid.code for grid in june.heat.grids])
    starred = set(codes[june.hot.hot].tolist())
    planted = {f"g{row}{column}" for row in (4, 5, 6) for column in (2, 3, 4)}
    assert len(starred & planted) >= 4
    assert not any(code.startswith(("g0", "g1", "g2")) and int(code[2]) > 5 for code in starred)
    assert [p.count for p in june.difference.piles] == [80]
    assert june.difference.reports["pile"] == 80
    (category,) = june.categories
    assert set(category.hot) == starred
    assert category.count == 830, "what is in doubt is counted all the same"


def test_an_empty_month_and_no_grids(town) -> None:
    june = digest(town, TOWN, JUNE)
    assert june.categories == ()
    assert june.hot.reason == "few_reports"
    assert (june.difference.left_out, june.difference.share) == (0, 0.0)
    assert not june.hot.hot.any()
    with town.writing() as own:
        areas.add_jurisdiction(own, Jurisdiction("bare", "空", "Bare"))
    with pytest.raises(NotFound, match="no grids"):
        digest(town, Jurisdiction("bare", "空", "Bare"), JUNE)


def test_a_month_before_the_first_report_is_empty(demo_database) -> None:
    early = digest(demo_database, JURISDICTION, date(2021, 1, 1))
    assert early.categories == ()
    assert {each.count for each in early.figures} == {0}
    assert all(each.on_last_month is None for each in early.figures)
