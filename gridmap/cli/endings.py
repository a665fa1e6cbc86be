"""Endings that bring no signal: the terminal that hangs up, the `make` that is interrupted or killed alone.

A hung-up terminal signals only its session's leader. Where that is make, make tells nobody: of all signals it
hands on TERM only, and waits for its child for ever. So the child looks for itself, once a second.
"""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

PERIOD = 1.0


def watch_surroundings(end: Callable[[], None]) -> None:
    """Call `end` once, from a thread, when the terminal or the make that started us has come to its end."""
    terminal, make = _terminal(), _make()
    if terminal is None and make is None:
        return
    threading.Thread(target=_watch, args=(terminal, make, end), name="surroundings", daemon=True).start()


def _watch(terminal: int | None, make: int | None, end: Callable[[], None]) -> None:
    while not (make and (os.getppid() != make or _is_interrupted(make))):
        if terminal is None:
            time.sleep(PERIOD)
        elif _hangs_up(terminal):
            break
    end()


def _terminal() -> int | None:
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:  # nohup
        return None
    return next((stream for stream in (0, 1, 2) if os.isatty(stream)), None)


def _make() -> int | None:
    return os.getppid() if "MAKELEVEL" in os.environ else None


def _hangs_up(terminal: int) -> bool:
    """Wait a period for the terminal's end. No events are asked for: hang-up and error come unasked."""
    poll = select.poll()
    poll.register(terminal, 0)
    return bool(poll.poll(PERIOD * 1000))


def _is_interrupted(process: int) -> bool:
    """Whether it sits in a handler of INT or HUP: a signal is blocked while its handler runs."""
    try:
        status = Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False
    blocked = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigBlk:"))
    return any(blocked >> (number - 1) & 1 for number in (signal.SIGINT, signal.SIGHUP))
