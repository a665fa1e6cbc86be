"""A bulletin of a month of a million reports, against reading it into GeoPandas and drawing its points.

Ours are all of a package's files: PDF, HTML, XLSX, GPKG, manifest. The peer reads what a drawing needs by
`read_postgis` and makes a Folium HeatMap and a PDF with as many maps as the bulletin has, its grids and every
point on each, the points as a picture as ours are; no table, no statistics, no layers are asked of it. Each
run is a process of its own (bulletin_page.py), as each bulletin of the service has one.

BENCH_REPORTS=50000 is for a look whether it works.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys

import sqlalchemy as sa

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.generated.loading import add_reports
from gridmap.statistics.counts.folding import fold
from tests.benchmarks.bulletin_page import MAPS
from tests.benchmarks.heat import MONTH, Run, district
from tests.benchmarks.measure import LONG_SECONDS, Figure

REPORTS = int(os.environ.get("BENCH_REPORTS", "1000000"))
RUNS = 3  # of each: half a minute and more


def run(database: Database) -> list[Figure]:
    owner = district(database, "bulletin")
    add_reports(database, owner, REPORTS, months=1)
    fold(database)  # the service does, every minute
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE) report, report_delta, report_count, report_cell"))
        connection.execute(sa.text("CHECKPOINT"))
    ours: list[Run] = []
    peers: list[Run] = []
    for _ in range(RUNS):
        ours.append(_fresh(database, owner, "ours"))
        if not (peers and peers[0].seconds > LONG_SECONDS):
            peers.append(_fresh(database, owner, "peer"))
    o, p = (statistics.median(r.seconds for r in runs) for runs in (ours, peers))
    held, theirs = (statistics.median(r.peak for r in runs) for runs in (ours, peers))
    once = "; the peer ran once" if len(peers) == 1 else ""
    peer = f"GeoPandas read_postgis, Folium HeatMap and {MAPS} matplotlib maps, every point on each"
    files = f"{ours[0].page / 1e6:.1f} MB of files against {peers[0].page / 1e6:.1f} MB"
    shows = f"{REPORTS:,} reports of one month, from the database to the files; {files}{once}"
    memory = f"{held / 2**20:.0f} MiB against {theirs / 2**20:.0f} MiB, imports included{once}"
    return [
        Figure("bulletin", peer, p / o, o, p, shows, 3),
        Figure("bulletin memory", f"{peer}: peak memory", theirs / held, 0, 0, memory, 3),
    ]


def _fresh(database: Database, owner: Jurisdiction, side: str) -> Run:
    url = database.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, "-m", "tests.benchmarks.bulletin_page"]
    command = [*program, side, url, owner.code, f"{MONTH:%Y-%m}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))
