"""The memory of an import, of a file or of made-up reports, does not grow with the number of rows.

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
from collections.abc import Iterator
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
BOX = (109.445, 36.590, 109.515, 36.650)


@pytest.fixture(scope="module")
def ground() -> Iterator[tuple[PrivateCluster, Path]]:
    with reachable_folder() as folder, PrivateCluster(folder / "pg") as cluster:
        url = cluster.create_database("base")
        with open_gridmap(Settings(database_url=url, data_dir=folder)) as database:
            demonstration.load(database)
        yield cluster, folder


def peak_mib(ground: tuple[PrivateCluster, Path], *arguments: str) -> int:
    """Run gridmap on a fresh copy of the demonstration. -> the most memory it ever held."""
    cluster, folder = ground
    url = cluster.create_database("measured", template="base")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "gridmap", *arguments],
        cwd=folder,
        env=environment | {"GRIDMAP_DATABASE_URL": url},
        stdout=subprocess.DEVNULL,
    )
    # not rusage: its maximum begins with what the parent held when it forked
    peak, held = 0, Path(f"/proc/{process.pid}/status")
    while process.poll() is None:
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            found = re.search(r"VmHWM:\s+(\d+) kB", held.read_text())
            peak = max(peak, int(found[1]) if found else 0)
        time.sleep(0.05)
    assert process.returncode == 0
    cluster.drop_database("measured")
    return peak >> 10


def flat(what: str, peaks: dict[int, int]) -> None:
    told = ", ".join(f"{rows:,} rows {peak} MiB" for rows, peak in peaks.items())
    print(f"{what}: {told}")
    assert max(peaks.values()) < GROWTH * peaks[min(peaks)], told


def test_importing_files(ground) -> None:
    peaks = {}
    for rows in (100_000, 1_000_000):
        file = write_reports(ground[1] / "rows.csv", rows, BOX)
        peaks[rows] = peak_mib(
            ground, "reports", "import", str(file), "--datum", "wgs84", "--jurisdiction", JURISDICTION.code
        )
    flat("import of a CSV", peaks)


def test_making_reports(ground) -> None:
    sizes = (100_000, 1_000_000, 10_000_000)
    flat("made-up reports", {rows: peak_mib(ground, "demo", "--reports", str(rows)) for rows in sizes})
