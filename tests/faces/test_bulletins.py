"""The bulletin over HTTP: asked for, made in the background, published, found again, cancelled."""

from __future__ import annotations

import hashlib
import io
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive import store
from gridmap.database import tables as t
from gridmap.faces.background import JOBS
from gridmap.jobs import bulletins
from gridmap.jobs.bulletins import ask_what_is_due
from gridmap.opening import open_gridmap
from gridmap.reports import intake
from tests.faces.conftest import TOWN, Live, draft, populated, serving
from tests.faces.test_bad_input import problem
from tests.signing_in import bearer, token

EXPORT = "/api/v1/exports/bulletin"
PATIENCE = 120  # a bulletin takes some seconds of a quiet machine


@pytest.fixture(scope="module")
def press(make_settings) -> Iterator[Live]:
    """A town for these tests alone."""
    with serving(populated(make_settings)) as live:
        yield live


@pytest.fixture
def client(press: Live) -> Iterator[httpx.Client]:
    with press.client() as client:
        yield client


def ended(client: httpx.Client, job: dict, meanwhile: Callable[[], object] = lambda: None) -> dict:
    """The job once it has ended."""
    deadline = time.monotonic() + PATIENCE
    seen = []
    while (now := client.get(job["href"]).json())["state"] in ("waiting", "running", "cancelling"):
        assert time.monotonic() < deadline, seen
        seen.append((now["step"], now["doing"]))
        meanwhile()
        time.sleep(0.1)
    return now


@pytest.fixture(scope="module")
def waited() -> list[float]:
    """Seconds that the service took to answer `locate` while the first bulletin was made."""
    return []


@pytest.fixture(scope="module")
def may(press: Live, waited: list[float]) -> dict:
    """The job of the first bulletin, asked for by a plain GET, when it is done."""
    with press.client() as client:
        answer = client.get(EXPORT, params={"month": "2023-05"})
        assert answer.status_code == 202
        job = answer.json()
        assert answer.headers["location"] == job["href"]
        assert (job["state"], job["asked"]) == ("waiting", {"month": "2023-05", "lang": "zh"})
        again = client.post(EXPORT, params={"month": "2023-05"})
        assert again.json()["id"] == job["id"], "who asks for the same gets the same"

        def locate() -> None:
            begun = time.monotonic()
            assert client.get("/api/v1/locate?lon=109.475&lat=36.605&datum=wgs84").status_code == 200
            waited.append(time.monotonic() - begun)

        return ended(client, job, locate)


def test_it_is_made_in_the_background_and_published(client, may) -> None:
    assert (may["state"], may["error"], may["new"]) == ("done", None, True)
    assert may["step"] == may["steps"] == 13
    answer = client.get(may["result"])
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/zip"
    assert 'filename="bulletin-town-2023-05.zip"' in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        files = {name: packed.read(name) for name in packed.namelist()}
    assert list(files)[-1] == "manifest.json"
    told = client.get(EXPORT, params={"month": "2023-05", "file": "json"}).json()
    assert {each["name"]: each["sha256"] for each in told["files"]} == {
        name: hashlib.sha256(body).hexdigest() for name, body in files.items() if name != "manifest.json"
    }
    assert answer.content == client.get(EXPORT, params={"month": "2023-05"}).content


@pytest.mark.parametrize(
    ("file", "media_type", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("html", "text/html", b"<!DOCTYPE html>"),
        ("bulletin-town-2023-05.xlsx", "application/vnd.openxml", b"PK"),
        ("gpkg", "application/geopackage+sqlite3", b"SQLite format 3"),
        ("manifest.json", "application/json", b"{"),
    ],
)
def test_one_file_comes_as_it_is(client, may, file, media_type, begins) -> None:
    answer = client.get(EXPORT, params={"month": "2023-05", "file": file})
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(media_type)
    assert answer.content.startswith(begins)


