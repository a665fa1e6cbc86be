"""Working the queue off: by one process of all those that serve one database, one job at a time.

That one has an advisory lock, as in faces.background; when it ends, whatever ends it, another has it within
RETRY_SECONDS. What it left under way is begun again then: a job publishes in its last transaction or not at
all, so nothing is half done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Event
from typing import Any

import procrastinate
import sqlalchemy.exc
import structlog
from procrastinate.exceptions import JobAborted, ProcrastinateException
from procrastinate.job_context import JobContext
from procrastinate.jobs import Job as Queued
from procrastinate.jobs import Status
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import Engine

from gridmap.database.sessions import Database
from gridmap.database.turns import sole
from gridmap.errors import GridmapError
from gridmap.jobs import bulletins, store
from gridmap.jobs.apart import Cancelled
from gridmap.jobs.model import Job
from gridmap.jobs.queue import QUEUE

log = structlog.get_logger()

LOCK = "gridmap: jobs"
RETRY_SECONDS = 10.0
LOOK_SECONDS = 0.5  # between two looks whether it is to stop, or has lost its lock
SETTLE_SECONDS = 3.0  # after which a process that has lost the lock has noticed and ended what it did
ATTEMPTS = 3  # of a job whose process ends under it

KINDS: dict[str, Callable[..., dict[str, Any]]] = {bulletins.KIND: bulletins.run}


def work_off(database: Database, stop: Event, *, retry_seconds: float = RETRY_SECONDS) -> None:
    """Do the jobs that are asked for until `stop` is set, while no other process does. Runs in a thread."""
    while not stop.is_set():
        try:
            with sole(database.engine, LOCK) as make_sure:
                if make_sure:
                    # a loop of its own: that of the service answers requests
                    with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                        runner.run(_work(database, stop, make_sure))
        except (sqlalchemy.exc.SQLAlchemyError, ProcrastinateException, OSError) as error:
            if not stop.is_set():
                log.warning("jobs", error=type(error).__name__)
        except Exception:
            log.exception("jobs")
        stop.wait(retry_seconds)


async def _work(database: Database, stop: Event, make_sure: Callable[[], None]) -> None:
    app = procrastinate.App(connector=_connector(database.engine))
    for kind in KINDS:
        task = app.task(name=kind, queue=QUEUE, pass_context=True, retry=_BeginAgain())
        task(lambda context: _do(database, context))
    async with app.open_async():
        await _take_up(app, database, stop)
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=1,
                install_signal_handlers=False,
                shutdown_graceful_timeout=0,
            )
        )
        try:
            while not stop.is_set() and not working.done():
                await asyncio.wait([working], timeout=LOOK_SECONDS)
                make_sure()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)


def _connector(engine: Engine) -> procrastinate.PsycopgConnector:
    """To the same server as the engine's, with few connections."""
    _, how = engine.dialect.create_connect_args(engine.url)
    return procrastinate.PsycopgConnector(
        kwargs={**how, "options": "-c timezone=UTC"}, min_size=1, max_size=3, timeout=10
    )


async def _take_up(app: procrastinate.App, database: Database, stop: Event) -> None:
    """Put back into the queue what a process that is gone had begun."""
    left = list(await app.job_manager.list_jobs_async(queue=QUEUE, status=Status.DOING.value))
    if left:
        await asyncio.to_thread(stop.wait, SETTLE_SECONDS)
        left = list(await app.job_manager.list_jobs_async(queue=QUEUE, status=Status.DOING.value))
    for queued in left:
        assert queued.id is not None
        if queued.abort_requested:
            await app.job_manager.finish_job_by_id_async(queued.id, Status.ABORTED, delete_job=False)
        elif queued.attempts + 1 >= ATTEMPTS:
            await asyncio.to_thread(_give_up, database, queued)
            await app.job_manager.finish_job_by_id_async(queued.id, Status.FAILED, delete_job=False)
        else:
            await app.job_manager.retry_job(queued)


def _give_up(database: Database, queued: Queued) -> None:
    assert queued.id is not None
    with database.writing() as connection:
        job = store.of_queue(connection, queued.id)
        store.ended(connection, job.id, error=f"the service ended {ATTEMPTS} times while it was made")


class _BeginAgain(BaseRetryStrategy):
    """A job whose worker stops is for the next worker; one that failed or was cancelled has ended."""

    def get_retry_decision(self, *, exception: BaseException, job: Queued) -> RetryDecision | None:
        return RetryDecision() if isinstance(exception, JobAborted) else None


def _do(database: Database, context: JobContext) -> None:
    """One job, in a thread of the worker."""
    queued = context.job.id
    assert queued is not None
    with database.writing() as connection:
        job = store.of_queue(connection, queued)
        store.begun(connection, job.id)
    try:
        made = KINDS[job.kind](
            database, job, progress=_progress(database, job), should_end=context.should_abort
        )
    except Cancelled:
        raise JobAborted from None
    except Exception as error:
        said = str(error) if isinstance(error, GridmapError) else "something went wrong; it is in the log"
        with database.writing() as connection:
            store.ended(connection, job.id, error=said)
        raise
    with database.writing() as connection:
        store.ended(connection, job.id, made=made)


def _progress(database: Database, job: Job) -> Callable[[int, int, str], None]:
    def at_step(step: int, steps: int, doing: str) -> None:
        with database.writing() as connection:
            store.at_step(connection, job.id, step, steps, doing)

    return at_step
