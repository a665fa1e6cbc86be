"""Every page that the service has, found from its routes, so that a page to come is walked as well.

An address with a parameter in its path needs an example here; a route without one fails whoever walks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

# a path of a route -> the address of an example, given a client that may ask for one
EXAMPLES: dict[str, Callable[[httpx.Client], str]] = {
    "/problems/{code}": lambda _: "/problems/bad-input",
}
# the same pages as people come to them, and as they are when something is wrong
MORE = (
    "/?lang=en",
    "/maps/places?kind=parking",
    "/maps/heat?month=2010-01",
    "/maps/rhythm?kind=parking",
    "/maps/rhythm?lang=en",
    "/nothing",
    "/maps/heat?month=x",
)
NO_PAGES = frozenset({"/healthz", "/favicon.ico", "/basemap/{z:int}/{x:int}/{y:int}"})


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Routes that a browser can open and that are no part of the interface for programs."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop(0)
        if (included := getattr(route, "original_router", None)) is not None:
            waiting[:0] = included.routes
        elif (
            isinstance(route, APIRoute)
            and "GET" in (route.methods or ())
            and not route.path.startswith("/api/")
            and route.path not in NO_PAGES
        ):
            yield route


def addresses(app: FastAPI, client: httpx.Client) -> list[str]:
    """An address of each page, and MORE."""
    found = []
    for route in routes(app):
        if "{" in route.path:
            assert route.path in EXAMPLES, f"{route.path} needs an example in {__name__}"
        found.append(EXAMPLES.get(route.path, lambda _, path=route.path: path)(client))
    return [*dict.fromkeys(found), *MORE]
