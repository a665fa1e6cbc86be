"""kill -9 at twenty random moments of an import of a million rows: of the import, of its backend in the
server, or of the whole server. All or nothing each time; the same again ends in the clean result.

The moments are spread over the duration of a clean import: fourteen over reading and copying, and six over
indexing and committing, counted from where that begins, because a busy machine stretches what comes before.
What was going on is printed.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa

from gridmap import demonstration
from gridmap.database.cluster import PrivateCluster
from gridmap.database.postmaster import find_postmaster
from gridmap.demonstration import JURISDICTION
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.importing import (
    connected,
    content,
    imports,
    start_import,
    until_alone,
    verify_counts,
    whole_import,
    write_reports,
)
from tests.lifecycle.running import reachable_folder
from tests.recount import contradictions

pytestmark = pytest.mark.ordeal

ROWS = 1_000_000
KILLS, OF_THE_END = 20, 6
HURRY = (1.0, 0.7, 0.5, 0.3)
BOX = (109.445, 36.590, 109.515, 36.650)
DOING = """
    SELECT pid, left(query, 40) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_xid IS NOT NULL
"""


ATTACHING = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND query LIKE 'SELECT attach_report_month%'
"""


@dataclass(frozen=True, slots=True)
class Ground:
    """The server, the file, how long a clean import takes until it indexes and from then on, and what it
    comes to."""

    cluster: PrivateCluster
    file: Path
    copying_s: float
    ending_s: float
    clean: tuple[int, int]


@pytest.fixture(scope="module")
def ground() -> Iterator[Ground]:
    with reachable_folder() as folder, PrivateCluster(folder / "pg") as cluster:
        url = cluster.create_database("base")
        with open_gridmap(Settings(database_url=url, data_dir=folder)) as database:
            demonstration.load(database)
        file = write_reports(folder / "rows.csv", ROWS, BOX)
        for name in ("warm", "clean"):  # the first compiles, and reads the file from the disk
            url = cluster.create_database(name, template="base")
            start = time.monotonic()
            process = start_import(url, JURISDICTION.code, file)
            until_attaching(url, process)
            attaching = time.monotonic()
            _, err = process.communicate()
            assert process.returncode == 0, err
            seconds = attaching - start, time.monotonic() - attaching
        with connected(url) as connection:
            clean = content(connection)
            assert contradictions(connection) == {}
        cluster.drop_database("warm")
        cluster.drop_database("clean")
        assert clean[0] == ROWS
        yield Ground(cluster, file, *seconds, clean)


def until_attaching(url: str, process: subprocess.Popen[str]) -> None:
    """Wait until an import indexes its months, or has ended."""
    with connected(url) as connection:
        while process.poll() is None and not connection.execute(sa.text(ATTACHING)).first():
            connection.rollback()
            time.sleep(0.02)


def until_moment(ground: Ground, process: subprocess.Popen[str], url: str, step: int, hurry: float) -> None:
    """Wait until the moment of a step, somewhere in its share of the import, or until that has ended.

    `hurry`, at most 1: the share of that time that is waited for.
    """
    somewhere = np.random.default_rng([20, step]).random()
    copying = KILLS - OF_THE_END
    if step < copying:
        moment = ground.copying_s * (step + somewhere) / copying
    else:
        until_attaching(url, process)
        moment = ground.ending_s * (step - copying + somewhere) / OF_THE_END
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(hurry * moment)


def strike(ground: Ground, process: subprocess.Popen[str], url: str, whom: str) -> str:
    """Kill -9. -> what was going on."""
    with connected(url) as connection:
        found = connection.execute(sa.text(DOING)).first()
    with contextlib.suppress(ProcessLookupError):
        if whom == "import" or (whom == "backend" and found is None):
            process.kill()
        elif whom == "backend":
            os.kill(found[0], signal.SIGKILL)
        else:
            os.kill(find_postmaster(ground.cluster.data).pid, signal.SIGKILL)
    return found[1] if found else "nothing in the database"


def recovered(ground: Ground, url: str) -> None:
    """Wait until the server answers again."""
    ground.cluster.start()
    deadline = time.monotonic() + 120
    while True:
        try:
            psycopg.connect(url.replace("postgresql+psycopg", "postgresql")).close()
            return
        except psycopg.OperationalError:
            assert time.monotonic() < deadline, "the server does not come back"
            time.sleep(0.1)


def under_way(ground: Ground, name: str, step: int) -> tuple[subprocess.Popen[str], str]:
    """An import into a new database at the moment of a step, and where; of one that was over before, anew."""
    for hurry in HURRY:
        url = ground.cluster.create_database(name, template="base")
        process = start_import(url, JURISDICTION.code, ground.file)
        until_moment(ground, process, url, step, hurry)
        if process.poll() is None:
            return process, url
        process.communicate()
        ground.cluster.drop_database(name)
    pytest.fail("the import was over before its moment every time")


@pytest.mark.parametrize("step", range(KILLS))
def test_an_import_killed_at_any_moment_is_all_or_nothing(ground, step) -> None:
    whom = ("import", "import", "backend", "import", "server")[step % 5]
    name = f"kill{step}"
    process, url = under_way(ground, name, step)
    doing = strike(ground, process, url, whom)
    process.communicate()
    recovered(ground, url)
    with connected(url) as connection:
        until_alone(connection)
        stored = content(connection)
        print(f"{whom}: {doing!r}, {stored[0]:,} rows stored")
        assert stored in ((0, 0), ground.clean)
        assert imports(connection) == (1 if stored[0] else 0)
        assert contradictions(connection) == {}
    whole_import(url, JURISDICTION.code, ground.file)
    with connected(url) as connection:
        assert content(connection) == ground.clean
        assert imports(connection) == 1
        assert contradictions(connection) == {}
    verify_counts(url, JURISDICTION.code)
    ground.cluster.drop_database(name)
