"""Several serving processes: one that is killed is replaced, all see what is stored, none is left over."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from uuid import uuid4

import httpx
import pytest

from gridmap.areas import store as areas
from gridmap.areas.model import NewArea
from gridmap.opening import open_gridmap
from gridmap.people import tokens
from gridmap.settings import Settings
from tests.faces.conftest import TOWN, square
from tests.lifecycle.running import Running, session_of, wait_until_gone, workers_of
from tests.signing_in import bearer

PATIENCE = 30


def eventually(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


@pytest.fixture
def two(ready_folder, start) -> Running:
    """A service with two workers, both at work."""
    service = start(ready_folder, GRIDMAP_WORKERS="2")
    service.wait_for(200)
    eventually(lambda: len(workers_of(service)) == 2)
    for pid in workers_of(service):
        with only(service, pid):
            eventually(lambda: service.health() == 200)
    return service


@contextmanager
def only(service: Running, pid: int) -> Iterator[None]:
    """Inside, only this worker runs, so it is the one that answers."""
    others = workers_of(service) - {pid}
    for other in others:
        os.kill(other, signal.SIGSTOP)
    try:
        yield
    finally:
        for other in others:
            os.kill(other, signal.SIGCONT)


def test_a_killed_worker_is_replaced_and_the_service_goes_on(two):
    killed, stays = sorted(workers_of(two))
    os.kill(killed, signal.SIGKILL)
    eventually(lambda: two.health() == 200)
    eventually(lambda: len(workers_of(two) - {killed}) == 2)
    (new,) = workers_of(two) - {killed, stays}
    with only(two, new):
        eventually(lambda: two.health() == 200)
    assert two.end() == 0
    out, err = two.process.communicate()
    assert out == f"gridmap: http://127.0.0.1:{two.port}/\n"
    assert "replaced" in err
    assert len(err.splitlines()) == 1
    eventually(lambda: not session_of(two))  # multiprocessing's own helper ends when it sees us gone
    assert wait_until_gone(two.data_dir) == {}


def load(service: Running, code: str, valid_from: date | None = None) -> None:
    """One grid over the whole town; the first makes the town as well."""
    with open_gridmap(Settings(data_dir=service.data_dir)) as database, database.writing() as connection:
        if valid_from is None:
            areas.add_jurisdiction(connection, TOWN)
        made = [NewArea(code, code, square(0, 0, 4, 3))]
        source = {"file_name": "x", "sha256": "1" * 64, "loaded_by": "tests"}
        areas.add_edition(connection, TOWN.code, "grid", made, **source, valid_from=valid_from)


def signed_in(service: Running) -> dict[str, str]:
    """The header of a new token."""
    with open_gridmap(Settings(data_dir=service.data_dir)) as database, database.writing() as connection:
        return bearer(tokens.create(connection, TOWN, f"tests {uuid4()}", "office", "tests"))


def grid(service: Running, headers: dict[str, str]) -> str | int:
    """Of a point in the town, or the status."""
    place = "lon=109.475&lat=36.605&datum=wgs84"
    answer = httpx.get(f"http://127.0.0.1:{service.port}/api/v1/locate?{place}", headers=headers)
    return answer.json()["grid"]["code"] if answer.status_code == 200 else answer.status_code


def test_an_edition_that_is_loaded_is_seen_by_every_worker(two):
    assert grid(two, {}) == 401
    for code, valid_from in (("A", None), ("B", TOWN.today())):
        load(two, code, valid_from)
        headers = signed_in(two)
        for pid in workers_of(two):
            with only(two, pid):
                eventually(lambda code=code, headers=headers: grid(two, headers) == code)


def test_a_report_that_one_worker_stored_is_known_to_the_other(two):
    load(two, "A")
    headers = signed_in(two)
    report = {
        "client_id": "one",
        "category": "matter-06011",
        "occurred_at": "2023-06-15T08:30:00+08:00",
        "location": {"lon": 109.475, "lat": 36.605, "datum": "wgs84"},
    }
    answers = []
    for pid in sorted(workers_of(two)):
        with only(two, pid):
            eventually(lambda: grid(two, headers) == "A")
            address = f"http://127.0.0.1:{two.port}/api/v1/reports"
            answers.append(httpx.post(address, json=report, headers=headers))
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json() == answers[1].json()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_all_of_them(two, number):
    assert two.end(number) == 0
    eventually(lambda: not session_of(two))  # multiprocessing's own helper ends when it sees us gone
    assert wait_until_gone(two.data_dir) == {}
    assert two.process.communicate()[1] == ""


def test_workers_do_not_outlive_who_looks_after_them(two):
    two.end(signal.SIGKILL)
    eventually(lambda: not session_of(two))
    assert wait_until_gone(two.data_dir) == {}


def test_what_fails_the_start_is_said_once_and_ends_all(fresh_folder, start):
    service = start(fresh_folder, GRIDMAP_WORKERS="2", GRIDMAP_PG_BINDIR="/nonexistent")
    out, err = service.process.communicate(timeout=60)
    assert service.process.returncode == 2
    assert out == ""
    assert err.startswith("gridmap: PostgreSQL with PostGIS was not found")
    assert "Traceback" not in err
    eventually(lambda: not session_of(service))
