"""GET me: who asks, and as whom they may act for which areas; what they reported, and what came of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from gridmap.areas.atlas import Atlas
from gridmap.cases.acting import acting, counting, duties_of
from gridmap.cases.inspections.rounds import inspects
from gridmap.cases.model import Notice
from gridmap.cases.notices import store as notices
from gridmap.faces.deps import ServiceOf
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import Limit
from gridmap.people.credentials.model import ROLES
from gridmap.people.model import Duty, split_unit, unit_name
from gridmap.reports import store as reports

router = APIRouter(prefix="/api/v1", tags=["people"], route_class=StrictRoute)


class Me(BaseModel):
    name: Annotated[
        str, Field(examples=["account:office"], description="What is recorded with what they do.")
    ]
    title: Annotated[str, Field(description="How a page calls them.")]
    roles: Annotated[list[str], Field(examples=[["member"]])]
    person: Annotated[str | None, Field(description="Code of the person whose duties count.")]
    areas: Annotated[list[wire.Level], Field(description="Of their duties of today.")]
    recipients: Annotated[
        list[str],
        Field(
            description="As whom of the recipients of a task they may act; of the office also role:office,"
            " for which cases wait where a task was returned.",
            examples=[["party:squad", "post:grid_member@grid:610602006003012"]],
        ),
    ]
    case_roles: Annotated[
        list[str],
        Field(description="What they are to a case, by account and duties of today.", examples=[["member"]]),
    ]
    inspects: Annotated[
        list[Literal["member", "property", "squad"]],
        Field(description="As which inspectors they go round.", examples=[["member"]]),
    ]


class Told(BaseModel):
    kind: Annotated[
        Literal["collected", "filed", "refused", "merged", "closed", "voided", "reopened", "corrected"],
        Field(description="What was done with the case of the report."),
    ]
    at: str


class SentReport(wire.Report):
    told: Annotated[list[Told], Field(description="In order; none while the report is in no case.")]


class SentList(BaseModel):
    items: list[SentReport]


@router.get("/me", summary="Who asks", response_model=Me, responses=wire.refusals())
def me(service: ServiceOf) -> Response:
    """The account or token that the request came with, and the duties of its person today."""
    asker = service.asker
    assert asker is not None
    held = service.atlases.choose(None)
    today = held.jurisdiction.today()
    with service.database.reading() as connection:
        duties = duties_of(connection, asker, today)
        going_as = inspects(connection, asker.jurisdiction, counting(asker, duties), today)
    actor = acting(asker, duties)
    return answers.data(
        {
            "name": asker.name,
            "title": asker.title,
            "roles": [role for role in ROLES if role in asker.roles],
            "person": asker.person,
            "areas": _areas(duties, held.atlas),
            "recipients": sorted(actor.recipients),
            "case_roles": sorted(actor.roles),
            "inspects": sorted(going_as),
        }
    )


@router.get("/me/reports", summary="What I reported", response_model=SentList, responses=wire.refusals())
def sent(service: ServiceOf, limit: Limit = 50) -> Response:
    """The reports of the last thirty days that the person who asks sent, the last first, wherever they lie,
    with what their sender is told of their cases."""
    asker = service.asker
    assert asker is not None
    owner = service.atlases.choose(None).jurisdiction
    with service.database.reading() as connection:
        mine = reports.sent_by(connection, owner.code, asker.person, limit=limit) if asker.person else []
        found = reports.by_ids(connection, owner.code, mine)
        told = notices.told(connection, owner.code, [id_ for id_, _ in mine])
    items = [
        answers.report(found[id_], owner.zone) | {"told": [_told(notice, owner.zone) for notice in told[id_]]}
        for id_, _ in mine
        if id_ in found
    ]
    return answers.data({"items": items})


def _told(notice: Notice, zone: ZoneInfo) -> dict[str, Any]:
    return {"kind": notice.kind, "at": answers.in_zone(notice.recorded_at, zone)}


def _areas(duties: list[Duty], atlas: Atlas) -> list[dict[str, Any]]:
    """Each once, in the order of the duties; one that is drawn no more by its code."""
    areas = dict.fromkeys((duty.area_kind, duty.area_code) for duty in duties)
    return [{"kind": kind, "code": code, "name": _name(atlas, kind, code)} for kind, code in areas]


def _name(atlas: Atlas, kind: str, code: str) -> str:
    if kind == "unit":
        building, number = split_unit(code)
        return f"{_name(atlas, 'building', building)}{unit_name(number)}"
    known = (sheet for sheet in reversed(atlas.sheets.get(kind, ())) if code in sheet.row_of_code)
    sheet = next(known, None)
    return code if sheet is None else sheet.versions[sheet.row_of_code[code]].name