def test_what_there_is_not_is_said(client, may) -> None:
    for month in ("2023-13", "2023-6", "", "2023-05-01"):
        problem(client.get(EXPORT, params={"month": month}), "month")
        problem(client.post(EXPORT, params={"month": month}), "month")
    assert "has not begun" in problem(client.get(EXPORT, params={"month": "2099-01"}), "month")["detail"]
    problem(client.get(EXPORT, params={"month": "2023-05", "file": "doc"}), "file", (404,))
    problem(client.get(EXPORT, params={"month": "2023-05", "number": "7"}), "number", (404,))
    problem(client.get(EXPORT, params={"month": "2023-05", "number": "one"}), "number")
    problem(client.get(EXPORT, params={"month": "2023-05", "lang": "fr"}), "lang")
    for wrong in (str(uuid4()), "none"):
        problem(client.get(f"/api/v1/jobs/{wrong}"), "id", (404,))
        problem(client.delete(f"/api/v1/jobs/{wrong}"), "id", (404,))


def test_without_grids_there_is_none(press, client) -> None:
    with press.app.state.service.own.writing() as connection:
        areas.add_jurisdiction(connection, Jurisdiction("bare", "空街道"))
    of_bare = bearer(token(press.settings, jurisdiction="bare"))
    answer = client.get(EXPORT, params={"month": "2023-05"}, headers=of_bare)
    assert "no grids" in problem(answer, "month", (404,))["detail"]


def test_cancelling_ends_it_and_publishes_nothing(client, press, may) -> None:
    job = client.post(EXPORT, params={"month": "2023-07", "jurisdiction": "town"}).json()
    deadline = time.monotonic() + PATIENCE
    while client.get(job["href"]).json()["step"] < 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    begun = time.monotonic()
    answer = client.delete(job["href"])
    assert (answer.status_code, answer.json()["state"]) == (202, "cancelling")
    assert ended(client, job)["state"] == "cancelled"
    assert time.monotonic() - begun < 5
    assert client.get(job["href"]).json()["result"] is None
    with press.app.state.service.own.reading() as connection:
        assert {each.month.month for each in store.bulletins(connection, "town")} == {5}
    assert client.delete(job["href"]).status_code == 409


def test_the_service_answers_while_one_is_drawn(may, waited) -> None:
    assert len(waited) > 10
    assert max(waited) < 1


def test_last_months_is_asked_for_on_the_first_and_only_once(make_settings) -> None:
    assert ask_what_is_due in [job.work for job in JOBS]
    with open_gridmap(populated(make_settings)) as database:
        last_minute = datetime(2023, 5, 31, 15, 59, tzinfo=UTC)  # 23:59 in China
        assert ask_what_is_due(database, last_minute) == []
        (job,) = ask_what_is_due(database, datetime(2023, 5, 31, 16, 0, tzinfo=UTC))
        assert (job.jurisdiction, job.asked) == ("town", {"month": "2023-05", "lang": "zh"})
        assert job.asked_by == bulletins.BY_ITSELF
        assert ask_what_is_due(database, datetime(2023, 6, 2, tzinfo=UTC)) == [], "it is waiting"
        (late,) = ask_what_is_due(database, datetime(2023, 7, 19, tzinfo=UTC))  # off on the first
        assert late.asked["month"] == "2023-06"
        assert ask_what_is_due(database, datetime(2023, 12, 1, tzinfo=UTC)) == [], "nothing was reported"


def test_what_is_published_is_not_due(make_settings, may, press) -> None:
    database = press.app.state.service.own
    assert ask_what_is_due(database, datetime(2023, 6, 1, tzinfo=UTC)) == []


def test_changed_data_make_another_number_and_the_first_stays(client, press, may) -> None:
    first = client.get(may["result"]).content
    database = press.app.state.service.own
    (outcome,) = intake.record(database, TOWN, [replace(draft(1), client_id="late")])
    assert outcome.status == "created"
    changed = ended(client, client.post(EXPORT, params={"month": "2023-05", "jurisdiction": "town"}).json())
    assert (changed["new"], changed["result"][-1]) == (True, "2")
    assert client.get(may["result"]).content == first
    assert client.get(changed["result"]).content != first
    with database.writing() as connection, pytest.raises(sa.exc.IntegrityError, match="rows are kept"):
        connection.execute(t.bulletin_file.delete())
