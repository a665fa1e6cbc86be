"""What somebody reported, and what came of it: told to them wherever it lies, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date

import httpx
import pytest

from gridmap.cases.intake import collect
from gridmap.cases.model import Actor
from gridmap.cases.moving import make
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import Person
from gridmap.reports import store as reports
from tests.faces.conftest import TOWN
from tests.faces.test_bad_input import problem
from tests.faces.test_writing import report
from tests.signing_in import owners

OFFICE = Actor("account:hall", frozenset({"office"}))
ADDRESS = "/api/v1/me/reports"


@pytest.fixture(scope="module")
def walkers(busy) -> Iterator[list[httpx.Client]]:
    """Two grid members, of grids far from where `report` lies."""
    with owners(busy.settings) as database, database.writing() as connection:
        for grid in ("G20", "G21"):
            people.put_persons(connection, TOWN.code, [Person(f"walker-{grid}", "示例乙")], "test")
            desk = duties.open_desk(connection, TOWN)
            began = date(2023, 1, 1)
            duty = duties.checked(
                desk, person=f"walker-{grid}", post="grid_member", area_code=grid, valid_from=began
            )
            duties.begin(connection, TOWN, duty, "test")
    with ExitStack() as stack:
        yield [stack.enter_context(busy.client("member", f"walker-{grid}")) for grid in ("G20", "G21")]


def test_each_reporter_is_told(busy, walkers) -> None:
    one, other = walkers
    ids = [one.post("/api/v1/reports", json=report()).json()["id"] for _ in range(2)]
    assert [(each["id"], each["told"]) for each in one.get(ADDRESS).json()["items"]] == [
        (id_, []) for id_ in reversed(ids)
    ]
    with owners(busy.settings) as database, database.writing() as connection:
        found = reports.sent_by(connection, TOWN.code, "walker-G20", limit=9)
        (case,) = collect(connection, TOWN, [found], OFFICE)
        make(connection, TOWN, database.settings, case, "file", OFFICE)
        make(connection, TOWN, database.settings, case, "void", OFFICE, reason="重复")
    for each in one.get(ADDRESS).json()["items"]:
        assert [told["kind"] for told in each["told"]] == ["collected", "filed", "voided"]
        assert "case" not in str(each["told"])
    assert len(one.get(ADDRESS, params={"limit": 1}).json()["items"]) == 1
    assert one.get(f"/api/v1/cases/{case}").status_code == 404
    assert other.get(ADDRESS).json()["items"] == []


def test_who_is_nobody_s_person_sent_nothing(sender) -> None:
    assert sender.post("/api/v1/reports", json=report()).status_code == 201
    assert sender.get(ADDRESS).json()["items"] == []
    problem(sender.get(ADDRESS, params={"limit": "many"}), "limit")
