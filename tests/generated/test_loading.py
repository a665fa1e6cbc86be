"""`gridmap demo --reports`: the rows come in once, whole, by the path of files, placed and counted."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.generated.loading import add_reports
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from tests.recount import contradictions

ROWS = 20_000


def demo(settings: Settings, *options: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
    environment |= {"GRIDMAP_DATABASE_URL": str(settings.database_url), "COLUMNS": "200"}
    command = [sys.executable, "-m", "gridmap", "demo", *options]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def filled(make_settings) -> Iterator[tuple[Database, str]]:
    """The database with the rows in it, and what the command said."""
    settings = make_settings()
    done = demo(settings, "--reports", "20_000", "--months", "6")
    assert done.returncode == 0, done.stderr
    with open_gridmap(settings) as database:
        yield database, done.stdout


def scalar(database: Database, query: str):
    with database.reading() as connection:
        return connection.scalar(sa.text(query))


REPORTS = "SELECT count(*) FROM report WHERE client_id LIKE 'made-%'"
IMPORTED = "SELECT sum(accepted) FROM report_import WHERE loaded_by = 'gridmap demo'"
METHODS = "SELECT count(DISTINCT method) FROM report WHERE client_id LIKE 'made-%'"
MISPLACED = """
    SELECT count(*) FROM report r LEFT JOIN LATERAL (
        SELECT id FROM area_version v WHERE v.kind = 'grid' AND ST_Covers(v.geom, r.geom)
        ORDER BY v.code COLLATE "C" LIMIT 1
    ) judged ON true
    WHERE r.client_id LIKE 'made-%' AND r.geom IS NOT NULL
    AND judged.id IS DISTINCT FROM CASE WHEN r.method = 'covers' THEN r.grid_version END
"""
MONTHS = """
    SELECT count(DISTINCT date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai'))
    FROM report WHERE client_id LIKE 'made-%'
"""


def test_all_are_there_placed_and_said(filled) -> None:
    database, said = filled
    assert f"{ROWS:,} reports added" in said
    assert "a second" in said
    assert scalar(database, REPORTS) == scalar(database, IMPORTED) == ROWS
    assert scalar(database, METHODS) == 4


def test_they_lie_where_sql_says(filled) -> None:
    assert scalar(filled[0], MISPLACED) == 0


def test_they_are_in_six_months_of_local_time(filled) -> None:
    assert scalar(filled[0], MONTHS) == 6


def test_they_are_counted_and_keyed(filled) -> None:
    with filled[0].reading() as connection:
        assert contradictions(connection) == {}


def test_the_same_again_adds_nothing_and_says_so(filled) -> None:
    database, _ = filled
    again = demo(database.settings, "--reports", "20_000", "--months", "6")
    assert again.returncode == 0, again.stderr
    assert f"{ROWS:,} of these reports were there already" in again.stdout
    assert "added" not in again.stdout
    assert scalar(database, REPORTS) == ROWS


def test_what_was_cut_short_goes_on(filled) -> None:
    """A load that ends in the third month leaves two whole ones; the next adds the rest."""
    database, _ = filled

    class Cut(Exception): ...

    def cut(rows: int) -> None:
        if rows > 700:
            raise Cut

    with pytest.raises(Cut):
        add_reports(database, JURISDICTION, 1_200, months=4, seed=7, progress=cut)
    there = scalar(database, "SELECT count(*) FROM report WHERE client_id LIKE 'made-202401-4-7-%'")
    assert 0 < there < 1_200
    rest = add_reports(database, JURISDICTION, 1_200, months=4, seed=7)
    assert (rest.added, rest.known) == (1_200 - there, there)


def test_numbers_are_refused_by_name(filled) -> None:
    done = demo(filled[0].settings, "--reports", "0")
    assert done.returncode == 2
    assert "reports" in done.stderr
