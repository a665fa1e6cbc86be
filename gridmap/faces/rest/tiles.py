"""GET tiles: areas as vector tiles, and the TileJSON by which maps find them."""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Request, Response
from pydantic import BeforeValidator

from gridmap.areas.model import AREA_KINDS
from gridmap.areas.store import check_kind
from gridmap.faces import answers, wire
from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.kept_answers import answer
from gridmap.faces.news import EVERY, basis
from gridmap.faces.requests import StrictRoute
from gridmap.faces.values import Day, a_day, whole_text
from gridmap.tiles import store
from gridmap.tiles.model import AREA_FIELDS, DEEPEST, Tile

router = APIRouter(prefix="/api/v1/tiles", tags=["tiles"], route_class=StrictRoute)

WORLD = [-180.0, -85.05, 180.0, 85.05]
MVT = "application/vnd.mapbox-vector-tile"
TILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "the tile; without a byte where nothing lies", "content": {MVT: {}}},
    304: {"description": "the tile that If-None-Match names is still the one"},
    **wire.refusals(),
}

Kind = Annotated[str, Path(description="Kind of area.", examples=["grid"])]
Z = Annotated[int, BeforeValidator(whole_text), Path(description=f"Level, 0 to {DEEPEST}.", examples=[13])]
X = Annotated[int, BeforeValidator(whole_text), Path(description="Column, from the west.", examples=[6587])]
Y = Annotated[int, BeforeValidator(whole_text), Path(description="Row, from the north.", examples=[3199])]


@router.get(
    "/areas/{kind}/{z}/{x}/{y}.mvt",
    summary="Areas as a vector tile",
    response_class=Response,
    responses=TILE_ANSWERS,
)
def area_tile(
    request: Request,
    kind: Kind,
    z: Z,
    x: X,
    y: Y,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    day: Day = None,
) -> Response:
    """Boundaries valid on a day in one web Mercator tile; its layer is called as the kind.

    Where no area lies the answer is 200 without a byte, which is a vector tile without layers: so it has an
    ETag and is asked again like any other.
    """
    check_kind(kind)
    tile, asked = Tile(z, x, y), a_day(day)
    made_from = basis((service.area_news, EVERY))
    owner = service.atlases.choose(jurisdiction).jurisdiction
    on, made_from = made_from.on(asked, owner)
    with service.database.reading() as connection:
        body = store.areas(connection, owner.code, kind, on, tile)
    return answer(service.answers, request, body, MVT, made_from)


@router.get(
    "/areas/{kind}.json",
    summary="Where the tiles of areas are",
    response_model=wire.TileJson,
    responses=wire.refusals(),
)
def area_tiles(
    request: Request, kind: Kind, service: ServiceOf, jurisdiction: JurisdictionCode = None, day: Day = None
) -> Response:
    """TileJSON 3.0.0, which MapLibre and QGIS open as a layer."""
    check_kind(kind)
    asked = a_day(day)
    held = service.atlases.choose(jurisdiction)
    sheet = held.atlas.sheet(kind, asked or held.jurisdiction.today())
    given = {"jurisdiction": jurisdiction, "day": day}
    query = urlencode({name: value for name, value in given.items() if value is not None})
    template = f"{request.base_url}api/v1/tiles/areas/{kind}/{{z}}/{{x}}/{{y}}.mvt"
    return answers.data(
        {
            "tilejson": "3.0.0",
            "name": f"{held.jurisdiction.name} {AREA_KINDS[kind][0]}",
            "tiles": [f"{template}?{query}" if query else template],
            "minzoom": 0,
            "maxzoom": DEEPEST,
            "bounds": [float(edge) for edge in sheet.bounds] if sheet and sheet.versions else WORLD,
            "vector_layers": [{"id": kind, "fields": AREA_FIELDS}],
        }
    )
