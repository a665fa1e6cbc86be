"""What the interface says about itself: /docs (made from the OpenAPI description) and /problems/{code}."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, Request, Response

from gridmap import errors
from gridmap.errors import GridmapError, NotFound
from gridmap.faces.pages.rendering import page

router = APIRouter(include_in_schema=False)


@router.get("/docs")
def docs(request: Request) -> Response:
    """The interface for people: every address, its parameters and examples. No scripts, no other host."""
    description = request.app.openapi()
    return page(request.scope, "docs.html", api=description, groups=_groups(description))


@router.get("/problems/{code}")
def problem(request: Request, code: str) -> Response:
    """What the `type` of a problem points to."""
    kinds = {kind.code: kind for kind in _tree(GridmapError)}
    if code not in kinds:
        raise NotFound("there is no such kind of problem", field="code")
    return page(request.scope, "problem.html", kind=kinds[code])


def _tree(kind: type[errors.GridmapError]) -> Iterator[type[errors.GridmapError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from _tree(each)


def _groups(description: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """Operations by their first tag, with their example bodies."""
    schemas = description.get("components", {}).get("schemas", {})
    groups: dict[str, list[dict[str, Any]]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            groups.setdefault(operation["tags"][0], []).append(
                {
                    **operation,
                    "method": method.upper(),
                    "path": path,
                    "parameters": operation.get("parameters", []),
                    "body": _example(operation.get("requestBody"), schemas),
                }
            )
    return groups


def _example(body: dict[str, Any] | None, schemas: dict[str, Any]) -> Any:
    if body is None or "application/json" not in body["content"]:
        return None
    name = body["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
    return next(iter(schemas[name].get("examples", [])), None)
