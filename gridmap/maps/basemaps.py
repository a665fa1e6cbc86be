"""The operator's basemap: what a page needs to show it, and the tiles themselves behind our own address.

Without one configured there is no basemap and no outside request. Tiles are fetched only from the address
in the settings, kept on disk, and served by a face from `fetch_tile`; a browser never learns the upstream.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import BadInput, NotFound
from gridmap.maps import store
from gridmap.settings import Settings

TILE_URL = "/basemap/{z}/{x}/{y}"
TIANDITU = "https://t0.tianditu.gov.cn"
TILE_LIMIT = 2 << 20  # bytes of one tile
CACHE_LIMIT = 512 << 20  # bytes of all tiles kept on disk
TIMEOUT_S, CONNECT_S = 8, 4
MAX_ZOOM = 18
_LAYERS = ("", "labels")  # what a Tianditu map lays over another
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)
_measuring = threading.Lock()
_free: dict[Path, int] = {}  # cache -> bytes that may be written before it must be measured again


@dataclass(frozen=True, slots=True)
class Basemap:
    """What a page needs: our own tile addresses (lowest first), plain-text attribution, zoom and datum."""

    urls: tuple[str, ...]
    attribution: str
    max_zoom: int
    datum: str  # "wgs84" or "gcj02": the datum in which everything on the page must be drawn


def from_settings(settings: Settings) -> Basemap | None:
    """The basemap that the operator configured, or None."""
    if settings.basemap_tianditu_key:
        attribution = settings.basemap_attribution or "天地图"
        return Basemap((TILE_URL, TILE_URL + "?layer=labels"), attribution, MAX_ZOOM, "wgs84")
    if settings.basemap_mbtiles:
        facts = store.facts(settings.basemap_mbtiles)
        attribution = settings.basemap_attribution or re.sub(r"<[^>]*>", "", facts.get("attribution", ""))
        return Basemap((TILE_URL,), attribution, min(int(facts["maxzoom"]), MAX_ZOOM), "wgs84")
    if settings.basemap_gcj02_url:
        return Basemap((TILE_URL,), settings.basemap_attribution, MAX_ZOOM, "gcj02")
    return None


def fetch_tile(settings: Settings, z: int, x: int, y: int, layer: str = "") -> tuple[bytes, str]:
    """A tile and its media type; z/x/y as on the web (y from the north).

    Raises NotFound when there is no basemap, no such tile, or the upstream does not give one; BadInput for
    a layer that there is not.
    """
    if layer not in _LAYERS:
        raise BadInput("is not a layer of the basemap; leave it out or give labels", field="layer")
    if not (0 <= z <= MAX_ZOOM and 0 <= x < 2**z and 0 <= y < 2**z):
        raise NotFound(f"there is no tile {z}/{x}/{y}; z is 0 to {MAX_ZOOM}, x and y below 2^z")
    if settings.basemap_mbtiles:
        return _typed(store.tile(settings.basemap_mbtiles, z, x, y))
    if settings.basemap_tianditu_key:
        name = "cva" if layer else "vec"
        template = (
            f"{TIANDITU}/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default"
            "&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}"
        )
        return _typed(_cached(settings, template, z, x, y, f"&tk={settings.basemap_tianditu_key}"))
    if settings.basemap_gcj02_url:
        return _typed(_cached(settings, settings.basemap_gcj02_url, z, x, y))
    raise NotFound("no basemap is configured")


def _cached(settings: Settings, template: str, z: int, x: int, y: int, key: str = "") -> bytes:
    """A tile from disk or from upstream; kept apart by template, so that another source is asked anew."""
    cache = settings.data_dir / "basemap"
    source = hashlib.sha256(template.encode()).hexdigest()[:16]
    path = cache / source / str(z) / str(x) / str(y)
    with contextlib.suppress(FileNotFoundError):
        return path.read_bytes()
    body = _download(template.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y)) + key)
    _make_room(cache, len(body))
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # a half-written tile must never be found
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    os.replace(temporary, path)
    return body


def _make_room(cache: Path, size: int) -> None:
    """Let the oldest tiles go before a write would bring the cache over CACHE_LIMIT.

    Measuring walks the whole cache, so it is done only when what was free at the last time is used up, and
    a quarter is freed at once.
    """
    with _measuring:
        free = _free.get(cache, 0)
        if free < size:
            found = list(_tiles(cache))
            total = sum(facts.st_size for _, facts in found)
            if total + size > CACHE_LIMIT:
                for path, facts in sorted(found, key=lambda tile: tile[1].st_mtime_ns):
                    if total + size <= CACHE_LIMIT * 3 // 4:
                        break
                    path.unlink(missing_ok=True)
                    total -= facts.st_size
            free = CACHE_LIMIT - total
        _free[cache] = free - size


def _tiles(cache: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for path in cache.rglob("*"):
        with contextlib.suppress(FileNotFoundError):  # another request may be renaming what it wrote
            facts = path.stat()
            if stat.S_ISREG(facts.st_mode):
                yield path, facts


def _download(url: str) -> bytes:
    import httpx  # with what it imports 4 MB, which no page needs

    timeout = httpx.Timeout(TIMEOUT_S, connect=CONNECT_S)
    try:
        with httpx.stream("GET", url, timeout=timeout, follow_redirects=False) as answer:
            if answer.status_code != 200:
                raise NotFound(f"the basemap's server answered {answer.status_code}")
            body = bytearray()
            for chunk in answer.iter_bytes():
                body += chunk
                if len(body) > TILE_LIMIT:
                    raise NotFound("the basemap's server sent more than a tile")
    except httpx.HTTPError as error:
        raise NotFound(f"the basemap's server cannot be reached ({type(error).__name__})") from error
    _typed(bytes(body))
    return bytes(body)


def _typed(body: bytes) -> tuple[bytes, str]:
    """The media type is read from the bytes: an upstream's word for it would be served as ours."""
    for signature, media_type in _SIGNATURES:
        if body.startswith(signature):
            return body, media_type
    raise NotFound("the basemap gave something that is not an image")
