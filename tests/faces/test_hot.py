"""The short way to the hot routes answers as the ordinary way does, and leaves to it what is not plain."""

from __future__ import annotations

import json

import pytest
from fastapi import FastAPI

from gridmap.faces.hot import HotRoute
from gridmap.faces.rest.routes import HOT
from tests.faces.test_writing import report

LOCATE, REPORTS = "/api/v1/locate", "/api/v1/reports"


@pytest.fixture
def ordinary(town, monkeypatch):
    """ordinary(ask) -> the answer when no short way is there."""

    def without(ask):
        with monkeypatch.context() as patch:
            routes = [route for route in town.app.router.routes if not isinstance(route, HotRoute)]
            assert len(routes) == len(town.app.router.routes) - len(HOT)
            patch.setattr(town.app.router, "routes", routes)
            return ask()

    return without


def hot(app: FastAPI, path: str) -> HotRoute:
    return next(r for r in app.router.routes if isinstance(r, HotRoute) and r._path == path)


@pytest.mark.parametrize(
    "query",
    [
        "lon=109.465&lat=36.605&datum=wgs84",
        "datum=gcj02&lat=36.605&lon=109.465&accuracy=40&day=2023-06-15&jurisdiction=town",
        "lon=109.40&lat=36.605&datum=bd09",
        "lon=109.46325&lat=36.60325&datum=wgs84&unit=2",
        "lon=109.465&lat=36.605&datum=wgs84&unit=2",
        "lon=36.605&lat=109.465&datum=wgs84",
        "lon=116.39&lat=39.91&datum=wgs84",
        "lon=109.465&lat=36.605&datum=wgs84&jurisdiction=nowhere",
        "lon=109.465&lat=36.605&datum=wgs84&day=2023-02-30",
    ],
)
def test_plain_queries_take_the_short_way_and_are_answered_alike(town, client, ordinary, query):
    assert hot(town.app, LOCATE)._query(query.encode()) is not None
    short = client.get(f"{LOCATE}?{query}")
    long = ordinary(lambda: client.get(f"{LOCATE}?{query}"))
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert {k: v for k, v in short.headers.items() if k != "date"} == {
        k: v for k, v in long.headers.items() if k != "date"
    }


@pytest.mark.parametrize(
    "query",
    [
        "",
        "lon=109.465&lat=36.605",
        "lon=109.465&lat=36.605&datum=",
        "lon=109.465&lat=36.605&datum=WGS84",
        "lon=109.465&lat=36.605&datum=wgs84&datum=wgs84",
        "lon=109.465&lat=36.605&datum=wgs84&",
        "lon=109.465&lat=36.605&datum=wgs84&acuracy=3",
        "lon=109.465&lat=36.605&datum=wgs8%34",
        "lon=+109.465&lat=36.605&datum=wgs84",
        "lon=1_0&lat=36.605&datum=wgs84",
        "lon=nan&lat=36.605&datum=wgs84",
        "lon=１&lat=36.605&datum=wgs84",
        "lon=1\x01&lat=36.605&datum=wgs84",
    ],
)
def test_whatever_else_is_asked_goes_the_ordinary_way(town, query):
    assert hot(town.app, LOCATE)._query(query.encode()) is None


def test_a_report_is_stored_by_the_short_way_in_pieces_too(busy, sender):
    def pieces(body: bytes):
        yield body[:20]
        yield body[20:]

    body = json.dumps(report()).encode()
    kind = {"content-type": "application/json"}
    created = sender.post(REPORTS, content=pieces(body), headers=kind)
    assert created.status_code == 201
    again = sender.post(f"{REPORTS}?jurisdiction=town", content=body, headers=kind)
    assert (again.status_code, again.json()) == (200, created.json())
    # the same by the ordinary way: a parameter of the type
    other = sender.post(REPORTS, content=body, headers={"content-type": "application/json; charset=utf-8"})
    assert (other.status_code, other.json()) == (200, created.json())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"category": 1}',
        b'{"category": "matter-06011", "occurred_at": "2023-06-15T08:30:00+08:00", "more": 1}',
        b'{"category": "matter-06011", "occurred_at": "2023-06-15T08:30:00+08:00"}',
        json.dumps(report() | {"category": "matter-00000"}).encode(),
        json.dumps(report() | {"occurred_at": "1970-01-01T00:00:00Z"}).encode(),
    ],
)
def test_bad_bodies_are_refused_alike(client, ordinary, body):
    def ask():
        return client.post(REPORTS, content=body, headers={"content-type": "application/json"})

    short, long = ask(), ordinary(ask)
    assert 400 <= short.status_code < 500
    assert (short.status_code, short.content) == (long.status_code, long.content)


TILES = [
    ("/api/v1/tiles/areas/{kind}/{z}/{x}/{y}.mvt", "/api/v1/tiles/areas/grid/13/6586/3199.mvt"),
    ("/api/v1/tiles/reports/{z}/{x}/{y}.mvt", "/api/v1/tiles/reports/13/6586/3199.mvt"),
    ("/api/v1/areas", "/api/v1/areas"),
]


@pytest.mark.parametrize("query", ["", "?jurisdiction=town", "?jurisdiction=nowhere"])
@pytest.mark.parametrize(("route", "address"), TILES)
def test_tiles_and_areas_take_the_short_way_and_are_answered_alike(
    town, client, ordinary, monkeypatch, route, address, query
):
    """Nothing is kept meanwhile, so that each way makes its own."""
    monkeypatch.setattr(town.app.state.service.answers, "_most", 0)
    town.app.state.service.answers.keep("", b"")
    values: dict = {}
    assert hot(town.app, route)._walk(address, values)
    short = client.get(address + query)
    long = ordinary(lambda: client.get(address + query))
    assert (short.status_code, short.content) == (long.status_code, long.content)
    assert (short.status_code == 200) == ("nowhere" not in query)


@pytest.mark.parametrize(
    "path",
    ["grid/13/1e3/3199.mvt", "grid/-1/0/0.mvt", "格/13/1/1.mvt", "grid/13/\x1f1/1.mvt", "grid/13/1/1.png"],
)
def test_odd_paths_take_the_ordinary_way(town, path):
    assert not hot(town.app, TILES[0][0])._walk(f"/api/v1/tiles/areas/{path}", {})
