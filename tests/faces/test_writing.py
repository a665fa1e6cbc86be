"""Sending reports and work records: 201, 200, 409, races, and what the group commit promises."""

from __future__ import annotations

import asyncio
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy import exc

from gridmap.errors import BadInput, NotReady
from gridmap.faces.group_commit import GroupCommit, Overloaded
from gridmap.faces.shapes import wire
from gridmap.reports.model import Outcome
from tests.faces.conftest import TOWN, draft


def report(**changes: object) -> dict:
    return {
        "client_id": f"test-{uuid.uuid4()}",
        "category": "matter-06011",
        "description": "小区北门外有积存垃圾\n第二行",
        "occurred_at": "2023-06-15T08:30:00+08:00",
        "location": {"lon": 109.4643, "lat": 36.6041, "datum": "wgs84", "accuracy_m": 12},
    } | changes


def test_created_known_conflict(sender):
    body = report()
    first = sender.post("/api/v1/reports", json=body)
    assert first.status_code == 201
    wire.Created.model_validate_json(first.content)
    assert first.json()["placement"]["grid"] == {"code": "G00", "name": "第00网格"}
    assert first.json()["placement"]["candidates"][0]["code"] == "G00"
    assert first.headers["location"] == f"/api/v1/reports/{first.json()['id']}"

    again = sender.post("/api/v1/reports", json=body)
    assert (again.status_code, again.json()) == (200, first.json())

    other = sender.post("/api/v1/reports", json=body | {"description": "别的"})
    assert other.status_code == 409
    assert other.json()["errors"][0]["field"] == "client_id"

    stored = sender.get(first.headers["location"]).json()
    assert stored["description"] == body["description"]
    assert stored["location"] == body["location"]
    assert stored["occurred_at"] == body["occurred_at"]


def test_the_same_moment_in_another_zone_is_the_same_body(sender):
    body = report()
    assert sender.post("/api/v1/reports", json=body).status_code == 201
    body["occurred_at"] = "2023-06-15T00:30:00Z"
    assert sender.post("/api/v1/reports", json=body).status_code == 200


def test_a_name_instead_of_a_coordinate(sender):
    body = report(named_area="南苑")
    del body["location"]
    answer = sender.post("/api/v1/reports", json=body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["placement"]["method"] == "named"
    assert answer.json()["placement"]["compound"] == {"code": "P1", "name": "南苑"}


def test_without_a_client_id_the_content_is_the_identity(sender):
    body = report(description=f"无编号 {uuid.uuid4()}")
    del body["client_id"]
    first, second = (sender.post("/api/v1/reports", json=body) for _ in range(2))
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]


def test_a_race_for_one_client_id_has_one_winner(busy):
    """Twenty senders at once, half of them with another body."""
    bodies = [report(client_id=f"race-{uuid.uuid4()}")]
    bodies.append(bodies[0] | {"description": "另一个"})

    def send(number: int) -> tuple[int, str | None]:
        with busy.client() as sender:
            answer = sender.post("/api/v1/reports", json=bodies[number % 2])
            return answer.status_code, answer.json().get("id")

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(send, range(20)))
    statuses = sorted(status for status, _ in answers)
    assert statuses == [200] * 9 + [201] + [409] * 10
    assert len({id_ for status, id_ in answers if status != 409}) == 1


