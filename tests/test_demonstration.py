"""The demonstration's totals come back by query, number for number, each in the period it is told of."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
import sqlalchemy as sa

from gridmap import demonstration
from gridmap.areas import store as areas
from gridmap.demonstration import JURISDICTION
from gridmap.people import accounts
from gridmap.people import store as people
from gridmap.places import store as places
from gridmap.reports import store as reports
from gridmap.works import store as works

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
SINCE_JULY_2022 = (date(2022, 7, 1), date(2023, 12, 31))
TOTALS = {
    "dispute_settled": (28, YEAR),
    "case_settled": (19, YEAR),
    "stability_case": (18, YEAR),
    "illegal_building_demolished": (119, SINCE_JULY_2022),
    "illegal_building_stopped": (36, SINCE_JULY_2022),
    "notice_board_replaced": (26, YEAR),
    "poster_renewed": (20_000, YEAR),
    "advert_removed": (8_900, YEAR),
    "corridor_cleaned": (1_650, YEAR),
    "rubbish_corner_cleared": (100, YEAR),
    "rubbish_hauled": (21, YEAR),
    "greenery_trimmed": (20_000, YEAR),
    "pile_tidied": (366, YEAR),
    "film_showing": (72, YEAR),
    "volunteer_day": (50, YEAR),
    "festival_event": (30, YEAR),
    "culture_event": (10, YEAR),
    "performance": (8, YEAR),
    "job_fair": (3, YEAR),
    "job_found": (12, YEAR),
    "errand": (200, YEAR),
    "counter_matter": (2_100, YEAR),
}


PLACED = """
    SELECT count(*), md5(string_agg(concat_ws(' ', r.client_id, r.method, g.code, c.code, d.code, b.code),
                                    ', ' ORDER BY r.client_id COLLATE "C"))
    FROM report r
    LEFT JOIN area_version g ON g.id = r.grid_version
    LEFT JOIN area_version c ON c.id = r.community_version
    LEFT JOIN area_version d ON d.id = r.compound_version
    LEFT JOIN area_version b ON b.id = r.building_version
"""


def test_every_report_lies_where_it_always_did(demo) -> None:
    """Whatever becomes quicker. Where the demonstration's data change, so does this."""
    assert tuple(demo.execute(sa.text(PLACED)).one()) == (12_168, "e791bab6b3d16e858e6de16f332c70f2")


@pytest.mark.parametrize("kind", TOTALS)
def test_work_totals(demo, kind) -> None:
    quantity, span = TOTALS[kind]
    assert works.totals(demo, JURISDICTION.code, *span)[kind][0] == Decimal(quantity)
    everything = works.totals(demo, JURISDICTION.code, date(2000, 1, 1), date(2100, 1, 1))
    assert everything[kind][0] == Decimal(quantity), "some lie outside the period"


@pytest.mark.parametrize(
    ("category", "count"), [("local-dispute", 31), ("local-petition", 19), ("local-stability", 18)]
)
def test_report_totals_of_the_year(demo, category, count) -> None:
    first, last = (datetime(year, 1, 1, tzinfo=JURISDICTION.zone) for year in (2023, 2024))
    found = reports.reports(demo, JURISDICTION.code, first=first, last=last, category=category, limit=1_000)
    assert len(found) == count
    assert len(reports.reports(demo, JURISDICTION.code, category=category, limit=1_000)) == count


def test_disputes_in_hand_are_those_without_a_settlement(demo) -> None:
    in_hand = demo.scalar(
        sa.text(
            "SELECT count(*) FROM report WHERE category = 'local-dispute' AND NOT EXISTS"
            " (SELECT FROM work_report JOIN work ON work.id = work_id"
            "  WHERE report_id = report.id AND kind = 'dispute_settled')"
        )
    )
    assert in_hand == 31 - 28


@pytest.mark.parametrize(
    "kind", ["dispute_settled", "case_settled", "illegal_building_demolished", "illegal_building_stopped"]
)
def test_outcomes_are_linked_to_their_reports(demo, kind) -> None:
    loose = demo.scalar(
        sa.text(
            "SELECT count(*) FROM work WHERE kind = :kind"
            " AND (SELECT count(*) FROM work_report WHERE work_id = work.id) <> 1"
        ),
        {"kind": kind},
    )
    assert loose == 0


