"""A piece of work in a process of its own, so that it takes neither the interpreter of who serves nor its
memory, and can be ended at once.

The process ends with the one that started it, whatever ends that.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from gridmap.errors import GridmapError

Said = Callable[..., None]
T = TypeVar("T")

LOOK_SECONDS = 0.2  # between two looks whether it is to end
NICENESS = 10  # who asks for a page is before it


class Cancelled(Exception):
    """The work was ended because it was to end."""


def apart(
    work: Callable[..., T], *arguments: Any, hear: Callable[..., None], should_end: Callable[[], bool]
) -> T:
    """`work(*arguments, say)` in another process. -> what it returns, pickled over.

    What it says by `say(*values)` is what `hear` is called with here. Raises Cancelled soon after
    `should_end` is true, the GridmapError that the work raised, or RuntimeError for any other end.
    """
    told, telling = multiprocessing.Pipe(duplex=False)
    # spawned, not forked: threads, locks and connections of this process are not in it
    process = multiprocessing.get_context("spawn").Process(
        target=_work, args=(work, arguments, telling), name="apart", daemon=True
    )
    process.start()
    telling.close()
    try:
        while True:
            if should_end():
                raise Cancelled
            if not told.poll(LOOK_SECONDS):
                continue
            try:
                kind, value = told.recv()
            except EOFError:
                process.join()
                raise RuntimeError(f"its process ended with {process.exitcode}") from None
            if kind == "said":
                hear(*value)
            elif kind == "made":
                return value
            else:
                raise value
    finally:
        process.kill()
        process.join()
        told.close()


def _work(work: Callable[..., Any], arguments: tuple[Any, ...], telling: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who started us, and they end us
    os.nice(NICENESS)
    _end_with_parent()
    try:
        made = work(*arguments, lambda *values: telling.send(("said", values)))
        telling.send(("made", made))
    except GridmapError as error:
        telling.send(("refused", error))
    except Exception as error:  # the traceback goes to the log, the word to who asked
        telling.send(("failed", RuntimeError(f"{type(error).__name__}: {error}")))
        raise


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()
