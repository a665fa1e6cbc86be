"""Each report that is cut to another edition lies where SQL puts it: on edges and vertices, near and far."""

from __future__ import annotations

import json
from datetime import date, datetime

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.reports.cutting import lie
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics.counts import recutting
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.counts.verifying import verify
from tests.statistics.conftest import DISTRICT

HERE = Jurisdiction("recut", "改划街道", "Recut")
LATER = date(2023, 6, 15)
MOVED = (0.0011, 0.0007)  # degrees, about 100 m each way: most grids keep most of their reports
RANDOM = 400

# Where a report lies in an edition, by PostGIS alone
JUDGED = sa.text(
    """
    SELECT c.report_id, c.method, v.code,
           CASE WHEN r.geom IS NULL THEN 'named' WHEN held.id IS NOT NULL THEN 'covers'
                WHEN near.id IS NOT NULL THEN 'nearest' ELSE 'outside' END,
           coalesce(held.code, near.code, same.code)
    FROM report r
    JOIN report_cut c ON c.report_id = r.id AND c.occurred_at = r.occurred_at AND c.cut = :edition
    LEFT JOIN area_version v ON v.id = c.grid_version
    LEFT JOIN LATERAL (
        SELECT a.id, a.code FROM area_version a WHERE a.edition_id = :edition AND ST_Covers(a.geom, r.geom)
        ORDER BY a.code COLLATE "C" LIMIT 1) held ON true
    LEFT JOIN LATERAL (
        SELECT a.id, a.code FROM area_version a
        WHERE held.id IS NULL AND a.edition_id = :edition
          AND ST_Distance(a.geom::geography, r.geom::geography) <= :tolerance_m
        ORDER BY ST_Distance(a.geom::geography, r.geom::geography), a.code COLLATE "C" LIMIT 1) near ON true
    LEFT JOIN area_version own ON own.id = r.grid_version AND r.geom IS NULL
    LEFT JOIN area_version same ON same.edition_id = :edition AND same.code = own.code
    """
)


def grids() -> list[NewArea]:
    features = json.loads((DISTRICT / "grids.geojson").read_text("utf-8"))["features"]
    return [
        NewArea(
            feature["properties"]["code"],
            feature["properties"]["name"],
            shapely.from_geojson(json.dumps(feature["geometry"])),
        )
        for feature in features
    ]


def points(shapes: list[shapely.Geometry]) -> np.ndarray:
    """All about; on vertices and in the middle of edges, and a hair beside; outside within 60 m or far."""
    random = np.random.default_rng(8)
    west, south, east, north = shapely.total_bounds(shapes)
    about = random.uniform((west - 0.01, south - 0.01), (east + 0.01, north + 0.01), (RANDOM, 2))
    corners = shapely.get_coordinates([shapely.get_exterior_ring(shape) for shape in shapes])
    corners = corners[random.choice(len(corners), 80, replace=False)]
    rings = [shapely.get_coordinates(shape) for shape in shapes]
    middles = np.array([(ring[0] + ring[1]) / 2 for ring in rings])
    hair = np.nextafter(middles, random.choice([-400.0, 400.0], middles.shape))
    rim = shapely.get_coordinates(shapely.get_exterior_ring(shapely.union_all(shapes)))
    rim = rim[random.choice(len(rim) - 1, 60, replace=False)]
    near = rim + random.uniform(-0.0006, 0.0006, rim.shape)
    return np.concatenate([about, corners, middles, hair, near])


