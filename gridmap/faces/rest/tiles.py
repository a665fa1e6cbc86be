"""GET tiles: areas and reports as vector tiles, and the TileJSON by which maps find them."""

from __future__ import annotations

from datetime import date
from math import log2
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BeforeValidator
from starlette.concurrency import run_in_threadpool

from gridmap.areas.model import AREA_KINDS, Jurisdiction
from gridmap.areas.sheets import Sheet
from gridmap.areas.store import check_kind
from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.keeping.kept_answers import answer
from gridmap.faces.keeping.news import EVERY
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import Day, a_day, a_month, whole_text
from gridmap.reports.categories import vocabulary
from gridmap.tiles.areas import area_tile, rows_in
from gridmap.tiles.model import AREA_FIELDS, CELL_FIELDS, DEEPEST, REPORT_FIELDS, Tile
from gridmap.tiles.reports import report_tile

router = APIRouter(prefix="/api/v1/tiles", tags=["tiles"], route_class=StrictRoute)

WORLD = [-180.0, -85.05, 180.0, 85.05]
MONTHS = date(1900, 1, 1), date(2099, 12, 1)  # all that parse_month takes
AT_ONCE = 500  # of so many areas a tile takes a few milliseconds at most; of more, a thread makes it
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
First = Annotated[
    str | None, Query(alias="from", description="First month; default the first.", examples=["2023-01"])
]
Last = Annotated[
    str | None, Query(alias="to", description="Last month; default the last.", examples=["2023-12"])
]
Category = Annotated[str | None, Query(examples=["matter-06011"])]


@router.get(
    "/areas/{kind}/{z}/{x}/{y}.mvt",
    summary="Areas as a vector tile",
    response_class=Response,
    responses=TILE_ANSWERS,
)
async def areas(
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
    held, on, made_from = await service.areas_on(jurisdiction, asked)
    sheet = held.atlas.sheet(kind, on)
    body = b""
    if sheet and sheet.versions:
        few = len(sheet.versions) <= AT_ONCE
        body = _areas(sheet, kind, tile) if few else await run_in_threadpool(_areas, sheet, kind, tile)
    return answer(service.answers, request, body, MVT, made_from)


def _areas(sheet: Sheet, kind: str, tile: Tile) -> bytes:
    return area_tile(sheet, kind, tile, rows_in(sheet, tile))


@router.get(
    "/reports/{z}/{x}/{y}.mvt",
    summary="Reports as a vector tile",
    response_class=Response,
    responses=TILE_ANSWERS,
)
def reports(
    request: Request,
    z: Z,
    x: X,
    y: Y,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    first: First = None,
    last: Last = None,
    category: Category = None,
) -> Response:
    """Where there were reports: from level 15 each a point of the layer `reports`.

    Farther out, and where a tile holds more than 5,000, counts: the layer `cells` has a point in the middle
    of each of 64 by 64 squares that holds any, with their number. Without a byte where there are none.
    Private categories are not shown in places.
    """
    tile, (first_month, last_month) = Tile(z, x, y), _months(first, last)
    made_from = service.basis((service.area_news, EVERY))
    owner = service.atlases.choose(jurisdiction).jurisdiction
    made_from = service.with_reports(made_from, owner.code)
    _check_category(service, owner, category)
    with service.database.asking() as connection:
        body = report_tile(connection, owner, first_month, last_month, category, tile)
    return answer(service.answers, request, body, MVT, made_from)


@router.get(
    "/areas/{kind}.json",
    summary="Where the tiles of areas are",
    response_model=wire.TileJson,
    responses=wire.refusals(),
)
def areas_described(
    request: Request, kind: Kind, service: ServiceOf, jurisdiction: JurisdictionCode = None, day: Day = None
) -> Response:
    """TileJSON 3.0.0, which MapLibre and QGIS open as a layer."""
    check_kind(kind)
    asked = a_day(day)
    held = service.atlases.choose(jurisdiction)
    sheet = held.atlas.sheet(kind, asked or held.jurisdiction.today())
    address = _template(request, f"areas/{kind}", jurisdiction=jurisdiction, day=day)
    bounds = _bounds(sheet)
    return _described(held.jurisdiction, AREA_KINDS[kind][0], address, bounds, bounds, {kind: AREA_FIELDS})


@router.get(
    "/reports.json",
    summary="Where the tiles of reports are",
    response_model=wire.TileJson,
    responses=wire.refusals(),
)
def reports_described(
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    first: First = None,
    last: Last = None,
    category: Category = None,
) -> Response:
    """TileJSON 3.0.0, which MapLibre and QGIS open as two layers."""
    _months(first, last)
    held = service.atlases.choose(jurisdiction)
    _check_category(service, held.jurisdiction, category)
    asked = {"jurisdiction": jurisdiction, "from": first, "to": last, "category": category}
    around = _bounds(held.atlas.sheet("grid", held.jurisdiction.today()))
    layers = {"reports": REPORT_FIELDS, "cells": CELL_FIELDS}
    # reports lie outside the areas too, and maps ask for nothing beyond the bounds
    return _described(
        held.jurisdiction, "上报", _template(request, "reports", **asked), WORLD, around, layers
    )


def _check_category(service: Visit, owner: Jurisdiction, category: str | None) -> None:
    if category is not None:
        with service.database.reading() as connection:
            vocabulary(connection, owner.code).check(category)


def _months(first: str | None, last: str | None) -> tuple[date, date]:
    months = a_month(first, "from") or MONTHS[0], a_month(last, "to") or MONTHS[1]
    if months[1] < months[0]:
        raise BadInput("is before the first month", field="to")
    return months


def _template(request: Request, path: str, **asked: str | None) -> str:
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    address = f"{request.base_url}api/v1/tiles/{path}/{{z}}/{{x}}/{{y}}.mvt"
    return f"{address}?{query}" if query else address


def _bounds(sheet: Sheet | None) -> list[float]:
    return sheet.bounds.tolist() if sheet and sheet.versions else WORLD


def _described(
    owner: Jurisdiction,
    title: str,
    address: str,
    bounds: list[float],
    shown: list[float],
    layers: dict[str, dict[str, str]],
) -> Response:
    """`shown`: west, south, east, north of what a map is to begin with."""
    west, south, east, north = shown
    return answers.data(
        {
            "tilejson": "3.0.0",
            "name": f"{owner.name} {title}",
            "tiles": [address],
            "minzoom": 0,
            "maxzoom": DEEPEST,
            "bounds": bounds,
            "center": [(west + east) / 2, (south + north) / 2, max(0, int(log2(360 / (east - west))))],
            "vector_layers": [{"id": name, "fields": fields} for name, fields in layers.items()],
        }
    )
