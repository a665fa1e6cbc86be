"""Measuring: two things in turn, several times, and the median ratio of the pairs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RUNS = 5


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio. `shows` says which cost it shows; seconds are medians of a run."""

    job: str
    against: str
    ratio: float  # how many times as fast as the peer
    ours_s: float
    peer_s: float
    shows: str


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compare(
    job: str,
    against: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    shows: str,
    *,
    peer_scale: float = 1.0,
    runs: int = RUNS,
) -> Figure:
    """Run ours and the peer in turn, after one warm-up of each; the peer's seconds times `peer_scale`.

    The scale is for a peer that is given a fraction of the work because all of it would take too long.
    """
    ours(), peer()
    pairs = [(seconds(ours), seconds(peer) * peer_scale) for _ in range(runs)]
    return Figure(
        job,
        against,
        statistics.median(p / o for o, p in pairs),
        statistics.median(o for o, _ in pairs),
        statistics.median(p for _, p in pairs),
        shows,
    )


def machine() -> str:
    """What this ran on, in a line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} × {model}, {memory:.0f} GiB, {platform.system()}, {python}"


def report(figures: list[Figure], path: Path) -> None:
    """Print the table and write it as JSON."""
    table = Table("job", "against", "ratio", "ours", "peer", "what it shows", title=machine())
    for f in figures:
        table.add_row(f.job, f.against, f"{f.ratio:.2f}×", f"{f.ours_s:.4f} s", f"{f.peer_s:.4f} s", f.shows)
    Console(width=150).print(table)
    rows = [{"job": f.job, "against": f.against, "ratio": round(f.ratio, 3)} for f in figures]
    path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n", encoding="utf-8")
