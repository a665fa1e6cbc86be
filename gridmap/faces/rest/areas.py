"""GET jurisdictions, areas, areas/{kind}/{code}."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from gridmap.areas import store
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.entrance.visits import Visit, own
from gridmap.faces.keeping.kept_answers import answer
from gridmap.faces.keeping.news import EVERY, Basis, basis
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Bbox, Day, Limit, a_day, box

router = APIRouter(prefix="/api/v1", tags=["areas"], route_class=StrictRoute)
LIST = "areas"


@router.get(
    "/jurisdictions",
    summary="The jurisdictions",
    response_model=wire.JurisdictionList,
    responses=wire.refusals(),
)
def jurisdictions(service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """The one that whoever asks belongs to; `illustrative` ones have made-up boundaries (示意数据)."""
    with service.database.reading() as connection:
        known = own(store.jurisdictions(connection), service.asker)
    if jurisdiction is not None:
        known = [store.choose_jurisdiction(known, jurisdiction)]
    return answers.data(answers.listed(map(answers.jurisdiction, known)))


@router.get(
    "/areas",
    summary="Areas as GeoJSON",
    response_model=wire.AreaCollection,
    response_class=answers.GeoJson,
    responses=wire.refusals(),
)
def areas(
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    kind: Annotated[
        str | None, Query(description="subdistrict, community, grid, compound or building", examples=["grid"])
    ] = None,
    bbox: Bbox = None,
    day: Day = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Boundaries valid on a day, by kind and code. WGS-84, unrounded."""
    if kind is not None:
        store.check_kind(kind)
    asked_box, asked_day = box(bbox), a_day(day)
    start = position(LIST, after, str, str)
    made_from = basis((service.area_news, EVERY))
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        on, made_from = made_from.on(asked_day, owner)
        rows = store.areas(
            connection,
            owner.code,
            kind=kind,
            bbox=asked_box,
            day=on,
            limit=limit + 1,
            after=start,
        )
    shown, following = answers.page(rows, limit, lambda a: cursor(LIST, a.kind, a.code))
    return _geojson(
        service, request, answers.collection(map(answers.area_feature, shown), following), made_from
    )


@router.get(
    "/areas/{kind}/{code}",
    summary="One area as GeoJSON",
    response_model=wire.AreaFeature,
    response_class=answers.GeoJson,
    responses=wire.refusals(),
)
def area(
    kind: Annotated[str, Path(description="Kind of area.", examples=["grid"])],
    code: Annotated[str, Path(description="Its code.", examples=["610602006003012"])],
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    day: Day = None,
) -> Response:
    """The boundary of one area as it was on a day."""
    asked = a_day(day)
    made_from = basis((service.area_news, EVERY))
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        on, made_from = made_from.on(asked, owner)
        found = store.area(connection, owner.code, kind, code, on)
    return _geojson(service, request, answers.area_feature(found), made_from)


def _geojson(service: Visit, request: Request, value: Any, made_from: Basis) -> Response:
    body = bytes(answers.GeoJson(value).body)
    return answer(service.answers, request, body, answers.GeoJson.media_type, made_from)