@pytest.fixture
def stored(database: Database) -> tuple[Database, list[int]]:
    """Reports of May and July placed on two editions of the district's grids; -> and the editions' ids."""
    made = grids()
    later = [NewArea(g.code, g.name, shapely.transform(g.geometry, lambda xy: xy + MOVED)) for g in made[:-3]]
    compound = NewArea("k", "小区", shapely.buffer(shapely.point_on_surface(made[0].geometry), 1e-4))
    gone = NewArea("l", "旧小区", shapely.buffer(shapely.point_on_surface(made[-1].geometry), 1e-4))
    options = {"file_name": "f", "sha256": "", "loaded_by": "t"}
    with database.writing() as connection:
        areas.add_jurisdiction(connection, HERE)
        areas.add_edition(connection, HERE.code, "compound", [compound, gone], valid_from=None, **options)
        editions = [
            areas.add_edition(connection, HERE.code, "grid", some, valid_from=day, **options).id
            for some, day in ((made, None), (later, LATER))
        ]
    where: list[tuple[float | None, float | None]] = [
        (float(lon), float(lat))
        for shapes in (made, later)
        for lon, lat in points([g.geometry for g in shapes])
    ]
    where += [(None, None)] * 20
    drafts = [
        NewReport(
            category=("matter-06010", "matter-06011")[n % 2],
            description="",
            occurred_at=datetime(2023, (5, 7)[n % 2], 1 + n % 28, 12, tzinfo=HERE.zone),
            client_id=f"r-{n}",
            lon=lon,
            lat=lat,
            datum=None if lon is None else "wgs84",
            named_area=("k", "l")[n // 2 % 2] if lon is None else None,
        )
        for n, (lon, lat) in enumerate(where)
    ]
    outcomes = record(database, HERE, drafts)
    assert {outcome.status for outcome in outcomes} == {"created"}
    return database, editions


def test_every_report_lies_where_sql_puts_it(stored) -> None:
    database, editions = stored
    for edition in editions:
        done = recut(database, HERE, edition)
        with database.reading() as connection:
            rows = connection.execute(
                JUDGED, {"edition": edition, "tolerance_m": database.settings.nearest_tolerance_m}
            ).all()
            assert len(rows) == done.reports == connection.scalar(sa.text("SELECT count(*) FROM report"))
        assert {row[1] for row in rows} == {"covers", "nearest", "outside", "named"}
        assert [row for row in rows if (row[1], row[2]) != (row[3], row[4])] == []
    fold(database)
    with database.reading() as connection:
        assert all(verdict.right for verdict in verify(connection, HERE, database.settings))


def test_what_the_edition_itself_placed_stays(stored) -> None:
    """A cut to the edition of a report's own day is the placement that it has."""
    database, (first, _) = stored
    recut(database, HERE, first, first=date(2023, 5, 1), last=date(2023, 5, 1))
    differing = sa.text(
        "SELECT count(*), count(*) FILTER (WHERE c.method <> r.method"
        " OR nullif(c.grid_version, 0) IS DISTINCT FROM r.grid_version"
        " OR c.near_edge <> coalesce(r.edge_distance_m < :near, false) AND r.geom IS NOT NULL)"
        " FROM report_cut c JOIN report r ON r.id = c.report_id AND r.occurred_at = c.occurred_at"
    )
    with database.reading() as connection:
        count, moved = connection.execute(differing, {"near": database.settings.near_edge_m}).one()
    assert count > RANDOM
    assert moved == 0


def test_an_edition_that_comes_meanwhile_counts_from_the_next_month_on(stored) -> None:
    """A month is cut on editions that are held still; the next on those that are there by then."""
    database, (first, _) = stored
    around = NewArea("c", "社区", shapely.box(109, 36, 110, 37))
    options = {"file_name": "f", "sha256": "", "loaded_by": "t", "valid_from": None}

    def arrive(_: int) -> None:
        with database.writing() as connection:
            if not areas.editions(connection, HERE.code, "community"):
                areas.add_edition(connection, HERE.code, "community", [around], **options)

    recut(database, HERE, first, progress=arrive)
    counted = sa.text(
        "SELECT month, sum(reports) FILTER (WHERE community_version > 0) FROM report_counts"
        " WHERE cut = :cut GROUP BY month ORDER BY month"
    )
    with database.reading() as connection:
        (_, may), (_, july) = connection.execute(counted, {"cut": first}).all()
    assert not may
    assert july > RANDOM // 2


def test_no_edition_comes_while_a_month_is_cut(stored, monkeypatch) -> None:
    database, (first, _) = stored
    refused = []

    def meanwhile(rows, edition, atlas):
        with database.engine.begin() as connection:
            connection.execute(sa.text("SET LOCAL lock_timeout = '10ms'"))
            with pytest.raises(OperationalError) as error:
                areas.lock_areas(connection, HERE.code)
            refused.append(error.value.orig.sqlstate)
        return lie(rows, edition, atlas)

    monkeypatch.setattr(recutting, "lie", meanwhile)
    assert recut(database, HERE, first).months == len(refused) == 2
    assert set(refused) == {"55P03"}
