"""The life of a service: not ready, ready, without its database, failed, refreshed, ended."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from gridmap import demonstration
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.errors import DatabaseUnavailable
from gridmap.faces import service as service_module
from gridmap.faces.keeping.atlases import Atlases
from gridmap.opening import open_gridmap
from gridmap.people import store as people
from gridmap.people.model import Person
from gridmap.settings import Settings
from gridmap.works import intake as works
from gridmap.works.model import NewWork
from tests.faces.conftest import TOWN, populated, serving, square
from tests.faces.test_writing import report

PATIENCE = 20  # seconds until something that happens within one is given up


def eventually(condition) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.05)


def test_not_ready_until_the_database_is_open(make_settings, monkeypatch):
    go_on, ready = threading.Event(), threading.Event()

    @contextmanager
    def slowly(settings):
        go_on.wait()
        with open_gridmap(settings) as database:
            yield database

    monkeypatch.setattr(service_module, "open_gridmap", slowly)
    settings = make_settings(demonstration=False)
    with serving(settings, wait=False, on_ready=ready.set) as live, live.stranger() as client:
        health = client.get("/healthz")
        assert health.status_code == 503
        assert health.json() == {"status": "starting", "step": "opening the database"}
        api = client.get("/api/v1/areas")
        assert api.status_code == 503
        assert api.json()["type"] == "/problems/not-ready"
        assert int(api.headers["retry-after"]) > 0
        page = client.get("/")
        assert page.status_code == 503
        assert "正在启动" in page.text
        assert not ready.is_set()
        go_on.set()
        eventually(lambda: client.get("/healthz").status_code == 200)
        assert client.get("/healthz").json() == {"status": "ok"}
        assert ready.wait(PATIENCE)
        assert client.get("/api/v1/jurisdictions").status_code == 401


def test_a_failed_start_is_told_and_stays_not_ready(tmp_path):
    failures = []
    settings = Settings(database_url="postgresql:///none?host=/nowhere", data_dir=tmp_path)
    with serving(settings, wait=False, on_failure=failures.append) as live, live.stranger() as client:
        eventually(lambda: failures)
        assert isinstance(failures[0], DatabaseUnavailable)
        assert client.get("/healthz").status_code == 503
        assert client.get("/api/v1/areas").status_code == 503


def test_an_empty_service_says_what_to_do(make_settings):
    with serving(make_settings(demonstration=False)) as live, live.stranger() as client:
        assert "gridmap init" in client.get("/").text
        assert client.get("/sign-in").status_code == 200


def edition(database, jurisdiction, code, valid_from=None):
    with database.writing() as connection:
        areas.add_edition(
            connection,
            jurisdiction.code,
            "grid",
            [NewArea(code, code, square(0, 0, 4, 3))],
            file_name="x",
            sha256="1" * 64,
            loaded_by="tests",
            valid_from=valid_from,
        )


def test_what_another_process_stores_is_seen(database):
    """A jurisdiction, an edition, a second jurisdiction; and once more after the connection was cut."""
    settings = database.settings.model_copy(update={"demonstration": False})
    with database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
    with serving(settings) as live, live.client() as client, live.stranger() as stranger:

        def located(**more):
            answer = client.get(
                "/api/v1/locate", params={"lon": 109.475, "lat": 36.605, "datum": "wgs84", **more}
            )
            return answer.json()["grid"]["code"] if answer.status_code == 200 else answer.status_code

        assert located() == 422  # there, but without areas
        edition(database, TOWN, "A")
        eventually(lambda: located() == "A")
        with database.writing() as connection:
            mine = sa.func.pg_backend_pid()
            cut = sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> :mine"
            )
            connection.execute(cut, {"mine": connection.scalar(sa.select(mine))})
        edition(database, TOWN, "B", TOWN.today())
        eventually(lambda: located() == "B")
        assert located(day="2020-01-01") == "A"
        other = Jurisdiction("other", "别处")
        with database.writing() as connection:
            areas.add_jurisdiction(connection, other)
        eventually(lambda: "other" in stranger.get("/").text)  # now it must be chosen
        assert "town" in stranger.get("/").text
        assert located() == located(jurisdiction="town") == "B"
        assert located(jurisdiction="other") == located(jurisdiction="none") == 404
        assert "?jurisdiction=other" not in client.get("/").text


def test_without_its_database_it_says_so(cluster, make_settings):
    settings = populated(make_settings)
    name = sa.make_url(settings.database_url).database
    with serving(settings) as live, live.client() as client:
        assert client.get("/api/v1/jurisdictions").status_code == 200
        cluster.drop_database(name)
        health = client.get("/healthz")
        assert health.status_code == 503
        answer = client.get("/api/v1/jurisdictions")
        assert answer.status_code == 503
        assert answer.json()["type"] == "/problems/database-unavailable"
        assert int(answer.headers["retry-after"]) > 0
        assert str(name) not in answer.text


def test_ending_leaves_no_thread(make_settings):
    before = {thread.name for thread in threading.enumerate()}
    with serving(make_settings(demonstration=False)):
        assert "listening" in {thread.name for thread in threading.enumerate()}
    left = {thread.name for thread in threading.enumerate()} - before
    assert not left & {"starting", "listening"}
    assert not any(name.startswith(("group-commit", "probe")) for name in left)


@pytest.mark.parametrize("at", ["opening", "ready"])
def test_ending_early_closes_the_database(make_settings, monkeypatch, at):
    closed, opening, go_on = threading.Event(), threading.Event(), threading.Event()

    @contextmanager
    def watched(settings):
        opening.set()
        if at == "opening":
            go_on.wait(1)
        with open_gridmap(settings) as database:
            yield database
        closed.set()

    monkeypatch.setattr(service_module, "open_gridmap", watched)
    with serving(make_settings(demonstration=False), wait=at == "ready"):
        assert opening.wait(PATIENCE)
    assert closed.is_set()


def test_the_demonstration_is_loaded_once_and_only_into_an_empty_database(database, monkeypatch):
    """And taken up again where a first start was killed; its last file is the works; people came later."""
    loads = []

    def load(database, say):
        say("something")
        loads.append(database.settings)
        if len(loads) == 1:  # killed after the first step
            with database.writing() as connection:
                areas.add_jurisdiction(connection, demonstration.JURISDICTION)
        elif len(loads) == 2:  # as it was before there were people
            with database.writing() as connection:
                work = NewWork("inspection", Decimal(1), date(2023, 6, 15), client_id="last")
                works.record(connection, demonstration.JURISDICTION, [work])
        else:
            with database.writing() as connection:
                people.put_persons(connection, demonstration.JURISDICTION.code, [Person("p", "示例甲")], "t")

    monkeypatch.setattr(demonstration, "load", load)
    for expected in (1, 2, 3, 3):
        with serving(database.settings):
            assert len(loads) == expected


def own_grids(database, jurisdiction):
    edition(database, jurisdiction, "A")


@pytest.mark.parametrize("fill", [lambda *_: None, own_grids], ids=["empty", "own grids"])
@pytest.mark.parametrize(
    "own",
    [
        TOWN,
        replace(demonstration.JURISDICTION, illustrative=False),
        Jurisdiction(demonstration.JURISDICTION.code, "真街道"),
    ],
    ids=["another code", "its code", "its code, another name"],
)
def test_a_district_of_ones_own_gets_no_demonstration(database, monkeypatch, own, fill):
    monkeypatch.setattr(demonstration, "load", lambda *_: pytest.fail("loaded"))
    with database.writing() as connection:
        areas.add_jurisdiction(connection, own)
    fill(database, own)
    with serving(database.settings) as live, live.client() as client:
        assert [j["code"] for j in client.get("/api/v1/jurisdictions").json()["items"]] == [own.code]


def test_own_grids_under_the_demonstrations_name_are_left_alone(database, monkeypatch):
    monkeypatch.setattr(demonstration, "load", lambda *_: pytest.fail("loaded"))
    with database.writing() as connection:
        areas.add_jurisdiction(connection, demonstration.JURISDICTION)
    own_grids(database, demonstration.JURISDICTION)
    with serving(database.settings):
        pass


def test_a_start_that_fails_is_raised_where_readiness_is_awaited(tmp_path):
    settings = Settings(database_url="postgresql:///none?host=/nowhere", data_dir=tmp_path)
    with pytest.raises(DatabaseUnavailable), serving(settings):
        pytest.fail("it cannot become ready")


def test_the_first_request_finds_its_indexes_built(town):
    """Those of the grids with their edges, which the distances of every answer need."""
    with open_gridmap(town.app.state.service.settings) as database:  # of its own: no request built anything
        atlases = Atlases(database)
        atlases.refresh()
    atlas = atlases.choose(None).atlas
    for kind, sheets in atlas.sheets.items():
        for sheet in sheets:
            assert "locator" in vars(sheet)
            assert kind != "grid" or sheet.locator._edges is not None
    assert atlas.parents


@pytest.mark.parametrize("request_", ["report", "work", "read", "health"])
def test_the_end_does_not_wait_for_a_lock(make_settings, request_, monkeypatch):
    """Somebody holds a table; `serving` fails when the service and its threads do not end all the same."""
    monkeypatch.setattr("gridmap.database.sessions.LOCK_TIMEOUT", "10min")
    monkeypatch.setattr("gridmap.faces.group_commit.DRAIN_SECONDS", 0.2)
    settings = populated(make_settings)
    before = set(threading.enumerate())
    asker = ThreadPoolExecutor(1)
    with open_gridmap(settings) as other, other.writing() as connection:
        with serving(settings) as live:
            tables = {"report": "report_key", "work": "work", "read": "place", "health": "jurisdiction"}
            client = live.client()
            connection.execute(sa.text(f"LOCK TABLE {tables[request_]} IN ACCESS EXCLUSIVE MODE"))
            asking = asker.submit(ask, client, request_)
            eventually(lambda: waiting_for_locks(other))
        assert asking.result(PATIENCE) == 503
        asker.shutdown()
        eventually(lambda: not set(threading.enumerate()) - before)


def ask(client, what):
    """Status of a request that needs the locked table."""
    work = {"client_id": "locked", "kind": "advert_removed", "quantity": 3, "occurred_on": "2023-06-15"}
    with client:
        if what == "report":
            return client.post("/api/v1/reports", json=report()).status_code
        if what == "work":
            return client.post("/api/v1/works", json=work).status_code
        return client.get("/healthz" if what == "health" else "/api/v1/places").status_code


def waiting_for_locks(database):
    """Asked in a new transaction: within one, PostgreSQL repeats what it first said of the others."""
    waiting = sa.text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    with database.reading() as connection:
        return connection.scalar(waiting)
