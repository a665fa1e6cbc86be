"""Work records: list, one, create."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.reports import in_body
from gridmap.faces.shapes import answers, bodies, wire
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Limit, Month, a_day, an_id, day_text
from gridmap.statistics.months import next_month, parse_month
from gridmap.works import intake, store
from gridmap.works.kinds import find
from gridmap.works.model import NewWork

router = APIRouter(prefix="/api/v1", tags=["works"], route_class=StrictRoute)
LIST = "works"


@router.get(
    "/works",
    summary="Work records, newest first",
    response_model=wire.WorkList,
    responses=wire.refusals(),
)
def works(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    kind: Annotated[str | None, Query(examples=["advert_removed"])] = None,
    month: Month = None,
    first: Annotated[
        str | None, Query(alias="from", description="First day.", examples=["2023-06-01"])
    ] = None,
    last: Annotated[str | None, Query(alias="to", description="Last day.", examples=["2023-06-30"])] = None,
    grid: Annotated[str | None, Query(description="Code of a grid.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Counted efforts and outcomes that match all filters."""
    earliest, latest = _days(month, first, last)
    start = position(LIST, after, day_text, UUID)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        rows = store.works(
            connection,
            owner.code,
            kind=find(store.kinds(connection), kind).code if kind is not None else None,
            first=earliest,
            last=latest,
            grid=grid,
            limit=limit + 1,
            after=start,
        )
    shown, following = answers.page(rows, limit, lambda w: cursor(LIST, w.occurred_on, w.id))
    return answers.data(answers.listed((answers.work(row, owner.zone) for row in shown), following))


@router.get("/works/{id}", summary="One work record", response_model=wire.Work, responses=wire.refusals())
def work(
    id: Annotated[str, Path(description="Its id, as given when it was sent.")],
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """A work record and the reports it belongs to."""
    wanted = an_id(id, "work record")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = store.get(connection, owner.code, wanted)
    return answers.data(answers.work(found, owner.zone))


@router.post(
    "/works",
    summary="Send a work record",
    status_code=201,
    response_model=wire.CreatedWork,
    responses={
        200: {
            "model": wire.CreatedWork,
            "description": "the same record was stored before under this client_id",
        },
        **wire.refusals(400, 409, 413, 415),
    },
)
def create(body: bodies.WorkIn, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """Store a work record: 201 when new, 200 when the same came before, 409 when another did."""
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        tolerance_m = service.settings.nearest_tolerance_m
        (outcome,) = intake.record(
            connection, owner, [_draft(connection, owner, body)], nearest_tolerance_m=tolerance_m
        )
        if outcome.error is not None:
            raise in_body(outcome.error)
    where = {"Location": f"/api/v1/works/{outcome.work_id}"}
    return answers.data({"id": outcome.work_id}, 201 if outcome.status == "created" else 200, where)


def _draft(connection: Connection, owner: Jurisdiction, body: bodies.WorkIn) -> NewWork:
    at = body.location
    return NewWork(
        kind=body.kind,
        quantity=Decimal(str(body.quantity)),
        occurred_on=body.occurred_on,
        client_id=body.client_id,
        unit=body.unit,
        place_name=body.place_name,
        note=body.note,
        lon=at.lon if at else None,
        lat=at.lat if at else None,
        datum=at.datum if at else None,
        report_ids=_reports(connection, owner, body.report_ids),
    )


def _reports(connection: Connection, owner: Jurisdiction, named: Sequence[str]) -> tuple[UUID | str, ...]:
    """Each as an id where there is such a report, else as a client id: clients use UUIDs for those too."""
    as_ids = {text: id_ for text in named if (id_ := _uuid(text))}
    known = store.report_times(connection, owner.code, list(as_ids.values()), [])
    return tuple(id_ if (id_ := as_ids.get(text)) in known and id_ else text for text in named)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _days(month: str | None, first: str | None, last: str | None) -> tuple[date | None, date | None]:
    if month is not None:
        if first is not None or last is not None:
            raise BadInput("give a month, or from and to, not both", field="month")
        start = parse_month(month)
        return start, next_month(start) - timedelta(days=1)
    days = a_day(first, "from"), a_day(last, "to")
    if days[0] and days[1] and days[0] > days[1]:
        raise BadInput("must not be after `to`", field="from")
    return days
