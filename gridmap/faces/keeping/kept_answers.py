"""Whole answers with strong ETags, kept in memory and given again while what they were made from holds.

A route makes an answer with `answer`; `KeptAnswers` stands before the routes and gives it out again. Finding
one takes no thread, no route and no database: that is what makes a kept tile cheap. An ETag is a digest of
the bytes, so every worker gives the same bytes the same one, and it outlives a change that left them alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from fastapi import Request, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gridmap.database.asker import Asker
from gridmap.faces.entrance.who import asker_of
from gridmap.faces.keeping.kept import Kept
from gridmap.faces.keeping.news import Basis

# whoever asked may keep it, and must ask before showing it again: it changes with the next report
REVALIDATED = b"private, no-cache"
OVERHEAD_BYTES = 1_000  # of an answer beside its body: headers, key, basis

Key = tuple[str, str, bytes]
# below these addresses all in a jurisdiction see the same
SEEN_BY_ALL = ("/api/v1/areas", "/api/v1/tiles/areas/")


def key_of(scope: Scope) -> Key:
    """What distinguishes answers: who asks, and the address with its jurisdiction, tile and filters."""
    path: str = scope["path"]
    return sight(asker_of(scope), path), path, scope["query_string"]


def sight(asker: Asker | None, path: str = "") -> str:
    """What the asker may see, by a name: two who may see different things have different ones.

    Of a person it says whose duties and roles count; that these are still today's is for the basis of the
    answer to say (Visit.basis).
    """
    if asker is None:
        return ""
    if asker.sees_all or path.startswith(SEEN_BY_ALL):
        return asker.jurisdiction
    return "\0".join((asker.jurisdiction, asker.person or asker.name, *sorted(asker.roles)))


@dataclass(frozen=True, slots=True)
class Answer:
    """A body ready to be sent, and what it was made from."""

    body: bytes
    tag: bytes
    media_type: bytes
    basis: Basis

    def __len__(self) -> int:
        return len(self.body) + OVERHEAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """200, or 304 without the body where the asker has these very bytes (RFC 9110, 13.1.2)."""
        headers = [(b"etag", self.tag), (b"cache-control", REVALIDATED)]
        if same := _names(scope, self.tag):
            body = b""
        else:
            body = self.body
            headers += [
                (b"content-type", self.media_type),
                (b"content-length", str(len(body)).encode()),
            ]
        await send({"type": "http.response.start", "status": 304 if same else 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _names(scope: Scope, tag: bytes) -> bool:
    """Whether If-None-Match names the tag. A proxy that compressed the body may have made it a weak one."""
    given = b",".join(value for name, value in scope["headers"] if name == b"if-none-match")
    if not given:
        return False
    return given.strip() == b"*" or tag in (each.strip().removeprefix(b"W/") for each in given.split(b","))


class _Prepared(Response):
    """An Answer as FastAPI wants a route's answer to be."""

    def __init__(self, answer: Answer):
        super().__init__()
        self.send_answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.send_answer(scope, receive, send)


def answer(kept: Kept[Answer], request: Request, body: bytes, media_type: str, basis: Basis) -> Response:
    """Answer with the body, and keep it as long as its basis holds."""
    made = _tagged(body, media_type, basis)
    if basis.holds():
        kept.keep(key_of(request.scope), made)
    return _Prepared(made)


def tagged(body: bytes, media_type: str) -> Response:
    """Answer with the body, and keep it nowhere; whoever has it already is told so."""
    return _Prepared(_tagged(body, media_type, Basis(())))


def _tagged(body: bytes, media_type: str, basis: Basis) -> Answer:
    tag = f'"{blake2b(body, digest_size=16).hexdigest()}"'.encode()
    return Answer(body, tag, media_type.encode(), basis)


@dataclass(frozen=True, slots=True)
class KeptAnswers:
    """Gives kept answers, before any route is looked for."""

    app: ASGIApp
    kept: Kept[Answer]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            found = self.kept.find(key_of(scope))
            if found is not None and found.basis.holds():
                await found(scope, receive, send)
                return
        await self.app(scope, receive, send)
