"""What a desk sends and is answered: bodies that come in (Pydantic), answers with their description."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

import orjson
from pydantic import BaseModel, ConfigDict, Field

from gridmap.cases.dispatch import Route
from gridmap.cases.workflow import moves
from gridmap.errors import GridmapError
from gridmap.faces.problems import problem_of
from gridmap.faces.recipients import Recipients
from gridmap.faces.shapes.bodies import LocationIn, Strict
from gridmap.faces.shapes.case_wire import CaseOut
from gridmap.faces.shapes.values import Line
from gridmap.faces.shapes.wire import ProblemDetails, Report

CASES_MOST = 100


class SeenCase(Strict):
    id: Annotated[Line, Field(description="Id of a case.")]
    seq: Annotated[int | None, Field(ge=1, description="The last move of it that the sender saw.")] = None


class ManyMovesIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "move": "file",
                    "reason": "",
                    "cases": [{"id": "018c2f5e-0000-7000-8000-000000000000", "seq": 1}],
                }
            ]
        }
    )

    move: Annotated[Line, Field(description=f"One of {', '.join(moves())}.")]
    reason: Annotated[str, Field(description="Why, the same for all of them; most moves need it.")] = ""
    details: Annotated[
        dict[str, Any], Field(default_factory=dict, description="As of one move, the same for all of them.")
    ]
    cases: Annotated[list[SeenCase], Field(min_length=1, max_length=CASES_MOST)]


class Moved(BaseModel):
    id: UUID
    moved: bool
    case: Annotated[CaseOut | None, Field(description="as it is after the move; null where it was refused")]
    problem: Annotated[ProblemDetails | None, Field(description="why it was refused")]


class ManyMoved(BaseModel):
    moved: Annotated[int, Field(description="how many of them")]
    items: list[Moved]
    next: None


class Proposed(BaseModel):
    recipient: str
    name: str
    name_en: str
    then: Annotated[list[str], Field(description="who comes after, each after so many minutes of silence")]
    silence_minutes: int | None
    vacant: Annotated[list[str], Field(description="posts passed over")]


class RouteOut(BaseModel):
    id: UUID
    rule: str | None
    recipients: list[Proposed]
    problem: Annotated[ProblemDetails | None, Field(description="why nobody is found")]


class RouteList(BaseModel):
    items: list[RouteOut]
    next: None


class CorrectionIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"category": "matter-06011", "reason": "现场核对"}]}
    )

    category: Annotated[Line | None, Field(description="Another category, by code.")] = None
    location: LocationIn | None = None
    reason: Annotated[str, Field(description="Why; needed.")]


class Corrected(BaseModel):
    number: Annotated[int, Field(description="of the correction, from 1")]
    changed: Annotated[list[str], Field(description="category, place")]
    report: Report


def problem(error: GridmapError) -> Any:
    """A problem (RFC 9457) inside an answer."""
    return orjson.Fragment(problem_of(error).as_json())


def refused(case: UUID, error: GridmapError) -> dict[str, Any]:
    return {"id": case, "moved": False, "case": None, "problem": problem(error)}


def refused_route(case: UUID, error: GridmapError) -> dict[str, Any]:
    return {"id": case, "rule": None, "recipients": [], "problem": problem(error)}


def route(case: UUID, found: Route, names: Recipients) -> dict[str, Any]:
    return {
        "id": case,
        "rule": found.rule.rule,
        "recipients": [
            {
                "recipient": each.recipient,
                "name": names.name(each.recipient, "zh"),
                "name_en": names.name(each.recipient, "en"),
                "then": list(each.then),
                "silence_minutes": each.silence_minutes,
                "vacant": list(each.vacant),
            }
            for each in found.assignments
        ],
        "problem": None,
    }
