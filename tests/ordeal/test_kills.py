"""kill -9 at many moments: of who starts the database, of the server under writing, of the whole service."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from gridmap.database.cluster import PrivateCluster
from gridmap.database.postmaster import find_postmaster
from tests.lifecycle.running import REPOSITORY, Running, processes_of, reachable_folder, wait_until_gone

pytestmark = pytest.mark.ordeal

START = "import sys; from gridmap.database.cluster import PrivateCluster; PrivateCluster(sys.argv[1]).start()"
WRITE = """
import sys, psycopg
with psycopg.connect(sys.argv[1], autocommit=True) as connection:
    n = connection.execute("SELECT coalesce(max(n), 0) FROM written").fetchone()[0]
    while True:
        n += 1
        connection.execute("INSERT INTO written VALUES (%s)", [n])
        print(n, flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


def kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def plain(url: str) -> str:
    """The URL as libpq reads it."""
    return url.replace("postgresql+psycopg", "postgresql")


@pytest.mark.parametrize("step", range(24))
def test_whenever_the_first_start_is_killed_the_next_one_works(folder, step):
    starter = subprocess.Popen([sys.executable, "-c", START, folder / "pg"], cwd=REPOSITORY)
    time.sleep(0.1 * step)
    starter.kill()
    starter.wait()
    with PrivateCluster(folder / "pg") as cluster, psycopg.connect(plain(cluster.url)) as connection:
        assert connection.execute("SELECT count(*) > 1000 FROM spatial_ref_sys").fetchone() == (True,)
    assert wait_until_gone(folder) == {}


@pytest.mark.parametrize("step", range(24))
def test_whenever_the_first_start_and_its_programs_are_killed_the_next_one_works(folder, step):
    starter = subprocess.Popen([sys.executable, "-c", START, folder / "pg"], cwd=REPOSITORY)
    time.sleep(0.1 * step)
    for pid in [starter.pid, *processes_of(folder)]:
        kill(pid)
    starter.wait()
    with PrivateCluster(folder / "pg") as cluster, psycopg.connect(plain(cluster.url)) as connection:
        assert connection.execute("SELECT count(*) > 1000 FROM spatial_ref_sys").fetchone() == (True,)
    assert wait_until_gone(folder) == {}


def test_a_server_killed_under_writing_keeps_every_acknowledged_row(folder):
    acknowledged = 0
    with PrivateCluster(folder / "pg") as cluster:
        with psycopg.connect(plain(cluster.url)) as connection:
            connection.execute("CREATE TABLE written (n int PRIMARY KEY)")
        for _ in range(12):
            writer = subprocess.Popen(
                [sys.executable, "-c", WRITE, plain(cluster.url)],
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            writer.stdout.readline()
            time.sleep(0.3)
            os.kill(find_postmaster(cluster.data).pid, signal.SIGKILL)
            # The writer's backend outlives the postmaster by a moment and may acknowledge more.
            with psycopg.connect(plain(cluster.start())) as connection:
                written = {n for (n,) in connection.execute("SELECT n FROM written")}
            said = [int(line) for line in writer.communicate()[0].splitlines()]
            acknowledged = max([acknowledged, *said])
            assert written >= set(range(1, acknowledged + 1))
    assert acknowledged > 12


def rows_by_table(folder: Path) -> dict[str, int]:
    """Rows of every table that holds any; that the demonstration was begun more than once must not show."""
    with psycopg.connect(plain(PrivateCluster(folder / "postgres").url)) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables"
            " WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        count = sql.SQL("SELECT count(*) FROM {}")
        counts = {
            ".".join(table): connection.execute(count.format(sql.Identifier(*table))).fetchone()[0]
            for table in tables
        }
    return {name: count for name, count in counts.items() if count}


def loaded(folder: Path) -> dict[str, int]:
    """Start the service, wait until the demonstration is there, look, end it."""
    service = Running(folder, GRIDMAP_DEMONSTRATION="true")
    try:
        service.wait_for(200)
        rows = rows_by_table(folder)
        assert service.end() == 0
    finally:
        service.clean_up()
    assert wait_until_gone(folder) == {}
    return rows


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, int]:
    with reachable_folder() as folder:
        return loaded(folder)


@pytest.mark.parametrize("step", range(10))
def test_whenever_the_whole_service_is_killed_the_next_start_is_complete(folder, undisturbed, step):
    service = Running(folder, GRIDMAP_DEMONSTRATION="true")
    time.sleep(1.2 * step)
    for pid in [service.process.pid, *processes_of(folder)]:
        kill(pid)
    service.clean_up()
    assert loaded(folder) == undisturbed
