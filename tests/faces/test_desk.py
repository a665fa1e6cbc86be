"""The desk over HTTP: the inbox and its filters, a case's page, one move for many, news, corrections."""

from __future__ import annotations

import html
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
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
from gridmap.settings import Settings
from tests.cases.conftest import INSIDE, MEMBER, send, settle
from tests.faces.conftest import Live, serving
from tests.pages import faults
from tests.signing_in import bearer, token

OWNER = Jurisdiction("test", "测试街道", "Test", illustrative=True)
CATEGORIES = ["matter-06010"] * 3 + ["matter-09009"] * 3 + ["matter-06027", "local-dispute", "matter-06027"]
SQUAD, MARKET = "p4", "p5"  # somebody of either party, whose sight is the subdistrict


@pytest.fixture(scope="module")
def live(make_settings, tmp_path_factory) -> Iterator[Live]:
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
        settle(connection, OWNER, tmp_path_factory.mktemp("district"))
        for person, name, party in ((SQUAD, "示例队员", "squad"), (MARKET, "示例所员", "market")):
            people.put_persons(connection, OWNER.code, [Person(person, name, None)], "test")
            duty = NewDuty(person, "department_officer", "subdistrict", "s", party, date(2023, 1, 1))
            duties.begin(connection, OWNER, duty, "test")
        references = send(connection, OWNER, settings, *CATEGORIES)
        start = datetime.now(UTC) - timedelta(days=30)
        collect(connection, OWNER, [[r] for r in references], MEMBER, at=start)
    with serving(settings) as live:
        yield live


@pytest.fixture
def client(live: Live) -> Iterator[httpx.Client]:
    with live.client() as client:
        yield client


@pytest.fixture
def squad(live: Live) -> Iterator[httpx.Client]:
    with live.client("department", SQUAD) as client:
        yield client


@pytest.fixture
def market(live: Live) -> Iterator[httpx.Client]:
    with live.client("department", MARKET) as client:
        yield client


