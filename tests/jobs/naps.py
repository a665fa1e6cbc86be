"""A kind of job that takes its time, done in a process of its own as every kind is."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from gridmap.errors import BadInput


def nap(database: Any, job: Any, *, progress, should_end) -> dict[str, object]:
    from gridmap.jobs.apart import apart

    seconds, fail = job.asked["seconds"], job.asked.get("fail", "")
    return {"pid": apart(_nap, seconds, fail, hear=progress, should_end=should_end)}


def _nap(seconds: float, fail: str, say) -> int:
    """In the other process."""
    for step in range(1, 5):
        say(step, 4, f"nap {step}")
        time.sleep(seconds / 4)
    if fail == "refused":
        raise BadInput("nobody sleeps like that", field="seconds")
    if fail == "broken":
        raise ZeroDivisionError
    if fail == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()
