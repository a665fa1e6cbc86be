"""A month's heat map, from the database to the finished page, against Folium's HeatMap with every point.

Districts like the demonstration's, each with all its reports in one month. Each run is a process of its own:
its peak memory is that of one page, and its seconds count from when everything is imported and connected.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import date

import sqlalchemy as sa

from gridmap import demonstration
from gridmap.areas import loading as area_files
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.generated.loading import UNTIL, add_reports
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.months import next_month
from tests.benchmarks.measure import LONG_SECONDS, RUNS, Figure

MONTH: date = next_month(UNTIL, -1)
# job -> (reports, their month); that of the many is new, and gets its indexes when it is full
CASES = {"heat_1m": (1_000_000, MONTH), "heat_10m": (10_000_000, UNTIL)}
PAGE_MOST = 1_500_000  # bytes


@dataclass(frozen=True, slots=True)
class Run:
    """One page: how long it took, its size in bytes, the most memory its process ever held."""

    seconds: float
    page: int
    peak: int


def run(database: Database) -> list[Figure]:
    # all districts before all reports, as in life
    owners = {job: district(database, job.replace("_", "-")) for job in CASES}
    return [figure for job, owner in owners.items() for figure in _figures(database, job, owner)]


def district(database: Database, code: str) -> Jurisdiction:
    """The demonstration's areas under another code."""
    owner = replace(demonstration.JURISDICTION, code=code)
    with database.writing() as connection:
        areas.add_jurisdiction(connection, owner)
    for kind in demonstration.KINDS:
        name = "subdistrict" if kind == "subdistrict" else demonstration.FILES.get(kind, f"{kind}s")
        with database.writing() as connection:
            area_files.import_file(
                connection,
                owner,
                demonstration.folder() / f"{name}.geojson",
                kind=kind,
                code_field="code",
                name_field="name",
                parent_field="parent",
                loaded_by="bench",
            )
    return owner


def _figures(database: Database, job: str, owner: Jurisdiction) -> list[Figure]:
    reports, month = CASES[job]
    add_reports(database, owner, reports, months=1, until=next_month(month))
    fold(database)  # the service does, every minute
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("VACUUM (ANALYZE) report, report_delta, report_count, report_cell"))
        connection.execute(sa.text("CHECKPOINT"))
    ours, peers = _in_turn(database, owner, month)
    o, p = (statistics.median(r.seconds for r in runs) for runs in (ours, peers))
    held, theirs = (statistics.median(r.peak for r in runs) for runs in (ours, peers))
    page = max(r.page for r in ours)
    once = "; the peer ran once" if len(peers) == 1 else ""
    shows = f"{reports:,} reports of one month, from the database to the page, each in a fresh process{once}"
    peer_page = f"page {page / 1e6:.2f} MB; the peer's {peers[0].page / 1e6:.1f} MB"
    memory = f"{held / 2**20:.0f} MiB against {theirs / 2**20:.0f} MiB, imports included{once}"
    every = "Folium HeatMap of every point"
    reach = 10 if job == "heat_1m" else 30
    return [
        Figure(job, f"{every}, from the same database", p / o, o, p, shows, reach),
        Figure(job, f"{every}, peak memory", theirs / held, 0, 0, memory, 4),
        Figure(job, "a page of 1.5 MB, size", PAGE_MOST / page, 0, 0, peer_page, 1),
    ]


def _in_turn(database: Database, owner: Jurisdiction, month: date) -> tuple[list[Run], list[Run]]:
    """RUNS of ours and of the peer; one of the peer where that takes over LONG_SECONDS."""
    ours: list[Run] = []
    peers: list[Run] = []
    for _ in range(RUNS):
        ours.append(_fresh(database, owner, month, "ours"))
        if not (peers and peers[0].seconds > LONG_SECONDS):
            peers.append(_fresh(database, owner, month, "folium"))
    return ours, peers


def _fresh(database: Database, owner: Jurisdiction, month: date, side: str) -> Run:
    url = database.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-m", "tests.benchmarks.heat_page", side, url, owner.code, f"{month:%Y-%m}"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Run(**json.loads(done.stdout))