def listed(client: httpx.Client, **params) -> list[dict]:
    answer = client.get("/api/v1/cases", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def step(client: httpx.Client, case: str, name: str, **body) -> dict:
    answer = client.post(f"/api/v1/cases/{case}/moves", json={"move": name, "reason": "因为"} | body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def many(client: httpx.Client, name: str, cases: list[dict], **body) -> httpx.Response:
    seen = [{"id": case["id"], "seq": case["seq"]} for case in cases]
    return client.post("/api/v1/cases/moves", json={"move": name, "reason": "", "cases": seen} | body)


def rows(text: str) -> list[str]:
    return re.findall(r'<tr id="case-([0-9a-f-]+)"', text)


def numbers(text: str) -> dict[str, int]:
    found = re.findall(r'data-key="(\w+)"[^>]*>(?:[^<]*)<b>(\d+)</b>', text)
    return {key: int(number) for key, number in found}


def desk(client: httpx.Client, **params) -> str:
    answer = client.get("/desk", params=params)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize(
    "params",
    [
        {"state": "live", "sort": "due"},
        {"state": "collected", "sort": "due"},
        {"category": "matter-09009", "state": "live", "sort": "-opened_at"},
        {"grid": "g1", "state": "live", "sort": "opened_at"},
        {"community": "c1", "state": "live", "sort": "-changed_at"},
        {"overdue": "true", "state": "live", "sort": "due"},
        {"supervised": "true", "sort": "-opened_at"},
        {"recipient": "mine", "state": "live", "sort": "due"},
        {"recipient": "party:squad", "sort": "-changed_at"},
        {"state": "ended", "sort": "-changed_at"},
        {"month": "2020-01", "sort": "-opened_at"},
    ],
    ids=str,
)
def test_the_page_lists_what_the_interface_lists(squad, params) -> None:
    assert rows(desk(squad, **params)) == [case["id"] for case in listed(squad, **params)]


def test_without_a_filter_the_most_urgent_come_first(client) -> None:
    plain = desk(client)
    assert rows(plain) == [case["id"] for case in listed(client, state="live", sort="due")]
    assert rows(plain)
    counted = numbers(plain)
    live_cases = listed(client, state="live")
    assert counted["live"] == len(live_cases)
    assert counted["overdue"] == sum(case["overdue"] for case in live_cases)
    assert counted["collected"] == sum(case["state"] == "collected" for case in live_cases)
    # a form without a script sends what was left empty too; a shared link carries what others hang onto it
    empty = desk(client, category="", community="", grid="", recipient="", month="", sort="", state="live")
    assert rows(empty) == rows(plain)
    assert rows(desk(client, **{"from": "singlemessage", "isappinstalled": "0"})) == rows(plain)


@pytest.mark.parametrize(
    "params", [{"state": "happy"}, {"sort": "x"}, {"category": "x"}, {"overdue": "1"}, {"after": "x"}]
)
def test_a_slip_in_the_address_is_told_on_a_page(client, params) -> None:
    answer = client.get("/desk", params=params)
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("text/html")


def test_what_is_due_is_of_live_cases(client) -> None:
    for params in ({"sort": "due"}, {"sort": "due", "state": "closed"}):
        answer = client.get("/api/v1/cases", params=params)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "sort")
        assert client.get("/desk", params=params).status_code == 200  # there another order is taken
    page = client.get("/api/v1/cases", params={"sort": "due", "state": "live", "limit": 3}).json()
    rest = client.get(
        "/api/v1/cases", params={"sort": "due", "state": "live", "limit": 100, "after": page["next"]}
    ).json()
    everything = listed(client, sort="due", state="live")
    assert page["items"] + rest["items"] == everything


def test_one_move_for_many_each_on_its_own(client) -> None:
    chosen = listed(client, category="matter-06010", sort="opened_at")
    step(client, chosen[0]["id"], "supervise")  # somebody else was faster
    answer = many(client, "file", chosen)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert [each["id"] for each in said["items"]] == [case["id"] for case in chosen]
    assert [each["moved"] for each in said["items"]] == [False, True, True]
    assert said["moved"] == 2
    refused = said["items"][0]["problem"]
    assert (refused["status"], refused["errors"][0]["field"]) == (409, "seq")
    assert "has been moved since" in refused["detail"]
    assert said["items"][1]["case"]["state"] == "filed"
    states = {case["id"]: case["state"] for case in listed(client, category="matter-06010")}
    assert states == dict(zip((c["id"] for c in chosen), ("collected", "filed", "filed"), strict=True))


def test_whom_the_rules_would_send_many_to(client, live) -> None:
    cases = listed(client, category="matter-09009")
    for case in cases:
        step(client, case["id"], "file")
    ids = [case["id"] for case in cases]
    found = client.get("/api/v1/routes", params={"cases": ",".join([*ids, str(uuid4())])}).json()["items"]
    assert [each["id"] for each in found[:-1]] == ids
    assert found[-1]["problem"]["status"] == 404
    for each in found[:-1]:
        (proposed,) = each["recipients"]
        assert (proposed["recipient"], proposed["name"]) == ("party:squad", "城管执法中队")
    assert {case["seq"] for case in listed(client, category="matter-09009")} == {2}, "nothing was moved"
    sent = many(client, "dispatch", listed(client, category="matter-09009")).json()
    assert sent["moved"] == 3
    assert {tuple(each["case"]["waiting_for"]) for each in sent["items"]} == {("party:squad",)}


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"cases": []}, 422, "cases"),
        ({"cases": [{"id": str(uuid4())}] * 2}, 422, "cases"),
        ({"cases": [{"id": "x"}]}, 422, "cases[0].id"),
        ({"cases": [{"id": str(uuid4())} for _ in range(101)]}, 422, "cases"),
        ({"cases": [{"id": str(uuid4()), "colour": "red"}]}, 422, "cases.0.colour"),
    ],
    ids=["none", "twice", "no id", "too many", "unknown"],
)
def test_bad_lists_are_refused_whole(client, body, status, field) -> None:
    answer = client.post("/api/v1/cases/moves", json={"move": "file", "reason": ""} | body)
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["field"] == field


def test_what_is_refused_of_many_says_why(client) -> None:
    case = listed(client, category="local-dispute")[0]
    for move, status in (("fly", 422), ("close", 409), ("refuse", 422), ("merge", 422)):
        answer = many(client, move, [{"id": str(uuid4()), "seq": None}, case])
        assert answer.status_code == 200
        unknown, refused = answer.json()["items"]
        assert unknown["problem"]["status"] in (404, 422)
        assert (refused["moved"], refused["problem"]["status"]) == (False, status)
        assert refused["problem"]["detail"]
    assert listed(client, category="local-dispute")[0]["seq"] == case["seq"]


