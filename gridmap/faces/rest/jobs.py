"""Jobs: how far one is, and ending it."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.errors import NotFound
from gridmap.faces.deps import ServiceOf
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, wire
from gridmap.faces.shapes.values import an_id
from gridmap.jobs import queue, store
from gridmap.jobs.bulletins import KIND
from gridmap.jobs.model import Job

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"], route_class=StrictRoute)

NONE = "there is no such job"
JobId = Annotated[str, Path(description="Its id, as given when it was asked for.")]


@router.get("/{id}", summary="How far a job is", response_model=wire.Job, responses=wire.refusals())
def job(id: JobId, service: ServiceOf) -> Response:
    """Its state, the step that it is at, and the link to what it made once it is done."""
    with service.database.reading() as connection:
        return answers.data(described(connection, _own(connection, service, id)))


@router.delete(
    "/{id}", summary="Cancel a job", status_code=202, response_model=wire.Job, responses=wire.refusals(409)
)
def cancel(id: JobId, service: ServiceOf) -> Response:
    """Cancel one that waits; one that runs ends within seconds and leaves nothing. 409 once it has ended."""
    with service.database.writing() as connection:
        mine = _own(connection, service, id)
        return answers.data(described(connection, queue.cancel(connection, mine.id)), 202)


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


def _own(connection: Connection, service: Visit, text: str) -> Job:
    """The job of an id, of the jurisdiction of whoever asks. Raises NotFound(field="id")."""
    found = store.get(connection, an_id(text, "job"))
    if service.asker is None or found.jurisdiction != service.asker.jurisdiction:
        raise NotFound(NONE, field="id")
    return found
