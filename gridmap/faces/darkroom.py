"""Where photos are developed: a few at a time, so that a small server lives through many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from gridmap.errors import Busy

T = TypeVar("T")

AT_ONCE = 2  # each up to 0.4 GB while it is decoded
WAITING_MOST = 16  # each with its file in memory


class Darkroom:
    """Threads of a service that are kept for photos. Used from its event loop only."""

    def __init__(self, at_once: int = AT_ONCE, waiting_most: int = WAITING_MOST):
        self._threads = ThreadPoolExecutor(at_once, thread_name_prefix="darkroom")
        self._most = at_once + waiting_most
        self._inside = 0

    async def run(self, work: Callable[[], T]) -> T:
        """What `work` returns or raises, from one of the threads. Raises Busy when too many are waiting."""
        if self._inside >= self._most:
            raise Busy("too many photos are waiting; send it again in a moment")
        self._inside += 1
        done = asyncio.get_running_loop().run_in_executor(self._threads, work)
        # not before it is out of its thread, even if whoever waits for it goes away
        done.add_done_callback(self._left)
        return await asyncio.shield(done)

    def close(self) -> None:
        """Nothing more is begun; what waits is dropped, and was not answered."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _left(self, done: asyncio.Future[T]) -> None:
        self._inside -= 1
        if not done.cancelled():
            done.exception()  # seen, if nobody waits for it any more
