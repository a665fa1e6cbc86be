"""Reading a request strictly, before FastAPI and Pydantic see it: parameters and JSON bodies."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, ClassVar

import orjson
from fastapi import HTTPException, Request, Response, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute

from gridmap.errors import BadBody, BadInput

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # C0 and C1
SURROGATE = re.compile(r"[\ud800-\udfff]")


class StrictRoute(APIRoute):
    """A route that refuses parameters it does not know, parameters given twice and text that is no text.

    A filter with a slip in its name would otherwise answer with everything.
    """

    refuse_unknown: ClassVar[bool] = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()
        known = frozenset(
            each.alias
            for each in get_flat_params(self.dependant)
            if isinstance(each.field_info, params.Query)
        )
        has_body = self.body_field is not None

        async def strictly(request: Request) -> Response:
            if request.scope["query_string"]:
                _check_query(request, known if self.refuse_unknown else None)
            for name, value in request.path_params.items():
                check_text(str(value), name)
            if has_body:
                request = await _with_json(request)
            return await handle(request)

        return strictly


class PageRoute(StrictRoute):
    """The same for pages, but parameters that others hang onto a shared link are passed over."""

    refuse_unknown = False


def _check_query(request: Request, known: frozenset[str] | None) -> None:
    seen = set()
    for name, value in request.query_params.multi_items():
        if known is not None and name not in known:
            there_are = f"there are {', '.join(sorted(known))}" if known else "it takes none"
            raise BadInput(f"this address does not take this parameter; {there_are}", field=_short(name))
        if name in seen:
            raise BadInput("is given twice; give it once", field=name)
        seen.add(name)
        check_text(value, name)


def check_text(value: str, name: str) -> None:
    """Raise BadInput(field=name) for control characters and for bytes that were not UTF-8."""
    if CONTROL.search(value):
        raise BadInput("holds a control character; give plain text", field=name)
    if SURROGATE.search(value) or "\ufffd" in value:
        raise BadInput("is not valid UTF-8 text", field=name)


def _short(name: str) -> str:
    return SURROGATE.sub("\ufffd", CONTROL.sub("\ufffd", name))[:60]


class _JsonRequest(Request):
    """A request whose body is parsed already."""

    parsed: Any = None

    async def json(self) -> Any:
        return self.parsed


async def _with_json(request: Request) -> Request:
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "application/json":
        # also what keeps other sites' forms out: a browser asks before it sends this type across origins
        raise HTTPException(415, "send the body as Content-Type: application/json")
    body = await request.body()
    strict = _JsonRequest(request.scope, request.receive)
    strict._body = body
    strict.parsed = parse_object(body)
    return strict


def parse_object(body: bytes) -> dict[str, Any]:
    """A JSON object (RFC 8259, UTF-8). Raises BadBody, with the member where that can be told."""
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise _why(body, error) from None
    if not isinstance(value, dict):
        raise BadBody("the body must be one JSON object")
    return value


def _why(body: bytes, error: orjson.JSONDecodeError) -> BadBody:
    """Which member holds what JSON does not have: NaN, Infinity, 1e400, a lone surrogate."""
    if not body:
        return BadBody("the body is empty; send a JSON object")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    for path, each in _leaves(value):
        if isinstance(each, int | float) and not _fits(each):
            return BadBody("is not a number that JSON has; give a plain decimal", field=path)
        if isinstance(each, str) and SURROGATE.search(each):
            return BadBody("holds half a character (a lone surrogate); send whole UTF-8 text", field=path)
    return BadBody(f"line {error.lineno}, column {error.colno}: {error.msg.partition(':')[0]}")


def _fits(number: float) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:  # an integer beyond every float
        return False


def _leaves(value: Any) -> Iterator[tuple[str, Any]]:
    """(path, leaf) of everything inside, member names that are no text included; without recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, dict):
            for name, inner in each.items():
                if SURROGATE.search(name):
                    yield path or "body", name
                waiting.append((f"{path}.{_short(name)}".lstrip("."), inner))
        elif isinstance(each, list):
            waiting.extend((f"{path}[{index}]", inner) for index, inner in enumerate(each))
        else:
            yield path or "body", each
