"""The places are as many as the published report counts, and lie where their names say."""

from collections import Counter

import pytest
import shapely
from opening_hours import OpeningHours

COUNTS = {
    "morning_market": 3,
    "night_market": 3,
    "trunk_market": 2,
    "day_care": 2,
    "rest_stop": 2,
    "driver_home": 1,
    "service_hall": 11,
    "parlour": 11,
    "mediation_room": 3,
    "compound_station": 7,
}
MARKETS = {
    "morning_market": {"上城叁号", "鲁艺叁号", "金圣国际"},
    "night_market": {"大剧院", "鲁艺叁号", "金圣国际"},
    "trunk_market": {"吾悦广场", "中环广场"},
}
NEAR = 30 / 89_000  # some 30 m, in degrees


def point(row: dict[str, str]) -> shapely.Point:
    return shapely.Point(float(row["lon"]), float(row["lat"]))


def test_counts_by_kind(table) -> None:
    counts = Counter(row["kind"] for row in table("places"))
    assert counts.pop("parking") >= 20
    assert counts == COUNTS
    assert len({row["code"] for row in table("places")}) == len(table("places"))


def test_parking_has_a_little_over_two_thousand_places(table) -> None:
    parking = [row for row in table("places") if row["kind"] == "parking"]
    assert 2000 < sum(int(row["capacity"]) for row in parking) < 2100
    assert {row["vehicle"] for row in parking} == {"motor", "non_motor"}


def test_markets_are_where_the_report_has_them(table, areas) -> None:
    compounds = {properties["name"]: polygon for properties, polygon in areas("compounds").values()}
    for kind, names in MARKETS.items():
        rows = [row for row in table("places") if row["kind"] == kind]
        assert {next(name for name in names if row["name"].startswith(name)) for row in rows} == names
        for row in rows:
            for name in names & compounds.keys():
                if row["name"].startswith(name):
                    assert compounds[name].distance(point(row)) < NEAR


def test_halls_parlours_and_rooms_lie_in_their_community(table, areas) -> None:
    communities = {properties["name"]: polygon for properties, polygon in areas("communities").values()}
    rows = [
        row
        for row in table("places")
        if row["kind"] in ("service_hall", "parlour", "day_care", "mediation_room")
    ]
    for row in rows:
        for name, polygon in communities.items():
            if row["name"].startswith(name):
                assert polygon.covers(point(row)), row["name"]
    for kind in ("service_hall", "parlour"):
        told = {row["name"] for row in rows if row["kind"] == kind}
        assert all(any(text.startswith(name) for text in told) for name in (*communities, "新城街道"))
    assert {row["name"] for row in rows if row["kind"] == "mediation_room"} == {
        "新城街道矛盾纠纷综合调解中心",
        "阳光社区调解室",
        "鲁艺社区调解室",
    }


def test_stations_stand_in_their_compounds(table, areas) -> None:
    compounds = {properties["name"]: polygon for properties, polygon in areas("compounds").values()}
    stations = {
        row["name"].removesuffix("小区工作站"): row
        for row in table("places")
        if row["kind"] == "compound_station"
    }
    assert stations.keys() >= {"上城贰号", "上城叁号", "杨家岭南苑", "杨家岭北苑"}
    assert all(compounds[name].covers(point(row)) for name, row in stations.items())


def test_every_place_is_inside_the_subdistrict(table, areas) -> None:
    whole = areas("subdistrict")["610602006"][1]
    assert all(whole.covers(point(row)) for row in table("places"))


def test_opening_hours_can_be_read(table) -> None:
    for row in table("places"):
        if row["opening_hours"]:
            OpeningHours(row["opening_hours"])
    markets = [row for row in table("places") if row["kind"].endswith("market")]
    assert all(row["opening_hours"] for row in markets)
    assert any("01:00" in row["opening_hours"] for row in markets), "a night market runs past midnight"


@pytest.mark.parametrize("column", ["capacity", "service_radius_m"])
def test_numbers_are_whole(table, column) -> None:
    assert all(row[column].isdigit() for row in table("places") if row[column])
