"""The gate, as plain ASGI: who asks, before any route is looked for; who may not come in is answered here.

A request says who it is from by `Authorization: Bearer gridmap_…` or by a session's cookie; where it carries
a token, the token alone decides. A browser sends the cookie with whatever another site makes it send, so with
a cookie only what comes from our own pages may change anything; another site cannot make it send a token.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy.exc
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gridmap.database.faults import of_database
from gridmap.errors import Forbidden, NotSignedIn
from gridmap.faces import problems
from gridmap.faces.entrance.rights import is_public
from gridmap.faces.entrance.who import ASKER, COOKIE, SIGN_IN, sign_in_address
from gridmap.faces.service import Service
from gridmap.people.tokens import PREFIX

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NOBODY_ASKED = "/static/"  # the same for everybody: not looked at who asks
OURS = frozenset({"same-origin", "none"})  # Sec-Fetch-Site; none: typed, or from a bookmark

WHO = "sign in at /sign-in, or send a token: Authorization: Bearer gridmap_…"
FOREIGN = "this was sent by another site's page; send it from a page of ours, or with a token"


@dataclass(frozen=True, slots=True)
class Gate:
    """Puts an Asker into the scope, or answers: 401 to programs, to people the way to /sign-in."""

    app: ASGIApp
    service: Service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == "/healthz" or scope["path"].startswith(NOBODY_ASKED):
            await self.app(scope, receive, send)
            return
        refusal = await self._refusal(scope)
        await (refusal or self.app)(scope, receive, send)

    async def _refusal(self, scope: Scope) -> Response | None:
        """What is answered to a request that may not come in; else who asks is in the scope."""
        token = bearer(scope["headers"])
        secret = token if token is not None else session_of(scope)
        changes = scope["method"] not in SAFE and token is None
        if changes and is_foreign(scope):
            return problems.answer(scope, problems.problem_of(Forbidden(FOREIGN)))
        try:
            asker = await self.service.askers.find(secret) if secret else None
        except sqlalchemy.exc.SQLAlchemyError as error:
            if (known := of_database(error)) is None:
                raise
            return problems.answer(scope, problems.problem_of(known))
        if asker is None:
            return None if is_public(scope["path"]) else sent_away(scope)
        if changes and not is_ours(scope) and not scope["path"].startswith(SIGN_IN):
            return problems.answer(scope, problems.problem_of(Forbidden(FOREIGN)))
        scope[ASKER] = asker
        return None


def bearer(headers: Iterable[tuple[bytes, bytes]]) -> str | None:
    """The token that a request carries; "" for one that cannot be one of ours, None without any.

    Another scheme is none of ours to judge: a proxy in front may have one of its own.
    """
    given = [value for name, value in headers if name == b"authorization"]
    found = [rest.strip() for scheme, _, rest in (v.strip().partition(b" ") for v in given)
             if scheme.lower() == b"bearer"]  # fmt: skip
    if not found:
        return None
    text = found[0].decode("latin-1")
    return text if len(found) == 1 and text.isascii() and text.startswith(PREFIX) else ""


def session_of(scope: Scope) -> str:
    """The secret in the cookie; "" without one. A token is none: it must not come from a cookie."""
    given = Headers(scope=scope).get("cookie", "")
    secret = cookie_parser(given).get(COOKIE, "") if COOKIE in given else ""
    return secret if secret.isascii() and not secret.startswith(PREFIX) else ""


def is_foreign(scope: Scope) -> bool:
    """Whether a browser says that another site's page had it send this."""
    headers = Headers(scope=scope)
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None:
        return site not in OURS
    return origin is not None and not _is_own(origin, headers)


def is_ours(scope: Scope) -> bool:
    """Whether a browser says that a page of ours had it send this; what says nothing is not."""
    headers = Headers(scope=scope)
    return not is_foreign(scope) and ("sec-fetch-site" in headers or "origin" in headers)


def _is_own(origin: str, headers: Headers) -> bool:
    # the scheme is not compared: behind a proxy the browser's is another one than ours
    return origin.partition("://")[2].lower() == headers.get("host", "").lower() != ""


def sent_away(scope: Scope) -> Response:
    """401 on the interface for programs; people are sent to sign in, and from there on to where they went."""
    path = scope["path"]
    if problems.is_of_interface(path):
        return problems.answer(scope, problems.problem_of(NotSignedIn(WHO)))
    return RedirectResponse(sign_in_address(scope) if scope["method"] == "GET" else SIGN_IN, 303)
