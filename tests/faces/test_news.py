"""Kept answers are never old ones: several services on one database, a lost connection, one that hangs."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date

import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import NewArea
from gridmap.database.sessions import Database, make_engine
from gridmap.faces.keeping import news as module
from gridmap.faces.keeping.kept_answers import KeptAnswers
from gridmap.faces.keeping.news import EVERY, News, basis
from tests.faces.conftest import CATEGORIES, SIDE, SOUTH, TOWN, WEST, populated, serving, square

PATIENCE_SECONDS = 30  # until a change that is never heard of fails its test


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def rename(database: Database, name: str, valid_from: str) -> None:
    """A new edition of the compounds: one, of this name."""
    with database.writing() as connection:
        areas.add_edition(
            connection,
            TOWN.code,
            "compound",
            [NewArea("P1", name, square(0.2, 0.2, 0.4, 0.4))],
            file_name="compound.geojson",
            sha256="1" * 64,
            loaded_by="tests",
            valid_from=date.fromisoformat(valid_from),
        )


TILE = "/api/v1/tiles/areas/compound/13/6586/3199.mvt"
ASKED = [TILE, "/api/v1/areas?kind=compound", "/api/v1/areas/compound/P1"]


@pytest.fixture
def two(make_settings) -> Iterator[tuple]:
    """Two services on one database, each with answers that it has given before."""
    settings = populated(make_settings)
    with (
        serving(settings) as one,
        serving(settings) as other,
        one.client() as first,
        other.client() as second,
    ):
        for client in (first, second):
            for path in ASKED:
                assert "南苑" in client.get(path).text
        yield one, other, first, second


def test_an_edition_stored_by_one_service_is_shown_by_the_other(two):
    one, _, first, second = two
    tags = {path: second.get(path).headers["etag"] for path in ASKED}
    rename(one.app.state.service.own, "新南苑", "2024-01-01")
    for client in (first, second):
        for path in ASKED:
            until(lambda: "新南苑" in client.get(path).text)  # noqa: B023
            assert client.get(path, headers={"If-None-Match": tags[path]}).status_code == 200
    assert {path: first.get(path).headers["etag"] for path in ASKED} == {
        path: second.get(path).headers["etag"] for path in ASKED
    }
    assert "新南苑" not in first.get(TILE, params={"day": "2023-12-31"}).text


def test_a_report_posted_to_one_service_is_shown_by_the_other(two):
    _, _, first, second = two
    tiles = [f"/api/v1/tiles/reports/{tile}.mvt" for tile in ("13/6586/3199", "15/26347/12799")]
    before = {path: second.get(path).content for path in tiles}
    for path in tiles:
        assert second.get(path).content == before[path]
    body = {
        "client_id": "new",
        "category": CATEGORIES[0],
        "occurred_at": "2023-06-15T08:30:00+08:00",
        "location": {"lon": WEST + 0.2 * SIDE, "lat": SOUTH + 0.2 * SIDE, "datum": "wgs84"},
    }
    assert first.post("/api/v1/reports", json=body).status_code == 201
    for path in tiles:
        until(lambda: second.get(path).content != before[path])  # noqa: B023
        until(lambda: first.get(path).content == second.get(path).content)  # noqa: B023


def test_while_nothing_can_be_heard_answers_are_made_anew(two):
    """The notice of this edition is lost with the connection; the old tile is not given for that."""
    one, other, _, second = two
    service = other.app.state.service
    with one.app.state.service.own.writing() as connection:
        connection.execute(
            sa.text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    until(lambda: service.area_news.stamp(EVERY) is None)
    rename(one.app.state.service.own, "新南苑", "2024-01-01")
    for path in ASKED:
        # a pooled connection of this last second may be the first to find that it is dead
        until(lambda: second.get(path).status_code != 503)  # noqa: B023
        assert "新南苑" in second.get(path).text
    until(lambda: service.area_news.stamp(EVERY) is not None)
    rename(one.app.state.service.own, "再新南苑", "2024-02-01")
    until(lambda: "再新南苑" in second.get(TILE).text)


def test_kept_answers_are_given_without_a_route(two, monkeypatch):
    """An answer that is kept is found before the application behind it is asked."""
    *_, second = two
    reached = []
    find = KeptAnswers.__call__

    async def watched(self, scope, receive, send):
        async def behind(*message):
            reached.append(scope["path"])
            await self.app(*message)

        await find(KeptAnswers(behind, self.kept), scope, receive, send)

    monkeypatch.setattr(KeptAnswers, "__call__", watched)
    for path in ASKED:
        assert second.get(path).status_code == 200
    assert second.get(TILE, params={"day": "2023-06-15"}).status_code == 200
    assert reached == [TILE]


@contextmanager
def following(url: str, channel: str) -> Iterator[News]:
    engine = make_engine(f"{url}&application_name=ear")
    news, stop = News(engine, channel), threading.Event()
    thread = threading.Thread(target=news.follow, args=(stop,))
    thread.start()
    try:
        until(lambda: news.stamp(EVERY) is not None)
        yield news
    finally:
        stop.set()
        thread.join()
        engine.dispose()


def test_stamps_change_with_their_jurisdiction_alone(database):
    url = database.settings.database_url
    with following(url, "rumours") as news:
        here, there, every = basis((news, "here")), basis((news, "there")), basis((news, EVERY))
        with database.writing() as connection:
            connection.execute(
                sa.text("SELECT pg_notify('rumours', 'here'), pg_notify('elsewhere', 'there')")
            )
        until(lambda: not here.holds())
        assert not every.holds()
        assert there.holds()


def test_a_connection_that_hangs_is_not_trusted(database, monkeypatch):
    """Its process is stopped, so it neither breaks nor tells anything."""
    monkeypatch.setattr(module, "TRUSTED_SECONDS", 3.0)
    with following(database.settings.database_url, "rumours") as news:
        before = basis((news, EVERY))
        with database.reading() as connection:
            pid = connection.scalar(
                sa.text("SELECT pid FROM pg_stat_activity WHERE application_name = 'ear'")
            )
        os.kill(pid, signal.SIGSTOP)
        try:
            with database.writing() as connection:
                connection.execute(sa.text("SELECT pg_notify('rumours', 'here')"))
            until(lambda: news.stamp(EVERY) is None)
        finally:
            os.kill(pid, signal.SIGCONT)
        until(lambda: news.stamp(EVERY) is not None)
        assert not before.holds()


def test_todays_answer_ends_with_the_day():
    on, made_from = basis().on(None, TOWN)
    assert on == TOWN.today()
    assert made_from.holds()
    assert 0 < made_from.until - time.time() <= 86_400
    assert basis().on(date(2023, 6, 1), TOWN) == (date(2023, 6, 1), basis())
