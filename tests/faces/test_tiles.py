"""Tiles as a map asks for them: decoded by GDAL, compared with the boundaries; ETags; TileJSON."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import httpx
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.cases import moving
from gridmap.cases.intake import collect
from gridmap.cases.model import Actor
from gridmap.faces.shapes import wire
from gridmap.geometry.cells import corners
from gridmap.people import intake as people
from gridmap.people import store
from gridmap.people.model import Person
from gridmap.reports import intake
from gridmap.reports.model import NewReport, Outcome
from gridmap.tiles.model import MOST_BYTES, MOST_POINTS
from tests.faces.conftest import CATEGORIES, REPORTS, SIDE, SOUTH, TOWN, WEST, Live, draft, square
from tests.faces.test_news import until

UNIT_M = 40_075_016.686 / 2**13 / 4096  # of a tile of level 13


def decoded(path: Path, body: bytes, z: int, x: int, y: int, layer: str):
    """A tile's layer as GDAL reads it: a GeoDataFrame in web Mercator metres."""
    tile = path / f"{z}-{x}-{y}.mvt"
    tile.write_bytes(body)
    frame = pyogrio.read_dataframe(f"MVT:{tile}", layer=layer, Z=str(z), X=str(x), Y=str(y), CLIP="NO")
    return frame.drop(columns="mvt_id")


def layers(path: Path, body: bytes) -> list[str]:
    """Their names; a tile without a byte has none."""
    if not body:
        return []
    tile = path / "any.mvt"
    tile.write_bytes(body)
    return [str(name) for name, _ in pyogrio.list_layers(f"MVT:{tile}")]


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    across = 1 << z
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * across
    return z, int((lon + 180) / 360 * across), int(y)


def recorded(live: Live, drafts: list[NewReport]) -> list[Outcome]:
    """Reports, and the service has heard of them."""
    news = live.app.state.service.report_news
    begin = news.stamp(TOWN.code)[1]
    outcomes = intake.record(live.app.state.service.own, TOWN, drafts)
    until(lambda: news.stamp(TOWN.code)[1] > begin)
    return outcomes


def got(client: httpx.Client, path: str, **query: str) -> httpx.Response:
    answer = client.get(path, params=query)
    assert answer.status_code == 200, answer.text
    return answer


def test_a_tile_holds_the_areas_that_touch_it(client, tmp_path):
    """All twelve grids from level 13's tiles, each piece within a unit of the true boundary."""
    pieces: dict[str, list] = {}
    corners = [tile_of(lon, lat, 13) for lon in (WEST, WEST + 4 * SIDE) for lat in (SOUTH, SOUTH + 3 * SIDE)]
    for z, x, y in sorted({(13, x, y) for _, x, _ in corners for _, _, y in corners}):
        answer = got(client, f"/api/v1/tiles/areas/grid/{z}/{x}/{y}.mvt")
        assert answer.headers["content-type"] == "application/vnd.mapbox-vector-tile"
        frame = decoded(tmp_path, answer.content, z, x, y, "grid")
        assert list(frame.columns) == ["code", "name", "parent", "geometry"]
        for row in frame.to_crs(4326).itertuples():
            pieces.setdefault(row.code, []).append(row.geometry)
            assert (row.name, row.parent) == (f"第{row.code[1:]}网格", f"C{row.code[1]}")
    assert set(pieces) == {f"G{row}{column}" for row in range(3) for column in range(4)}
    unit = UNIT_M / 111_000 * 1.5
    for code, parts in pieces.items():
        true = square(int(code[2]), int(code[1]))
        assert shapely.hausdorff_distance(shapely.union_all(parts).envelope, true) < unit


def test_each_kind_is_a_layer_of_its_own(client, tmp_path):
    z, x, y = tile_of(WEST + 0.3 * SIDE, SOUTH + 0.3 * SIDE, 16)
    for kind, codes in {"community": {"C0"}, "compound": {"P1"}, "building": {"P1-1"}}.items():
        answer = got(client, f"/api/v1/tiles/areas/{kind}/{z}/{x}/{y}.mvt")
        assert set(decoded(tmp_path, answer.content, z, x, y, kind).code) == codes


def test_where_nothing_lies_the_tile_is_empty(client):
    answer = got(client, "/api/v1/tiles/areas/grid/13/0/0.mvt")
    assert answer.content == b""
    assert answer.headers["etag"]


def test_the_outermost_levels(client):
    deepest = "{}/{}/{}".format(*tile_of(WEST + SIDE / 2, SOUTH + SIDE / 2, 22))
    assert got(client, f"/api/v1/tiles/areas/grid/{deepest}.mvt").content
    got(client, "/api/v1/tiles/areas/grid/0/0/0.mvt")  # the whole district is less than a unit there


