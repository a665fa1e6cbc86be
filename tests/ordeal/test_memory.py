"""The memory of an import, an export, a month's map and made-up reports does not grow with the rows.

Each is a process of its own, from its start to its end, and its peak is what the system says of it. A hundred
times the rows may take a quarter more: what a block of rows needs, and the pages that the allocator keeps.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gridmap import demonstration
from gridmap.database.cluster import PrivateCluster
from gridmap.demonstration import JURISDICTION
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.importing import write_reports
from tests.lifecycle.running import reachable_folder

pytestmark = pytest.mark.ordeal

GROWTH = 1.25
SIZES = (100_000, 1_000_000, 10_000_000)
BOX = (109.445, 36.590, 109.515, 36.650)


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[PrivateCluster, Path]]:
    with reachable_folder() as folder, PrivateCluster(folder / "pg") as cluster:
        url = cluster.create_database("base")
        with open_gridmap(Settings(database_url=url, data_dir=folder)) as database:
            demonstration.load(database)
        yield cluster, folder


@contextlib.contextmanager
def measured(ground: tuple[PrivateCluster, Path]) -> Iterator[Callable[..., int]]:
    """gridmap on a fresh copy of the demonstration: each command -> the most memory (MiB) that it held."""
    cluster, folder = ground
    url = cluster.create_database("measured", template="base")
    yield lambda *arguments: _peak_mib(folder, url, arguments)
    cluster.drop_database("measured")


def _peak_mib(folder: Path, url: str, arguments: tuple[str, ...]) -> int:
    """Of gridmap and the processes that it starts, each at its worst."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gridmap", *arguments],
        cwd=folder,
        env=environment | {"GRIDMAP_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    # not rusage: its maximum begins with what the parent held when it forked
    peaks: dict[int, int] = {}
    while process.poll() is None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            for pid in (process.pid, *map(int, children)):
                found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
                peaks[pid] = max(peaks.get(pid, 0), int(found[1]) if found else 0)
        time.sleep(0.05)
    assert process.returncode == 0
    return sum(peaks.values()) >> 10


def flat(what: str, peaks: dict[int, int]) -> None:
    told = ", ".join(f"{rows:,} rows {peak} MiB" for rows, peak in peaks.items())
    print(f"{what}: {told}")
    assert max(peaks.values()) < GROWTH * peaks[min(peaks)], told


def test_a_file_in_and_out_and_on_the_map(ground) -> None:
    folder, of_district = ground[1], ("--jurisdiction", JURISDICTION.code)
    peaks: dict[str, dict[int, int]] = {"import": {}, "export": {}, "heat map": {}}
    for rows in SIZES:
        file, out = write_reports(folder / "rows.csv", rows, BOX), folder / "out"
        with measured(ground) as run:
            peaks["import"][rows] = run("reports", "import", str(file), "--datum", "wgs84", *of_district)
            peaks["export"][rows] = run("reports", "export", "--out", f"{out}.csv", *of_district)
            run("stats", "fold")
            map_of = ("export", "heatmap", "--month", "2024-02", "--out", str(out), "--format", "html")
            peaks["heat map"][rows] = run(*map_of, *of_district)
    for what, of_sizes in peaks.items():
        flat(what, of_sizes)


def test_making_reports(ground) -> None:
    peaks = {}
    for rows in SIZES:
        with measured(ground) as run:
            peaks[rows] = run("demo", "--reports", str(rows))
    flat("made-up reports", peaks)
