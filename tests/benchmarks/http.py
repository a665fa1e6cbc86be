"""GET locate over HTTP against the same server's empty endpoint: what the answer costs beyond the server."""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time

import httpx
import uvicorn

from gridmap.database.sessions import Database
from gridmap.faces.app import create_app
from gridmap.settings import Settings
from tests.benchmarks.measure import Figure, compare

CONNECTIONS = 32
REQUESTS = 6_000
LOCATE = "/api/v1/locate?lon=109.475&lat=36.605&datum=wgs84"
EMPTY = "/bench/empty"


def serve(settings: Settings, listening: socket.socket) -> None:
    """The service with one more route, behind the same middleware, in a process of its own."""
    app = create_app(settings)

    @app.get(EMPTY)
    async def empty() -> dict[str, str]:
        return {}

    # before the catch-all that answers 404
    app.router.routes.insert(0, app.router.routes.pop())
    config = uvicorn.Config(app, log_level="error", loop="uvloop", http="httptools", access_log=False)
    uvicorn.Server(config).run(sockets=[listening])


async def ask(port: int, path: str, count: int) -> None:
    """Ask `count` times on one kept connection, reading each answer whole."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    for _ in range(count):
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
        await reader.readexactly(int(length.partition(b":")[2]))
    writer.close()
    await writer.wait_closed()


async def load(port: int, path: str) -> None:
    await asyncio.gather(*(ask(port, path, REQUESTS // CONNECTIONS) for _ in range(CONNECTIONS)))


def run(database: Database) -> list[Figure]:
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    process = context.Process(target=serve, args=(database.settings, listening))
    process.start()
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                if httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200:
                    break
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        return [
            compare(
                "locate",
                "the same server's empty async GET",
                lambda: asyncio.run(load(port, LOCATE)),
                lambda: asyncio.run(load(port, EMPTY)),
                f"{REQUESTS:,} requests on {CONNECTIONS} connections, one worker",
            )
        ]
    finally:
        process.terminate()
        process.join()
