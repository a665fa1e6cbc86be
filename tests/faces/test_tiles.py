"""Tiles as a map asks for them: decoded by GDAL, compared with the boundaries; ETags; TileJSON."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.faces import wire
from tests.faces.conftest import SIDE, SOUTH, WEST, square

UNIT_M = 40_075_016.686 / 2**13 / 4096  # of a tile of level 13


def decoded(path: Path, body: bytes, z: int, x: int, y: int, layer: str):
    """A tile's layer as GDAL reads it: a GeoDataFrame in web Mercator metres."""
    tile = path / f"{z}-{x}-{y}.mvt"
    tile.write_bytes(body)
    frame = pyogrio.read_dataframe(f"MVT:{tile}", layer=layer, Z=str(z), X=str(x), Y=str(y), CLIP="NO")
    return frame.drop(columns="mvt_id")


def tile_of(lon: float, lat: float, z: int) -> tuple[int, int, int]:
    across = 1 << z
    y = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * across
    return z, int((lon + 180) / 360 * across), int(y)


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
    assert [layer.id for layer in described.vector_layers] == ["grid"]
    z, x, y = tile_of(WEST, SOUTH, 13)
    address = described.tiles[0].format(z=z, x=x, y=y)
    assert address.startswith(str(client.base_url))
    assert address.endswith("?jurisdiction=town&day=2023-06-15")
    assert got(client, address).content
