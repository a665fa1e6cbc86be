"""The two hot routes over HTTP against the same server's empty endpoints: what an answer costs beyond them.

One worker serves; the requests come from a process of its own, so that they do not share the interpreter's
lock with it. Every request is another one: other places, other reports.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import multiprocessing
import random
import socket
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

import httpx
import orjson
import uvicorn
import uvloop
from fastapi import Response

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.database.sessions import Database
from gridmap.faces.app import create_app
from gridmap.settings import Settings
from tests.benchmarks.measure import Figure, compare
from tests.signing_in import token

CONNECTIONS = 32
GETS, POSTS = 9_000, 6_000
EMPTY = "/bench/empty"
LOCATE, REPORTS = "/api/v1/locate", "/api/v1/reports"
VARIANTS = 2_000  # of places and reports
CATEGORIES = ("matter-06011", "matter-09001", "matter-06010", "local-teastall")
NUMBER = b"#NUMBER#"  # where a report's number goes


def locate(database: Database) -> list[Figure]:
    queries = [f"?lon={lon:.6f}&lat={lat:.6f}&datum=wgs84".encode() for lon, lat in places(database)]
    return [
        against_empty(
            database, "locate", GETS, [b"GET %b%b" % (LOCATE.encode(), query) for query in queries], 0.5
        )
    ]


def post(database: Database) -> list[Figure]:
    """Each report is new, durable when it is answered, and alone in its request."""
    bodies = [
        orjson.dumps(
            {
                "client_id": NUMBER.decode(),
                "category": CATEGORIES[n % len(CATEGORIES)],
                "description": "小区北门外有积存垃圾",
                "occurred_at": f"2023-06-{n % 30 + 1:02d}T{n % 24:02d}:{n % 60:02d}:00+08:00",
                "location": {"lon": round(lon, 6), "lat": round(lat, 6), "datum": "wgs84"},
            }
        )
        for n, (lon, lat) in enumerate(places(database))
    ]
    return [
        against_empty(
            database, "post", POSTS, [b"POST %b" % REPORTS.encode() + b"\n" + b for b in bodies], 0.4
        )
    ]


def places(database: Database) -> list[tuple[float, float]]:
    """All over the district; some lie outside every grid."""
    with database.reading() as connection:
        atlas = current_atlas(connection, areas.jurisdiction(connection).code)
    west, south, east, north = atlas.sheets["grid"][-1].bounds.tolist()
    chosen = random.Random(3)
    return [(chosen.uniform(west, east), chosen.uniform(south, north)) for _ in range(VARIANTS)]


def against_empty(database: Database, job: str, count: int, wanted: list[bytes], reach: float) -> Figure:
    """`wanted` are method and address, and after a line break the body; the empty endpoint gets the same."""
    secret = token(database.settings)
    with serving(database.settings) as port, asking(port, secret) as ask:
        method = "GET" if wanted[0].startswith(b"GET") else "POST"
        path = wanted[0].split(b"\n")[0].split(b" ")[1].partition(b"?")[0]
        empty = [request.replace(path, EMPTY.encode(), 1) for request in wanted]
        return compare(
            job,
            f"the same server's empty async {method}",
            lambda: ask(wanted, count),
            lambda: ask(empty, count),
            f"{count:,} requests on {CONNECTIONS} connections, one worker",
            reach=reach,
            runs=5,
        )


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """The service in a process of its own; its port."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=2048)
    port = listening.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(settings, listening))
    process.start()
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.join()


def serve(settings: Settings, listening: socket.socket) -> None:
    """The service with two more routes, behind the same middleware."""
    app = create_app(settings)

    @app.get(EMPTY)
    @app.post(EMPTY)
    async def empty() -> Response:
        return Response(b"{}", media_type="application/json")  # ready: no model to check, nothing to encode

    for _ in "gp":  # before the catch-all that answers 404
        app.router.routes.insert(0, app.router.routes.pop())
    config = uvicorn.Config(app, log_level="error", loop="uvloop", http="httptools", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


@contextlib.contextmanager
def asking(port: int, secret: str) -> Iterator[Callable[[list[bytes], int], None]]:
    """ask(requests, count) in a process of its own, back when every answer is there."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=answer, args=(port, secret, theirs))
    process.start()

    def ask(wanted: list[bytes], count: int) -> None:
        ours.send((wanted, count))
        if error := ours.recv():
            raise RuntimeError(error)

    try:
        yield ask
    finally:
        ours.close()
        theirs.close()
        process.terminate()
        process.join()


def answer(port: int, secret: str, told: Connection) -> None:
    """Ask what is told, until there is nothing more."""
    numbers = itertools.count()
    while True:
        wanted, count = told.recv()
        try:
            uvloop.run(load(port, secret, wanted, count, numbers))
            told.send("")
        except Exception as error:
            told.send(repr(error))


async def load(port: int, secret: str, wanted: list[bytes], count: int, numbers: Iterator[int]) -> None:
    """Ask `count` times in all, each connection again as soon as it has its answer whole."""
    loop = asyncio.get_running_loop()
    head = f" HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {secret}\r\n".encode()
    requests = itertools.cycle([whole(request, head) for request in wanted])
    left = itertools.repeat(None, count)
    done = [loop.create_future() for _ in range(CONNECTIONS)]
    for each in done:
        await loop.create_connection(
            lambda each=each: Asker(requests, left, numbers, each), "127.0.0.1", port
        )
    await asyncio.gather(*done)


def whole(request: bytes, head: bytes) -> tuple[bytes, bytes]:
    """The request up to its number and after it; a number has ten digits, so all are of one length."""
    line, _, body = request.partition(b"\n")
    if not body:
        return line + head + b"\r\n", b""
    before, _, after = body.partition(NUMBER)
    kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n" % (len(before) + 10 + len(after))
    return line + head + kind + before, after


class Asker(asyncio.Protocol):
    """One kept connection."""

    def __init__(self, requests, left, numbers, done):
        self.requests, self.left, self.numbers, self.done = requests, left, numbers, done
        self.seen = b""

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def ask(self):
        if next(self.left, self) is self:
            self.transport.close()
            self.done.set_result(None)
            return
        before, after = next(self.requests)
        self.transport.write(before + b"%010d" % next(self.numbers) + after if after else before)

    def data_received(self, data):
        self.seen += data
        head, found, body = self.seen.partition(b"\r\n\r\n")
        if not found:
            return
        length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
        if len(body) < int(length):
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            self.done.set_exception(RuntimeError(self.seen.decode()))
            self.transport.close()
            return
        self.seen = b""
        self.ask()

    def connection_lost(self, error):
        if not self.done.done():
            self.done.set_exception(error or RuntimeError("the connection was closed"))