@pytest.mark.parametrize("path", ["grid/13/1/2", "grid/13/1/2.png", "grid/13/1.mvt", "grid.xml"])
def test_other_addresses_are_not_there(client, path):
    assert client.get(f"/api/v1/tiles/areas/{path}").status_code == 404


def test_places_asked_again_with_their_etag_are_not_sent(client):
    tag = got(client, "/api/v1/places", day="2023-06-01").headers["etag"]
    again = client.get("/api/v1/places", params={"day": "2023-06-01"}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    assert got(client, "/api/v1/places", day="2023-06-01", kind="parking").headers["etag"] != tag


def test_asked_again_with_its_etag_nothing_is_sent(client):
    path = "/api/v1/tiles/areas/grid/{}/{}/{}.mvt".format(*tile_of(WEST, SOUTH, 13))
    first = got(client, path)
    tag = first.headers["etag"]
    assert tag.startswith('"')
    for given in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = client.get(path, headers={"If-None-Match": given})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == tag
        assert "no-cache" in again.headers["cache-control"]
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    community = got(client, path.replace("grid", "community"))
    assert community.headers["etag"] != tag


def test_tilejson_leads_to_the_tiles(client):
    answer = got(client, "/api/v1/tiles/areas/grid.json", jurisdiction="town", day="2023-06-15")
    described = wire.TileJson.model_validate_json(answer.content)
    assert described.bounds == pytest.approx((WEST, SOUTH, WEST + 4 * SIDE, SOUTH + 3 * SIDE))
    assert described.center == (pytest.approx(WEST + 2 * SIDE), pytest.approx(SOUTH + 1.5 * SIDE), 13)
    assert [layer.id for layer in described.vector_layers] == ["grid"]
    z, x, y = tile_of(WEST, SOUTH, 13)
    address = described.tiles[0].format(z=z, x=x, y=y)
    assert address.startswith(str(client.base_url))
    assert address.endswith("?jurisdiction=town&day=2023-06-15")
    assert got(client, address).content
    asked = {"from": "2023-05", "to": "2023-06", "category": CATEGORIES[0]}
    answer = got(client, "/api/v1/tiles/reports.json", **asked)
    described = wire.TileJson.model_validate_json(answer.content)
    assert [layer.id for layer in described.vector_layers] == ["reports", "cells"]
    address = described.tiles[0].format(z=z, x=x, y=y)
    assert address.endswith(f"?from=2023-05&to=2023-06&category={CATEGORIES[0]}")
    assert got(client, address).content


def reports_of(client: httpx.Client, path: Path, z: int, **query: str) -> dict[str, list]:
    """Layer -> frames of all the tiles of a level that lie over the town."""
    _, west, south = tile_of(WEST, SOUTH, z)
    _, east, north = tile_of(WEST + 4 * SIDE, SOUTH + 3 * SIDE, z)
    found: dict[str, list] = {"reports": [], "cells": []}
    for x in range(west, east + 1):
        for y in range(north, south + 1):
            body = got(client, f"/api/v1/tiles/reports/{z}/{x}/{y}.mvt", **query).content
            assert len(body) <= MOST_BYTES
            for layer in layers(path, body):
                found[layer].append(decoded(path, body, z, x, y, layer))
    return found


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ({}, range(REPORTS)),
        ({"from": "2023-05", "to": "2023-05"}, range(31)),
        ({"from": "2023-06"}, range(31, REPORTS)),
        ({"category": CATEGORIES[1]}, range(1, REPORTS, 3)),
        ({"from": "2024-01"}, []),
    ],
)
def test_cells_count_every_report_once(client, tmp_path, query, numbers):
    """At every level the counts are those of the reports in each grid; a cell is less than a grid from 12."""
    true = Counter(number % 12 for number in numbers)
    for z in range(8, 15):
        found = reports_of(client, tmp_path, z, **query)
        assert found["reports"] == []
        counted: Counter[int] = Counter()
        for frame in found["cells"]:
            places = frame.to_crs(4326).geometry
            column, row = ((places.x - WEST) // SIDE), ((places.y - SOUTH) // SIDE)
            for grid, reports in zip(row * 4 + column, frame.reports, strict=True):
                counted[int(grid)] += reports
        assert counted.total() == true.total()
        if z >= 12:
            assert counted == true


def test_from_level_15_reports_are_points(client, tmp_path):
    items = client.get("/api/v1/reports", params={"limit": 1000}).json()["items"]
    true = {item["id"]: (item["category"], *item["wgs84"]) for item in items}
    for z in (15, 16, 18):
        found = reports_of(client, tmp_path, z)
        assert found["cells"] == []
        shown = [row for frame in found["reports"] for row in frame.to_crs(4326).itertuples()]
        assert {row.id: row.category for row in shown} == {id_: each[0] for id_, each in true.items()}
        assert len(shown) == len(true)
        unit = 360 / 2**z / 4096
        for row in shown:
            assert (row.geometry.x, row.geometry.y) == pytest.approx(true[row.id][1:], abs=1.01 * unit)


def test_no_tile_grows_over_its_limit(busy, sender, tmp_path):
    """A heap in one square of level 15: as many points as a tile takes, then one more."""
    z, x, y = tile_of(WEST + 0.5 * SIDE, SOUTH + 0.5 * SIDE, 15)
    west, south, east, north = corners([x], [y], 15)[0]
    at = np.random.default_rng(5).uniform(
        (west + 1e-4, south + 1e-4), (east - 1e-4, north - 1e-4), (MOST_POINTS + 1, 2)
    )
    drafts = [
        replace(
            draft(number % 3),
            client_id=f"heap-{number}",
            lon=lon,
            lat=lat,
            occurred_at=datetime(2022, 3, 4, tzinfo=UTC),
        )
        for number, (lon, lat) in enumerate(at.tolist())
    ]
    asked, month = f"/api/v1/tiles/reports/{z}/{x}/{y}.mvt", dict.fromkeys(("from", "to"), "2022-03")
    recorded(busy, drafts[:-1])
    body = got(sender, asked, **month).content
    assert MOST_BYTES / 2 < len(body) <= MOST_BYTES
    assert len(decoded(tmp_path, body, z, x, y, "reports")) == MOST_POINTS
    recorded(busy, drafts[-1:])
    body = got(sender, asked, **month).content
    assert layers(tmp_path, body) == ["cells"]
    cells = decoded(tmp_path, body, z, x, y, "cells")
    assert len(cells) <= 64 * 64
    assert cells.reports.sum() == MOST_POINTS + 1
    assert len(body) < MOST_BYTES / 2


@pytest.mark.parametrize("z", [15, 16])
def test_a_heap_on_an_edge_is_in_the_tile_that_begins_there(busy, sender, tmp_path, z):
    """Of the tile before it, which is asked of a hair wider, not a cell is left."""
    z, x, y = tile_of(WEST + 0.5 * SIDE, SOUTH + 0.5 * SIDE, z)
    edge, middle = x / (1 << z) * 360 - 180, float(corners([x], [y], z)[0][[1, 3]].mean())
    heap = replace(draft(1), lon=edge, lat=middle, occurred_at=datetime(2019, z - 10, 4, tzinfo=UTC))
    drafts = [replace(heap, client_id=f"edge-{z}-{number}") for number in range(MOST_POINTS + 1)]
    recorded(busy, drafts)
    month = dict.fromkeys(("from", "to"), f"2019-{z - 10:02d}")
    assert got(sender, f"/api/v1/tiles/reports/{z}/{x - 1}/{y}.mvt", **month).content == b""
    body = got(sender, f"/api/v1/tiles/reports/{z}/{x}/{y}.mvt", **month).content
    assert decoded(tmp_path, body, z, x, y, "cells").reports.tolist() == [MOST_POINTS + 1]


def test_who_is_given_a_task_sees_its_report_in_a_tile_that_was_kept(busy, tmp_path):
    service, far = busy.app.state.service, square(3, 2).centroid
    z, x, y = tile_of(far.x, far.y, 16)
    at = datetime(2018, 3, 4, tzinfo=UTC)
    (outcome,) = recorded(busy, [replace(draft(1), client_id="far", lon=far.x, lat=far.y, occurred_at=at)])
    with service.own.writing() as connection:
        store.put_persons(connection, TOWN.code, [Person("near", "示例网格员", "000-0000-0009")], "test")
        desk = people.open_desk(connection, TOWN)
        given = {"post": "grid_member", "area_code": "G12", "valid_from": date(2020, 1, 1)}
        people.begin(connection, TOWN, people.checked(desk, person="near", **given), "test")

    def seen() -> bytes:
        answer = got(client, f"/api/v1/tiles/reports/{z}/{x}/{y}.mvt", **{"from": "2018-03", "to": "2018-03"})
        return answer.content

    with busy.client("member", "near") as client:
        assert [seen(), seen()] == [b"", b""]
        office = Actor("office:test", frozenset({"office"}))
        with service.own.writing() as connection:
            (case,) = collect(connection, TOWN, [[(outcome.report_id, at)]], office)
            moving.make(connection, TOWN, service.settings, case, "file", office)
            tasks = {"tasks": [{"recipient": "post:grid_member@grid:G12"}]}
            moving.make(connection, TOWN, service.settings, case, "dispatch", office, details=tasks)
        until(lambda: seen() != b"")
        assert decoded(tmp_path, seen(), z, x, y, "reports").id.tolist() == [str(outcome.report_id)]