def test_a_case_goes_its_way_on_its_page(client, squad, live) -> None:
    case = listed(client, category="matter-06027", state="collected")[0]["id"]
    assert in_hand(client, case) == "街道网格中心"
    step(client, case, "file")
    page = client.get(f"/cases/{case}").text
    assert in_hand(client, case) == "街道网格中心"
    assert acts(page) >= {"dispatch", "supervise", "suspend", "void", "merge"}
    assert 'data-seq="2"' in page
    sent = step(client, case, "dispatch")
    assert sorted(sent["waiting_for"]) == ["party:market", "party:squad"]  # 双报告
    page = squad.get(f"/cases/{case}").text
    assert acts(page) == {"acknowledge", "return"}
    assert "市场监管所" in page
    assert page.count("未接收") == 2
    assert [whose for what, whose in clocks(page) if what == "接收"] == ["市场监管所", "城管执法中队"]
    step(squad, case, "acknowledge")
    assert in_hand(client, case) == "市场监管所、城管执法中队"
    step(squad, case, "answer", details={"finding": "done"}, reason="已清洗烟道")
    assert in_hand(client, case) == "市场监管所"
    market = client.post(f"/api/v1/cases/{case}/moves", json={"move": "answer", "reason": "x", "details": {}})
    assert market.status_code == 403
    page = squad.get(f"/cases/{case}").text
    assert "已清洗烟道" in page
    assert "示例队员" in page, "who did it is told by name"
    assert acts(page) == set()
    english = squad.get(f"/cases/{case}", params={"lang": "en"}).text
    assert "What can be done" in english
    assert '<html lang="en">' in english


def test_findings_that_differ_are_shown(client, squad, live, market) -> None:
    """双报告: the desk has to settle it before somebody checks the case."""
    case = listed(client, category="matter-06027", state="collected")[0]["id"]
    for name in ("file", "dispatch"):
        step(client, case, name)
    for party, finding in ((squad, "done"), (market, "not_found")):
        assert not client.get(f"/api/v1/cases/{case}").json()["disagreement"]
        step(party, case, "acknowledge")
        step(party, case, "answer", details={"finding": finding})
    assert client.get(f"/api/v1/cases/{case}").json()["disagreement"]
    page = client.get(f"/cases/{case}").text
    assert "结论不一致" in page
    assert "请先弄清" in page
    assert "结论不一致" in desk(client, state="answered")
    assert in_hand(client, case) == "街道网格中心"
    step(client, case, "check")
    step(client, case, "close")
    assert in_hand(client, case) == ""


def in_hand(client: httpx.Client, case: str) -> str:
    """Whose turn it is, as the case's page says."""
    found = re.search("现在由谁办：<b>([^<]+)</b>", client.get(f"/cases/{case}").text)
    return found[1] if found else ""


def clocks(text: str) -> list[tuple[str, str]]:
    """(milestone, whose) of a page's clocks."""
    return re.findall(r'<th scope="row">([^< ]+)(?: <small>([^<]+)</small>)?</th>', text)


def acts(text: str) -> set[str]:
    """The moves that a page offers, but for the correction."""
    return set(re.findall(r'<form data-move="(\w+)"', text))


def test_forms_are_those_that_the_table_allows(client, live) -> None:
    case = listed(client, category="local-dispute")[0]["id"]
    office = client.get(f"/cases/{case}").text
    assert acts(office) == {"file", "refuse", "supervise", "void", "merge"}
    assert "不公开案件" in office
    assert "data-correct" in office
    with live.client("community", "p3") as community:
        page = community.get(f"/cases/{case}")
        if page.status_code == 200:  # whoever sees it, sees what they may do
            assert acts(page.text) <= {"file", "refuse", "self_handle", "merge", "supervise", "void"}


@pytest.mark.parametrize("id_", ["0190a5c0-7c3e-7a51-9f5e-3d2b1c4a5e6f", "none", "1", "%3Cscript%3E"])
def test_a_case_that_is_not_there_is_the_ordinary_page(client, id_) -> None:
    answer = client.get(f"/cases/{id_}")
    assert answer.status_code == 404
    assert "没有这个页面或数据" in answer.text
    assert "<script>" not in answer.text


