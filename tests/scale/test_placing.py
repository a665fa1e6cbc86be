"""A dataset placed by two processes is placed as in this process, as in SQL, and as any reader reads it."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pyogrio
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas.atlas import METHODS, NEAREST, load_atlas
from gridmap.reports.times import local_days
from gridmap.scale.editions import always, from_database
from gridmap.scale.jobs import MANIFEST, place
from gridmap.scale.model import AREA_COLUMNS, Options
from gridmap.scale.plan import Plan
from tests.scale.conftest import HERE, LATER

OPTIONS = Options("Asia/Shanghai")


@pytest.fixture(scope="module")
def atlas(town):
    with town.reading() as connection:
        return from_database(connection, HERE.code)


@pytest.fixture(scope="module")
def placed(cluster_client, dataset, atlas, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("placed") / "out"
    summary = place(cluster_client, str(dataset), out, Plan(atlas, OPTIONS))
    assert (summary.partitions, summary.kept) == (3, 0)
    assert summary.rows == sum(summary.methods.values()) == 12_000
    return out


def frame(folder: Path) -> geopandas.GeoDataFrame:
    return geopandas.read_parquet(folder).set_index("id")


def in_process(town, rows: pd.DataFrame) -> tuple[dict[str, list], list[str], np.ndarray]:
    with town.reading() as connection:
        atlas = load_atlas(connection, HERE.code)
    days = local_days(rows.occurred_at.astype("datetime64[us, UTC]").astype("int64").to_numpy(), HERE.zone)
    found = atlas.place(rows.lon.to_numpy(), rows.lat.to_numpy(), days)
    codes = {
        kind: [v.code if (v := atlas.by_id.get(i)) else None for i in getattr(found, kind).tolist()]
        for kind in AREA_COLUMNS
    }
    return codes, [METHODS[m] for m in found.method.tolist()], found.edge_distance_m


def codes(column: pd.Series) -> list[str | None]:
    return [None if pd.isna(each) else each for each in column]


def test_it_is_what_this_process_finds(town, reports, placed) -> None:
    found = frame(placed).loc[reports.id]
    areas, methods, metres = in_process(town, reports)
    for kind in AREA_COLUMNS:
        assert codes(found[kind]) == areas[kind], kind
        assert any(areas[kind])
    assert found.method.tolist() == methods
    assert set(methods) == {"covers", "nearest", "outside"}
    assert (found.edge_distance_m.to_numpy() == metres).all()
    assert found.category.tolist() == reports.category.tolist()
    assert (found.occurred_at.to_numpy() == reports.occurred_at.to_numpy()).all()
    assert (found.geometry.x.to_numpy() == reports.lon.to_numpy()).all()


def test_the_grid_is_what_sql_covers_on_the_reports_own_day(town, reports, placed) -> None:
    query = sa.text(
        """
        SELECT p.n, (
            SELECT v.code FROM area_version v
            WHERE v.kind = 'grid' AND ST_Covers(v.geom, ST_SetSRID(ST_MakePoint(p.lon, p.lat), 4326))
              AND v.valid @> (p.at AT TIME ZONE 'Asia/Shanghai')::date
            ORDER BY v.code COLLATE "C" LIMIT 1)
        FROM unnest(CAST(:n AS int[]), CAST(:lon AS float8[]), CAST(:lat AS float8[]),
                    CAST(:at AS timestamptz[])) AS p(n, lon, lat, at) ORDER BY p.n
        """
    )
    values = {
        "n": list(range(len(reports))),
        "lon": reports.lon.tolist(),
        "lat": reports.lat.tolist(),
        "at": [at.isoformat() for at in reports.occurred_at],
    }
    with town.reading() as connection:
        by_sql = [code for _, code in connection.execute(query, values)]
    found = frame(placed).loc[reports.id]
    assert codes(found.grid.where(found.method == "covers")) == by_sql
    assert sum(code is not None for code in by_sql) > 5_000


def test_the_last_second_of_a_day_belongs_to_its_edition(reports, placed, atlas) -> None:
    found = frame(placed).loc[reports.id]
    first = next(s for s in atlas.sheets["grid"] if s.first_day is None).locator
    second = next(s for s in atlas.sheets["grid"] if s.first_day == LATER).locator
    before = (reports.occurred_at.dt.tz_convert("Asia/Shanghai").dt.date < LATER).to_numpy()
    assert before[:2].tolist() == [True, False]
    lon, lat = reports.lon.to_numpy(), reports.lat.to_numpy()
    assert (first.covers(lon, lat) != second.covers(lon, lat)).mean() > 0.2, "the day matters"
    index = np.where(before, first.covers(lon, lat), second.covers(lon, lat))
    by_edition = [first.codes[i] if i >= 0 else None for i in index.tolist()]
    assert codes(found.grid.where(found.method == "covers")) == by_edition


def test_duckdb_reads_points_and_bounds(placed, reports) -> None:
    duck = duckdb.connect()
    duck.load_extension(str(next(Path(duckdb_extension_spatial.__file__).parent.rglob("*.duckdb_extension"))))
    query = "SELECT id, ST_X(geometry), ST_Y(geometry), grid FROM read_parquet(?) ORDER BY id"
    rows = duck.execute(query, [f"{placed}/*.parquet"]).fetchall()
    ordered = reports.sort_values("id")
    assert [row[0] for row in rows] == ordered.id.tolist()
    assert [row[1:3] for row in rows] == list(zip(ordered.lon, ordered.lat, strict=True))
    assert codes(frame(placed).loc[ordered.id].grid) == [row[3] for row in rows]


def test_gdal_reads_it_where_it_was_built_with_parquet(placed) -> None:
    if "Parquet" not in pyogrio.list_drivers():
        pytest.skip("the GDAL inside pyogrio's wheel is built without the Parquet driver")
    path = placed / "part-0.parquet"
    assert pyogrio.read_info(path)["crs"] == "EPSG:4326"
    assert pyogrio.read_info(path)["features"] == 4_000


def test_the_footer_is_geoparquet_1_1(placed) -> None:
    for path in placed.glob("*.parquet"):
        file = pq.ParquetFile(path)
        geo = json.loads(file.metadata.metadata[b"geo"])
        column = geo["columns"][geo["primary_column"]]
        assert (geo["version"], column["encoding"], column["geometry_types"]) == ("1.1.0", "WKB", ["Point"])
        assert column["crs"]["id"] == {"authority": "EPSG", "code": 4326}
        bounds = shapely.total_bounds(geopandas.read_parquet(path).geometry.to_numpy())
        assert column["bbox"] == bounds.tolist()


def test_the_manifest_tells_what_was_made_of_what(placed, dataset) -> None:
    manifest = json.loads((placed / MANIFEST).read_text("utf-8"))
    assert [p["name"] for p in manifest["partitions"]] == [f"part-{n}.parquet" for n in range(3)]
    assert [len(p["sha256"]) for p in manifest["partitions"]] == [64] * 3
    assert manifest["rows"] == 12_000
    assert manifest["time_zone"] == "Asia/Shanghai"


def test_a_second_run_keeps_all_and_a_changed_partition_is_made_anew(
    cluster_client, reports, write_partitions, atlas, tmp_path
) -> None:
    source, out = write_partitions(tmp_path / "in", reports), tmp_path / "out"
    plan = Plan(atlas, OPTIONS)
    place(cluster_client, str(source), out, plan)
    before = {p.name: p.stat().st_mtime_ns for p in out.glob("*.parquet")}
    assert place(cluster_client, str(source), out, plan).kept == 3
    assert {p.name: p.stat().st_mtime_ns for p in out.glob("*.parquet")} == before
    shorter = geopandas.read_parquet(source / "part-1.parquet").iloc[:10]
    shorter.to_parquet(source / "part-1.parquet", index=False)
    summary = place(cluster_client, str(source), out, plan)
    assert (summary.kept, summary.rows) == (2, 8_010)
    assert place(cluster_client, str(source), out, Plan(atlas, Options("Asia/Urumqi"))).kept == 0


def test_recut_is_placing_on_that_edition(cluster_client, town, placed, reports, tmp_path, atlas) -> None:
    with town.reading() as connection:
        number = next(s for s in atlas.sheets["grid"] if s.first_day == LATER).versions[0].edition_id
        cut, kinds = always(atlas, from_database(connection, HERE.code, {number}))
    assert kinds == ("grid",)
    out = tmp_path / "recut"
    place(cluster_client, str(placed), out, Plan(cut, Options("Asia/Shanghai", recut=kinds)))
    found, old = frame(out).loc[reports.id], frame(placed).loc[reports.id]
    shifted = reports.assign(occurred_at=pd.Timestamp(LATER, tz="Asia/Shanghai"))
    areas, methods, metres = in_process(town, shifted)
    assert codes(found.grid) == areas["grid"]
    assert codes(found.grid) != codes(old.grid)
    assert codes(found.community) == areas["community"]
    assert codes(found.compound) == codes(old.compound)
    assert found.method.tolist() == methods
    assert (found.edge_distance_m.to_numpy() == metres).all()
    assert found.geometry.geom_equals(old.geometry).all()


def test_without_distances_the_rest_is_the_same(cluster_client, dataset, atlas, placed, tmp_path) -> None:
    out = tmp_path / "out"
    place(cluster_client, str(dataset), out, Plan(atlas, Options("Asia/Shanghai", distances=False)))
    found, full = frame(out), frame(placed)
    for column in (*AREA_COLUMNS, "method"):
        assert codes(found[column]) == codes(full[column])
    assert found.edge_distance_m.isna().all()


def test_the_nearest_grid_is_the_locators_own(atlas, reports) -> None:
    """Placing asks it only about points whose edge distance says that some grid is near."""
    lon, lat = reports.lon.to_numpy(), reports.lat.to_numpy()
    first = next(s for s in atlas.sheets["grid"] if s.first_day is None)
    for tolerance in (5.0, 50.0, 500.0):
        days = np.full(len(lon), np.datetime64(LATER) - 1)
        placed = replace(atlas, nearest_tolerance_m=tolerance).place(lon, lat, days)
        near, _ = first.locator.nearest(lon, lat, tolerance)
        assert (placed.grid == first.ids[near]).all()
        assert ((placed.method == NEAREST) == ((near >= 0) & (first.locator.covers(lon, lat) < 0))).all()


def test_an_atlas_that_travelled_forgets_what_only_its_home_knew(atlas, reports) -> None:
    lon, lat = reports.lon.to_numpy()[:50], reports.lat.to_numpy()[:50]
    days = np.full(50, np.datetime64(LATER))
    here = atlas.place(lon, lat, days)
    travelled = pickle.loads(pickle.dumps(atlas))
    assert atlas.parents
    assert not travelled.parents
    assert (travelled.place(lon, lat, days).community == here.community).all()