def test_many_at_once_are_all_stored_and_each_gets_its_own_answer(busy):
    """Good ones and bad ones share batches; the bad ones fail alone."""
    prefix = f"many-{uuid.uuid4()}-"

    def send(number: int) -> tuple[int, str]:
        grid = number % 12
        location = {"lon": 109.465 + grid % 4 * 0.01, "lat": 36.605 + grid // 4 * 0.01, "datum": "wgs84"}
        category = "matter-99999" if number % 5 == 0 else "matter-06011"
        body = report(client_id=f"{prefix}{number}", location=location, category=category)
        with busy.client() as sender:
            answer = sender.post("/api/v1/reports", json=body)
        placed = answer.json().get("placement")
        return answer.status_code, placed["grid"]["code"] if placed else ""

    with ThreadPoolExecutor(24) as pool:
        answers = list(pool.map(send, range(120)))
    for number, answer in enumerate(answers):
        expected = (422, "") if number % 5 == 0 else (201, f"G{number % 12 // 4}{number % 4}")
        assert answer == expected
    with busy.client() as sender:
        listed = sender.get("/api/v1/reports", params={"month": "2023-06", "limit": 1000}).json()["items"]
    assert sum(item["client_id"].startswith(prefix) for item in listed) == 96


def test_works(sender):
    linked = sender.post("/api/v1/reports", json=(sent := report())).json()["id"]
    body = {
        "client_id": f"work-{uuid.uuid4()}",
        "kind": "rubbish_hauled",
        "quantity": 2.5,
        "unit": "t",
        "occurred_on": "2023-06-16",
        "place_name": "北门",
        "location": {"lon": 109.4643, "lat": 36.6041, "datum": "wgs84"},
        "note": "=1+1",
        "report_ids": [linked],
    }
    first = sender.post("/api/v1/works", json=body)
    assert first.status_code == 201, first.text
    again = sender.post("/api/v1/works", json=body)
    assert (again.status_code, again.json()) == (200, first.json())
    by_client_id = sender.post("/api/v1/works", json=body | {"report_ids": [sent["client_id"]]})
    assert (by_client_id.status_code, by_client_id.json()) == (200, first.json())
    assert sender.post("/api/v1/works", json=body | {"quantity": 3}).status_code == 409

    listed = sender.get("/api/v1/works", params={"kind": "rubbish_hauled", "month": "2023-06"})
    wire.WorkList.model_validate_json(listed.content)
    item = next(i for i in listed.json()["items"] if i["client_id"] == body["client_id"])
    assert item["id"] == first.json()["id"]
    assert (item["quantity"], item["unit"], item["report_ids"]) == (2.5, "t", [linked])
    assert item["grid"] == {"code": "G00", "name": "第00网格"}
    assert sender.get(first.headers["location"]).json() == item
    assert sender.get("/api/v1/works", params={"grid": "G11", "month": "2023-06"}).json()["items"] == []


def gathered(record, count=10, **options):
    """The outcomes (or errors) of `count` reports submitted to a GroupCommit at once."""

    async def run():
        group = GroupCommit(record, **options)
        results = await asyncio.gather(
            *(group.submit(TOWN, draft(number)) for number in range(count)), return_exceptions=True
        )
        await group.close()
        return results

    return asyncio.run(run())


def created(jurisdiction, drafts):
    return [Outcome("created", uuid.uuid5(uuid.NAMESPACE_OID, d.client_id)) for d in drafts]


def test_what_waits_goes_together():
    sizes = []

    def record(jurisdiction, drafts):
        sizes.append(len(drafts))
        return created(jurisdiction, drafts)

    outcomes = gathered(record, 10, largest_batch=4)
    assert sizes == [4, 4, 2]
    assert [o.report_id for o in outcomes] == [
        o.report_id for o in created(TOWN, [draft(n) for n in range(10)])
    ]


def test_a_poisoned_report_fails_alone():
    def record(jurisdiction, drafts):
        if any(d.client_id == "town-6" for d in drafts):
            raise ValueError("poison")
        return created(jurisdiction, drafts)

    outcomes = gathered(record)
    assert [isinstance(o, ValueError) for o in outcomes] == [n == 6 for n in range(10)]


class Said(Exception):
    """A driver's error with its SQLSTATE."""

    def __init__(self, sqlstate=None):
        super().__init__(sqlstate)
        self.sqlstate = sqlstate


def of_server(sqlstate=None):
    return exc.OperationalError("INSERT", {}, Said(sqlstate))


POOL, BROKEN = exc.TimeoutError("QueuePool"), exc.InterfaceError("INSERT", {}, Said())


@pytest.mark.parametrize(
    ("error", "attempts"),
    [
        *((error, 1) for error in (POOL, BROKEN, of_server(), of_server("55P03"), of_server("57014"))),
        *((error, 2) for error in (of_server("40P01"), of_server("40001"))),
    ],
    ids=str,
)
def test_what_concerns_all_is_not_tried_in_halves(error, attempts):
    calls = []

    def record(jurisdiction, drafts):
        calls.append(len(drafts))
        raise error

    outcomes = gathered(record, 100)
    assert calls == [100] * attempts
    assert outcomes == [error] * 100


def test_what_comes_to_concern_all_ends_the_halving():
    calls = []

    def record(jurisdiction, drafts):
        calls.append(len(drafts))
        if len(drafts) > 25:
            raise ValueError("poison")
        if len(calls) > 3:
            raise POOL
        return created(jurisdiction, drafts)

    outcomes = gathered(record, 100)
    assert calls == [100, 50, 25, 25]
    assert [getattr(o, "status", o) for o in outcomes] == ["created"] * 25 + [POOL] * 75


@pytest.mark.parametrize("sqlstate", ["40P01", "40001"])
def test_a_lost_race_is_run_again(sqlstate):
    calls = []

    def record(jurisdiction, drafts):
        calls.append(len(drafts))
        if len(calls) == 1:
            raise of_server(sqlstate)
        return created(jurisdiction, drafts)

    assert {o.status for o in gathered(record, 10)} == {"created"}
    assert calls == [10, 10]


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (POOL, "busy"),
        (of_server("55P03"), "busy"),
        (of_server("57014"), "busy"),
        (of_server("40P01"), "others are writing"),
        (of_server("40001"), "others are writing"),
        (of_server(), "does not answer"),
        (BROKEN, "does not answer"),
    ],
    ids=str,
)
def test_what_the_database_says_is_told_truly(busy, sender, monkeypatch, error, says):
    def record(jurisdiction, drafts):
        raise error

    monkeypatch.setattr(busy.app.state.service.reports, "_record", record)
    answer = sender.post("/api/v1/reports", json=report())
    assert answer.status_code == 503
    assert says in answer.json()["detail"]
    assert int(answer.headers["retry-after"]) > 0


