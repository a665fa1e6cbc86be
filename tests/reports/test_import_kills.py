"""kill -9 of an import at three of its stages: nothing of it is left, and the next one is complete.

The stages are held up by locks of the test, so that each is met for certain. The same at random
moments, with a million rows and the server killed as well: tests/ordeal/test_import_kills.py.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.opening import open_gridmap
from tests.importing import (
    connected,
    content,
    imports,
    start_import,
    until_alone,
    whole_import,
    write_reports,
)
from tests.recount import contradictions
from tests.reports.conftest import TOWN, settle

ROWS = 20_000
STAGES = {
    "rows in the middle": """
        INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256)
        VALUES ('town', 'row-15000', gen_random_uuid(), now(), '')
    """,
    "attaching a month": "LOCK TABLE report IN SHARE UPDATE EXCLUSIVE MODE",
    "recording the import": "LOCK TABLE report_import IN EXCLUSIVE MODE",
}
HELD_UP = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""


@pytest.fixture(scope="module")
def town_url(make_settings) -> Iterator[str]:
    settings = make_settings()
    with open_gridmap(settings) as database:
        settle(database)
    return settings.database_url


@pytest.fixture(scope="module")
def file(tmp_path_factory) -> Path:
    box = (109.465, 36.595, 109.505, 36.625)
    return write_reports(tmp_path_factory.mktemp("import") / "rows.csv", ROWS, box)


def killed_at(stage: str, url: str, file: Path, watch: Connection) -> None:
    """Start an import, kill it when it is held up at the stage, and wait until the server knows."""
    with connected(url) as holder:
        holder.execute(sa.text(STAGES[stage]))
        process = start_import(url, TOWN.code, file)
        deadline = time.monotonic() + 60
        while not watch.execute(sa.text(HELD_UP)).first():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, f"{stage} was not met"
            watch.rollback()
            time.sleep(0.01)
        process.kill()
        process.communicate()
    until_alone(watch)


def test_an_import_killed_at_a_stage_leaves_nothing_and_the_next_is_complete(town_url, file) -> None:
    with connected(town_url) as connection:
        for stage in STAGES:
            killed_at(stage, town_url, file, connection)
            assert content(connection) == (0, 0), stage
            assert imports(connection) == 0, stage
            assert contradictions(connection) == {}, stage
            connection.rollback()
        whole_import(town_url, TOWN.code, file)
        assert content(connection)[0] == ROWS
        assert contradictions(connection) == {}
        assert imports(connection) == 1
