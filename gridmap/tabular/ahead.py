"""Reading ahead: the next items are made in a thread while the last ones are being used."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")

_TICK_SECONDS = 0.1  # how late the thread may see that nobody reads any more


@contextmanager
def read_ahead(items: Iterator[Item], depth: int = 2) -> Iterator[Iterator[Item]]:
    """The same items, at most `depth` of them waiting. What making them raises is raised to the reader.

    When the block ends before the items do, the thread ends after the item that it is at.
    """
    queue: Queue[tuple[Item | None, BaseException | None]] = Queue(depth)
    stop = Event()

    def put(item: Item | None, error: BaseException | None) -> None:
        while not stop.is_set():
            with suppress(Full):
                queue.put((item, error), timeout=_TICK_SECONDS)
                return

    def make() -> None:
        try:
            for item in items:
                put(item, None)
                if stop.is_set():
                    return
            put(None, StopIteration())
        except BaseException as error:
            put(None, error)

    def read() -> Iterator[Item]:
        while True:
            item, error = queue.get()
            if isinstance(error, StopIteration):
                return
            if error is not None:
                raise error
            assert item is not None
            yield item

    thread = Thread(target=make, name="read-ahead", daemon=True)
    thread.start()
    try:
        yield read()
    finally:
        stop.set()
        thread.join()
