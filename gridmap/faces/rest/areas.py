"""GET jurisdictions, areas, areas/{kind}/{code}."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from gridmap.areas import store
from gridmap.errors import NotFound
from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.entrance.visits import own
from gridmap.faces.keeping.kept_answers import answer
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
async def areas(
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
    touching, start = box(bbox), position(LIST, after, str, str)
    held, on, made_from = await service.areas_on(jurisdiction, a_day(day))

    def collection() -> bytes:
        rows = held.atlas.areas(on, kind, bbox=touching, after=start, limit=limit + 1)
        shown, following = answers.page(rows, limit, lambda a: cursor(LIST, a.kind, a.code))
        return bytes(answers.GeoJson(answers.collection(answers.area_features(shown), following)).body)

    body = await run_in_threadpool(collection)
    return answer(service.answers, request, body, answers.GeoJson.media_type, made_from)


@router.get(
    "/areas/{kind}/{code}",
    summary="One area as GeoJSON",
    response_model=wire.AreaFeature,
    response_class=answers.GeoJson,
    responses=wire.refusals(),
)
async def area(
    kind: Annotated[str, Path(description="Kind of area.", examples=["grid"])],
    code: Annotated[str, Path(description="Its code.", examples=["610602006003012"])],
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    day: Day = None,
) -> Response:
    """The boundary of one area as it was on a day."""
    store.check_kind(kind)
    held, on, made_from = await service.areas_on(jurisdiction, a_day(day))
    sheet = held.atlas.sheet(kind, on)
    if sheet is None or code not in sheet.row_of_code:
        raise NotFound(f"no {kind} {code!r} on {on}", field="code")
    found = sheet.versions[sheet.row_of_code[code]]
    body = await run_in_threadpool(lambda: bytes(answers.GeoJson(answers.area_features([found])[0]).body))
    return answer(service.answers, request, body, answers.GeoJson.media_type, made_from)
