"""What a long job meets: partitions larger than memory should be, and workers that die."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gridmap.errors import Busy
from gridmap.scale.cluster import local, run
from gridmap.scale.points import to_wkb
from gridmap.scale.writing import geo_document

PLACE_ONE = """
import sys, resource
import pyarrow as pa
from gridmap.scale.editions import from_files
from gridmap.scale.model import Options, Task
from gridmap.scale.placing import place_partition
from gridmap.scale.plan import Plan
from gridmap.scale.reading import find
from pathlib import Path

plan = Plan(from_files("x", [Path(sys.argv[1])]), Options("Asia/Shanghai"))
for path in sys.argv[2:]:
    done = place_partition(Task(find(path)[0], path + ".placed", plan.job), plan)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(done.rows, peak, pa.default_memory_pool().max_memory() >> 20)
"""


def one_row_group(path: Path, rows: int) -> Path:
    rng = np.random.default_rng(1)
    points = to_wkb(rng.uniform(109.45, 109.51, rows), rng.uniform(36.6, 36.64, rows))
    moments = pa.array(rng.integers(0, 10**15, rows), pa.timestamp("us", "UTC"))
    table = pa.table({"id": np.arange(rows), "occurred_at": moments, "geometry": points})
    metadata = {"geo": json.dumps(geo_document("geometry", None))}
    pq.write_table(table.replace_schema_metadata(metadata), path, row_group_size=rows)
    return path


def test_memory_does_not_grow_with_the_partition(tmp_path, area_files) -> None:
    """A row group of 130 MB adds nothing to what one of 13 MB takes."""
    paths = [one_row_group(tmp_path / f"{rows}.parquet", rows) for rows in (400_000, 4_000_000)]
    command = [sys.executable, "-c", PLACE_ONE, str(area_files[0]), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    small, large = ([int(n) for n in line.split()] for line in done.stdout.splitlines())
    assert (small[0], large[0]) == (400_000, 4_000_000)
    assert large[1] - small[1] < 60, f"resident: {small[1]} MB, {large[1]} MB"
    assert large[2] < 100, f"Arrow's: {small[2]} MB, {large[2]} MB"


def slowly(task: int, shared: int) -> int:
    time.sleep(0.3)
    return task + shared


def kill_one_worker(pids: list[int]) -> threading.Timer:
    timer = threading.Timer(1.0, os.kill, (pids[0], signal.SIGKILL))
    timer.start()
    return timer


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost() -> None:
    with local(2) as client:
        timer = kill_one_worker(list(client.run(os.getpid).values()))
        found: list[int] = []
        run(client, slowly, range(20), 1_000, found.append)
        timer.join()
        assert sorted(found) == list(range(1_000, 1_020))


def fatal(task: int, shared: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    return task


def test_work_that_kills_every_worker_ends_with_a_word() -> None:
    with local(1) as client, pytest.raises(Busy, match="what is finished is kept"):
        run(client, fatal, range(3), 0, lambda done: None)


def test_two_jobs_at_once_do_not_meet(cluster_client) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        with local(1) as client:
            found: list[int] = []
            run(client, slowly, [1], 1, found.append)
    assert found == [2]
    assert len(cluster_client.nthreads()) == 2
