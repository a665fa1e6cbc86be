"""A raw HTTP client that costs little beside the server: connections are kept, only lengths are parsed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import uvloop

CONNECTIONS = 8


class _Asker(asyncio.Protocol):
    """Asks one request after the other on one connection, reading each answer whole."""

    def __init__(self, requests: Iterator[bytes], done: asyncio.Future[list[int]]):
        self.requests, self.done = requests, done
        self.came = bytearray()
        self.lengths: list[int] = []
        self.whole: int | None = None  # bytes of the answer that is coming

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self._next()

    def _next(self) -> None:
        request = next(self.requests, None)
        if request is None:
            self.transport.close()
            self.done.set_result(self.lengths)
        else:
            self.transport.write(request)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))

    def data_received(self, data: bytes) -> None:
        self.came += data
        if self.whole is None and (end := self.came.find(b"\r\n\r\n")) >= 0:
            head = bytes(self.came[:end]).lower()
            if not head.startswith(b"http/1.1 200"):
                self.done.set_exception(RuntimeError(bytes(self.came).decode(errors="replace")))
                self.transport.close()
                return
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            self.lengths.append(length)
            self.whole = end + 4 + length
        if self.whole is not None and len(self.came) >= self.whole:
            del self.came[: self.whole]
            self.whole = None
            self._next()


def ask(port: int, paths: Sequence[str], rounds: int = 1, *, headers: Mapping[str, str]) -> list[int]:
    """Ask for all paths, `rounds` times over; -> the bytes of each answer. Raises for any status but 200."""
    lines = "".join(
        f"{name}: {value}\r\n" for name, value in {"Host": f"127.0.0.1:{port}", **headers}.items()
    )
    requests = [f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode() for path in paths]
    return uvloop.run(_ask(port, iter(requests * rounds)))


async def _ask(port: int, requests: Iterator[bytes]) -> list[int]:
    loop = asyncio.get_running_loop()
    done = []
    for _ in range(CONNECTIONS):
        done.append(loop.create_future())
        await loop.create_connection(lambda: _Asker(requests, done[-1]), "127.0.0.1", port)
    return [length for lengths in await asyncio.gather(*done) for length in lengths]
