"""What a desk does with cases: one move for many of them, whom they would go to, and correcting a report."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import sqlalchemy.exc
from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import listing, moving, store
from gridmap.cases.acting import actor_of
from gridmap.cases.correcting import correct_report
from gridmap.cases.local import Local, local
from gridmap.cases.model import Actor, CaseFile
from gridmap.database.faults import of_database
from gridmap.errors import BadInput, GridmapError, NotFound
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.recipients import Recipients, recipients
from gridmap.faces.requests import StrictRoute
from gridmap.faces.rest.reports import in_body
from gridmap.faces.shapes import answers, case_wire, desk_wire, wire
from gridmap.faces.shapes.values import an_id
from gridmap.reports.corrections import Change

router = APIRouter(prefix="/api/v1", tags=["cases"], route_class=StrictRoute)


@router.post(
    "/cases/moves",
    summary="Move several cases",
    response_model=desk_wire.ManyMoved,
    responses=wire.refusals(400, 409, 413, 415),
)
def moves(body: desk_wire.ManyMovesIn, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """Make one move in each of up to 100 cases, one after the other, in the order given.

    Each case is a transaction of its own: what is refused says why and leaves the others as they are. 200
    also where every one was refused.
    """
    wanted = [_case(each.id, f"cases[{place}].id") for place, each in enumerate(body.cases)]
    if len(set(wanted)) < len(wanted):
        raise BadInput("names a case twice", field="cases")
    assert service.asker is not None
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        actor = actor_of(connection, service.asker, owner.today())
    done = [
        _moved(service, owner, body, actor, id_, each.seq)
        for id_, each in zip(wanted, body.cases, strict=True)
    ]
    return answers.data({"moved": sum(each["moved"] for each in done), **answers.listed(done)})


def _moved(
    service: Visit,
    owner: Jurisdiction,
    body: desk_wire.ManyMovesIn,
    actor: Actor,
    wanted: UUID,
    seq: int | None,
) -> dict[str, object]:
    try:
        with service.database.writing() as connection:
            moving.make(
                connection,
                owner,
                service.settings,
                wanted,
                body.move,
                actor,
                reason=body.reason,
                details=body.details,
                seq=seq,
            )
            view = listing.one(connection, owner, service.settings, wanted, datetime.now(UTC))
    except GridmapError as error:
        return desk_wire.refused(wanted, error)
    except sqlalchemy.exc.SQLAlchemyError as error:
        if (known := of_database(error)) is None:
            raise
        return desk_wire.refused(wanted, known)
    return {"id": wanted, "moved": True, "case": case_wire.case(view, owner.zone), "problem": None}


@router.get(
    "/routes",
    summary="Whom cases would go to",
    response_model=desk_wire.RouteList,
    responses=wire.refusals(),
)
def routes(
    service: ServiceOf,
    cases: Annotated[
        str,
        Query(
            description="Ids of up to 100 cases, with commas.",
            examples=["018c2f5e-0000-7000-8000-000000000000"],
            max_length=4_000,
        ),
    ],
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """The recipients that the routing rules find for each case at this moment; nothing is dispatched."""
    wanted = [_case(text, "cases") for text in cases.split(",")]
    if len(wanted) > desk_wire.CASES_MOST:
        raise BadInput(f"give up to {desk_wire.CASES_MOST} cases", field="cases")
    now = datetime.now(UTC)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        going_by = local(connection, owner, service.settings)
        names = recipients(connection, service, owner)
        found = {row.id: row for row in store.by_ids(connection, owner.code, wanted)}
        rows = [
            desk_wire.refused_route(id_, NotFound("there is no such case", field="id"))
            if id_ not in found
            else _route(connection, owner, service, found[id_], now, going_by, names)
            for id_ in wanted
        ]
    return answers.data(answers.listed(rows))


def _route(
    connection: Connection,
    owner: Jurisdiction,
    service: Visit,
    case: CaseFile,
    now: datetime,
    going_by: Local,
    names: Recipients,
) -> dict[str, object]:
    try:
        found = moving.routed(connection, owner, service.settings, case, now, going_by)
    except GridmapError as error:
        return desk_wire.refused_route(case.id, error)
    return desk_wire.route(case.id, found, names)


@router.post(
    "/reports/{id}/corrections",
    summary="Correct a report",
    status_code=201,
    response_model=desk_wire.Corrected,
    responses=wire.refusals(400, 403, 409, 413, 415),
)
def correct(
    id: Annotated[str, Path(description="Id of the report.")],
    body: desk_wire.CorrectionIn,
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
) -> Response:
    """Give a report another point or category; what it was before is kept. It is placed anew, and its case
    goes back to be dispatched where the rules send it to others now."""
    wanted = an_id(id, "report")
    at = body.location
    change = Change(category=body.category)
    if at is not None:
        change = Change(body.category, at.lon, at.lat, at.datum, at.accuracy_m)
    elif body.category is None:
        raise BadInput("give a location or a category that is to be another", field="location")
    assert service.asker is not None
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        actor = actor_of(connection, service.asker, owner.today())
        try:
            done = correct_report(
                connection, owner, service.settings, wanted, change, actor, reason=body.reason
            )
        except GridmapError as error:
            raise in_body(error) from None
    said = {
        "number": done.number,
        "changed": list(done.changed),
        "report": answers.report(done.after, owner.zone),
    }
    return answers.data(said, 201, {"Location": f"/api/v1/reports/{wanted}"})


def _case(text: str, field: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is no id of a case", field=field) from None
