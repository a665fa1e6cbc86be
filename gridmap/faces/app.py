"""The application: guards, routes and errors around one Service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from gridmap.faces import problems
from gridmap.faces.entrance import guards
from gridmap.faces.entrance.gate import Gate
from gridmap.faces.entrance.who import COOKIE
from gridmap.faces.health import router as health
from gridmap.faces.hot import HotRoute
from gridmap.faces.keeping.kept_answers import KeptAnswers
from gridmap.faces.pages import files
from gridmap.faces.pages import routes as pages
from gridmap.faces.rest import routes as rest
from gridmap.faces.service import Service
from gridmap.faces.shapes.wire import ProblemDetails
from gridmap.settings import Settings

DESCRIPTION = """\
From a coordinate to its grid, from a month to its map.

Coordinates are longitude before latitude, in degrees. Points always declare their datum (wgs84, cgcs2000,
gcj02, bd09); whatever comes back as GeoJSON is WGS-84, unrounded. Lists are paged: hand `next` back as
`after` until it is null. Errors are RFC 9457 problem details that name the field and what would be right.

Every request is somebody's: send a token as `Authorization: Bearer gridmap_…`. What its role may not see is
answered as if it were not there.
"""


# either of them lets a request in
SECURITY = {
    "token": {"type": "http", "scheme": "bearer", "description": "what `gridmap token create` prints"},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "what /sign-in sets"},
}


def create_app(
    settings: Settings,
    *,
    on_ready: Callable[[], None] | None = None,
    on_failure: Callable[[BaseException], None] | None = None,
) -> FastAPI:
    """The service as an ASGI application.

    The database is opened when the application starts, in a thread: until it is migrated and loaded
    /healthz and everything else answer 503. Then `on_ready` is called from that thread, or `on_failure`
    with the error.
    """
    service = Service(settings, on_ready, on_failure)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await service.begin()
        try:
            yield
        finally:
            await service.end()

    app = FastAPI(
        title="gridmap",
        version="1",
        summary="Responsibility grids, reports and monthly heat maps of a subdistrict.",
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.service = service
    app.openapi = lambda: _described(app)  # type: ignore[method-assign]
    app.include_router(health)
    for router in (*rest.ROUTERS, *pages.ROUTERS):
        app.include_router(router)
    # past everything that a search through the routers costs
    app.router.routes[:0] = [HotRoute(router, endpoint, service) for router, endpoint in rest.HOT]
    files.install(app)
    problems.install(app)
    # the last one added stands outermost
    app.add_middleware(guards.BodyLimit, limit=settings.body_limit, own=rest.body_limits(settings))
    app.add_middleware(KeptAnswers, kept=service.answers)
    app.add_middleware(Gate, service=service)
    app.add_middleware(guards.ReadinessGate, step=lambda: service.step)
    names = frozenset(filter(None, settings.allowed_hosts.split(",")))
    app.add_middleware(guards.HostCheck, host=settings.host, allowed=names)
    app.add_middleware(guards.LastResort)
    app.add_middleware(guards.SecurityHeaders)
    app.add_middleware(guards.HeadAsGet)
    return app


def _described(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI description, with the schema that every route's problems refer to."""
    if app.openapi_schema is None:
        description = FastAPI.openapi(app)
        details = ProblemDetails.model_json_schema(ref_template="#/components/schemas/{model}")
        parts = details.pop("$defs", {})
        description["components"]["schemas"] |= {"ProblemDetails": details, **parts}
        description["components"]["securitySchemes"] = SECURITY
        description["security"] = [{name: []} for name in SECURITY]
        description["paths"]["/healthz"]["get"]["security"] = []
    assert app.openapi_schema is not None
    return app.openapi_schema
