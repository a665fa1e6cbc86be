"""Cases and duties on the wire: bodies that come in, how answers are made, and as what they are described."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field

from gridmap.cases.deadlines import Clock
from gridmap.cases.listing import View
from gridmap.cases.model import CaseFile, Move, Task
from gridmap.cases.workflow import moves, states
from gridmap.faces.shapes.answers import in_zone
from gridmap.faces.shapes.bodies import Strict
from gridmap.faces.shapes.values import Line
from gridmap.faces.shapes.wire import AreaRef
from gridmap.people.model import Duty

STATES = tuple(states())


class MoveIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "move": "answer",
                    "reason": "已清理，附近商户已告知",
                    "details": {"finding": "done"},
                    "seq": 4,
                }
            ]
        }
    )

    move: Annotated[Line, Field(description=f"One of {', '.join(m for m in moves())}.")]
    reason: Annotated[str, Field(description="Why; most moves need it. At most 2,000 characters.")] = ""
    details: Annotated[
        dict[str, Any],
        Field(
            default_factory=dict,
            description="answer: finding, and recipient where the actor stands for several, as in acknowledge"
            " and return; extend: hours or days; merge: into; dispatch: tasks, left out where the rules"
            " decide.",
        ),
    ]
    seq: Annotated[
        int | None,
        Field(ge=1, description="The last move that the sender saw; 409 when there has been another since."),
    ] = None


class ClockOut(BaseModel):
    milestone: str
    recipient: str | None
    since: str
    due: Annotated[str | None, Field(description="null: it stands still, the case is suspended")]
    done_at: str | None
    overdue: bool
    provisional: bool
    calendar_known: Annotated[bool, Field(description="false: a year without a notice of its holidays")]


class TaskOut(BaseModel):
    recipient: str
    then: list[str]
    given_at: str
    acknowledged_at: str | None
    answered_at: str | None
    finding: str | None
    answer: str
    returned_at: Annotated[str | None, Field(description="Somebody else is to be named")]


class MoveOut(BaseModel):
    seq: int
    move: str
    source: str
    target: str
    actor: str
    at: str
    reason: str
    details: dict[str, Any]


class CaseOut(BaseModel):
    id: UUID
    category: str
    private: bool
    state: str
    seq: int
    opened_at: str
    changed_at: str
    occurred_at: str
    wgs84: tuple[float, float] | None
    grid: AreaRef | None
    compound: AreaRef | None
    community: AreaRef | None
    building: AreaRef | None
    waiting_for: list[str]
    supervised: bool
    disagreement: bool
    merged_into: UUID | None
    overdue: bool
    next: ClockOut | None


class NoticeOut(BaseModel):
    report: UUID
    kind: str
    at: str


class WholeCase(CaseOut):
    reports: list[UUID]
    tasks: list[TaskOut]
    clocks: list[ClockOut]
    history: list[MoveOut]
    notices: list[NoticeOut]


class CaseList(BaseModel):
    items: list[CaseOut]
    next: str | None


class DutyOut(BaseModel):
    id: UUID
    post: str
    area_kind: str
    area_code: str
    party: str | None
    person: Annotated[str | None, Field(description="Its code; null where people are not shown.")]
    name: str | None
    valid_from: str
    valid_to: str | None


class DutyList(BaseModel):
    items: list[DutyOut]
    next: str | None


def moment(value: datetime | None, zone: ZoneInfo) -> str | None:
    return None if value is None else in_zone(value, zone)


def clock(value: Clock, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "milestone": value.milestone,
        "recipient": value.recipient,
        "since": in_zone(value.since, zone),
        "due": moment(value.due, zone),
        "done_at": moment(value.done_at, zone),
        "overdue": value.overdue,
        "provisional": value.provisional,
        "calendar_known": value.known,
    }


def task(value: Task, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "recipient": value.recipient,
        "then": list(value.then),
        "given_at": in_zone(value.given_at, zone),
        "acknowledged_at": moment(value.acknowledged_at, zone),
        "answered_at": moment(value.answered_at, zone),
        "finding": value.finding,
        "answer": value.answer,
        "returned_at": moment(value.returned_at, zone),
    }


def move(value: Move, zone: ZoneInfo) -> dict[str, Any]:
    names = ("seq", "move", "source", "target", "actor", "reason")
    row = {name: getattr(value, name) for name in names}
    return row | {"at": in_zone(value.at, zone), "details": dict(value.details)}


def case(view: View, zone: ZoneInfo) -> dict[str, Any]:
    """A case in a list."""
    file = view.case
    upcoming = view.next_clock
    return {
        **{name: getattr(file, name) for name in ("id", "category", "private", "state", "seq")},
        **{name: in_zone(getattr(file, name), zone) for name in ("opened_at", "changed_at", "occurred_at")},
        "wgs84": file.wgs84,
        **_areas(file),
        "waiting_for": list(file.waiting_for),
        "supervised": file.supervised,
        "disagreement": view.standing.disagree,
        "merged_into": file.merged_into,
        "overdue": view.overdue,
        "next": None if upcoming is None else clock(upcoming, zone),
    }


def _areas(file: CaseFile) -> dict[str, Any]:
    return {
        kind: None if (area := getattr(file, kind)) is None else {"code": area.code, "name": area.name}
        for kind in ("grid", "compound", "community", "building")
    }


def duty(value: Duty, shown: bool) -> dict[str, Any]:
    names = ("id", "post", "area_kind", "area_code", "party")
    row = {name: getattr(value, name) for name in names}
    person = {"person": value.person, "name": value.name} if shown else {"person": None, "name": None}
    end = value.valid_to
    days = {"valid_from": value.valid_from.isoformat(), "valid_to": end.isoformat() if end else None}
    return row | person | days
