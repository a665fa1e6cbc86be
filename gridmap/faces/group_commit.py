"""Reports that arrive together are recorded together: one transaction for all, each caller answered after it.

While one batch is being committed the next one gathers, so a single report never waits and a thousand at
once share a few commits. What a batch *is* (validation, placement, idempotence) is `reports.intake`'s.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import structlog

from gridmap.areas.model import Jurisdiction
from gridmap.database.faults import collided, concerns_all
from gridmap.errors import GridmapError, NotReady
from gridmap.reports.model import NewReport, Outcome

log = structlog.get_logger()

LARGEST_BATCH = 500
CAPACITY = 5_000  # waiting reports: about a second of work; more than that is better sent again later
DRAIN_SECONDS = 5.0  # what waits at the end has this long; a database that hangs must not hold the end up

Record = Callable[[Jurisdiction, Sequence[NewReport]], Sequence[Outcome]]


class Overloaded(Exception):
    """More reports are waiting than can be recorded soon."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    jurisdiction: Jurisdiction
    draft: NewReport
    answer: asyncio.Future[Outcome]


class GroupCommit:
    """One queue and one recording thread of a service. Used from its event loop only."""

    def __init__(
        self,
        record: Record,
        *,
        largest_batch: int = LARGEST_BATCH,
        capacity: int = CAPACITY,
        drain_seconds: float | None = None,
    ):
        self._record = record
        self._largest_batch = largest_batch
        self._capacity = capacity
        self._drain_seconds = DRAIN_SECONDS if drain_seconds is None else drain_seconds
        self._recording: list[_Waiting] = []
        self._queue: deque[_Waiting] = deque()
        self._arrived = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="group-commit")
        self._closing = False
        self._task = asyncio.create_task(self._run())

    async def submit(self, jurisdiction: Jurisdiction, draft: NewReport) -> Outcome:
        """Record one report and come back after its commit; its own failure is raised here.

        Raises Overloaded when the queue is full, NotReady when the service is closing.
        """
        if self._closing:
            raise NotReady("the service is shutting down")
        if len(self._queue) >= self._capacity:
            raise Overloaded
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(jurisdiction, draft, answer))
        self._arrived.set()
        return await answer

    async def close(self) -> None:
        """Record what is waiting, then end. Later submissions are refused.

        What is not committed after `drain_seconds` is answered with NotReady. The batch under way may yet be
        committed; a sender that sends it again under its client_id is safe either way.
        """
        self._closing = True
        self._arrived.set()
        done, _ = await asyncio.wait([self._task], timeout=self._drain_seconds)
        if not done:
            self._task.cancel()
            late = NotReady("the service is shutting down and could not say in time; send it again")
            for each in (*self._recording, *self._queue):
                _answer(each.answer, late)
            self._queue.clear()
            log.warning("not drained", seconds=self._drain_seconds)
        self._thread.shutdown(wait=False)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while self._queue or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                batch = self._recording = self._next_batch()
                drafts = [each.draft for each in batch]
                try:
                    outcomes = await loop.run_in_executor(
                        self._thread, self._outcomes, batch[0].jurisdiction, drafts
                    )
                except Exception as error:  # a fault of ours: these callers learn it, the next batch goes on
                    outcomes = [error] * len(batch)
                for each, outcome in zip(batch, outcomes, strict=True):
                    _answer(each.answer, outcome)

    def _next_batch(self) -> list[_Waiting]:
        """The longest run from the head of the queue that belongs to one jurisdiction."""
        batch = [self._queue.popleft()]
        while (
            self._queue
            and len(batch) < self._largest_batch
            and self._queue[0].jurisdiction.code == batch[0].jurisdiction.code
        ):
            batch.append(self._queue.popleft())
        return batch

    def _outcomes(self, jurisdiction: Jurisdiction, drafts: Sequence[NewReport]) -> list[Outcome | Exception]:
        """One outcome or error per draft; a batch that fails is halved until the failing ones are alone.

        Unless the failure is the database's: each half would wait and fail like the whole.
        """
        found: list[Outcome | Exception] = []
        parts = [drafts]  # what is still to do, the first part last
        while parts:
            part = parts.pop()
            try:
                found += self._recorded(jurisdiction, part)
            except Exception as error:
                if concerns_all(error):
                    return found + [error] * (len(drafts) - len(found))
                if len(part) == 1:
                    found.append(error)
                    continue
                if not isinstance(error, GridmapError):
                    log.warning("batch", reports=len(part), error=type(error).__name__)
                half = len(part) // 2
                parts += [part[half:], part[:half]]
        return found

    def _recorded(self, jurisdiction: Jurisdiction, drafts: Sequence[NewReport]) -> Sequence[Outcome]:
        try:
            outcomes = self._record(jurisdiction, drafts)
        except Exception as error:
            if not collided(error):
                raise
            outcomes = self._record(jurisdiction, drafts)  # the winner is through by now; once is enough
        if len(outcomes) != len(drafts):
            raise RuntimeError(f"{len(drafts)} reports had {len(outcomes)} outcomes")
        return outcomes


def _answer(waiting: asyncio.Future[Outcome], outcome: Outcome | Exception) -> None:
    if waiting.done():  # the caller has gone
        return
    if isinstance(outcome, Exception):
        waiting.set_exception(outcome)
    else:
        waiting.set_result(outcome)
