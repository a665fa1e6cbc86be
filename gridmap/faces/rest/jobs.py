"""Jobs: how far one is, and ending it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.errors import NotFound
from gridmap.faces import answers, wire
from gridmap.faces.deps import ServiceOf
from gridmap.faces.requests import StrictRoute
from gridmap.jobs import queue, store
from gridmap.jobs.bulletins import KIND
from gridmap.jobs.model import Job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], route_class=StrictRoute)

JobId = Annotated[str, Path(description="Its id, as given when it was asked for.")]


@router.get("/{id}", summary="How far a job is", response_model=wire.Job, responses=wire.refusals())
def job(id: JobId, service: ServiceOf) -> Response:
    """Its state, the step that it is at, and the link to what it made once it is done."""
    with service.database.reading() as connection:
        return answers.data(described(connection, store.get(connection, _id(id))))


@router.delete(
    "/{id}", summary="Cancel a job", status_code=202, response_model=wire.Job, responses=wire.refusals(409)
)
def cancel(id: JobId, service: ServiceOf) -> Response:
    """Cancel one that waits; one that runs ends within seconds and leaves nothing. 409 once it has ended."""
    with service.database.writing() as connection:
        return answers.data(described(connection, queue.cancel(connection, _id(id))), 202)


def accepted(connection: Connection, asked: Job) -> Response:
    """202 for a job that was asked for: where to ask after it, and when."""
    where = {"Location": address(asked), "Retry-After": "2"}
    return answers.data(described(connection, asked), 202, where)


def address(asked: Job) -> str:
    return f"/api/v1/jobs/{asked.id}"


def described(connection: Connection, asked: Job) -> dict[str, Any]:
    owner = areas.jurisdiction(connection, asked.jurisdiction)
    return {
        "id": asked.id,
        "kind": asked.kind,
        "jurisdiction": asked.jurisdiction,
        "asked": asked.asked,
        "state": asked.state,
        "step": asked.step,
        "steps": asked.steps,
        "doing": asked.doing,
        "error": asked.error,
        "href": address(asked),
        "result": _result(asked),
        "new": None if asked.made is None else asked.made["new"],
        "recorded_at": answers.in_zone(asked.recorded_at, owner.zone),
    }


def _result(asked: Job) -> str | None:
    """The address of what it made."""
    if asked.kind != KIND or asked.state != "done" or asked.made is None:
        return None
    made = asked.made
    return (
        f"/api/v1/exports/bulletin?jurisdiction={asked.jurisdiction}"
        f"&month={made['month']}&lang={made['lang']}&number={made['number']}"
    )


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("there is no such job", field="id") from None
