"""Going round: what is due to whom, that it was done, who may say so; and what nobody looks at."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

import httpx
import pytest

from gridmap.cases.inspections import files
from gridmap.database import tables as t
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Party, Person
from tests.faces.conftest import TOWN, Live, place_row, populated, serving
from tests.faces.test_bad_input import problem
from tests.signing_in import owners

TODAY = TOWN.today()
ADDRESS = "/api/v1/inspections"
PLANS = """code,name,inspector,target,every_days,category,targets
daily,楼栋网格排查,member,building,7,,
smoke,夜市油烟排查,squad,place,30,matter-06027,N1;M1
"""
WHO = (  # person, post, grid, party
    ("round-own", "grid_member", "G00", None),
    ("round-other", "grid_member", "G11", None),
    ("round-squad", "department_officer", "G00", "squad"),
    ("round-police", "department_officer", "G00", "police"),
)


@pytest.fixture(scope="module")
def rounds(make_settings) -> Iterator[Live]:
    settings = populated(make_settings)
    with owners(settings) as database, database.writing() as connection:
        parties = [Party("squad", "squad", "城管执法中队"), Party("police", "police", "派出所")]
        people.put_parties(connection, TOWN.code, parties, "test")
        people.put_persons(connection, TOWN.code, [Person(each[0], "示例丙") for each in WHO], "test")
        for person, post, grid, party in WHO:
            duties.begin(connection, TOWN, NewDuty(person, post, "grid", grid, party, date(2023, 1, 1)), "t")
        files.load_plans(connection, TOWN, PLANS, "test")
    with serving(settings) as live:
        yield live


def asked(live: Live, role: str, person: str | None = None) -> httpx.Client:
    return live.client(role, person)


def due(client: httpx.Client, **query: str) -> list[tuple[str, str]]:
    found = client.get(ADDRESS, params=query)
    assert found.status_code == 200, found.text
    return [(each["plan"]["code"], each["target"]["code"]) for each in found.json()["items"]]


def test_each_sees_what_lies_in_their_sight(rounds) -> None:
    with asked(rounds, "member", "round-own") as own, asked(rounds, "member", "round-other") as other:
        assert due(own) == [("daily", "P1-1"), ("smoke", "M1")]  # on an edge the smallest code: M1 in G00
        assert due(own, mine="true") == [("daily", "P1-1")]
        assert due(other) == []
        assert own.get("/api/v1/me").json()["inspects"] == ["member"]
    with asked(rounds, "department", "round-squad") as squad, asked(rounds, "office") as office:
        assert due(squad, mine="true") == [("smoke", "M1")]
        assert squad.get("/api/v1/me").json()["inspects"] == ["squad"]
        assert due(office, plan="smoke") == [("smoke", "M1"), ("smoke", "N1")]
        assert due(office, inspector="member", grid="G00") == [("daily", "P1-1")]
        first = office.get(ADDRESS, params={"limit": 1}).json()
        assert due(office, after=first["next"]) == [("smoke", "M1"), ("smoke", "N1")]


def test_an_inspection_is_recorded_once_and_moves_what_is_due(rounds) -> None:
    body = {"plan": "daily", "target": "P1-1", "note": "楼道通畅"}
    with asked(rounds, "member", "round-own") as own:
        made = own.post(ADDRESS, json=body)
        again = own.post(ADDRESS, json=body)
        assert (made.status_code, again.status_code) == (201, 200)
        assert made.json() == again.json()
        problem(own.post(ADDRESS, json=body | {"trouble": True}), "target", (409,))
        assert due(own, mine="true", covered="false") == []
        (found,) = own.get(ADDRESS, params={"mine": "true"}).json()["items"]
        assert (found["last"], found["due"]) == (f"{TODAY}", f"{TODAY + timedelta(days=7)}")
        assert (found["covered"], found["trouble"]) == (True, False)
        assert found["target"]["grid"] == {"code": "G00", "name": "第00网格"}
        coverage = own.get(f"{ADDRESS}/coverage").json()
        assert [(p["code"], p["targets"], p["covered"]) for p in coverage["plans"]] == [
            ("daily", 1, 1),
            ("smoke", 1, 0),
        ]
        assert coverage["grids"] == [{"grid": "G00", "buildings": 1, "uncovered": []}]
        before = own.get(f"{ADDRESS}/coverage", params={"day": f"{TODAY - timedelta(days=1)}"}).json()
        assert before["grids"][0]["uncovered"] == [{"code": "P1-1", "name": "1号楼"}]
    with asked(rounds, "department", "round-police") as colleague:  # the same grid: it is seen there
        assert due(colleague, covered="true") == [("daily", "P1-1")]


def test_who_may_not_and_what_is_not_there(rounds) -> None:
    smoke = {"plan": "smoke", "target": "M1"}
    with asked(rounds, "member", "round-own") as own, asked(rounds, "department", "round-squad") as squad:
        problem(own.post(ADDRESS, json=smoke), "plan", (403,))
        assert squad.post(ADDRESS, json=smoke | {"trouble": True}).status_code == 201
        problem(squad.post(ADDRESS, json={"plan": "smoke", "target": "N1"}), "target", (404,))  # in G01
        problem(squad.post(ADDRESS, json={"plan": "smoke", "target": "K1"}), "target", (404,))
        problem(squad.post(ADDRESS, json={"plan": "none", "target": "M1"}), "plan", (404,))
        for wrong in (TODAY + timedelta(days=1), TODAY - timedelta(days=32)):
            problem(squad.post(ADDRESS, json=smoke | {"inspected_on": f"{wrong}"}), "inspected_on")
        problem(squad.post(ADDRESS, json=smoke | {"note": "字" * 2_001}), "note")
    with asked(rounds, "member", "round-other") as other, asked(rounds, "office") as office:
        problem(other.post(ADDRESS, json={"plan": "daily", "target": "P1-1"}), "target", (404,))
        entered = {"plan": "daily", "target": "P1-1", "inspected_on": f"{TODAY - timedelta(days=9)}"}
        assert office.post(ADDRESS, json=entered).status_code == 201  # from paper
        (found,) = office.get(ADDRESS, params={"plan": "smoke", "grid": "G00"}).json()["items"]
        assert found["trouble"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_shows_plans_what_is_due_and_blind_spots(rounds, lang) -> None:
    with asked(rounds, "office") as office, asked(rounds, "member", "round-other") as other:
        text = office.get("/inspections", params={"lang": lang}).text
        assert "夜市油烟排查" in text
        assert "西夜市" in text
        assert "西夜市" not in other.get("/inspections", params={"lang": lang}).text


def test_the_map_shows_every_building_that_is_seen_by_who_looks_at_it(rounds) -> None:
    for role, person in (("office", None), ("member", "round-own")):
        with asked(rounds, role, person) as client:
            text = client.get("/inspections").text
            grids = client.get(f"{ADDRESS}/coverage").json()["grids"]
        data = json.loads(re.search(r'id="round-map-data">(.*?)</script>', text)[1])
        drawn = [each["properties"] for each in data["buildings"]["features"]]
        assert len(drawn) == sum(grid["buildings"] for grid in grids) > 0
        blind = sorted(each["name"] for grid in grids for each in grid["uncovered"])
        assert sorted(each["name"] for each in drawn if each["look"] == "blind") == blind
        assert data["counts"] == Counter(each["look"] for each in drawn)


def test_a_property_company_looks_after_its_sites_and_a_squad_after_kitchens(rounds) -> None:
    more = """code,name,inspector,target,every_days,category,targets
