"""The queue of jobs: procrastinate, in the same PostgreSQL and, when one is asked for, the same transaction.

Who works it off is in worker.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import procrastinate
from procrastinate.exceptions import ConnectorException
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.copying import as_sqlalchemy, driver_of
from gridmap.errors import Conflict
from gridmap.jobs import store
from gridmap.jobs.model import Job

QUEUE = "gridmap"

# never opened: it speaks over the connections that it is handed
_app = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())


def ask(connection: Connection, kind: str, jurisdiction: Jurisdiction, asked: dict[str, Any], by: str) -> Job:
    """Ask for a job; the one that lives, if exactly this has been asked for already."""
    store.one_at_a_time(connection)
    before = store.last(connection, kind, jurisdiction.code, asked)
    if before is not None and before.lives:
        return before
    with _as_sqlalchemy(connection, "defer"):
        # one lock for all: no two run at once, whoever works the queue off
        job = _app.configure_task(kind, queue=QUEUE, lock=QUEUE, connection=driver_of(connection))
        queued = job.defer()
    return store.get(connection, store.add(connection, queued, kind, jurisdiction.code, asked, by))


def cancel(connection: Connection, id_: UUID) -> Job:
    """Cancel one that waits; ask one that runs to end, which it does within a second or so.

    Raises NotFound, or Conflict where it has ended already.
    """
    job = store.get(connection, id_)
    with _as_sqlalchemy(connection, "cancel"):
        found = _app.job_manager.cancel_job_by_id(job.queued, abort=True, connection=driver_of(connection))
    if not found:
        raise Conflict(f"the job is {store.get(connection, id_).state} and cannot be cancelled", field="id")
    return store.get(connection, id_)


@contextmanager
def _as_sqlalchemy(connection: Connection, statement: str) -> Iterator[None]:
    with as_sqlalchemy(connection, statement):
        try:
            yield
        except ConnectorException as error:
            if error.__cause__ is not None:
                raise error.__cause__ from None
            raise
