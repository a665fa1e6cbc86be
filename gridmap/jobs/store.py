"""All SQL of jobs, but for what procrastinate does to its own tables (jobs.queue)."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database import tables as t
from gridmap.database.turns import hold
from gridmap.errors import NotFound
from gridmap.jobs.model import Job

_job, _queued = t.job, t.procrastinate_jobs
_status = sa.cast(_queued.c.status, sa.Text)  # it has a type of its own
_STATE = sa.case(
    (_status == "todo", "waiting"),
    ((_status == "doing") & _queued.c.abort_requested, "cancelling"),
    (_status == "doing", "running"),
    (_status == "succeeded", "done"),
    (_status == "failed", "failed"),
    else_="cancelled",
)
_JOBS = sa.select(_job, _STATE.label("state")).join_from(_job, _queued, _queued.c.id == _job.c.queued)


def add(
    connection: Connection, queued: int, kind: str, jurisdiction: str, asked: dict[str, Any], asked_by: str
) -> UUID:
    """Write down what a job in the queue is. -> the id that it is asked after by."""
    id_ = uuid4()
    connection.execute(
        _job.insert().values(
            id=id_, queued=queued, kind=kind, jurisdiction=jurisdiction, asked=asked, asked_by=asked_by
        )
    )
    return id_


def get(connection: Connection, id_: UUID) -> Job:
    """Raises NotFound(field="id")."""
    row = connection.execute(_JOBS.where(_job.c.id == id_)).mappings().one_or_none()
    if row is None:
        raise NotFound("there is no such job", field="id")
    return Job(**row)


def of_queue(connection: Connection, queued: int) -> Job:
    """The job of an id in the queue."""
    return Job(**connection.execute(_JOBS.where(_job.c.queued == queued)).mappings().one())


def last(
    connection: Connection,
    kind: str,
    jurisdiction: str,
    asked: dict[str, Any],
    *,
    since: datetime | None = None,
) -> Job | None:
    """The job that was asked last for exactly this, if any was (recorded after `since`)."""
    query = (
        _JOBS.where(_job.c.kind == kind, _job.c.jurisdiction == jurisdiction, _job.c.asked == asked)
        .order_by(_job.c.recorded_at.desc())
        .limit(1)
    )
    if since is not None:
        query = query.where(_job.c.recorded_at > since)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Job(**row)


def living(connection: Connection, kind: str, jurisdiction: str) -> list[Job]:
    """Those that wait or run, oldest first."""
    query = _JOBS.where(
        _job.c.kind == kind,
        _job.c.jurisdiction == jurisdiction,
        _status.in_(("todo", "doing")),
    ).order_by(_job.c.recorded_at)
    return [Job(**row) for row in connection.execute(query).mappings()]


def at_step(connection: Connection, id_: UUID, step: int, steps: int, doing: str) -> None:
    connection.execute(_job.update().where(_job.c.id == id_).values(step=step, steps=steps, doing=doing))


def begun(connection: Connection, id_: UUID) -> None:
    """It begins from its beginning, for the first time or again."""
    connection.execute(
        _job.update().where(_job.c.id == id_).values(step=0, steps=None, doing=None, error=None)
    )


def ended(
    connection: Connection, id_: UUID, *, made: dict[str, Any] | None = None, error: str | None = None
) -> None:
    """What came of it, or why nothing did."""
    connection.execute(_job.update().where(_job.c.id == id_).values(made=made, error=error))


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends, nobody else asks for a job: two who ask for the same get the same."""
    hold(connection, "gridmap: asking for jobs")