dust,工地扬尘排查,property,place,7,matter-08004,S1
kitchens,餐饮油烟排查,squad,place,30,matter-06027,R1
"""
    with owners(rounds.settings) as database, database.writing() as connection:
        for row in (("building_site", "S1", "东工地", 0.4, 0.4), ("restaurant", "R1", "桥头面馆", 0.6, 0.6)):
            connection.execute(t.place.insert(), [place_row(TOWN, *row, None, None)])
        people.put_parties(connection, TOWN.code, [Party("estate", "property", "示例物业")], "test")
        people.put_persons(connection, TOWN.code, [Person("round-estate", "示例丁")], "test")
        since = date(2023, 1, 1)
        duty = NewDuty("round-estate", "property_officer", "grid", "G00", "estate", since)
        duties.begin(connection, TOWN, duty, "test")
        files.load_plans(connection, TOWN, more, "test")
    with (
        asked(rounds, "department", "round-estate") as estate,
        asked(rounds, "department", "round-squad") as squad,
    ):
        assert estate.get("/api/v1/me").json()["inspects"] == ["property"]
        assert due(estate, mine="true") == [("dust", "S1")]
        assert ("kitchens", "R1") in due(squad, mine="true")
        for client, plan, target in ((estate, "dust", "S1"), (squad, "kitchens", "R1")):
            body = {"plan": plan, "target": target, "trouble": True}
            assert client.post(ADDRESS, json=body).status_code == 201
        problem(squad.post(ADDRESS, json={"plan": "dust", "target": "S1"}), "plan", (403,))
        problem(estate.post(ADDRESS, json={"plan": "kitchens", "target": "R1"}), "plan", (403,))
        (site,) = estate.get(ADDRESS, params={"plan": "dust"}).json()["items"]
        assert (site["trouble"], site["due"]) == (True, f"{TODAY + timedelta(days=7)}")