def test_a_correction_goes_back_to_be_dispatched(client) -> None:
    case = listed(client, category="matter-09009", sort="opened_at")[0]
    assert case["state"] == "dispatched"
    whole = client.get(f"/api/v1/cases/{case['id']}").json()
    (report,) = whole["reports"]
    address = f"/api/v1/reports/{report}/corrections"
    for body, field in (
        ({"reason": "核对"}, "location"),
        ({"reason": " ", "category": "matter-06011"}, "reason"),
        ({"reason": "核对", "category": "x"}, "category"),
        ({"reason": "核对", "location": {"lon": 36.6, "lat": 109.4, "datum": "wgs84"}}, "location.lat"),
    ):
        answer = client.post(address, json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), answer.text
    body = {"reason": "现场核对", "category": "matter-06011"}
    done = client.post(address, json=body)
    assert done.status_code == 201, done.text
    assert (done.json()["number"], done.json()["changed"]) == (1, ["category"])
    after = client.get(f"/api/v1/cases/{case['id']}").json()
    assert (after["category"], after["state"]) == ("matter-06011", "filed")
    moved = {"lon": INSIDE[0] + 0.002, "lat": INSIDE[1], "datum": "wgs84"}  # into the grid beside
    there = client.post(address, json={"reason": "挪到实处", "location": moved}).json()
    assert there["report"]["placement"]["grid"]["code"] == "g2"
    assert client.post(f"/api/v1/reports/{uuid4()}/corrections", json=body).status_code == 404


def heard(client: httpx.Client, until, seconds: float = 20) -> list[str]:
    """Lines of the stream of changes until `until` is satisfied by them."""
    lines: list[str] = []
    deadline = time.monotonic() + seconds
    with client.stream("GET", "/desk/changes", headers={"Accept": "text/event-stream"}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for line in stream.iter_lines():
            lines.append(line)
            if until(lines):
                return lines
            assert time.monotonic() < deadline, lines
    raise AssertionError(f"the stream ended after {lines}")


def signed_in(settings: Settings, url: str) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=30, headers=bearer(token(settings)))


def changed(lines: list[str]) -> int:
    return lines.count("event: changed")


def test_a_move_is_heard_of_by_who_follows(client, live) -> None:
    first = threading.Event()

    def later() -> None:
        first.wait(20)
        with live.client() as own:
            step(own, listed(own, category="local-dispute")[0]["id"], "supervise")

    mover = threading.Thread(target=later)
    mover.start()

    def until(lines: list[str]) -> bool:
        if changed(lines) == 1:
            first.set()
        return changed(lines) == 2

    heard(client, until)
    mover.join()


def test_a_stream_holds_no_connection_and_ends_with_its_reader(live) -> None:
    pool = live.app.state.service.database.engine.pool
    clients = [live.client() for _ in range(12)]
    streams = [
        each.stream("GET", "/desk/changes", headers={"Accept": "text/event-stream"}) for each in clients
    ]
    for stream in streams:
        assert next(stream.__enter__().iter_lines()).startswith("retry:")
    assert pool.checkedout() == 0
    with live.client() as client:  # and no thread: forty streams would stop all that come after
        assert client.get("/api/v1/cases").status_code == 200
    for stream, client in zip(streams, clients, strict=True):
        stream.__exit__(None, None, None)
        client.close()


def test_who_does_not_follow_is_told_once(client) -> None:
    answer = client.get("/desk/changes", headers={"Accept": "*/*"})
    assert changed(answer.text.splitlines()) == 1


def test_a_stream_ends_at_once_with_the_service(make_settings, live_service) -> None:
    """The service gives requests three seconds to end; a stream needs none of them."""
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
    ended: list[float] = []

    def read(lines: Iterator[str]) -> None:
        for _ in lines:
            pass
        ended.append(time.monotonic())

    with ExitStack() as after:  # the reader stays until the service has ended
        with live_service(settings) as url:
            client = after.enter_context(signed_in(settings, url))
            headers = {"Accept": "text/event-stream"}
            stream = after.enter_context(client.stream("GET", "/desk/changes", headers=headers))
            lines = stream.iter_lines()
            assert next(lines).startswith("retry:")
            reader = threading.Thread(target=read, args=(lines,))
            reader.start()
            started = time.monotonic()
        reader.join(10)
        assert ended, "the stream was not ended"
        assert ended[0] - started < 2.5


def test_text_of_reports_is_text(live, client) -> None:
    nasty = "</td><script>alert(1)</script>{{7*7}}`${1}`"
    report = {
        "category": "matter-08004",
        "occurred_at": "2023-12-01T09:00:00+08:00",
        "client_id": f"nasty-{uuid4()}",
        "description": nasty,
        "location": {"lon": INSIDE[0], "lat": INSIDE[1], "datum": "wgs84"},
    }
    assert client.post("/api/v1/reports", json=report).status_code == 201
    (case,) = listed(client, category="matter-08004")
    for address in ("/desk?category=matter-08004&state=live", f"/cases/{case['id']}"):
        answer = client.get(address)
        assert html.escape(nasty, quote=False) in answer.text
        assert "<script>alert" not in answer.text
        assert faults(answer.headers, answer.text) == []
