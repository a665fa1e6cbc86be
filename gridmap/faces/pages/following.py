"""Following news over HTTP: server-sent events (HTML Living Standard, 9.2) that say only that cases changed.

What changed the page asks for as any other, and sees of it what its reader may see. A stream is one coroutine
that looks at a number twice a second: it holds no thread and no connection to the database. It ends after
LASTS_SECONDS, and the browser comes again: whoever has been signed out in the meantime is then sent away. It
ends at once when the service does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from gridmap.faces.entrance.visits import Visit
from gridmap.faces.keeping.news import News, Stamp

EVENTS = "text/event-stream"
TICK_SECONDS = 0.5
QUIET_SECONDS = 15.0  # after which something is said, lest a proxy take the connection for dead
LASTS_SECONDS = 60.0
RETRY_MS = 1_000


def following(request: Request, service: Visit, news: News, jurisdiction: str) -> Response:
    """A stream with an event `changed` for every change. Whoever does not ask for EVENTS is told once."""
    lasts = LASTS_SECONDS if EVENTS in request.headers.get("accept", "") else 0.0
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return StreamingResponse(_told(service, news, jurisdiction, lasts), media_type=EVENTS, headers=headers)


async def _told(service: Visit, news: News, jurisdiction: str, lasts: float) -> AsyncIterator[str]:
    clock = asyncio.get_running_loop().time
    end, spoke = clock() + lasts, clock()
    before: Stamp | None = None
    yield f"retry: {RETRY_MS}\n\n"
    while not service.ending:
        stamp = news.stamp(jurisdiction)  # None while it cannot be known: the next one is another then
        if stamp is not None and stamp != before:
            before, spoke = stamp, clock()
            yield f"event: changed\ndata: {stamp[0]}.{stamp[1]}\n\n"
        elif clock() - spoke > QUIET_SECONDS:
            spoke = clock()
            yield ":\n\n"
        if clock() >= end:
            return
        await asyncio.sleep(TICK_SECONDS)
