"""Every refusal on HTTP: the error tree, FastAPI's and the database driver's errors in one shape.

On the REST interface that shape is RFC 9457 (application/problem+json); pages get the same words as HTML.
What the caller sent is never echoed and nothing internal is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import orjson
import sqlalchemy.exc
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from gridmap.database.faults import of_database
from gridmap.errors import (
    BadInput,
    Busy,
    DatabaseUnavailable,
    GridmapError,
    NotReady,
    NotSignedIn,
    TooMany,
)
from gridmap.faces.pages.rendering import error_page
from gridmap.geometry.datums import DATUMS

PROBLEM_JSON = "application/problem+json"
RETRY_SECONDS = {NotReady: 2, Busy: 2, DatabaseUnavailable: 5, TooMany: 900}

log = structlog.get_logger()

_RIGHT = {
    "client_id": "give an identifier of your own, so that sending it again is harmless",
    "category": "give a category code such as matter-06011; /api/v1/categories lists them",
    "occurred_at": "give the time with its offset, such as 2023-06-15T08:30:00+08:00",
    "occurred_on": "give a day such as 2023-06-15",
    "lon": "give the longitude in degrees, such as 109.4747",
    "lat": "give the latitude in degrees, such as 36.6201",
    "datum": f"it is never guessed; give one of {', '.join(DATUMS)}",
    "month": "give a month such as 2023-06",
    "location": 'give {"lon", "lat", "datum", "accuracy_m"}',
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One refusal. `errors`: (field, message) pairs; `type`: an address under /problems, or about:blank."""

    status: int
    title: str
    detail: str
    type: str = "about:blank"
    errors: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> bytes:
        members: dict[str, Any] = {
            "type": self.type,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            members["errors"] = [{"field": name, "message": message} for name, message in self.errors]
        return orjson.dumps(members)


def problem_of(error: GridmapError) -> Problem:
    """The problem that an error of the tree is."""
    retry = RETRY_SECONDS.get(type(error))
    headers = {"Retry-After": str(retry)} if retry else {}
    if isinstance(error, NotSignedIn):
        headers["WWW-Authenticate"] = "Bearer"  # RFC 9110, 15.5.2; RFC 6750, 3
    return Problem(
        status=error.status,
        title=error.title,
        detail=clean(str(error)),
        type=f"/problems/{error.code}",
        errors=((error.field, clean(error.message)),) if error.field else (),
        headers=headers,
    )


def plain_problem(status: int, detail: str, headers: Mapping[str, str] | None = None) -> Problem:
    """A problem that HTTP itself has a name for."""
    return Problem(status, HTTPStatus(status).phrase, detail, headers=headers or {})


def clean(text: str) -> str:
    """Text that any JSON writer takes: without lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def is_of_interface(path: str) -> bool:
    """Whether programs read what an address answers; people read all others."""
    return path.startswith("/api/") or path in ("/healthz", "/openapi.json")


def answer(scope: Scope, problem: Problem) -> Response:
    """The problem as the route's readers expect it: JSON for programs, HTML for people."""
    if is_of_interface(scope["path"]):
        return Response(
            problem.as_json(), problem.status, headers=dict(problem.headers), media_type=PROBLEM_JSON
        )
    return error_page(
        scope, problem.status, problem.title, problem.detail, problem.errors, headers=problem.headers
    )


def of_validation(errors: Iterable[Mapping[str, Any]]) -> Problem:
    """Pydantic's errors with our words; the input, its URL and its types stay out."""
    found = tuple(dict.fromkeys(_pair(error) for error in errors))
    detail = "; ".join(f"{name}: {message}" for name, message in found)
    return Problem(BadInput.status, BadInput.title, detail, f"/problems/{BadInput.code}", found)


def _pair(error: Mapping[str, Any]) -> tuple[str, str]:
    path = [str(step) for step in error["loc"][1:]]
    name = ".".join(path) or str(error["loc"][0])
    kind, message = error["type"], str(error["msg"])
    if kind == "missing":
        message = f"is missing; {_RIGHT.get(path[-1] if path else '', 'it is required')}"
    elif kind == "extra_forbidden":
        message = "is not a member of this body; see /docs"
    elif kind in ("model_attributes_type", "model_type", "dict_type"):
        message = "must be a JSON object"
    else:
        message = message.removeprefix("Value error, ").replace("Input should be", "must be")
    return clean(name), clean(message)


def install(app: FastAPI) -> None:
    """Render every error of `app` as above."""
    app.add_exception_handler(GridmapError, _gridmap_error)
    app.add_exception_handler(RequestValidationError, _validation_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(sqlalchemy.exc.SQLAlchemyError, _database_error)


async def _gridmap_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, GridmapError)
    if error.status >= 500 and not isinstance(error, NotReady | Busy):
        log.error("refused", path=request.url.path, error=str(error))
    return answer(request.scope, problem_of(error))


async def _validation_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return answer(request.scope, of_validation(error.errors()))


async def _http_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    detail = error.detail
    if error.status_code == 404 and detail == "Not Found":
        detail = "there is nothing at this address; /docs lists what there is"
    elif error.status_code == 405 and detail == "Method Not Allowed":
        allowed = _methods(request)
        detail = f"this address takes {allowed}"
        return answer(request.scope, plain_problem(405, detail, {"Allow": allowed}))
    return answer(request.scope, plain_problem(error.status_code, detail, error.headers))


def _methods(request: Request) -> str:
    """What an address takes, of all its routes; Starlette's own answer names those of the first alone."""
    taken = (
        method
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE")
        if any(
            route.matches({**request.scope, "method": method})[0] is Match.FULL
            for route in request.app.routes
        )
    )
    return ", ".join(taken)


async def _database_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, sqlalchemy.exc.SQLAlchemyError)
    known = of_database(error)
    if known is None:
        raise error
    log.warning("database", path=request.url.path, error=type(error).__name__, detail=str(error)[:500])
    return answer(request.scope, problem_of(known))
