"""Reports: list, one, create; and the categories that they can have."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response

from gridmap.database.asker import Asker
from gridmap.errors import BadCoordinate, BadInput, Busy, GridmapError
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.group_commit import Overloaded
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, bodies, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Edge, Flag, Limit, Month, an_id, moment_text, span
from gridmap.reports import store
from gridmap.reports.categories import vocabulary
from gridmap.reports.intake import check_time
from gridmap.reports.model import NewReport

router = APIRouter(prefix="/api/v1", tags=["reports"], route_class=StrictRoute)
LIST = "reports"


@router.get(
    "/categories",
    summary="What a report can be about",
    response_model=wire.CategoryList,
    responses=wire.refusals(),
)
def categories(service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """Codes carry their kind. `provisional` ones come from a secondary transcription of the standard."""
    with service.database.reading() as connection:
        known = store.categories(connection, chosen(connection, service, jurisdiction).code)
    return answers.data(answers.listed(map(answers.category, known)))


@router.get(
    "/reports", summary="Reports, newest first", response_model=wire.ReportList, responses=wire.refusals()
)
def reports(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    month: Month = None,
    first: Annotated[str | None, Query(alias="from", examples=["2023-06-01"]), Edge] = None,
    last: Annotated[str | None, Query(alias="to", examples=["2023-06-30"]), Edge] = None,
    category: Annotated[str | None, Query(examples=["matter-06011"])] = None,
    grid: Annotated[str | None, Query(description="Code of a grid.")] = None,
    community: Annotated[str | None, Query(description="Code of a community.")] = None,
    method: Annotated[Literal["covers", "nearest", "outside", "named"] | None, Query()] = None,
    needs_review: Annotated[Flag, Query(description="Too uncertain to place without a person.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Reports that match all filters. Months and days are those of the jurisdiction's time zone."""
    start = position(LIST, after, moment_text, UUID)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        earliest, latest = span(month, first, last, owner.zone)
        if category is not None:
            vocabulary(connection, owner.code).check(category)
        rows = store.reports(
            connection,
            owner.code,
            first=earliest,
            last=latest,
            category=category,
            grid=grid,
            community=community,
            method=method,
            needs_review=needs_review,
            limit=limit + 1,
            after=start,
        )
    shown, following = answers.page(rows, limit, lambda r: cursor(LIST, r.occurred_at, r.id))
    return answers.data(answers.listed((answers.report(row, owner.zone) for row in shown), following))


@router.get("/reports/{id}", summary="One report", response_model=wire.Report, responses=wire.refusals())
def report(
    id: Annotated[str, Path(description="Its id, as given when it was sent.")],
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """A report and where it lies."""
    wanted = an_id(id, "report")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = store.get(connection, owner.code, wanted)
    return answers.data(answers.report(found, owner.zone))


@router.post(
    "/reports",
    summary="Send a report",
    status_code=201,
    response_model=wire.Created,
    responses={
        200: {"model": wire.Created, "description": "the same report was stored before under this client_id"},
        **wire.refusals(400, 409, 413, 415),
    },
)
async def create(
    body: bodies.ReportIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """Store a report and say where it lies.

    201 when it is new. 200 with the same `id` when the same body came before under this `client_id`; 409
    when that body was another. Answered once it is committed.
    """
    owner = service.atlases.choose(jurisdiction).jurisdiction
    check_time(body.occurred_at)
    try:
        outcome = await service.reports.submit(owner, _draft(body, service.asker))
    except Overloaded:
        raise Busy("too many reports are waiting; send it again in a moment") from None
    if outcome.error is not None:
        raise in_body(outcome.error)
    assert outcome.placement is not None
    sent = {
        "id": outcome.report_id,
        "placement": answers.placement(outcome.placement),
        "needs_review": outcome.needs_review,
    }
    where = {"Location": f"/api/v1/reports/{outcome.report_id}"}
    return answers.data(sent, 201 if outcome.status == "created" else 200, where)


def _draft(body: bodies.ReportIn, sender: Asker | None) -> NewReport:
    at = body.location
    if at is not None and body.named_area is not None:
        raise BadInput("give a location or the name of an area, not both", field="named_area")
    if at is None and body.named_area is None:
        raise BadCoordinate(
            'is missing; give {"lon", "lat", "datum", "accuracy_m"}, or named_area', field="location"
        )
    return NewReport(
        category=body.category,
        description=body.description,
        occurred_at=body.occurred_at,
        client_id=body.client_id,
        lon=at.lon if at else None,
        lat=at.lat if at else None,
        datum=at.datum if at else None,
        accuracy_m=at.accuracy_m if at else None,
        named_area=body.named_area,
        sent_by=sender.person if sender else None,
    )


def in_body(error: GridmapError) -> GridmapError:
    """The same error with its field as it is called in the body."""
    if error.field in ("lon", "lat", "datum", "accuracy_m"):
        return type(error)(error.message, field=f"location.{error.field}")
    return error
