"""Cases and duties over HTTP, on a service with a district of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.intake import collect
from gridmap.opening import open_gridmap
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Person
from tests.cases.conftest import INSIDE, MEMBER, SEEN, send, settle
from tests.faces.conftest import Live, serving
from tests.signing_in import bearer, token

OWNER = Jurisdiction("test", "测试街道", "Test", illustrative=True)
OFFICE, GRID_MEMBER = ("office", None), ("member", "p2")
CHIEF, SQUAD_MAN = ("member", "p1"), ("department", "p4")
HANDLERS = {"party:squad": SQUAD_MAN, "post:grid_chief@grid:g1": CHIEF}


@pytest.fixture(scope="module")
def live(make_settings, tmp_path_factory) -> Iterator[Live]:
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
        settle(connection, OWNER, tmp_path_factory.mktemp("district"))
        people.put_persons(connection, OWNER.code, [Person("p4", "示例p4", "000-0000-0004")], "test")
        post = NewDuty("p4", "department_officer", "subdistrict", "s", "squad", date(2023, 1, 1))
        duties.begin(connection, OWNER, post, "test")
        references = send(connection, OWNER, settings, *["matter-06010"] * 3, "matter-09001", "local-dispute")
        start = datetime.now(UTC) - timedelta(days=30)
        collect(connection, OWNER, [[r] for r in references], MEMBER, at=start)
    with serving(settings) as live:
        yield live


@pytest.fixture
def client(live: Live) -> Iterator[httpx.Client]:
    with live.client() as client:
        yield client


def listed(client: httpx.Client, **params) -> list[dict]:
    answer = client.get("/api/v1/cases", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def step(live: Live, case: str, name: str, who: tuple[str, str | None], **body) -> httpx.Response:
    """A move by (role, person)."""
    with live.client(*who) as client:
        return client.post(f"/api/v1/cases/{case}/moves", json={"move": name, "reason": "因为"} | body)


def test_a_case_goes_its_way(client, live) -> None:
    case = listed(client, category="matter-09001")[0]["id"]
    assert step(live, case, "file", OFFICE).status_code == 201
    sent = step(live, case, "dispatch", OFFICE)  # a stall goes to the squad or, off hours, to the chief
    (recipient,) = sent.json()["waiting_for"]
    handler = HANDLERS[recipient]
    assert step(live, case, "acknowledge", handler, seq=3).status_code == 201
    late = step(live, case, "answer", handler, seq=3, details={"finding": "done"})
    assert (late.status_code, late.json()["errors"][0]["field"]) == (409, "seq")
    answered = step(live, case, "answer", handler, details={"finding": "done"}).json()
    assert answered["state"] == "answered"
    with live.client() as again:  # the same person, but by another token and with another role
        again.headers.update(bearer(token(live.settings, "community", person=handler[1])))
        own = again.post(f"/api/v1/cases/{case}/moves", json={"move": "check"})
    assert own.status_code == 403
    assert own.headers["content-type"] == "application/problem+json"
    assert step(live, case, "check", GRID_MEMBER).status_code == 201
    assert step(live, case, "close", OFFICE).json()["state"] == "closed"
    whole = client.get(f"/api/v1/cases/{case}").json()
    assert [m["move"] for m in whole["history"]] == [
        *("collect", "file", "dispatch", "acknowledge", "answer", "check", "close")
    ]
    assert [n["kind"] for n in whole["notices"]] == ["collected", "filed", "closed"]
    assert whole["tasks"][0]["finding"] == "done"
    assert whole["next"] is None
    assert not whole["overdue"]


def test_what_is_late_is_found(client, live) -> None:
    late = listed(client, overdue="true", category="matter-06010")
    assert late
    assert all(case["overdue"] and case["next"]["milestone"] == "file" for case in late)
    fresh = late[0]["id"]
    assert step(live, fresh, "file", OFFICE).status_code == 201
    assert fresh in {case["id"] for case in listed(client, overdue="false")}
    assert fresh not in {case["id"] for case in listed(client, overdue="true")}


def test_lists_are_filtered_and_paged(client) -> None:
    everything = listed(client)
    assert {c["id"] for c in listed(client, grid="g1")} == {c["id"] for c in everything}
    assert listed(client, grid="g2") == []
    assert {c["state"] for c in listed(client, state="live")}.isdisjoint({"closed", "voided"})
    assert [c["private"] for c in listed(client, category="local-dispute")] == [True]
    seen, after = [], None
    while True:
        params = {"limit": 2, "sort": "opened_at"} | ({"after": after} if after else {})
        page = client.get("/api/v1/cases", params=params).json()
        seen += [case["id"] for case in page["items"]]
        if (after := page["next"]) is None:
            break
    assert sorted(seen) == sorted(c["id"] for c in everything)
    other = client.get("/api/v1/cases", params={"after": page["next"] or "x", "sort": "-changed_at"})
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"state": "happy"}, "state"),
        ({"sort": "category"}, "sort"),
        ({"category": "x"}, "category"),
        ({"overdue": "1"}, "overdue"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_a_list_refuses(client, params, field) -> None:
    answer = client.get("/api/v1/cases", params=params)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize("id_", ["0190a5c0-7c3e-7a51-9f5e-3d2b1c4a5e6f", "none", "1"])
def test_a_case_that_is_not_there(client, live, id_) -> None:
    assert client.get(f"/api/v1/cases/{id_}").status_code == 404
    assert step(live, id_, "file", OFFICE).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"move": "fly"}, 422, "move"),
        ({"move": "close"}, 409, "move"),
        ({"move": "refuse", "reason": " "}, 422, "reason"),
        ({"move": "refuse", "reason": "\x00"}, 422, "reason"),
        ({"move": "refuse", "details": {"weight": 1.5}}, 422, "details"),
        ({"move": "merge", "details": {"into": "x"}}, 422, "into"),
        ({"move": "merge", "details": {"into": str(uuid4())}}, 404, "id"),
        ({"move": "refuse", "actor": {"name": "x", "roles": ["office"]}}, 422, "actor"),
        ({"move": "refuse", "colour": "red"}, 422, "colour"),
        ({"move": "collect"}, 422, "move"),
    ],
)
def test_moves_that_are_refused(client, live, body, status, field) -> None:
    case = listed(client, category="local-dispute")[0]
    answer = step(live, case["id"], body["move"], OFFICE, **body)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert client.get(f"/api/v1/cases/{case['id']}").json()["seq"] == case["seq"]


def test_a_report_of_some_categories_is_a_case_at_once(client) -> None:
    report = {
        "category": "matter-08004",
        "occurred_at": SEEN.isoformat(),
        "client_id": "dust-1",
        "location": {"lon": INSIDE[0], "lat": INSIDE[1], "datum": "wgs84"},
    }
    first = client.post("/api/v1/reports", json=report)
    assert first.status_code == 201
    assert client.post("/api/v1/reports", json=report).status_code == 200
    (case,) = listed(client, category="matter-08004")
    whole = client.get(f"/api/v1/cases/{case['id']}").json()
    assert whole["reports"] == [first.json()["id"]]
    assert whole["history"][0]["actor"] == "system:intake"


def test_of_many_at_once_one_moves_a_case(client, live) -> None:
    case = listed(client, category="local-dispute")[0]

    def try_(number: int) -> int:
        return step(live, case["id"], "file", OFFICE, seq=case["seq"]).status_code

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(try_, range(8)))
    assert codes == [201] + [409] * 7
    assert len(client.get(f"/api/v1/cases/{case['id']}").json()["history"]) == case["seq"] + 1


def test_duties(client) -> None:
    everybody = client.get("/api/v1/duties").json()["items"]
    assert [(d["area_kind"], d["post"]) for d in everybody] == [
        ("community", "community_officer"),
        ("grid", "grid_chief"),
        ("grid", "grid_member"),
        ("subdistrict", "department_officer"),
        ("subdistrict", "office"),
    ]
    assert everybody[1]["name"]
    (one,) = client.get("/api/v1/duties", params={"post": "grid_chief"}).json()["items"]
    assert one["person"] == "p1"
    assert client.get("/api/v1/duties", params={"day": "2022-12-31"}).json()["items"] == []
    assert client.get("/api/v1/duties", params={"area_kind": "grid"}).status_code == 422
    assert client.get("/api/v1/duties", params={"post": "king"}).status_code == 422
    page = client.get("/api/v1/duties", params={"limit": 3}).json()
    rest = client.get("/api/v1/duties", params={"limit": 3, "after": page["next"]}).json()
    assert page["items"] + rest["items"] == everybody
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("who", "move", "status"),
    [
        (("member", "p2"), "void", 403),
        (("department", "p4"), "void", 403),
        (("administrator", None), "void", 403),  # who keeps the accounts handles no cases
        (("member", "p2"), "fly", 422),
    ],
)
def test_moves_are_for_those_whose_they_are(client, live, who, move, status) -> None:
    case = listed(client, category="matter-06010")[0]
    assert step(live, case["id"], move, who).status_code == status


def test_whoever_does_not_see_a_case_is_told_no_more(client, live) -> None:
    case = listed(client, category="local-dispute")[0]  # private, and no task of theirs
    assert step(live, case["id"], "void", ("member", "p2")).status_code == 404


def test_who_moved_is_who_asked(client, live) -> None:
    case = listed(client, category="matter-06010", state="collected")[0]["id"]
    moved = step(live, case, "self_handle", ("member", "p2"))
    assert moved.status_code == 201, moved.text
    assert moved.json()["history"][-1]["actor"] == "p2"
    assert step(live, case, "check", ("member", "p2")).status_code == 403
    sent_back = step(live, case, "send_back", OFFICE).json()["history"][-1]["actor"]
    assert sent_back.startswith("token:tests ")
