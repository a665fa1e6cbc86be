"""GET places: points of public interest as GeoJSON."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.keeping.kept_answers import tagged
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Bbox, Day, Limit, a_day, a_moment, box
from gridmap.places import store
from gridmap.places.model import PLACE_KINDS

router = APIRouter(prefix="/api/v1", tags=["places"], route_class=StrictRoute)
LIST = "places"


@router.get(
    "/places",
    summary="Places as GeoJSON",
    response_model=wire.PlaceCollection,
    response_class=answers.GeoJson,
    responses=wire.refusals(),
)
def places(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    kind: Annotated[
        str | None,
        Query(description="One kind, or several with commas between them.", examples=["parking"]),
    ] = None,
    bbox: Bbox = None,
    day: Day = None,
    open_at: Annotated[
        str | None,
        Query(
            description="Open at this time, given with its offset (a + is %2B in an address).",
            examples=["2023-06-15T19:30:00+08:00"],
        ),
    ] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Places of a day (that of `open_at`, or today), by kind and code. WGS-84, unrounded."""
    wanted, asked_box, asked_day, moment = kinds_of(kind), box(bbox), a_day(day), a_moment(open_at, "open_at")
    start = position(LIST, after, str, str)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        if asked_day is None:
            asked_day = moment.astimezone(owner.zone).date() if moment else owner.today()
        rows = store.places(
            connection,
            owner.code,
            kinds=wanted,
            bbox=asked_box,
            day=asked_day,
            open_at=moment,
            limit=limit + 1,
            after=start,
        )
    shown, following = answers.page(rows, limit, lambda p: cursor(LIST, p.kind, p.code))
    found = answers.GeoJson(answers.collection(map(answers.place_feature, shown), following))
    return tagged(bytes(found.body), answers.GeoJson.media_type)


def kinds_of(text: str | None) -> list[str] | None:
    """Kinds of places from `a,b`. Raises BadInput(field="kind") for one that there is not."""
    if text is None:
        return None
    kinds = list(dict.fromkeys(text.split(",")))
    for kind in kinds:
        if kind not in PLACE_KINDS:
            raise BadInput(f"is not a kind of place; there are {', '.join(PLACE_KINDS)}", field="kind")
    return kinds
