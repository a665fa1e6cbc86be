"""The engine: Dask, on processes of this machine or on any scheduler by its address.

Tasks are partitions, and independent; what they share is sent to every worker once. Nothing of Dask's own
collections is used: a worker holds one batch of a partition, whatever the partition's size.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import Any, TypeVar

from distributed import Client, LocalCluster, as_completed, wait
from distributed.client import FutureCancelledError
from distributed.scheduler import KilledWorker

from gridmap.errors import BadInput, Busy

__all__ = ["Client", "local", "remote", "run"]

PATIENCE = 30  # seconds for a scheduler and its first worker

Result = TypeVar("Result")


@contextmanager
def local(workers: int) -> Iterator[Client]:
    """So many processes here, one thread each, for the length of the block."""
    if workers < 1:
        raise BadInput("give one worker at least", field="workers")
    with (
        LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            dashboard_address="127.0.0.1:0",  # None would take port 8787, or say that it is taken
            silence_logs=logging.CRITICAL,  # failures are raised here, and told once
        ) as cluster,
        Client(cluster) as client,
    ):
        yield client


@contextmanager
def remote(address: str) -> Iterator[Client]:
    """Whatever workers a scheduler has. They see the same files by the same paths. Raises BadInput."""
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0][:200] or "no answer"
        raise BadInput(f"no Dask scheduler answers at {address}: {reason}", field="scheduler") from None
    with client:
        try:
            client.wait_for_workers(1, timeout=PATIENCE)
        except TimeoutError:
            raise BadInput(f"{address} has no workers", field="scheduler") from None
        yield client


def run(
    client: Client,
    work: Callable[[Any, Any], Result],
    tasks: Sequence[Any],
    shared: Any,
    on_done: Callable[[Result], None],
) -> None:
    """Do `work(task, shared)` for each task on some worker; `on_done` hears of each as it ends, in no order.

    The first failure ends it: no more is begun, what is under way ends, and its exception is raised here.
    Raises Busy when workers went away.
    """
    held = client.scatter(shared, broadcast=True, hash=False)
    queue = iter(tasks)
    under_way = {client.submit(work, task, held, pure=False) for task in islice(queue, _room(client))}
    ended = as_completed(under_way)
    try:
        for future in ended:
            under_way.discard(future)
            on_done(future.result())
            for task in islice(queue, max(0, _room(client) - len(under_way))):
                under_way.add(started := client.submit(work, task, held, pure=False))
                ended.add(started)
    except (KilledWorker, FutureCancelledError):
        raise Busy(
            "workers were killed or lost (too little memory?); run it again, what is finished is kept"
        ) from None
    except Exception:
        wait(under_way)  # whoever mends the input and begins again finds nobody at the files
        raise
    finally:
        with suppress(Exception):  # a client whose scheduler is gone has nothing to cancel
            client.cancel([held, *under_way])


def _room(client: Client) -> int:
    """Tasks to have under way: two for each thread, so that none waits for this process."""
    return 2 * sum(client.nthreads().values())