def test_areas(demo) -> None:
    found = {}
    for area in areas.areas(demo, JURISDICTION.code, day=JURISDICTION.today()):
        found.setdefault(area.kind, []).append(area.name)
    counts = {kind: len(names) for kind, names in found.items()}
    assert counts["subdistrict"] == 1
    assert counts["grid"] == 70
    assert counts["compound"] >= 120
    assert counts["building"] >= 600
    assert {"阳光社区", "鲁艺社区"} <= set(found["community"])
    named = {"上城贰号", "上城叁号", "杨家岭南苑", "杨家岭北苑", "鲁艺叁号", "金圣国际"}
    assert named <= set(found["compound"])


def test_places(demo) -> None:
    counted: dict[str, int] = {}
    capacity = 0
    for place in places.places(demo, JURISDICTION.code, day=JURISDICTION.today()):
        counted[place.kind] = counted.get(place.kind, 0) + 1
        capacity += (place.capacity or 0) if place.kind == "parking" else 0
        assert "market" not in place.kind or place.opening_hours
    communities = len(areas.areas(demo, JURISDICTION.code, kind="community", day=JURISDICTION.today()))
    wanted = {"morning_market": 3, "night_market": 3, "trunk_market": 2, "day_care": 2, "rest_stop": 2}
    wanted |= {"driver_home": 1, "mediation_room": 3, "compound_station": 7}
    wanted |= {"service_hall": communities + 1, "parlour": communities + 1}
    assert {kind: counted[kind] for kind in wanted} == wanted
    assert 2_000 < capacity <= 2_100


def test_people(demo) -> None:
    """As many chiefs as published, on every day since they were chosen; and accounts to try them with."""
    for day in (YEAR[1], JURISDICTION.today()):
        held: dict[str, set[str]] = {}
        for duty in people.duties(demo, JURISDICTION.code, day=day):
            held.setdefault(duty.post, set()).add(duty.person)
        chiefs = {post: len(held[post]) for post in ("grid_chief", "building_chief", "unit_chief")}
        assert chiefs == {"grid_chief": 38, "building_chief": 239, "unit_chief": 377}
        vacant = people.vacancies(demo, JURISDICTION.code, day, "grid_chief", ["grid"])
        assert len(vacant) == 5
    assert len(people.parties(demo, JURISDICTION.code, kind="branch", day=YEAR[1])) == 28
    trials = accounts.demonstration_accounts(demo, JURISDICTION)
    assert {account.login for account in trials} == {trial.login for trial in demonstration.TRIALS}
    assert all("演示" in account.name for account in trials)


def test_reports_of_every_sort(demo) -> None:
    methods = dict(demo.execute(sa.text("SELECT method, count(*) FROM report GROUP BY 1")).all())
    assert 11_500 <= sum(methods.values()) <= 12_500
    assert methods.keys() == {"covers", "nearest", "outside", "named"}
    near = demo.scalar(sa.text("SELECT count(*) FROM report WHERE edge_distance_m < 5"))
    assert near > 50


def test_process_and_sql_agree_on_every_report(demo) -> None:
    differing = demo.scalar(
        sa.text(
            "SELECT count(*) FROM report r LEFT JOIN LATERAL (SELECT id FROM area_version v"
            "  WHERE v.kind = 'grid' AND ST_Covers(v.geom, r.geom) ORDER BY v.code COLLATE \"C\" LIMIT 1)"
            " judged ON true"
            " WHERE r.geom IS NOT NULL AND judged.id IS DISTINCT FROM"
            "  CASE WHEN r.method = 'covers' THEN r.grid_version END"
        )
    )
    assert differing == 0


def test_loading_it_again_adds_nothing(demo_database) -> None:
    count = sa.text(
        "SELECT (SELECT count(*) FROM report), (SELECT count(*) FROM work), (SELECT count(*) FROM place),"
        " (SELECT count(*) FROM area_version), (SELECT count(*) FROM backdrop),"
        " (SELECT count(*) FROM people_change), (SELECT count(*) FROM duty), (SELECT count(*) FROM account)"
    )
    with demo_database.reading() as connection:
        before = tuple(connection.execute(count).one())
    demonstration.load(demo_database)
    with demo_database.reading() as connection:
        assert tuple(connection.execute(count).one()) == before
