"""三排查: what is to be inspected, what nobody looks at, and that something was inspected."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.acting import counting, duties_of
from gridmap.cases.inspections import store, tally
from gridmap.cases.inspections.model import Inspection, Plan, Target
from gridmap.cases.inspections.rounds import Blind, Round, inspects, record, rounds
from gridmap.faces.deps import JurisdictionCode, ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.bodies import Strict
from gridmap.faces.shapes.cursors import cursor, position
from gridmap.faces.shapes.values import After, Day, Flag, JsonDay, Limit, Line, a_day
from gridmap.people import sight

router = APIRouter(prefix="/api/v1", tags=["inspections"], route_class=StrictRoute)
LIST = "inspections"
Inspector = Literal["member", "squad", "property"]


class PlanOut(BaseModel):
    code: str
    name: str
    inspector: Inspector
    target: Literal["building", "place"]
    every_days: int
    category: Annotated[str | None, Field(description="Of the report that trouble leads to.")]


class CountedPlan(PlanOut):
    targets: Annotated[int, Field(description="That lie in the sight of whoever asks.")]
    covered: int
    trouble: Annotated[int, Field(description="With trouble at their last inspection.")]


class TargetOut(BaseModel):
    kind: Literal["building", "place"]
    code: str
    name: str
    grid: wire.AreaRef | None
    community: wire.AreaRef | None
    wgs84: Annotated[tuple[float, float], Field(description="lon, lat of a point inside, degrees.")]


class RoundOut(BaseModel):
    plan: PlanOut
    target: TargetOut
    last: Annotated[str | None, Field(description="Day of the last inspection; null: there was none.")]
    due: Annotated[str | None, Field(description="Day of the next one; null: at once.")]
    covered: Annotated[bool, Field(description="Whether the last one still counts.")]
    trouble: Annotated[bool, Field(description="Whether there was trouble at the last one.")]


class RoundList(BaseModel):
    items: list[RoundOut]
    next: str | None


class BlindGrid(BaseModel):
    grid: Annotated[str | None, Field(description="Code; null: buildings in no grid.")]
    buildings: int
    uncovered: list[wire.AreaRef]


class CoverageOut(BaseModel):
    day: str
    plans: list[CountedPlan]
    grids: Annotated[list[BlindGrid], Field(description="Buildings that no plan covers, by grid.")]


class InspectionIn(Strict):
    plan: Annotated[Line, Field(description="Code of a plan.")]
    target: Annotated[Line, Field(description="Code of the building or place.")]
    inspected_on: Annotated[JsonDay | None, Field(description="Default today.")] = None
    trouble: Annotated[bool, Field(description="Whether something was found.")] = False
    note: Annotated[str, Field(description="At most 2,000 characters.")] = ""


class CreatedInspection(BaseModel):
    id: UUID


@router.get(
    "/inspections",
    summary="What is to be inspected",
    response_model=RoundList,
    responses=wire.refusals(),
)
def listed(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    plan: Annotated[str | None, Query(description="Code of a plan.")] = None,
    inspector: Annotated[Inspector | None, Query(description="Whose plans.")] = None,
    mine: Annotated[Flag, Query(description="true: only what they go round for themselves.")] = None,
    grid: Annotated[str | None, Query(description="Code of a grid.")] = None,
    covered: Annotated[Flag, Query(description="false: only what is due now.")] = None,
    limit: Limit = 100,
    after: After = None,
) -> Response:
    """Every building and place under every plan, as far as whoever asks sees it; what is due first at the
    front."""
    start = position(LIST, after, str, str, str)
    held = service.atlases.choose(jurisdiction)
    today = held.jurisdiction.today()
    with service.database.reading() as connection:
        found, _ = in_sight(connection, service, held.jurisdiction, held.atlas, today)
        going_as = _going_as(connection, service, held.jurisdiction)
    items = [
        each
        for each in found
        if plan in (None, each.plan.code)
        and inspector in (None, each.plan.inspector)
        and mine in (None, each.plan.inspector in going_as)
        and grid in (None, each.target.codes.get("grid"))
        and covered in (None, each.standing.covered)
        and (start is None or each.key > start)
    ]
    shown, following = answers.page(items[: limit + 1], limit, lambda each: cursor(LIST, *each.key))
    return answers.data(answers.listed(map(_round, shown), following))


@router.get(
    "/inspections/coverage",
    summary="What is covered, and the blind spots",
    response_model=CoverageOut,
    responses=wire.refusals(),
)
def covered(service: ServiceOf, jurisdiction: JurisdictionCode = None, day: Day = None) -> Response:
    """Of each plan how much is covered on a day, and by grid the buildings that nobody looks at, as far as
    whoever asks sees them."""
    asked = a_day(day)
    held = service.atlases.choose(jurisdiction)
    wanted = asked or held.jurisdiction.today()
    with service.database.reading() as connection:
        plans = store.plans(connection, held.jurisdiction.code)
        found, blind = in_sight(connection, service, held.jurisdiction, held.atlas, wanted)
    counted = [_plan(plan) | tally((each.standing for each in found), plan.code) for plan in plans]
    return answers.data(
        {"day": wanted.isoformat(), "plans": counted, "grids": [_blind(each) for each in blind]}
    )


@router.post(
    "/inspections",
    summary="Record an inspection",
    status_code=201,
    response_model=CreatedInspection,
    responses={
        200: {"model": CreatedInspection, "description": "it was known already"},
        **wire.refusals(400, 403, 409, 413, 415),
    },
)
def create(body: InspectionIn, service: ServiceOf, jurisdiction: JurisdictionCode = None) -> Response:
    """That a target was looked at, by those for whom the plan is, or entered by the office: 201 when new, 200
    for the same again, 409 where something else is known of that plan, target and day."""
    held = service.atlases.choose(jurisdiction)
    owner, asker = held.jurisdiction, service.asker
    assert asker is not None
    day = body.inspected_on or owner.today()
    done = Inspection(body.plan, body.target, day, asker.name, body.trouble, body.note.strip())
    with service.database.writing() as connection:
        id_, new = record(
            connection,
            owner,
            held.atlas,
            done,
            seen=sight.of(connection, owner.code, asker.roles, asker.person, owner.today()),
            going_as=None if asker.sees_all else _going_as(connection, service, owner),
        )
    return answers.data({"id": id_}, 201 if new else 200)


def in_sight(
    connection: Connection, service: Visit, owner: Jurisdiction, atlas: Atlas, day: date
) -> tuple[list[Round], list[Blind]]:
    """As `rounds`, of what whoever asks sees today."""
    asker = service.asker
    assert asker is not None
    seen = sight.of(connection, owner.code, asker.roles, asker.person, owner.today())
    return rounds(connection, owner, atlas, day, seen)


def _going_as(connection: Connection, service: Visit, owner: Jurisdiction) -> frozenset[str]:
    asker, today = service.asker, owner.today()
    assert asker is not None
    duties = counting(asker, duties_of(connection, asker, today))
    return inspects(connection, owner.code, duties, today)


def _plan(plan: Plan) -> dict[str, Any]:
    return {
        "code": plan.code,
        "name": plan.name,
        "inspector": plan.inspector,
        "target": plan.target,
        "every_days": plan.every_days,
        "category": plan.category,
    }


def _target(target: Target) -> dict[str, Any]:
    areas = {
        kind: {"code": area.code, "name": area.name} if (area := target.areas.get(kind)) else None
        for kind in ("grid", "community")
    }
    return {"kind": target.kind, "code": target.code, "name": target.name, **areas, "wgs84": target.wgs84}


def _round(each: Round) -> dict[str, Any]:
    last = each.standing.last
    return {
        "plan": _plan(each.plan),
        "target": _target(each.target),
        "last": last.isoformat() if last else None,
        "due": each.due.isoformat() if each.due else None,
        "covered": each.standing.covered,
        "trouble": each.standing.trouble,
    }


def _blind(each: Blind) -> dict[str, Any]:
    return {
        "grid": each.grid,
        "buildings": each.buildings,
        "uncovered": [{"code": target.code, "name": target.name} for target in each.uncovered],
    }
