"""`locate` says who answers, from memory, within moments of a change by anybody."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date

import httpx
import pytest

from gridmap.people import intake, store
from gridmap.people.model import Person
from tests.faces.conftest import TOWN, Live

HERE = {"lon": 109.465, "lat": 36.605, "datum": "wgs84"}  # in G00, in no building
IN_BUILDING = {"lon": 109.46325, "lat": 36.60325, "datum": "wgs84"}


@pytest.fixture(scope="module")
def chief(busy) -> None:
    with busy.app.state.service.own.writing() as connection:
        store.put_persons(connection, TOWN.code, [Person("p1", "示例网格长", "000-0000-0001")], "test")
        desk = intake.open_desk(connection, TOWN)
        new = intake.checked(
            desk, person="p1", post="grid_chief", area_code="G00", valid_from=date(2023, 1, 1)
        )
        intake.begin(connection, TOWN, new, "test")


def who(client: httpx.Client, **query: object) -> dict:
    answer = client.get("/api/v1/locate", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["who"]


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_change_is_seen_within_moments(busy, chief) -> None:
    with busy.client() as asking:
        _see(busy, asking)


def _see(busy: Live, asking: httpx.Client) -> None:
    eventually(lambda: who(asking, **HERE)["answers"] is not None)
    found = who(asking, **HERE)
    assert [(step["post"], step["vacant"]) for step in found["chain"]] == [
        ("grid_chief", False),
        ("grid_member", True),
        ("community_officer", True),
        ("office", True),
    ]
    assert found["chain"][0]["holders"] == [{"person": "p1", "name": "示例网格长", "phone": "000-0000-0001"}]
    assert (found["answers"], found["fallback"]) == ({"post": "grid_chief", "area": "G00"}, False)
    assert who(asking, **HERE, day="2022-12-31")["answers"] is None
    with busy.app.state.service.own.writing() as connection:
        duty = store.duties(connection, TOWN.code)[0]
        intake.end(connection, TOWN, duty.id, date(2024, 1, 1), "test")
    eventually(lambda: who(asking, **HERE)["answers"] is None)
    assert who(asking, **HERE, day="2023-12-31")["answers"] is not None


def test_the_district_map_shows_where_chiefs_are(busy, chief) -> None:
    with busy.client() as asking:
        eventually(lambda: 'value="chiefs:grid_chief"' in asking.get("/").text)


def test_a_unit_begins_the_chain(client: httpx.Client) -> None:
    chain = who(client, **IN_BUILDING, unit=2)["chain"]
    assert chain[0]["area"] == {"kind": "unit", "code": "P1-1-2", "name": "1号楼2单元"}
    assert who(client, **IN_BUILDING)["chain"][0]["post"] == "building_chief"
    refused = client.get("/api/v1/locate", params={**HERE, "unit": 2})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["field"] == "unit"
    for wrong in ("0", "1.5", "-1", "x"):
        assert client.get("/api/v1/locate", params={**IN_BUILDING, "unit": wrong}).status_code == 422
