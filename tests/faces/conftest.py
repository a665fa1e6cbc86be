"""A miniature district behind a live service: twelve square grids, so that every answer is known by hand.

Grids are 0.01° squares from (109.46, 36.60): column 0..3 eastwards, row 0..2 northwards; a row is a
community. Grid code: G<row><column>.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import httpx
import pytest
import shapely
import uvicorn
from fastapi import FastAPI
from sqlalchemy.dialects.postgresql import Range

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.faces.app import create_app
from gridmap.opening import open_gridmap
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.settings import Settings
from tests.signing_in import bearer, token

WEST, SOUTH, SIDE = 109.46, 36.60, 0.01
TOWN = Jurisdiction("town", "试验街道", "Testing Town", illustrative=True)
CATEGORIES = ("matter-06011", "matter-09001", "local-teastall")
REPORTS = 90
BODY_LIMIT = 64 * 1024
START_SECONDS, END_SECONDS = 60, 60  # until a service that hangs fails its test


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + width * SIDE, south + height * SIDE)


def populate(database: Database, jurisdiction: Jurisdiction = TOWN) -> None:
    """Areas, places and REPORTS reports of May to July 2023."""
    grids = [
        NewArea(f"G{row}{column}", f"第{row}{column}网格", square(column, row), f"C{row}")
        for row in range(3)
        for column in range(4)
    ]
    kinds = {
        "subdistrict": [NewArea("S", "试验街道", square(0, 0, 4, 3))],
        "community": [NewArea(f"C{row}", f"第{row}社区", square(0, row, 4), "S") for row in range(3)],
        "grid": grids,
        "compound": [
            NewArea("P1", "南苑", square(0.2, 0.2, 0.4, 0.4), "C0", {"households": 320}),
            NewArea("P2", "北苑", square(1.6, 1.2, 0.8, 0.4), "C1"),
        ],
        "building": [NewArea("P1-1", "1号楼", square(0.3, 0.3, 0.05, 0.05), "P1", {"floors": 18})],
    }
    with database.writing() as connection:
        areas.add_jurisdiction(connection, jurisdiction)
        for kind, members in kinds.items():
            areas.add_edition(
                connection,
                jurisdiction.code,
                kind,
                members,
                file_name=f"{kind}.geojson",
                sha256="0" * 64,
                loaded_by="tests",
                valid_from=None,
            )
        connection.execute(t.place.insert(), [place_row(jurisdiction, *row) for row in PLACES])
    outcomes = intake.record(database, jurisdiction, [draft(number) for number in range(REPORTS)])
    assert {outcome.status for outcome in outcomes} == {"created"}


PLACES = [
    ("morning_market", "M1", "东早市", 0.5, 0.5, 40, "Mo-Su 06:00-09:30"),
    ("night_market", "N1", "西夜市", 1.5, 0.5, 60, "Mo-Su 18:00-23:00"),
    ("parking", "K1", "一号停车场", 0.5, 1.5, 120, None),
    ("parking", "K2", "二号停车场", 2.5, 1.5, 80, None),
    ("service_hall", "H1", "便民服务大厅", 2.5, 2.5, None, "Mo-Fr 09:00-17:00"),
]


def place_row(jurisdiction, kind, code, name, column, row, capacity, hours):
    return {
        "jurisdiction": jurisdiction.code,
        "kind": kind,
        "code": code,
        "name": name,
        "geom": shapely.Point(WEST + column * SIDE, SOUTH + row * SIDE),
        "capacity": capacity,
        "opening_hours": hours,
        "valid": Range(None, None),
    }


def draft(number: int) -> NewReport:
    """Report `number`: hour by hour eight times a day from 1 May 2023, its grid and category in turn."""
    grid = number % 12
    return NewReport(
        category=CATEGORIES[number % 3],
        description=f"第{number}件",
        occurred_at=datetime(2023, 5, 1, 1, tzinfo=UTC) + timedelta(days=number, minutes=number),
        client_id=f"town-{number}",
        lon=WEST + (grid % 4 + 0.5) * SIDE,
        lat=SOUTH + (grid // 4 + 0.5) * SIDE,
        datum="wgs84",
    )


@dataclass(frozen=True)
class Live:
    """A service that is up, the database behind it, and where it is."""

    app: FastAPI
    url: str
    tokens: dict[str, str] = field(default_factory=dict)  # by role and person

    @property
    def settings(self) -> Settings:
        return self.app.state.service.settings

    def client(self, role: str = "office", person: str | None = None) -> httpx.Client:
        """Somebody who has signed in, by a token of the first jurisdiction."""
        key = f"{role} {person}"
        if key not in self.tokens:
            self.tokens[key] = token(self.settings, role, person=person)
        return httpx.Client(base_url=self.url, timeout=30, headers=bearer(self.tokens[key]))

    def stranger(self) -> httpx.Client:
        """Somebody who has not."""
        return httpx.Client(base_url=self.url, timeout=30)


@contextmanager
def serving(
    settings: Settings,
    *,
    wait: bool = True,
    on_ready: Callable[[], None] = lambda: None,
    on_failure: Callable[[BaseException], None] = lambda error: None,
) -> Iterator[Live]:
    """uvicorn on a free loopback port, ended on leaving. `wait`: ready first, or the failure raised."""
    failures: list[BaseException] = []

    def failed(error: BaseException) -> None:
        failures.append(error)
        on_failure(error)

    app = create_app(settings, on_ready=on_ready, on_failure=failed)
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", lifespan="on", timeout_graceful_shutdown=3)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    live = Live(app, f"http://127.0.0.1:{listener.getsockname()[1]}")
    try:
        with live.stranger() as client:
            deadline = time.monotonic() + START_SECONDS
            while wait and client.get("/healthz").status_code != 200:
                if failures:
                    raise failures[0]
                assert time.monotonic() < deadline, f"still {app.state.service.step}"
                time.sleep(0.05)
        yield live
    finally:
        server.should_exit = True
        thread.join(END_SECONDS)
        assert not thread.is_alive(), "the service does not end"


def populated(make_settings) -> Settings:
    settings = make_settings(demonstration=False, body_limit=BODY_LIMIT)
    with open_gridmap(settings) as database:
        populate(database)
    return settings


@pytest.fixture(scope="session")
def town(make_settings) -> Iterator[Live]:
    """A service that tests only read from."""
    with serving(populated(make_settings)) as live:
        yield live


@pytest.fixture
def client(town: Live) -> Iterator[httpx.Client]:
    with town.client() as client:
        yield client


@pytest.fixture(scope="session")
def busy(make_settings) -> Iterator[Live]:
    """Another town, for tests that write."""
    with serving(populated(make_settings)) as live:
        yield live


@pytest.fixture
def sender(busy: Live) -> Iterator[httpx.Client]:
    with busy.client() as client:
        yield client
