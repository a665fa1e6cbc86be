"""10,000 guessed tokens, sessions and ids, asked of the whole application in its own event loop: no hit."""

from __future__ import annotations

import asyncio
import random
import secrets
import string
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from uuid import UUID, uuid4

from gridmap.faces.app import create_app
from gridmap.faces.service import Service
from tests.faces.conftest import START_SECONDS, populated
from tests.signing_in import COOKIE, owners, session, token

AT_ONCE = 24
TOKENS, SESSIONS, IDS = 6_000, 2_000, 2_000
PATHS = ("reports/{}", "cases/{}", "works/{}", "photos/{}", "jobs/{}", "reports/{}/photos")
Ask = Callable[[str, list[tuple[bytes, bytes]]], Awaitable[int]]


def bearing(text: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"localhost"), (b"authorization", f"Bearer {text}".encode())]


def carrying(text: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"localhost"), (b"cookie", f"{COOKIE}={text}".encode())]


def near(known: str) -> Iterator[str]:
    """All that differ from it in one character, and some that lack or add one."""
    letters = string.ascii_letters + string.digits + "-_"
    for place, own in enumerate(known):
        yield from (known[:place] + letter + known[place + 1 :] for letter in letters if letter != own)
    yield from (known[:-1], known[1:], known + "A", known.swapcase())


def some(guesses: Iterator[str], far: Callable[[], str], count: int) -> list[str]:
    """Half of them next to what is right, half anything."""
    close = list(guesses)
    random.Random(5).shuffle(close)
    close = close[: count // 2]
    return close + [far() for _ in range(count - len(close))]


def near_ids(known: UUID) -> Iterator[str]:
    yield from (str(UUID(int=known.int ^ (1 << bit))) for bit in range(128))
    yield from (str(UUID(int=(known.int + step) % (1 << 128))) for step in range(-500, 501) if step)


def test_ten_thousand_guesses_hit_nothing(make_settings) -> None:
    settings = populated(make_settings)
    known_token, known_session = token(settings), session(settings)
    with owners(settings) as database, database.reading() as connection:
        report = UUID(str(connection.exec_driver_sql("SELECT id FROM report LIMIT 1").scalar_one()))
    seen: Counter[str] = Counter()

    async def guess(ask: Ask) -> None:
        assert await ask("/api/v1/me", bearing(known_token)) == 200
        assert await ask("/api/v1/me", carrying(known_session)) == 200
        assert await ask(f"/api/v1/reports/{report}", bearing(known_token)) == 200
        asked: list[tuple[str, str, list[tuple[bytes, bytes]], int]] = []
        for text in some(near(known_token), lambda: "gridmap_" + secrets.token_urlsafe(32), TOKENS):
            asked.append(("token", f"/api/v1/reports/{report}", bearing(text), 401))
        for text in some(near(known_session), lambda: secrets.token_urlsafe(32), SESSIONS):
            asked.append(("session", "/api/v1/reports", carrying(text), 401))
        ids = some(near_ids(report), lambda: str(uuid4()), IDS)
        for number, text in enumerate(ids):
            path = PATHS[number % len(PATHS)].format(text)
            asked.append(("id", f"/api/v1/{path}", bearing(known_token), 404))
        waiting = iter(asked)

        async def work() -> None:
            for sort, path, headers, status in waiting:
                assert await ask(path, headers) == status, (sort, path, headers)
                seen[sort] += 1

        await asyncio.gather(*(work() for _ in range(AT_ONCE)))

    asyncio.run(in_its_loop(create_app(settings), guess))
    assert seen == {"token": TOKENS, "session": SESSIONS, "id": IDS}


async def in_its_loop(app, use: Callable[[Ask], Awaitable[None]]) -> None:
    """Call the application as a server does, without one: -> the status of each answer."""
    service: Service = app.state.service

    async def ask(path: str, headers: list[tuple[bytes, bytes]]) -> int:
        status = 0

        async def receive():
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await app(scope, receive, send)
        return status

    async with app.router.lifespan_context(app):
        async with asyncio.timeout(START_SECONDS):
            while service.step is not None:
                await asyncio.sleep(0.05)
        await use(ask)
