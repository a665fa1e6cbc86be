"""What stands before every route, as plain ASGI: host, headers, readiness, body limit, last resort."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gridmap.errors import NotReady, TooLarge
from gridmap.faces import problems

log = structlog.get_logger()

# Scripts and styles are files of this host: a page's text holds none (gridmap.maps.page says how), so nothing
# that got into it could run, and no answer needs a nonce or a hash of its own. Leaflet sets its styles from
# its script, which no policy forbids. Pictures may be made in the page: the density (data:), photos (blob:).
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self';"
    " connect-src 'self'; worker-src 'self'; manifest-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"  # also of files to keep, whatever is in them
# a page may ask for the position and a photo, what it shows from elsewhere may not
PERMISSIONS = "geolocation=(self), camera=(self), microphone=(), display-capture=(), payment=(), usb=()"
# half a year: long enough to mean something, short enough for an office that has to leave TLS again
STRICT_TRANSPORT = f"max-age={182 * 86_400}"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})
EVERYWHERE = frozenset({"0.0.0.0", "::", ""})


@dataclass(frozen=True, slots=True)
class LastResort:
    """An exception that nobody foresaw: logged whole, answered without internals.

    And the server's cancelling of requests that outlast its end: they are still told so.
    """

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, watched)
        except asyncio.CancelledError:
            if started:
                raise
            over = NotReady("the service is shutting down; send it again in a moment")
            await problems.answer(scope, problems.problem_of(over))(scope, receive, send)
        except Exception:
            log.exception("unexpected", method=scope["method"], path=scope["path"])
            if started:
                raise
            problem = problems.plain_problem(500, "something went wrong here; it has been written to the log")
            await problems.answer(scope, problem)(scope, receive, send)


@dataclass(frozen=True, slots=True)
class HeadAsGet:
    """Answers HEAD wherever there is a GET (RFC 9110, 9.1); the server leaves the body out."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class SecurityHeaders:
    """Headers on every answer; `scheme` is what the browser speaks, which a trusted proxy may have told."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                kept = headers.get("content-disposition", "").startswith("attachment")
                page = headers.get("content-type", "").startswith("text/html") and not kept
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Referrer-Policy"] = "same-origin"
                headers["Cross-Origin-Resource-Policy"] = "same-origin"
                # a service worker is held to the policy that its script came with, so that has one of its own
                headers.setdefault("Content-Security-Policy", PAGE_POLICY if page else DATA_POLICY)
                if page:
                    headers["Cross-Origin-Opener-Policy"] = "same-origin"
                    headers["Permissions-Policy"] = PERMISSIONS
                if scope["scheme"] == "https":  # over plain HTTP a browser must pass it over (RFC 6797, 8.1)
                    headers["Strict-Transport-Security"] = STRICT_TRANSPORT
                headers.setdefault("Cache-Control", "private, no-cache")  # another may see less
            await send(message)

        await self.app(scope, receive, marked)


@dataclass(frozen=True, slots=True)
class HostCheck:
    """Refuses names that are not ours: a web page elsewhere could point its own name at this loopback port.

    `host` is what the service is bound to, `allowed` further names, such as a proxy in front hands on. Where
    it is bound to every address any name may be used, unless names are given.
    """

    app: ASGIApp
    host: str
    allowed: frozenset[str] = frozenset()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (self.allowed or self.host not in EVERYWHERE):
            host = Headers(scope=scope).get("host", "")
            name = _without_port(host).lower()
            own = {self.host.lower(), f"[{self.host.lower()}]"} - EVERYWHERE
            if name not in LOOPBACK | self.allowed | own:
                use = ", ".join(sorted(self.allowed)) or self.host
                problem = problems.plain_problem(421, f"this service does not answer to that name; use {use}")
                await problems.answer(scope, problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)


def _without_port(host: str) -> str:
    head, colon, tail = host.rpartition(":")
    return head if colon and tail.isdecimal() else host


@dataclass(frozen=True, slots=True)
class ReadinessGate:
    """Until the database is migrated and loaded only /healthz answers; `step` says what is going on."""

    app: ASGIApp
    step: Callable[[], str | None]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/healthz":
            step = self.step()
            if step is not None:
                problem = problems.problem_of(NotReady(f"{step}; try again in a moment"))
                await problems.answer(scope, problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Refuses a body over `limit` bytes: by its declared length before any is read, else while it comes.

    `own`: (whole paths, limit) of addresses with a limit of their own.
    """

    app: ASGIApp
    limit: int
    own: Sequence[tuple[re.Pattern[str], int]] = ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = next((most for paths, most in self.own if paths.fullmatch(scope["path"])), self.limit)
        error = TooLarge(f"the body may have {limit:,} bytes", field="body")
        refusal = problems.answer(scope, problems.problem_of(error))
        declared = Headers(scope=scope).get("content-length", "")
        if declared.isdecimal() and int(declared) > limit:
            await refusal(scope, receive, send)
            return
        seen = 0
        refused = False

        async def counted() -> Message:
            nonlocal seen, refused
            message = await receive()
            if message["type"] == "http.request" and not refused:
                seen += len(message.get("body", b""))
                if seen > limit:
                    refused = True
                    await refusal(scope, receive, send)
            # to the route it looks as if the client had left, so it stops reading
            return {"type": "http.disconnect"} if refused else message

        async def unless_refused(message: Message) -> None:
            if not refused:
                await send(message)

        await self.app(scope, counted, unless_refused)