def test_a_lock_that_is_held_too_long_is_told(busy, sender, monkeypatch):
    """And the same report again is stored once the lock is gone."""
    monkeypatch.setattr("gridmap.database.sessions.LOCK_TIMEOUT", "50ms")
    body = report()
    with busy.app.state.service.own.writing() as connection:
        connection.execute(sa.text("LOCK TABLE report_key IN ACCESS EXCLUSIVE MODE"))
        answer = sender.post("/api/v1/reports", json=body)
    assert (answer.status_code, answer.json()["title"]) == (503, "Too much at once")
    assert "busy" in answer.json()["detail"]
    assert sender.post("/api/v1/reports", json=body).status_code == 201


def test_what_cannot_be_recorded_in_time_is_answered_at_the_end():
    """The batch under way and those that wait; nobody is left without an answer."""

    async def run():
        stuck = threading.Event()

        def record(jurisdiction, drafts):
            stuck.wait()
            return created(jurisdiction, drafts)

        group = GroupCommit(record, largest_batch=2, drain_seconds=0.05)
        waiting = [asyncio.create_task(group.submit(TOWN, draft(n))) for n in range(5)]
        await asyncio.sleep(0.05)
        try:
            await asyncio.wait_for(group.close(), 20)
            return await asyncio.gather(*waiting, return_exceptions=True)
        finally:
            stuck.set()

    assert [type(result) for result in asyncio.run(run())] == [NotReady] * 5


def test_a_full_queue_refuses_and_a_closed_one_too():
    async def run():
        blocked = threading.Event()

        def record(jurisdiction, drafts):
            blocked.wait()
            return created(jurisdiction, drafts)

        group = GroupCommit(record, largest_batch=1, capacity=2)
        waiting = [asyncio.create_task(group.submit(TOWN, draft(0)))]
        await asyncio.sleep(0.05)  # the first is being recorded, two may wait
        waiting += [asyncio.create_task(group.submit(TOWN, draft(n))) for n in (1, 2)]
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await group.submit(TOWN, draft(3))
        closing = asyncio.create_task(group.close())
        await asyncio.sleep(0)
        with pytest.raises(NotReady):
            await group.submit(TOWN, draft(4))
        blocked.set()
        await closing
        return [task.result().status for task in waiting]

    assert asyncio.run(run()) == ["created"] * 3


def test_a_caller_that_left_does_not_stop_the_others():
    async def run():
        group = GroupCommit(created)
        left = asyncio.create_task(group.submit(TOWN, draft(0)))
        await asyncio.sleep(0)
        left.cancel()
        outcome = await group.submit(TOWN, draft(1))
        await group.close()
        return outcome

    assert asyncio.run(run()).status == "created"


def test_refusals_of_the_domain_come_through():
    error = BadInput("no", field="category")
    assert gathered(lambda j, drafts: [Outcome("refused", error=error) for _ in drafts], 1)[0].error is error


def test_a_full_queue_answers_503(busy, sender, monkeypatch):
    monkeypatch.setattr(busy.app.state.service.reports, "_capacity", 0)
    answer = sender.post("/api/v1/reports", json=report())
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
