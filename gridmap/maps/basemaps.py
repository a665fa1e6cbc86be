"""The operator's basemap: what a page needs to show it, and the tiles themselves behind our own address.

Without one configured there is no basemap and no outside request. Tiles are fetched only from the address
in the settings, kept on disk, and served by a face from `fetch_tile`; a browser never learns the upstream.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from gridmap.errors import BadInput, NotFound
from gridmap.maps import store
from gridmap.settings import Settings

TILE_URL = "/basemap/{z}/{x}/{y}"
TIANDITU = "https://t0.tianditu.gov.cn"
TILE_LIMIT = 2 << 20  # bytes of one tile
TIMEOUT = httpx.Timeout(8, connect=4)
MAX_ZOOM = 18
_LAYERS = ("", "labels")  # what a Tianditu map lays over another
_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
)


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
        url = (
            f"{TIANDITU}/{name}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={name}&STYLE=default"
            f"&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={z}&TILEROW={y}&TILECOL={x}&tk={settings.basemap_tianditu_key}"
        )
        return _typed(_cached(settings, f"tianditu-{name}", z, x, y, lambda: _download(url)))
    if settings.basemap_gcj02_url:
        url = settings.basemap_gcj02_url.replace("{z}", str(z)).replace("{x}", str(x)).replace("{y}", str(y))
        return _typed(_cached(settings, "gcj02", z, x, y, lambda: _download(url)))
    raise NotFound("no basemap is configured")


def _cached(settings: Settings, source: str, z: int, x: int, y: int, fetch: Callable[[], bytes]) -> bytes:
    path = settings.data_dir / "basemap" / source / str(z) / str(x) / str(y)
    if path.is_file():
        return path.read_bytes()
    body = fetch()
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)  # a half-written tile must never be found
    with os.fdopen(handle, "wb") as file:
        file.write(body)
    os.replace(temporary, path)
    return body


def _download(url: str) -> bytes:
    try:
        with httpx.stream("GET", url, timeout=TIMEOUT, follow_redirects=False) as answer:
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
