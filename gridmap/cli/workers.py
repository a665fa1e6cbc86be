"""Several serving processes on one listening socket, and the process that looks after them.

The first worker opens the database, migrates it and loads what is to be loaded; when it is ready the others
are started. A worker that dies is replaced. Workers share nothing but the socket and the database. They end
when the supervisor tells them to, or when it is gone, whatever ended it.
"""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess

import structlog

from gridmap.cli.endings import watch_surroundings
from gridmap.cli.server import on_ending_signals, run, speak_plainly
from gridmap.errors import GridmapError
from gridmap.settings import Settings

log = structlog.get_logger()

REPLACE_SECONDS = (
    1.0  # between two starts of one worker, so that one that cannot start does not start for ever
)
END_SECONDS = 60.0  # that the workers have to end well; then they are killed
TICK_SECONDS = 1.0

READY = "ready"


@dataclass(slots=True)
class _Worker:
    process: SpawnProcess
    told: Connection | None  # READY, or the error that made the start fail; None once it has said all
    started: float


def supervise(settings: Settings, listener: socket.socket, count: int, on_ready: Callable[[], None]) -> None:
    """Keep `count` workers serving on a bound socket until a signal; `on_ready` is called once.

    Raises what made the start of the first worker fail.
    """
    heard, told = os.pipe()  # setting an Event in a signal's handler could deadlock
    os.set_blocking(told, False)

    def end() -> None:
        with suppress(BlockingIOError):  # it has been told often enough
            os.write(told, b".")

    speak_plainly()
    on_ending_signals(end)
    watch_surroundings(end)
    workers = [_start(settings, listener)]
    try:
        while not _ended(workers, heard):
            if _listen(workers):
                on_ready()
                workers += [_start(settings, listener) for _ in range(count - 1)]
            _replace(workers, settings, listener)
    finally:
        _end(workers)
        os.close(heard)
        os.close(told)


def _ended(workers: list[_Worker], heard: int) -> bool:
    """Wait for news of the workers, a tick at most; -> whether we are to end."""
    sources = [w.told for w in workers if w.told] + [
        w.process.sentinel for w in workers if w.process.is_alive()
    ]
    return heard in wait([heard, *sources], TICK_SECONDS)


def _listen(workers: list[_Worker]) -> bool:
    """Take what the workers say. -> whether the very first of them has become ready.

    Raises what made its start fail; a later one that fails is only written down, and replaced.
    """
    first_ready = False
    for worker in workers:
        if worker.told is None or not worker.told.poll():
            continue
        try:
            said = worker.told.recv()
        except EOFError:
            said = None
        worker.told = None
        first = len(workers) == 1
        if said == READY:
            first_ready = first
        elif first and (failure := said or _death(worker)):
            raise failure
        elif said:
            log.warning("a worker could not start", error=str(said))
    return first_ready


def _death(worker: _Worker) -> RuntimeError | None:
    """Why it ended without a word; None where a signal ended it."""
    worker.process.join()
    code = worker.process.exitcode
    return (
        RuntimeError(f"the first worker ended with {code} before it was ready") if code and code > 0 else None
    )


def _replace(workers: list[_Worker], settings: Settings, listener: socket.socket) -> None:
    """Start a worker in the place of each that has ended."""
    for place, worker in enumerate(workers):
        if worker.process.is_alive() or time.monotonic() < worker.started + REPLACE_SECONDS:
            continue
        worker.process.join()
        log.warning(
            "a worker has ended and is replaced", pid=worker.process.pid, code=worker.process.exitcode
        )
        workers[place] = _start(settings, listener)


def _end(workers: list[_Worker]) -> None:
    for worker in workers:
        worker.process.terminate()
    deadline = time.monotonic() + END_SECONDS
    for worker in workers:
        worker.process.join(max(0.0, deadline - time.monotonic()))
        if worker.process.is_alive():
            log.error("a worker does not end and is killed", pid=worker.process.pid)
            worker.process.kill()
            worker.process.join()


def _start(settings: Settings, listener: socket.socket) -> _Worker:
    told, telling = multiprocessing.Pipe(duplex=False)
    # spawned, not forked: nothing of this process, its threads and signals, is in the worker
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(settings, listener, telling))
    process.start()
    telling.close()
    return _Worker(process, told, time.monotonic())


def _work(settings: Settings, listener: socket.socket, telling: Connection) -> None:
    """A worker's life."""
    failure = run(settings, listener, watch=_watch_supervisor, on_ready=lambda: telling.send(READY))
    if failure is not None:  # others may not be fit for the journey; they are in the log with all they have
        known = isinstance(failure, GridmapError)
        telling.send(failure if known else RuntimeError(f"{type(failure).__name__}: {failure}"))


def _watch_supervisor(end: Callable[[], None]) -> None:
    """Call `end` when the process that looks after us is gone: nobody would end us any more."""
    supervisor = multiprocessing.parent_process()
    assert supervisor is not None

    def watch() -> None:
        supervisor.join()
        end()

    threading.Thread(target=watch, name="supervisor", daemon=True).start()
