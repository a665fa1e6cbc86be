"""People, seats, accounts, tokens and tables over HTTP, as the office works with them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta
from uuid import uuid4

import httpx
import pytest
import sqlalchemy.exc

from gridmap.people import store
from gridmap.people.model import Person
from tests.faces.conftest import TOWN, Live, populated, serving
from tests.faces.test_bad_input import problem
from tests.faces.test_who import eventually

TODAY = TOWN.today()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())
NAMES = ("示例甲", "示例乙", "示例丙")


@pytest.fixture(scope="module")
def hall(make_settings) -> Iterator[Live]:
    """A town with three people, of whom the first is chief of G00."""
    with serving(populated(make_settings)) as live:
        with live.app.state.service.own.writing() as connection:
            people = [Person(f"p{n}", name, f"000-0000-000{n}") for n, name in enumerate(NAMES, 1)]
            store.put_persons(connection, TOWN.code, people, "test")
        yield live


@pytest.fixture
def office(hall: Live) -> Iterator[httpx.Client]:
    with hall.client("office") as client:
        yield client


@pytest.fixture
def chief(hall: Live) -> Iterator[httpx.Client]:
    with hall.client("administrator") as client:
        yield client


def post(client: httpx.Client, path: str, body: object = None, status: int = 201) -> dict:
    answer = client.post(f"/api/v1/{path}", json=body) if body else client.post(f"/api/v1/{path}")
    assert answer.status_code == status, answer.text
    return answer.json() if answer.content else {}


def get(client: httpx.Client, path: str, **query: object) -> dict:
    answer = client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def somebody(client: httpx.Client, **more: object) -> dict:
    return post(client, "people", {"name": "示例新人", **more})


def seat(area: str, day: date = TODAY, **more: object) -> dict:
    return {"post": "grid_chief", "area_code": area, "valid_from": day.isoformat(), **more}


def test_a_vacancy_is_filled_by_somebody_new_or_known(office) -> None:
    def vacant() -> set[str]:
        return {s["area"]["code"] for s in get(office, "seats", post="grid_chief", vacant="true")["items"]}

    assert vacant() >= {"G00", "G01"}
    made = somebody(office, phone="000-0000-0044", duty=seat("G00"))
    (duty,) = made["duties"]
    assert (duty["post"], duty["area"]["name"], duty["valid_to"]) == ("grid_chief", "第00网格", None)
    begun = post(office, "duties", {"person": "p1", **seat("G01")})
    assert [each["name"] for each in begun["items"]] == ["示例甲"]
    assert not vacant() & {"G00", "G01"}
    (held,) = get(office, "seats", community="C0", grid="G00", vacant="false")["items"]
    assert held["holders"][0]["person"] == made["code"]
    counts = {(t["post"], t["grid"]["code"]): t for t in get(office, "seats/tally")["items"]}
    assert (counts["grid_chief", "G00"]["seats"], counts["grid_chief", "G00"]["vacant"]) == (1, 0)
    by = {change["by"] for change in get(office, f"people/{made['code']}")["changes"]}
    assert len(by) == 1
    assert by.pop().startswith("token:tests")


def test_a_duty_that_cannot_be_leaves_nobody_behind(office) -> None:
    before = get(office, "people", limit=1000)["items"]
    answer = office.post("/api/v1/people", json={"name": "示例", "duty": seat("G99")})
    problem(answer, "area_code")
    assert get(office, "people", limit=1000)["items"] == before


def test_one_person_takes_several_seats_or_none(office) -> None:
    code = somebody(office)["code"]
    twice = {"person": code, **seat("G20", more=["G21", "G20"])}
    assert [d["area"]["code"] for d in post(office, "duties", twice)["items"]] == ["G20", "G21"]
    problem(office.post("/api/v1/duties", json=twice | {"area_code": "G22"}), "valid_from", (409,))
    problem(office.post("/api/v1/duties", json=twice | {"area_code": "G22", "more": ["G99"]}), "area_code")
    assert {d["area"]["code"] for d in get(office, f"people/{code}")["duties"]} == {"G20", "G21"}


def test_a_person_moves_on_monday(office) -> None:
    code = somebody(office, duty=seat("G10"))["code"]
    (duty,) = get(office, f"people/{code}")["duties"]
    moved = post(office, f"duties/{duty['id']}/move", {"day": MONDAY.isoformat(), "area_code": "G11"})
    assert (moved["area"]["code"], moved["valid_from"]) == ("G11", MONDAY.isoformat())
    spans = [
        (d["area"]["code"], d["valid_from"], d["valid_to"]) for d in get(office, f"people/{code}")["duties"]
    ]
    assert spans == [
        ("G10", TODAY.isoformat(), MONDAY.isoformat()),
        ("G11", MONDAY.isoformat(), None),
    ]
    for day, place in ((MONDAY - timedelta(1), "G10"), (MONDAY, "G11")):
        held = get(office, "seats", post="grid_chief", vacant="false", day=day.isoformat())["items"]
        assert [s["area"]["code"] for s in held if s["holders"][0]["person"] == code] == [place]
    handed = post(
        office,
        f"duties/{moved['id']}/move",
        {"day": (MONDAY + timedelta(7)).isoformat(), "area_code": "G11", "person": "p2"},
    )
    assert handed["person"] == "p2"
    post(office, f"duties/{handed['id']}/end", {"day": (MONDAY + timedelta(8)).isoformat()}, 204)
    again = office.post(
        f"/api/v1/duties/{handed['id']}/end", json={"day": (MONDAY + timedelta(9)).isoformat()}
    )
    problem(again, "day", (409,))


def test_who_retires_loses_duties_account_and_session(office, hall) -> None:
    code = somebody(office, duty=seat("G12"))["code"]
    opened = post(office, "accounts", {"role": "member", "person": code})
    signed = sign_in(hall, opened["account"]["login"], opened["password"])
    assert signed.get("/api/v1/me").status_code == 200
    left = post(office, f"people/{code}/leave", {"day": TODAY.isoformat()}, 200)
    assert (left["duties"], left["accounts"]) == (1, [code.lower()])
    assert left["person"]["left_on"] == TODAY.isoformat()
    assert left["person"]["accounts"][0]["disabled"]
    eventually(lambda: signed.get("/api/v1/me").status_code == 401)
    assert code not in [p["code"] for p in get(office, "people", limit=1000)["items"]]
    assert code in [p["code"] for p in get(office, "people", limit=1000, gone="true")["items"]]
    enable = office.post(f"/api/v1/accounts/{opened['account']['id']}/enable")
    problem(enable, "person", (409,))
    assert post(office, f"people/{code}/return", status=200)["left_on"] is None


def sign_in(hall: Live, login: str, password: str) -> httpx.Client:
    client = hall.stranger()
    client.headers["origin"] = hall.url
    answer = client.post("/sign-in", data={"login": login, "password": password})
    assert answer.status_code == 303, answer.text
    assert "/sign-in" not in answer.headers["location"]
    return client


def test_accounts_and_their_secrets(office, chief, hall) -> None:
    opened = post(office, "accounts", {"role": "office", "login": "Clerk", "name": "示例科员"})
    assert opened["account"]["login"] == "clerk"
    id_ = opened["account"]["id"]
    signed = sign_in(hall, "clerk", opened["password"])
    (mine,) = [a for a in get(signed, "accounts", limit=1000)["items"] if a["own"]]
    assert mine["id"] == id_
    assert signed.post(f"/api/v1/accounts/{id_}/disable").status_code == 403
    listed = office.get("/api/v1/accounts?limit=1000")
    assert opened["password"] not in listed.text
    assert "no-store" in listed.headers["cache-control"]
    renewed = post(office, f"accounts/{id_}/password", status=200)
    eventually(lambda: signed.get("/api/v1/me").status_code == 401)
    sign_in(hall, "clerk", renewed["password"])
    assert post(office, f"accounts/{id_}/disable", status=200)["disabled"]
    assert not post(office, f"accounts/{id_}/enable", status=200)["disabled"]
    problem(office.post("/api/v1/accounts", json={"role": "office", "login": "CLERK"}), "login", (409,))
    problem(office.post("/api/v1/accounts", json={"role": "administrator", "login": "x1"}), "role", (403,))
    problem(office.post("/api/v1/accounts", json={"role": "member", "login": "x1"}), "person")
    king = post(chief, "accounts", {"role": "administrator", "login": "king"})["account"]
    for act in ("password", "disable"):
        assert office.post(f"/api/v1/accounts/{king['id']}/{act}").status_code == 403
    problem(chief.post(f"/api/v1/accounts/{king['id']}/disable"), "login", (409,))
    assert chief.post(f"/api/v1/accounts/{uuid4()}/disable").status_code == 404


def test_lists_are_paged_and_carry_no_names_in_addresses(office) -> None:
    for path in ("accounts", "people", "tokens"):
        whole = get(office, path, limit=1000)["items"]
        found, after = [], None
        while True:
            page = get(office, path, limit=1, **({"after": after} if after else {}))
            found += page["items"]
            if (after := page["next"]) is None:
                break
        assert found == whole
        assert len(found) > 1


def test_tokens(office, chief, hall) -> None:
    made = post(office, "tokens", {"name": " 无人机平台 ", "role": "office"})
    assert made["name"] == "无人机平台"
    with httpx.Client(base_url=hall.url, headers={"Authorization": f"Bearer {made['token']}"}) as machine:
        assert machine.get("/api/v1/me").status_code == 200
        listed = get(office, "tokens", limit=1000)["items"]
        (mine,) = [each for each in listed if each["name"] == made["name"]]
        assert made["token"] not in str(listed)
        problem(office.post("/api/v1/tokens", json={"name": "无人机平台", "role": "office"}), "name", (409,))
        post(office, f"tokens/{mine['id']}/revoke", status=204)
        eventually(lambda: machine.get("/api/v1/me").status_code == 401)
    problem(office.post("/api/v1/tokens", json={"name": "x", "role": "administrator"}), "role", (403,))
    post(chief, "tokens", {"name": "root", "role": "administrator"})
    (root,) = [each for each in get(office, "tokens", limit=1000)["items"] if each["name"] == "root"]
    assert office.post(f"/api/v1/tokens/{root['id']}/revoke").status_code == 403


def test_people_are_searched_by_a_body(office) -> None:
    def found(**wanted: object) -> list[str]:
        return [p["code"] for p in post(office, "people/search", wanted, 200)["items"]]

    assert found(text="示例乙") == ["p2"]
    assert found(text="0000-0003") == ["p3"]
    code = somebody(office, duty=seat("G23"))["code"]
    assert code in found(area_kind="community", area_code="C2")
    assert code not in found(area_kind="community", area_code="C0")
    assert found(text="新人", post="网格长", area_kind="grid", area_code="G23") == [code]
    assert code in [p["code"] for p in get(office, "people", code=code)["items"]]
    assert get(office, "people", code="示例乙")["items"] == []  # by name only in a body
    problem(office.post("/api/v1/people/search", json={"area_kind": "grid"}), "area_kind")
    problem(office.get("/api/v1/people", params={"name": "示例乙"}), "name")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": " "}, "name"),
        ({"name": "甲\n乙"}, "name"),
        ({"name": "甲", "phone": "晚上打"}, "phone"),
        ({"name": "甲", "code": "p1"}, "code"),
        ({"name": "甲", "left_on": "2026-01-01"}, "left_on"),
        ({"name": "甲", "duty": seat("G00") | {"valid_from": "soon"}}, "duty.valid_from"),
        ({"name": "甲", "duty": seat("G00") | {"post": "mayor"}}, "post"),
        ({"name": "甲", "duty": seat("G00") | {"area_kind": "building"}}, "area_kind"),
        ({"name": "甲", "duty": seat("G00") | {"party": "x"}}, "party"),
    ],
)
def test_a_wrong_person_names_its_field(office, body, field) -> None:
    problem(office.post("/api/v1/people", json=body), field, (409, 422))


def test_tables_go_out_and_come_in(office) -> None:
    for table in ("people", "duties", "parties"):
        for form in ("xlsx", "csv"):
            answer = office.get(
                "/api/v1/exports/people", params={"table": table, "format": form, "lang": "zh"}
            )
            assert answer.status_code == 200
            assert "attachment" in answer.headers["content-disposition"]
            assert answer.content == office.get(answer.request.url).content
            told = load(office, answer.content, table=table, format=form)
            assert (told["added"], told["changed"], told["refused"]) == (0, 0, []) or table == "parties"


def load(client: httpx.Client, body: bytes, status: int = 200, **query: object) -> dict:
    answer = client.post("/api/v1/imports/people", params=query, content=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_an_upload_is_tried_first(office) -> None:
    asked = {"table": "people", "format": "csv"}
    good = "编号,姓名,电话\nq1,示例壬,000-0000-0091\np1,示例甲,000-0000-0001\n".encode()
    told = load(office, good, **asked)
    assert {**told, "refused": []} == {
        "table": "people",
        "dry_run": True,
        "refused": [],
        "added": 1,
        "changed": 0,
        "unchanged": 1,
        "ended": 0,
    }
    assert office.get("/api/v1/people/q1").status_code == 404
    assert load(office, good, dry_run="false", **asked)["added"] == 1
    assert load(office, good, **asked)["unchanged"] == 2
    assert get(office, "people/q1")["changes"][0]["by"].startswith("token:")
    bad = "编号,姓名,电话\nq2,,\nq3,示例癸,晚上打\n".encode()
    told = load(office, bad, **asked)
    assert [(r["row"], r["field"]) for r in told["refused"]] == [(2, "name"), (3, "phone")]
    problem(office.post("/api/v1/imports/people", params={**asked, "dry_run": "false"}, content=bad), "file")
    assert office.get("/api/v1/people/q3").status_code == 404
    problem(office.post("/api/v1/imports/people", params=asked, content=b""), "file")
    problem(office.post("/api/v1/imports/people", params={**asked, "format": "exe"}, content=good), "format")
    assert load(office, b"x" * 70_000, 413, **asked)


def test_an_upload_retires_nobody_that_a_click_could_not(office, chief) -> None:
    king = somebody(office)["code"]
    post(chief, "accounts", {"role": "administrator", "login": f"king-{king}", "person": king})
    gone = f"编号,姓名,离任日期\n{king},示例新人,{TODAY}\n".encode()
    load(office, gone, 403, table="people", format="csv")
    assert get(office, f"people/{king}")["left_on"] is None


def test_others_find_nothing_here(hall) -> None:
    paths = [
        "/people",
        "/api/v1/people",
        "/api/v1/accounts",
        "/api/v1/tokens",
        "/api/v1/seats",
        "/api/v1/people/p1",
    ]
    with hall.client("member", "p3") as member, hall.stranger() as stranger:
        for path in paths:
            assert member.get(path).status_code == 404
            assert stranger.get(path).status_code == (401 if path.startswith("/api") else 303)
        assert member.post("/api/v1/people/search", json={"text": "示例"}).status_code == 404


def test_no_log_holds_a_name_or_number(office, hall, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    code = somebody(office, phone="000-0000-0777")["code"]
    post(office, "people/search", {"text": "000-0000-0777"}, 200)
    office.patch(f"/api/v1/people/{code}", json={"name": "示例保密人", "phone": "000-0000-0778"})
    office.post("/api/v1/people", json={"name": "示例保密人", "phone": "找 000-0000-0779"})
    database = hall.app.state.service.own
    with database.reading() as connection, pytest.raises(sqlalchemy.exc.DBAPIError) as caught:
        store.put_persons(connection, TOWN.code, [Person("z", "示例保密人", "000-0000-0779")], "t")
    assert "保密人" not in str(caught.value)
    assert not [word for word in ("保密人", "000-0000-077") if word in caplog.text]


def test_the_page_holds_nobodys_name(office) -> None:
    text = office.get("/people").text
    assert '<html lang="zh-CN">' in text
    assert not [name for name in NAMES if name in text]
    assert "People and duties" in office.get("/people?lang=en").text
    assert "onclick" not in text
