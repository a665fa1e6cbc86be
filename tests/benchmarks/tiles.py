"""Tiles and GeoJSON over HTTP against tipg on the same tables: made anew each time, and kept.

Both answer on loopback in processes of their own, uncompressed, with the same attributes, the same rim around
a tile and at most as many features in one; the same client asks both for the same tiles. Reports are those
of one month: tipg gives their first 5,000 in a tile, gridmap counts all of them in cells below level 15.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from urllib.parse import quote

import httpx
import numpy as np
import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI

from gridmap.areas import store as areas
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.faces import service
from gridmap.faces.app import create_app
from gridmap.generated.loading import add_reports
from gridmap.settings import Settings
from gridmap.statistics.counts.folding import fold
from gridmap.tiles.areas import BUFFER
from gridmap.tiles.model import MOST_BYTES, MOST_POINTS
from tests.benchmarks.asking import CONNECTIONS, ask
from tests.benchmarks.measure import Figure, compare
from tests.signing_in import bearer, token

REPORTS = 1_000_000  # of a year; a twelfth is asked for
LEVELS = range(10, 17)
COLD, WARM = 3, 15  # to reach
ROUNDS = 20  # of ours when kept: one round would be over in the time of a few of the peer's answers
GEOJSON_TIMES = 60
START_SECONDS = 60


def run(database: Database) -> list[Figure]:
    edition = _fill(database)
    return [
        *_measure(database, edition, "tiles_cold", COLD, kept_bytes=0, rounds=1),
        *_measure(
            database, edition, "tiles_warm", WARM, kept_bytes=service.KEPT_ANSWERS_BYTES, rounds=ROUNDS
        ),
    ]


def _measure(
    database: Database, edition: int, job: str, reach: float, *, kept_bytes: int, rounds: int
) -> list[Figure]:
    figures = []
    largest = 0
    get = partial(ask, headers=bearer(token(database.settings)))  # the peer gets the header as well
    with (
        _serving(partial(_ours, database.settings, kept_bytes), "/healthz") as port,
        _serving(partial(_theirs, _plain_url(database)), "/conformance") as peer,
    ):
        for what, mine, theirs in _asked(database, edition):
            of_these = max(get(port, mine))
            largest = max(largest, of_these)
            figures.append(
                compare(
                    job,
                    f"tipg, {what}",
                    partial(get, port, mine, rounds),
                    partial(get, peer, theirs),
                    f"{len(mine)} answers to {CONNECTIONS} connections"
                    f"{f', {rounds} times' if rounds > 1 else ', nothing kept'}; the largest has"
                    f" {of_these / 1000:.0f} kB, tipg's {max(get(peer, theirs)) / 1000:.0f} kB",
                    reach=reach,
                    peer_scale=rounds,
                )
            )
    shows = f"the largest answer has {largest / 1000:.0f} kB"
    size = Figure(job, f"one of {MOST_BYTES // 1000} kB, size", MOST_BYTES / largest, 0, 0, shows, 1)
    return [*figures, size]


def _fill(database: Database) -> int:
    """Reports, their counts folded as they are after some minutes; -> the edition of the grids."""
    add_reports(database, JURISDICTION, REPORTS)
    fold(database)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM ANALYZE"))
    with database.reading() as connection:
        today = JURISDICTION.today()
        return areas.areas(connection, JURISDICTION.code, kind="grid", day=today)[0].edition_id


def _asked(database: Database, edition: int) -> Iterator[tuple[str, list[str], list[str]]]:
    """(what, our addresses, tipg's); every tile of LEVELS that touches the district's box, each once."""
    with database.reading() as connection:
        (district,) = areas.areas(connection, JURISDICTION.code, kind="subdistrict", day=JURISDICTION.today())
    tiles = [f"{z}/{x}/{y}" for z in LEVELS for x, y in tiles_of(z, *district.geometry.bounds)]
    own = f"jurisdiction={JURISDICTION.code}"
    grids = f"{own}&kind=grid&edition_id={edition}"
    columns = "properties=code,name,parent_code"
    mvt = "tiles/WebMercatorQuad"
    yield (
        f"grids as tiles at z{LEVELS[0]}–z{LEVELS[-1]}",
        [f"/api/v1/tiles/areas/grid/{tile}.mvt?{own}" for tile in tiles],
        [f"/collections/public.area_version/{mvt}/{tile}?{columns}&{grids}" for tile in tiles],
    )
    yield (
        "grids as GeoJSON",
        [f"/api/v1/areas?kind=grid&{own}"] * GEOJSON_TIMES,
        [f"/collections/public.area_version/items?f=geojson&limit=100&{columns},kind,edition_id&{grids}"]
        * GEOJSON_TIMES,
    )
    month = "datetime-column=occurred_at&datetime=2023-05-31T16:00:00Z/2023-06-30T15:59:59.999999Z"
    columns = f"properties=id,category&limit={MOST_POINTS}"
    yield (
        f"reports as tiles at z{LEVELS[0]}–z{LEVELS[-1]}",
        [f"/api/v1/tiles/reports/{tile}.mvt?{own}&from=2023-06&to=2023-06" for tile in tiles],
        [f"/collections/public.report/{mvt}/{tile}?{columns}&{own}&{month}" for tile in tiles],
    )


def tiles_of(z: int, west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    across = 1 << z
    x = [int((lon + 180) / 360 * across) for lon in (west, east)]
    y = [int((1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * across) for lat in (north, south)]
    return [(column, row) for column in range(x[0], x[1] + 1) for row in range(y[0], y[1] + 1)]


def _plain_url(database: Database) -> str:
    """The database as asyncpg takes it: a socket's folder goes where a host would stand."""
    url = database.engine.url
    host, port = (url.query.get(name) or getattr(url, name) for name in ("host", "port"))
    password = f":{quote(url.password, safe='')}" if url.password else ""
    return f"postgresql://{url.username}{password}@{quote(str(host), safe='')}:{port or 5432}/{url.database}"


def _ours(settings: Settings, kept_bytes: int) -> FastAPI:
    service.KEPT_ANSWERS_BYTES = kept_bytes
    return create_app(settings)


def _theirs(url: str) -> FastAPI:
    """tipg's endpoints without its middleware, which compresses."""
    os.environ |= {"DATABASE_URL": url, "TIPG_TILE_BUFFER": str(BUFFER)}
    from tipg.collections import register_collection_catalog
    from tipg.database import close_db_connection, connect_to_db
    from tipg.factory import Endpoints
    from tipg.settings import DatabaseSettings

    settings = DatabaseSettings()

    @asynccontextmanager
    async def lifespan(app: FastAPI):
        await connect_to_db(app, schemas=settings.schemas, tipg_schema=settings.tipg_schema)
        await register_collection_catalog(app, db_settings=settings)
        yield
        await close_db_connection(app)

    app = FastAPI(lifespan=lifespan)
    app.include_router(Endpoints().router)
    return app


def _run(make: Callable[[], FastAPI], listening: socket.socket) -> None:
    config = uvicorn.Config(make(), log_level="error", loop="uvloop", http="httptools", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def _serving(make: Callable[[], FastAPI], ready: str) -> Iterator[int]:
    """The application in a process of its own; -> its port."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(make, listening))
    process.start()
    try:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{port}{ready}", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.join()
