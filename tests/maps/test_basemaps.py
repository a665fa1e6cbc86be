"""Tiles through our own host: from a real server on the loopback, and from a real MBTiles file."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from gridmap.errors import BadInput, NotFound
from gridmap.maps import basemaps
from gridmap.maps.basemaps import Basemap, fetch_tile, from_settings
from gridmap.settings import Settings

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class Upstream(ThreadingHTTPServer):
    """Answers each path as told and remembers what it was asked."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str] = []
        self.body, self.status, self.headers = PNG, 200, {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Upstream

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *args: object) -> None:
        """Quiet."""


@contextlib.contextmanager
def serving() -> Iterator[Upstream]:
    server = Upstream()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with serving() as server:
        yield server


@pytest.fixture
def gcj02(upstream: Upstream, tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, basemap_gcj02_url=upstream.url + "/t?x={x}&y={y}&z={z}&s={s}")


def test_no_basemap_by_default(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    assert from_settings(settings) is None
    with pytest.raises(NotFound, match="no basemap"):
        fetch_tile(settings, 1, 0, 0)


def test_a_tile_is_fetched_once_and_then_kept(gcj02: Settings, upstream: Upstream) -> None:
    assert fetch_tile(gcj02, 3, 6, 2) == (PNG, "image/png")
    assert fetch_tile(gcj02, 3, 6, 2) == (PNG, "image/png")
    assert upstream.asked == ["/t?x=6&y=2&z=3&s={s}"]
    assert from_settings(gcj02) == Basemap(("/basemap/{z}/{x}/{y}",), "", 18, "gcj02")


def test_another_source_is_asked_anew(gcj02: Settings, upstream: Upstream) -> None:
    with serving() as other:
        other.body = PNG + b"other"
        changed = gcj02.model_copy(update={"basemap_gcj02_url": other.url + "/t?x={x}&y={y}&z={z}&s={s}"})
        assert fetch_tile(gcj02, 3, 6, 2)[0] == PNG
        assert fetch_tile(changed, 3, 6, 2)[0] == other.body
        assert fetch_tile(gcj02, 3, 6, 2)[0] == PNG
        assert (len(upstream.asked), len(other.asked)) == (1, 1)


def test_the_oldest_tiles_go_when_the_cache_is_full(
    gcj02: Settings, upstream: Upstream, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemaps, "CACHE_LIMIT", 10 * len(PNG))
    for x in range(30):
        fetch_tile(gcj02, 6, x, 0)
        kept = [path for path in (gcj02.data_dir / "basemap").rglob("*") if path.is_file()]
        assert sum(path.stat().st_size for path in kept) <= 10 * len(PNG)
        for path in kept:
            os.utime(path, (int(path.parent.name),) * 2)
    assert {path.parent.name for path in kept} >= {"29", "28", "27"}
    asked = len(upstream.asked)
    fetch_tile(gcj02, 6, 29, 0)
    assert len(upstream.asked) == asked
    fetch_tile(gcj02, 6, 0, 0)
    assert len(upstream.asked) == asked + 1


@pytest.mark.parametrize(
    ("z", "x", "y"), [(-1, 0, 0), (19, 0, 0), (2, 4, 0), (2, 0, 4), (2, -1, 0), (2, 0, -1)]
)
def test_tiles_that_cannot_be_are_not_asked_for(
    gcj02: Settings, upstream: Upstream, z: int, x: int, y: int
) -> None:
    with pytest.raises(NotFound):
        fetch_tile(gcj02, z, x, y)
    assert upstream.asked == []


@pytest.mark.parametrize("status", [302, 404, 500])
def test_an_upstream_that_fails_is_not_found_and_not_kept(
    gcj02: Settings, upstream: Upstream, status: int
) -> None:
    upstream.status, upstream.headers = status, {"Location": "http://127.0.0.1:1/"}
    with pytest.raises(NotFound, match=str(status)):
        fetch_tile(gcj02, 3, 6, 2)
    upstream.status = 200
    assert fetch_tile(gcj02, 3, 6, 2)[0] == PNG


def test_what_is_not_an_image_is_not_passed_on(gcj02: Settings, upstream: Upstream) -> None:
    upstream.body, upstream.headers = b"<script>alert(1)</script>", {"Content-Type": "image/png"}
    with pytest.raises(NotFound, match="not an image"):
        fetch_tile(gcj02, 3, 6, 2)
    assert not list((gcj02.data_dir).rglob("2"))


def test_an_endless_answer_is_cut_off(gcj02: Settings, upstream: Upstream) -> None:
    upstream.body = PNG + b"0" * basemaps.TILE_LIMIT
    with pytest.raises(NotFound, match="more than a tile"):
        fetch_tile(gcj02, 3, 6, 2)


def test_an_upstream_that_is_away_is_not_found(tmp_path: Path, upstream: Upstream) -> None:
    settings = Settings(data_dir=tmp_path, basemap_gcj02_url="http://127.0.0.1:9/{z}/{x}/{y}")
    with pytest.raises(NotFound, match="cannot be reached"):
        fetch_tile(settings, 1, 0, 0)


def test_tianditu_is_asked_for_map_and_labels(
    upstream: Upstream, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(basemaps, "TIANDITU", upstream.url)
    settings = Settings(data_dir=tmp_path, basemap_tianditu_key="abc")
    fetch_tile(settings, 10, 823, 401)
    fetch_tile(settings, 10, 823, 401, "labels")
    first, second = (urlsplit(path) for path in upstream.asked)
    assert (first.path, second.path) == ("/vec_w/wmts", "/cva_w/wmts")
    asked = {key: values[0] for key, values in parse_qs(first.query).items()}
    assert {k: asked[k] for k in ("LAYER", "TILEMATRIXSET", "TILEMATRIX", "TILEROW", "TILECOL", "tk")} == {
        "LAYER": "vec", "TILEMATRIXSET": "w", "TILEMATRIX": "10", "TILEROW": "401", "TILECOL": "823",
        "tk": "abc",
    }  # fmt: skip
    found = from_settings(settings)
    assert found is not None
    assert found.urls == ("/basemap/{z}/{x}/{y}", "/basemap/{z}/{x}/{y}?layer=labels")
    assert (found.attribution, found.datum) == ("天地图", "wgs84")
    with pytest.raises(BadInput, match="layer"):
        fetch_tile(settings, 10, 823, 401, "../x")


@pytest.fixture
def mbtiles(tmp_path: Path) -> Path:
    path = tmp_path / "town.mbtiles"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE metadata (name text, value text)")
        file.execute("CREATE TABLE tiles (zoom_level int, tile_column int, tile_row int, tile_data blob)")
        file.execute("INSERT INTO metadata VALUES ('attribution', '<a href=\"x\">测绘院</a>')")
        file.execute("INSERT INTO tiles VALUES (3, 6, 5, ?)", (PNG,))
    file.close()
    return path


def test_mbtiles_are_read_with_their_rows_from_the_south(mbtiles: Path, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, basemap_mbtiles=mbtiles)
    assert fetch_tile(settings, 3, 6, 2) == (PNG, "image/png")
    assert from_settings(settings) == Basemap(("/basemap/{z}/{x}/{y}",), "测绘院", 3, "wgs84")
    with pytest.raises(NotFound, match="no tile 3/6/5"):
        fetch_tile(settings, 3, 6, 5)


def test_a_broken_mbtiles_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "bad.mbtiles").write_text("nonsense" * 100)
    settings = Settings(data_dir=tmp_path, basemap_mbtiles=tmp_path / "bad.mbtiles")
    with pytest.raises(NotFound, match=r"bad\.mbtiles"):
        fetch_tile(settings, 1, 0, 0)
