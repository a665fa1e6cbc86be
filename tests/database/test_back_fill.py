"""Migrations of a database that already holds reports: what they count and keep is what the rows say."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from sqlalchemy import Engine

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database import migrations
from gridmap.database.cluster import PrivateCluster
from gridmap.database.sessions import Database, check_postgis, make_engine
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.verifying import verify
from gridmap.statistics.monthly import monthly
from gridmap.statistics.months import next_month
from tests.recount import contradictions

EAST = Jurisdiction("east", "东城", "East", "Asia/Shanghai")
FAR = Jurisdiction("far", "远城", "Far", "America/St_Johns")  # three and a half hours the other way
MONTHS = [date(2023, 4, 1), date(2023, 5, 1), date(2023, 6, 1), date(2023, 7, 1)]
PER_JURISDICTION = 500

# Reports of two months, many in the first or last second of a local one. Of each ten one lies on the edge of
# two grids, one near it, one on the rim of the plane of cells, and one has no point; some lie in no grid.
REPORTS = sa.text(
    """
    INSERT INTO report (id, occurred_at, recorded_at, jurisdiction, client_id, category, description,
                        lon, lat, datum, geom, named_code, method, grid_version, community_version,
                        edge_distance_m, needs_review)
    SELECT gen_random_uuid(), occurred_at, now(), :jurisdiction, 'r-' || n,
           (ARRAY['matter-06010', 'matter-06011', 'local-teastall'])[1 + n % 3], '',
           ST_X(p.geom), ST_Y(p.geom),
           CASE WHEN p.geom IS NOT NULL THEN 'wgs84' END, p.geom, CASE WHEN p.geom IS NULL THEN 'k' END,
           CASE WHEN p.geom IS NULL THEN 'named' WHEN v.id IS NULL THEN 'outside' ELSE 'covers' END,
           v.id, CASE WHEN v.id IS NOT NULL AND n % 4 > 0 THEN v.id END,
           CASE WHEN p.geom IS NOT NULL THEN ST_Distance(p.geom::geography, edge.geom::geography) END, false
    FROM generate_series(CAST(:first AS int), CAST(:last AS int) - 1) n
    CROSS JOIN LATERAL (
        SELECT CASE n % 4
               WHEN 0 THEN timestamp '2023-05-01 00:00:00' AT TIME ZONE CAST(:zone AS text)
               WHEN 1 THEN timestamp '2023-05-31 23:59:59' AT TIME ZONE CAST(:zone AS text)
               ELSE '2023-04-30 00:00+00'::timestamptz + n % 62 * interval '1 day 17 minutes' END
               AS occurred_at) moment
    CROSS JOIN LATERAL (
        SELECT CASE n % 10
               WHEN 0 THEN NULL
               WHEN 1 THEN ST_Point(109.5, 36.5 + n % 50 / 1000.0, 4326)
               WHEN 2 THEN ST_Point(109.5 + n % 9 / 100000.0, 36.52, 4326)
               WHEN 3 THEN ST_Point(179.99999 + n % 3 / 200000.0, 85.1 - n % 7 * 30, 4326)
               ELSE ST_Point(109.38 + n % 97 * 0.0023, 36.48 + n % 31 * 0.005, 4326) END AS geom) p
    LEFT JOIN LATERAL (
        SELECT v.id FROM area_version v
        WHERE v.jurisdiction = :jurisdiction AND v.kind = 'grid'
          AND ST_Covers(v.geom, coalesce(p.geom, ST_Point(109.45, 36.55, 4326)))
        ORDER BY v.code COLLATE "C" LIMIT 1) v ON true
    CROSS JOIN (SELECT ST_SetSRID(ST_MakeLine(ST_MakePoint(109.5, 36.5), ST_MakePoint(109.5, 36.6)), 4326)
                AS geom) edge
    """
)
KEYS = """
    INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256)
    SELECT jurisdiction, client_id, id, occurred_at, '' FROM report ON CONFLICT DO NOTHING
    """
# what a transaction appended that stored reports under the second schema: of the later half, one by one
DELTAS = """
    INSERT INTO report_delta (jurisdiction, month, grid_version, community_version, category, method,
                              cell_x, cell_y, reports, near_edge)
    SELECT r.jurisdiction, date_trunc('month', r.occurred_at AT TIME ZONE j.time_zone)::date,
           coalesce(grid_version, 0), coalesce(community_version, 0), category, method,
           x, y, 1, coalesce(edge_distance_m < 5, false)::int
    FROM report r JOIN jurisdiction j ON j.code = r.jurisdiction
    LEFT JOIN LATERAL (
        SELECT least(floor((ST_X(geom) + 180) / 360 * 2097152), 2097151)::int AS x,
               floor((1 - asinh(tan(radians(greatest(least(ST_Y(geom), 85.05), -85.05)))) / pi()) / 2
                     * 2097152)::int AS y
    ) cell ON geom IS NOT NULL
    WHERE substr(client_id, 3)::int >= :first
    """


@pytest.fixture
def first_schema(cluster: PrivateCluster) -> Iterator[Engine]:
    """A database of the first schema, with two jurisdictions and their grids."""
    engine = make_engine(cluster.create_database("back_fill"))
    check_postgis(engine)
    to(engine, "0001")
    with engine.begin() as connection:
        for jurisdiction in (EAST, FAR):
            areas.add_jurisdiction(connection, jurisdiction)
            halves = [
                NewArea("w", "西", shapely.box(109.4, 36.5, 109.5, 36.6)),
                NewArea("e", "东", shapely.box(109.5, 36.5, 109.6, 36.6)),
            ]
            areas.add_edition(
                connection,
                jurisdiction.code,
                "grid",
                halves,
                file_name="f",
                sha256="",
                loaded_by="t",
                valid_from=None,
            )
        for month in MONTHS:
            bounds = f"FROM ('{month} 00:00+00') TO ('{next_month(month)} 00:00+00')"
            table = f"report_{month:%Y_%m}"
            connection.exec_driver_sql(f"CREATE TABLE {table} PARTITION OF report FOR VALUES {bounds}")
    yield engine
    engine.dispose()
    cluster.drop_database("back_fill")


def to(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        command.upgrade(migrations.config(connection), revision)


def add(engine: Engine, first: int, last: int) -> None:
    with engine.begin() as connection:
        for owner in (EAST, FAR):
            span = {"first": first, "last": last}
            connection.execute(REPORTS, {"jurisdiction": owner.code, "zone": owner.time_zone, **span})
        connection.exec_driver_sql(KEYS)


def assert_counts_hold(database: Database, reports: int) -> None:
    with database.reading() as connection:
        assert contradictions(connection) == {}
        for owner in (EAST, FAR):
            assert [v for v in verify(connection, owner, database.settings) if not v.right] == []
            span = months_with_reports(connection, owner)
            assert span is not None
            rows = monthly(connection, owner, first_month=span[0], last_month=span[1], by="category")
            assert sum(row.count for row in rows) == reports


def opened(engine: Engine, data_dir: Path) -> AbstractContextManager[Database]:
    """As a start of gridmap opens it: migrated."""
    url = engine.url.render_as_string(hide_password=False)
    return open_gridmap(Settings(database_url=url, data_dir=data_dir))


def test_reports_of_the_first_schema_are_counted(first_schema: Engine, tmp_path: Path) -> None:
    add(first_schema, 0, PER_JURISDICTION)
    with opened(first_schema, tmp_path) as database:
        assert_counts_hold(database, PER_JURISDICTION)
        with database.reading() as connection:
            near = connection.scalar(sa.text("SELECT sum(near_edge) FROM report_count"))
            methods = set(connection.scalars(sa.text("SELECT DISTINCT method FROM report_count")))
    assert near > 0
    assert methods == {"covers", "outside", "named"}


def test_deltas_of_the_second_schema_are_kept(first_schema: Engine, tmp_path: Path) -> None:
    half = PER_JURISDICTION // 2
    add(first_schema, 0, half)
    to(first_schema, "0002")
    add(first_schema, half, PER_JURISDICTION)
    with first_schema.begin() as connection:
        connection.execute(sa.text(DELTAS), {"first": half})
    with opened(first_schema, tmp_path) as database:
        assert_counts_hold(database, PER_JURISDICTION)
        assert fold(database)
        assert_counts_hold(database, PER_JURISDICTION)
