"""The real `gridmap reports import` as a process that can be killed, and what its rows come to."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database.sessions import make_engine

HEADINGS = ["client_id", "category", "description", "occurred_at", "lon", "lat", "accuracy_m"]
CATEGORIES = ("matter-06010", "matter-09009", "matter-07008", "local-teastall")
FIRST = datetime(2024, 1, 20, tzinfo=ZoneInfo("Asia/Shanghai"))
DAYS = 60  # in three months
WAIT_SECONDS = 60

# All that is told of reports, but for what each import makes anew: ids, and when they were recorded.
CONTENT = """
    SELECT count(*), coalesce(sum(hashtextextended(row(
        r.client_id, r.category, r.description, r.occurred_at, r.lon, r.lat, r.datum, r.accuracy_m,
        r.geom, r.named_code, r.method, g.code, c.code, d.code, b.code, r.edge_distance_m, r.candidates,
        r.needs_review
    )::text, 0)::numeric), 0)
    FROM report r
    LEFT JOIN area_version g ON g.id = r.grid_version
    LEFT JOIN area_version c ON c.id = r.community_version
    LEFT JOIN area_version d ON d.id = r.compound_version
    LEFT JOIN area_version b ON b.id = r.building_version
    WHERE r.client_id LIKE 'row-%'
"""
OTHERS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def write_reports(path: Path, rows: int, box: tuple[float, float, float, float], seed: int = 5) -> Path:
    """A CSV of reports spread over a box and DAYS days, in no order; one in fifty with an accuracy."""
    random = np.random.default_rng(seed)
    west, south, east, north = box
    where = random.uniform((west, south), (east, north), (rows, 2)).round(6).tolist()
    seconds = random.integers(0, DAYS * 86_400, rows).tolist()
    with path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream)
        table.writerow(HEADINGS)
        for n, ((lon, lat), second) in enumerate(zip(where, seconds, strict=True)):
            moment = (FIRST + timedelta(seconds=second)).isoformat()
            accuracy = 25 if n % 50 == 0 else ""
            table.writerow([f"row-{n}", CATEGORIES[n % 4], f"桥头有垃圾 {n}", moment, lon, lat, accuracy])
    return path


def start(url: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
    return subprocess.Popen(
        [sys.executable, "-m", "gridmap", *arguments],
        env=environment | {"GRIDMAP_DATABASE_URL": url, "COLUMNS": "200"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def start_import(url: str, jurisdiction: str, path: Path) -> subprocess.Popen[str]:
    aside = path.with_suffix(".rejected.csv")
    options = ("--datum", "wgs84", "--jurisdiction", jurisdiction, "--rejects", str(aside))
    return start(url, "reports", "import", str(path), *options)


def verify_counts(url: str, jurisdiction: str) -> None:
    """`gridmap stats verify` finds nothing to mend."""
    process = start(url, "stats", "verify", "--jurisdiction", jurisdiction)
    out, err = process.communicate()
    assert process.returncode == 0, out + err


def whole_import(url: str, jurisdiction: str, path: Path) -> str:
    """Import to the end. -> what was said."""
    process = start_import(url, jurisdiction, path)
    out, err = process.communicate()
    assert process.returncode == 0, err
    return out


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection of our own, which no pool keeps."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def until_alone(connection: Connection) -> None:
    """Wait until nobody else is connected: what a killed client began has ended too."""
    deadline = time.monotonic() + WAIT_SECONDS
    while connection.execute(sa.text(OTHERS)).first():
        connection.rollback()
        assert time.monotonic() < deadline, "somebody is still connected"
        time.sleep(0.02)
    connection.rollback()


def content(connection: Connection) -> tuple[int, int]:
    """(how many of the rows are stored, a sum of hashes of all that is told of them)."""
    count, total = connection.execute(sa.text(CONTENT)).one()
    return count, int(total)


def imports(connection: Connection) -> int:
    """How many imports are recorded of files of these reports."""
    query = "SELECT count(*) FROM report_import WHERE file_name = 'rows.csv'"
    return connection.execute(sa.text(query)).scalar_one()
