"""Photos of reports: send one, list, one as JPEG."""

from __future__ import annotations

import re
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Path, Query, Request, Response
from starlette.requests import ClientDisconnect

from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.keeping.kept_answers import tagged
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import an_id
from gridmap.photos import intake, store
from gridmap.photos.model import NewPhoto
from gridmap.reports import store as reports

router = APIRouter(prefix="/api/v1", tags=["photos"], route_class=StrictRoute)

# Declared by the sender, which keeps other sites' forms out; what the file is, its content says.
TYPES = ("image/jpeg", "image/png", "image/webp")
UPLOADS = re.compile(r"/api/v1/reports/[^/]+/photos")  # bodies of these may have `photo_limit` bytes

ReportId = Annotated[str, Path(description="Id of the report, as given when it was sent.")]
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {name: {"schema": {"type": "string", "format": "binary"}} for name in TYPES},
    }
}


@router.post(
    "/reports/{id}/photos",
    summary="Send a photo of a report",
    status_code=201,
    response_model=wire.Photo,
    openapi_extra=_BODY,
    responses={
        200: {"model": wire.Photo, "description": "the same file was stored before under this client_id"},
        **wire.refusals(400, 409, 413, 415),
    },
)
async def create(
    id: ReportId,
    client_id: Annotated[
        str,
        Query(
            description="An identifier of your own, so that sending it again is harmless.",
            examples=["photo-7f3a"],
        ),
    ],
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """Store a photo with its report; the body is the image file itself: JPEG, PNG or WebP.

    201 when it is new, 200 when the same file came before under this `client_id` for this report, 409 when
    another did. It is kept as a JPEG without position, device or other notes, upright, at most 2048 pixels
    long. Answered once it is committed.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in TYPES:
        raise HTTPException(415, f"send the image file as the body, with Content-Type: {', '.join(TYPES)}")
    owner = service.atlases.choose(jurisdiction).jurisdiction
    report_id = an_id(id, "report")
    try:
        body = await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "the body did not come whole") from None
    assert service.asker is not None
    sent = NewPhoto(report_id, client_id, body, service.asker.name)
    outcome = await service.darkroom.run(partial(intake.add, service.database, owner.code, sent))
    where = {"Location": f"/api/v1/photos/{outcome.photo.id}"}
    status = 201 if outcome.status == "created" else 200
    return answers.data(answers.photo(outcome.photo, owner.zone), status, where)


@router.get(
    "/reports/{id}/photos",
    summary="The photos of a report",
    response_model=wire.PhotoList,
    responses=wire.refusals(),
)
def photos(id: ReportId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """In the order in which they came."""
    wanted = an_id(id, "report")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        report = reports.get(connection, owner.code, wanted)
        found = store.photos(connection, report.id, report.occurred_at)
    return answers.data(answers.listed(answers.photo(each, owner.zone) for each in found))


@router.get(
    "/photos/{id}",
    summary="A photo",
    response_class=Response,
    responses={
        200: {"description": "JPEG", "content": {"image/jpeg": {}}},
        304: {"description": "you have it already"},
        **wire.refusals(),
    },
)
def photo(
    id: Annotated[str, Path(description="Its id.")],
    request: Request,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    size: Annotated[
        Literal["full", "small"], Query(description="`small` is at most 480 pixels long.")
    ] = "full",
) -> Response:
    """JPEG with a strong ETag. To be asked for again each time: who may see it today may not tomorrow."""
    wanted = an_id(id, "photo")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        body = store.picture(connection, owner.code, wanted, size)
    return tagged(body, "image/jpeg")
