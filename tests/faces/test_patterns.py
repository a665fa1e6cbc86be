"""Places, rhythm, campaigns and services over HTTP: numbers known by hand, and 422s that name the field."""

from __future__ import annotations

import pytest

STATS = "/api/v1/stats"
MONTHS = {"from": "2023-05-01", "to": "2023-05-31", "until": "2023-06-30"}


def test_around(client) -> None:
    found = client.get(f"{STATS}/around", params={"month": "2023-05"}).json()
    assert set(found["kinds"]) == {"parking", "morning_market", "night_market", "trunk_market"}
    by_code = {each["place"]["code"]: each for each in found["items"]}
    assert set(by_code) == {"M1", "N1", "K1", "K2"}
    market = by_code["M1"]  # in the middle of grid G00, where a third of the town's reports lie on it
    assert (market["capacity"], market["opening_hours"], market["radius_m"]) == (40, "Mo-Su 06:00-09:30", 150)
    days = [n for n in range(31) if n % 12 == 0]  # of grid 0, in May; draft(number)
    assert market["reports"] == market["nearest"] == len(days) == 3
    # at nine in the morning and as many minutes later: 09:00, 09:12, 09:24
    assert (market["while_open"], market["while_closed"]) == (3, 0)
    assert market["per_100_spaces"] == 7.5
    shares = [each["per_100_spaces"] for each in found["items"]]
    assert shares == sorted(shares, reverse=True)


def test_rhythm(client) -> None:
    found = client.get(f"{STATS}/rhythm", params={"month": "2023-06", "kind": "morning_market"}).json()
    assert (found["places"], found["places_with_hours"], found["time_zone"]) == (1, 1, "Asia/Shanghai")
    # numbers 36, 48, 60 of grid 0: at 09:36 the market is closed, at 09:48 and 10:00 too
    assert found["totals"] == {"reports": 3, "while_open": 0, "while_closed": 3, "hours_unknown": 0}
    assert sum(map(sum, found["reports"])) == 3
    assert found["open_share"][2][6:11] == [1, 1, 1, 0.5, 0]
    alone = {"month": "2023-06", "kind": "service_hall", "category": "matter-06011"}
    assert client.get(f"{STATS}/rhythm", params=alone).json()["categories"] == ["matter-06011"]


def test_campaign(client) -> None:
    asked = {"category": "local-teastall", **MONTHS, "against": "matter-09001"}
    found = client.get(f"{STATS}/campaign", params=asked).json()
    assert (found["before"]["days"], found["after"]["days"]) == (31, 30)
    assert found["before"]["reports"] == len([n for n in range(31) if n % 3 == 2])
    assert found["against"]["what"] == "category"
    assert found["ratio"]["low"] < found["ratio"]["ratio"] < found["ratio"]["high"]
    assert sum(week["reports"] for week in found["weeks"]) == 10 + found["after"]["reports"]
    in_row = {"category": "local-teastall", **MONTHS, "area": "community/C0", "against": "community/C1"}
    found = client.get(f"{STATS}/campaign", params=in_row).json()
    assert found["area"] == {"kind": "community", "code": "C0", "name": "第0社区"}
    assert found["against"]["area"]["code"] == "C1"


def test_services(client) -> None:
    found = client.get(f"{STATS}/services", params={"year": "2023"}).json()
    assert (found["from"], found["to"], found["places"]) == ("2023-01-01", "2023-12-31", [])
    assert {each["records"] for each in found["kinds"]} == {0}


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("around", {}, "month"),
        ("around", {"month": "2023-13"}, "month"),
        ("around", {"month": "2023-06", "kind": "shops"}, "kind"),
        ("around", {"month": "2023-06", "kind": "day_care"}, "kind"),
        ("around", {"month": "2023-06", "kind": "parking,night_market"}, "kind"),
        ("around", {"month": "2023-06", "category": "matter-09001"}, "category"),
        ("around", {"month": "2023-06", "kind": "parking", "category": "none"}, "category"),
        ("around", {"month": "2023-06", "kind": "parking", "category": "local-dispute"}, "category"),
        ("around", {"month": "2023-06", "kinds": "parking"}, "kinds"),
        ("rhythm", {"month": "2023-06"}, "kind"),
        ("rhythm", {"kind": "parking"}, "month"),
        ("rhythm", {"month": "2023-06", "kind": "parking", "category": "local-petition"}, "category"),
        ("rhythm", {"month": "2023-06", "kind": "parking", "jurisdiction": "nowhere"}, "jurisdiction"),
        ("campaign", {}, "category"),
        ("campaign", {"category": "local-teastall", **MONTHS, "from": "2023-5-1"}, "from"),
        ("campaign", {"category": "local-teastall", **MONTHS, "from": "2023-02-30"}, "from"),
        ("campaign", {"category": "local-teastall", **MONTHS, "to": "2023-04-01"}, "to"),
        ("campaign", {"category": "local-teastall", **MONTHS, "until": "9999-01-01"}, "until"),
        ("campaign", {"category": "local-teastall", **MONTHS, "since": "2023-05-31"}, "since"),
        ("campaign", {"category": "local-teastall", **MONTHS, "until": "2031-01-01"}, "until"),
        ("campaign", {"category": "local-teastall", **MONTHS, "against": "year_before"}, "against"),
        ("campaign", {"category": "local-teastall", **MONTHS, "area": "C0"}, "area"),
        ("campaign", {"category": "local-dispute", **MONTHS, "area": "community/C0"}, "category"),
        ("services", {}, "month"),
        ("services", {"month": "2023-06", "year": "2023"}, "month"),
        ("services", {"year": "1"}, "year"),
    ],
)
def test_bad_input_names_its_field(client, path, params, field) -> None:
    answer = client.get(f"{STATS}/{path}", params=params)
    assert answer.status_code == (404 if field == "jurisdiction" else 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert field in [each["field"] for each in answer.json()["errors"]]
