"""Cases: list, one, a move; duties: list."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Response
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import listing, moving, store
from gridmap.cases.acting import actor_of
from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, case_wire, wire
from gridmap.faces.shapes.case_filters import NEWEST, SentFilter, ordered
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Day, Limit, a_day, an_id, moment_text
from gridmap.people import store as people
from gridmap.people.sight import shows_people

router = APIRouter(prefix="/api/v1", tags=["cases"], route_class=StrictRoute)
LIST = "cases"
DUTIES = "duties"
CaseId = Annotated[str, Path(description="Its id.")]


@router.get("/cases", summary="Cases", response_model=case_wire.CaseList, responses=wire.refusals())
def cases(
    service: ServiceOf,
    sent: SentFilter,
    jurisdiction: JurisdictionCode = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Cases that match all filters. What is overdue or due next is reckoned at the moment of asking."""
    sort = sent.sort or NEWEST
    of_list = f"{LIST} {sort}"
    start = position(of_list, after, moment_text, UUID)
    start_at = (start[0], start[1]) if start else None
    now = datetime.now(UTC)
    assert service.asker is not None
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        actor = actor_of(connection, service.asker, owner.today())
        wanted = sent.wanted(connection, owner, actor.recipients)
        found = ordered(connection, owner, service, sent, wanted, now, limit + 1, start_at)
    shown, following = answers.page(found, limit, lambda pair: cursor(of_list, *pair[0]))
    return answers.data(answers.listed((case_wire.case(view, owner.zone) for _, view in shown), following))


@router.get("/cases/{id}", summary="One case", response_model=case_wire.WholeCase, responses=wire.refusals())
def case(id: CaseId, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """A case with its tasks, clocks, history and what its reporters were told."""
    wanted = an_id(id, "case")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        return answers.data(_whole(connection, owner, service, wanted))


def _whole(connection: Connection, owner: Jurisdiction, service: Visit, wanted: UUID) -> dict[str, object]:
    view = listing.one(connection, owner, service.settings, wanted, datetime.now(UTC))
    reports = [id_ for id_, _ in store.reports_of(connection, wanted)]
    told = listing.told(connection, owner, reports)
    zone = owner.zone
    return {
        **case_wire.case(view, zone),
        "reports": reports,
        "tasks": [case_wire.task(each, zone) for each in view.standing.tasks],
        "clocks": [case_wire.clock(each, zone) for each in view.clocks],
        "history": [case_wire.move(each, zone) for each in view.history],
        "notices": [
            {"report": n.report_id, "kind": n.kind, "at": answers.in_zone(n.recorded_at, zone)} for n in told
        ],
    }


@router.post(
    "/cases/{id}/moves",
    summary="Move a case",
    status_code=201,
    response_model=case_wire.WholeCase,
    responses=wire.refusals(400, 403, 409, 413, 415),
)
def move(
    id: CaseId, body: case_wire.MoveIn, service: ServiceOf, jurisdiction: JurisdictionCode = None
) -> Response:
    """Make a move that the table of moves allows, for whoever asks: by their roles and duties of today.

    Answered, with the case after it, once it is committed.
    409 where the case does not stand so, or has moved since `seq`; 403 where the move is for others.
    """
    wanted = an_id(id, "case")
    assert service.asker is not None
    with service.database.writing() as connection:
        owner = chosen(connection, service, jurisdiction)
        actor = actor_of(connection, service.asker, owner.today())
        moving.make(
            connection,
            owner,
            service.settings,
            wanted,
            body.move,
            actor,
            reason=body.reason,
            details=body.details,
            seq=body.seq,
        )
        whole = _whole(connection, owner, service, wanted)
    return answers.data(whole, 201, {"Location": f"/api/v1/cases/{wanted}"})


@router.get(
    "/duties", summary="Duties of a day", response_model=case_wire.DutyList, responses=wire.refusals()
)
def duties(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    day: Day = None,
    post: Annotated[str | None, Query(examples=["grid_chief"])] = None,
    area_kind: Annotated[str | None, Query(description="With area_code.", examples=["grid"])] = None,
    area_code: Annotated[str | None, Query(description="With area_kind.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Who holds which post for which area, by area and post. Names only where people are shown."""
    if (area_kind is None) != (area_code is None):
        raise BadInput("goes together with area_code", field="area_kind")
    area = (area_kind, area_code) if area_kind is not None and area_code is not None else None
    asked = a_day(day)
    start = position(DUTIES, after, str, str, str, str)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        if post is not None and post not in people.posts(connection):
            raise BadInput(f"there is no post {post[:60]!r}", field="post")
        found = people.duties(connection, owner.code, day=asked or owner.today(), post=post, area=area)
    keyed = sorted((each.area_kind, each.area_code, each.post, str(each.id), each) for each in found)
    rest = [row for row in keyed if start is None or row[:4] > start][: limit + 1]
    shown, following = answers.page(rest, limit, lambda row: cursor(DUTIES, *row[:4]))
    people_shown = shows_people(service.asker, owner.code)
    return answers.data(answers.listed((case_wire.duty(row[4], people_shown) for row in shown), following))
