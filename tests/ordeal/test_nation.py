"""A nation of 100,000 grids: loaded, reported in, asked, and shown on pages that a browser can hold."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from gridmap.database.cluster import PrivateCluster
from gridmap.generated.nation import nation_of
from gridmap.settings import Settings
from tests.faces.conftest import serving
from tests.importing import connected
from tests.lifecycle.running import reachable_folder
from tests.recount import contradictions

pytestmark = pytest.mark.ordeal

GRIDS, REPORTS = 100_000, 100_000
OWNER = nation_of(GRIDS).code
PAGE_MOST = 4_000_000  # bytes
SECONDS = 600  # until a request is given up; what it takes is not judged here
JUDGED = """
    SELECT count(*) FILTER (WHERE v.id = r.grid_version), count(*) FROM (
        SELECT * FROM report WHERE method = 'covers' ORDER BY id LIMIT 20000
    ) r LEFT JOIN LATERAL (
        SELECT id FROM area_version v WHERE v.kind = 'grid' AND ST_Covers(v.geom, r.geom)
        ORDER BY v.code COLLATE "C" LIMIT 1
    ) v ON true
"""


@pytest.fixture(scope="module")
def country() -> Iterator[tuple[str, Path]]:
    """A database with the nation in it, and a folder."""
    with reachable_folder() as folder, PrivateCluster(folder / "pg") as cluster:
        url = cluster.create_database("nation")
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
        command = [sys.executable, "-m", "gridmap", "demo", "--nation", str(GRIDS), "--reports", str(REPORTS)]
        subprocess.run(command, env=environment | {"GRIDMAP_DATABASE_URL": url}, check=True)
        yield url, folder


def test_every_report_lies_where_sql_says_and_is_counted(country) -> None:
    with connected(country[0]) as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM report")) == REPORTS
        agreed, looked_at = connection.execute(sa.text(JUDGED)).one()
        assert agreed == looked_at == 20_000
        assert contradictions(connection) == {}


@pytest.fixture(scope="module")
def client(country) -> Iterator[httpx.Client]:
    url, folder = country
    settings = Settings(database_url=url, data_dir=folder, demonstration=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.faces.conftest.START_SECONDS", SECONDS)
        with serving(settings) as live, live.client() as client:
            client.timeout = SECONDS
            yield client


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/", "网格 100,000："),
        ("/maps/places", "示意大区"),
        ("/maps/heat?month=2023-06", "本图按街道合计"),
        ("/maps/heat?month=2023-06&lang=en", "counted by Subdistrict here"),
    ],
)
def test_pages_stay_small_and_say_what_they_leave_out(client, path, says) -> None:
    page = client.get(path)
    assert page.status_code == 200
    assert says in page.text
    assert len(page.content) < PAGE_MOST


def test_grids_come_page_by_page(client) -> None:
    first = client.get("/api/v1/areas", params={"kind": "grid", "limit": 1000}).json()
    assert len(first["features"]) == 1_000
    after = {"kind": "grid", "limit": 1000, "after": first["next"]}
    second = client.get("/api/v1/areas", params=after).json()
    codes = [feature["properties"]["code"] for feature in first["features"] + second["features"]]
    assert codes == sorted(codes)
    assert len(set(codes)) == 2_000


def test_a_point_is_located(client) -> None:
    found = client.get("/api/v1/locate", params={"lon": 109.5, "lat": 36.6, "datum": "wgs84"}).json()
    assert found["grid"]["code"].startswith(found["community"]["code"])


@pytest.mark.parametrize("format", ["png", "csv"])
def test_a_month_is_exported(client, format) -> None:
    answer = client.get("/api/v1/exports/heatmap", params={"month": "2023-06", "format": format})
    assert answer.status_code == 200
    assert 1_000 < len(answer.content) < 5 * PAGE_MOST
