"""A database from before reports were counted: its reports are counted when it is opened."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine

from gridmap.database import migrations
from gridmap.database.sessions import make_engine
from gridmap.geometry.cells import cells
from tests.recount import contradictions

OWNERS = (
    "INSERT INTO jurisdiction (code, name, time_zone) VALUES"
    " ('here', '此地', 'Asia/Shanghai'), ('there', 'There', 'America/New_York')"
)
MONTH = """
    CREATE TABLE report_2023_06 PARTITION OF report
    FOR VALUES FROM ('2023-06-01 00:00+00') TO ('2023-07-01 00:00+00')
"""
# Every third without a coordinate, every seventh outside; near edges and farther off; in two zones.
REPORTS = """
    INSERT INTO report (id, occurred_at, recorded_at, jurisdiction, client_id, category, description,
        lon, lat, datum, geom, named_code, method, grid_version, community_version,
        edge_distance_m, needs_review)
    SELECT gen_random_uuid(), '2023-06-01 00:00+00'::timestamptz + n * interval '14 minutes', now(),
           CASE WHEN n % 2 = 0 THEN 'here' ELSE 'there' END, 'c' || n, 'matter-0' || n % 4, '',
           lon, lat, CASE WHEN lon IS NULL THEN NULL ELSE 'wgs84' END,
           ST_SetSRID(ST_MakePoint(lon, lat), 4326),
           CASE WHEN lon IS NULL THEN 'compound' END,
           CASE WHEN lon IS NULL THEN 'named' WHEN n % 7 = 0 THEN 'outside' ELSE 'covers' END,
           CASE WHEN lon IS NULL OR n % 7 = 0 THEN NULL ELSE n % 5 + 1 END,
           CASE WHEN n % 7 = 0 THEN NULL ELSE n % 2 + 1 END,
           CASE WHEN lon IS NULL THEN NULL ELSE n % 11 END, false
    FROM (
        SELECT n, CASE WHEN n % 3 = 0 THEN NULL ELSE 109.4 + (n % 97) / 970.0 END AS lon,
               CASE WHEN n % 3 = 0 THEN NULL ELSE 36.5 + (n % 89) / 890.0 END AS lat
        FROM generate_series(0, 2999) AS n
    ) made
"""
KEYS = """
    INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256)
    SELECT jurisdiction, client_id, id, occurred_at, '' FROM report
"""


@pytest.fixture
def old(cluster) -> Iterator[Engine]:
    """A database of the first schema, with reports in it."""
    engine = make_engine(cluster.create_database("old"))
    with engine.begin() as connection:
        command.upgrade(migrations.config(connection), "0001")
        for statement in (OWNERS, MONTH, REPORTS, KEYS):
            connection.execute(sa.text(statement))
    yield engine
    engine.dispose()
    cluster.drop_database("old")


def test_the_reports_of_an_old_database_are_counted(old: Engine) -> None:
    migrations.upgrade(old)
    with old.connect() as connection:
        assert contradictions(connection) == {}
        assert connection.scalar(sa.text("SELECT sum(reports) FROM report_count")) == 3_000
        assert connection.scalar(sa.text("SELECT count(*) FROM report_delta")) == 0
        months = connection.scalars(sa.text("SELECT DISTINCT month::text FROM report_count ORDER BY 1")).all()
        assert months == ["2023-05-01", "2023-06-01"]  # New York's first hours are still May's


def test_their_cells_are_those_that_are_counted_from_now_on(old: Engine) -> None:
    migrations.upgrade(old)
    with old.connect() as connection:
        points = connection.execute(
            sa.text("SELECT ST_X(geom), ST_Y(geom) FROM report WHERE geom IS NOT NULL")
        ).all()
        kept = connection.execute(
            sa.text("SELECT cell_x, cell_y, sum(reports)::int FROM report_cell GROUP BY 1, 2")
        ).all()
    lon, lat = np.array(points, float).T
    x, y = cells(lon, lat)
    assert {(row[0], row[1]): row[2] for row in kept} == Counter(zip(x.tolist(), y.tolist(), strict=True))
