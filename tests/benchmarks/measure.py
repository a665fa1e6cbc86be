"""Measuring: two things in turn, several times, and the median ratio of the pairs."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

RUNS = 5
WARM_SECONDS = 5  # what takes longer has nothing left to warm up
LONG_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """One ratio. `shows` says which cost it shows; seconds are medians of a run."""

    job: str
    against: str
    ratio: float  # how many times as fast as the peer; of a cost, how many times as long it takes
    ours_s: float
    peer_s: float
    shows: str
    reach: float | None = None  # what the ratio is to be at least; of a cost, at most
    cost: bool = False

    @property
    def met(self) -> bool:
        if self.reach is None:
            return True
        return self.ratio <= self.reach if self.cost else self.ratio >= self.reach


def seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def nothing() -> None:
    """Needed before a work that needs nothing before it."""


@dataclass(frozen=True, slots=True)
class Runner:
    """A work to be timed; `before` is not."""

    work: Callable[[], object]
    before: Callable[[], object] = nothing

    def __call__(self) -> float:
        self.before()
        return seconds(self.work)


def in_turn(runners: Sequence[Runner], runs: int = RUNS) -> list[list[float]]:
    """The seconds of each, so many times in turn, after a warm-up of each.

    What takes over WARM_SECONDS in its warm-up had its first run by that, over LONG_SECONDS its only one.
    """
    warm = [runner() for runner in runners]
    taken = [[once] if once > WARM_SECONDS else [] for once in warm]
    for _ in range(runs):
        for runner, once, own in zip(runners, warm, taken, strict=True):
            if once <= LONG_SECONDS and len(own) < runs:
                own.append(runner())
    return taken


def figure(
    job: str,
    against: str,
    ours: Sequence[float],
    peer: Sequence[float],
    shows: str,
    *,
    reach: float | None = None,
    cost: bool = False,
) -> Figure:
    """The median ratio of pairs that ran in turn; where one of the two ran once, of the others to that."""
    runs = max(len(ours), len(peer))
    pairs = zip(*(each if len(each) == runs else [each[0]] * runs for each in (ours, peer)), strict=True)
    once = [who for who, taken in (("ours", ours), ("the peer", peer)) if len(taken) < runs]
    return Figure(
        job,
        against,
        statistics.median(o / p if cost else p / o for o, p in pairs),
        statistics.median(ours),
        statistics.median(peer),
        "; ".join([shows, *(f"{who} ran once" for who in once)]),
        reach,
        cost,
    )


def compare(
    job: str,
    against: str,
    ours: Callable[[], object],
    peer: Callable[[], object],
    shows: str,
    *,
    reach: float | None = None,
    peer_scale: float = 1.0,
    runs: int = RUNS,
    before: Callable[[], object] = nothing,
    cost: bool = False,
) -> Figure:
    """Run ours and the peer in turn, each after `before`; the peer's seconds times `peer_scale`.

    The scale is for a peer that is given a fraction of the work because all of it would take too long.
    `cost`: the ratio is what ours takes of the peer's time, to be at most `reach`.
    """
    taken, peers = in_turn([Runner(ours, before), Runner(peer, before)], runs)
    scaled = [each * peer_scale for each in peers]
    return figure(job, against, taken, scaled, shows, reach=reach, cost=cost)


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
    table = Table("job", "against", "ratio", "reach", "met", "ours", "peer", "what it shows", title=machine())
    for f in figures:
        reach = "" if f.reach is None else f"{'≤' if f.cost else '≥'} {f.reach:g}×"
        met = "yes" if f.met else "no"
        times = (f"{f.ours_s:.4g} s", f"{f.peer_s:.4g} s") if f.peer_s else ("", "")
        table.add_row(f.job, f.against, f"{f.ratio:.2f}×", reach, met, *times, f.shows)
    Console(width=180).print(table)
    rows = [
        {"job": f.job, "against": f.against, "ratio": round(f.ratio, 3), "reach": f.reach, "met": f.met}
        for f in figures
    ]
    path.write_text(json.dumps({"machine": machine(), "rows": rows}, indent=2) + "\n", encoding="utf-8")
