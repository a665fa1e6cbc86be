"""The few routes that everything else calls, answered past the framework where a request leaves no question.

FastAPI's way to an endpoint (two searches through the routers, two exit stacks, a model of what is sent)
costs more than what these endpoints do. So their plain requests are read here, by the very fields that the
route declares. Anything else, an unknown parameter, a value that a field refuses, text with an escape, goes
the ordinary way, which says what is wrong: there is one place that answers bad input.
"""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any

import orjson
from fastapi import APIRouter
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import Message, Receive, Scope, Send

from gridmap.faces.entrance.rights import check
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.service import Service

_PASSED = "gridmap.faces.hot"  # in the scope of a request that goes the ordinary way
_JSON = (b"content-type", b"application/json")
_ESCAPES = frozenset("%+;")


class HotRoute(BaseRoute):
    """One declared route. Its endpoint takes `service`, parameters of the path and the query, at most one
    JSON body, perhaps the request, and gives a finished Response; a plain `def` runs in a thread."""

    def __init__(self, router: APIRouter, endpoint: Callable[..., Any], service: Service):
        route = next(r for r in router.routes if isinstance(r, APIRoute) and r.endpoint is endpoint)
        declared = route.dependant
        self._endpoint = endpoint
        self._threaded = not iscoroutinefunction(endpoint)
        self._path, self._regex, self._method = route.path, route.path_regex, next(iter(route.methods or ()))
        self._steps = {field.alias: field for field in declared.path_params}
        self._request = declared.request_param_name
        self._queries = {field.alias: field for field in declared.query_params}
        self._required = frozenset(f.alias for f in declared.query_params if f.field_info.is_required())
        self._defaults: dict[str, Any] = {
            field.name: field.get_default()
            for field in declared.query_params
            if field.alias not in self._required
        }
        self._body = declared.body_params[0] if declared.body_params else None
        (mine,) = declared.dependencies
        assert mine.name is not None
        self._visit, self._service = mine.name, service

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        mine = (
            scope["type"] == "http"
            and scope["method"] == self._method
            and self._regex.match(scope["path"]) is not None
            and _PASSED not in scope
        )
        return (Match.FULL if mine else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        values = self._query(scope["query_string"])
        read: list[Message] = []
        if (
            values is not None
            and self._walk(scope["path"], values)
            and (self._body is None or await self._read(scope, receive, read, values))
        ):
            values[self._visit] = visit = Visit.of(self._service, scope)
            check(visit.asker, self._method, self._path)
            if self._request is not None:
                values[self._request] = Request(scope, receive)
            if self._threaded:
                response = await run_in_threadpool(self._endpoint, **values)
            else:
                response = await self._endpoint(**values)
            await response(scope, receive, send)
            return
        scope[_PASSED] = True
        await scope["router"](scope, _again(read, receive), send)

    def _query(self, text: bytes) -> dict[str, Any] | None:
        """The endpoint's arguments of a query string; None where the ordinary way must look at it."""
        values = self._defaults.copy()
        if not text:
            return None if self._required else values
        query = text.decode("latin-1")
        if not query.isascii() or not query.isprintable() or not _ESCAPES.isdisjoint(query):
            return None
        seen = set()
        for part in query.split("&"):
            alias, _, value = part.partition("=")
            field = self._queries.get(alias)
            if field is None or not value or alias in seen:
                return None
            seen.add(alias)
            values[field.name], errors = field.validate(value)
            if errors:
                return None
        return values if self._required <= seen else None

    def _walk(self, path: str, values: dict[str, Any]) -> bool:
        """Put what the path says among the values; False where the ordinary way must look at it."""
        if not self._steps:
            return True
        found = self._regex.match(path)
        if found is None or not path.isascii() or not path.isprintable():
            return False
        for alias, value in found.groupdict().items():
            field = self._steps[alias]
            values[field.name], errors = field.validate(value)
            if errors:
                return False
        return True

    async def _read(
        self, scope: Scope, receive: Receive, read: list[Message], values: dict[str, Any]
    ) -> bool:
        """Put the body among the values; False where the ordinary way must look at it. `read`: what came."""
        if _JSON not in scope["headers"]:
            return False
        more = True
        while more:
            message = await receive()
            read.append(message)
            if message["type"] != "http.request":
                return False
            more = message.get("more_body", False)
        body = read[0].get("body", b"") if len(read) == 1 else b"".join(m.get("body", b"") for m in read)
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            return False
        if not isinstance(given, dict):
            return False
        assert self._body is not None
        values[self._body.name], errors = self._body.validate(given)
        return not errors


def _again(read: list[Message], receive: Receive) -> Receive:
    """`receive`, with what was read of it before."""
    before = iter(read)

    async def receive_again() -> Message:
        for message in before:
            return message
        return await receive()

    return receive_again
