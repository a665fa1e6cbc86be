"""Scripts, styles, fonts, tiles: everything that a page fetches, from this host only."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, FastAPI, Query, Response
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from gridmap.faces.deps import ServiceOf
from gridmap.faces.requests import PageRoute
from gridmap.maps.basemaps import fetch_tile
from gridmap.maps.page import ASSETS

STATIC = Path(__file__).parent / "static"
SERVED = frozenset({".js", ".css", ".png", ".svg", ".ttf", ".woff2", ".txt", ".webmanifest"})
DAY = "public, max-age=86400"

router = APIRouter(include_in_schema=False, route_class=PageRoute)


class Files(StaticFiles):
    """Files of a folder by the suffixes of SERVED. Vendored ones keep for a day, ours are asked for again."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        if "\0" in path or Path(path).suffix not in SERVED:
            raise HTTPException(404)
        answer = await super().get_response(path, scope)
        ours = self.directory == STATIC or path.startswith("gridmap/")
        if path.endswith(".webmanifest"):  # which the system's table of types may not know
            answer.headers["Content-Type"] = "application/manifest+json"
        answer.headers["Cache-Control"] = "no-cache" if ours else DAY
        return answer


def install(app: FastAPI) -> None:
    """Mount the folders."""
    app.mount("/static/vendor", Files(directory=ASSETS))
    app.mount("/static", Files(directory=STATIC))


@router.get("/favicon.ico")
def favicon() -> Response:
    return FileResponse(STATIC / "favicon.svg", media_type="image/svg+xml", headers={"Cache-Control": DAY})


@router.get("/basemap/{z:int}/{x:int}/{y:int}")
def tile(z: int, x: int, y: int, service: ServiceOf, layer: Annotated[str, Query()] = "") -> Response:
    """A tile of the operator's basemap, through our own cache."""
    body, media_type = fetch_tile(service.settings, z, x, y, layer)
    return Response(body, media_type=media_type, headers={"Cache-Control": DAY})
