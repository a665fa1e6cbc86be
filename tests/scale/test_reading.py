"""What an input may look like, and how the rest is refused: by file, column and row, with nothing written."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely

from gridmap.errors import BadCoordinate, BadFile, BadInput, Conflict
from gridmap.geometry.datums import from_wgs84
from gridmap.scale.editions import from_database
from gridmap.scale.jobs import place
from gridmap.scale.model import Columns, Options
from gridmap.scale.plan import Plan
from gridmap.scale.points import from_wkb, to_wkb
from tests.scale.conftest import HERE

LON, LAT = 109.4858, 36.6208
WHEN = datetime(2023, 5, 31, 16, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def atlas(town):
    with town.reading() as connection:
        return from_database(connection, HERE.code)


@pytest.fixture
def run(cluster_client, atlas, tmp_path) -> Callable[..., pd.DataFrame]:
    """run(**options) places tmp_path/in and gives what was written."""

    def run(**options: object) -> pd.DataFrame:
        plan = Plan(atlas, Options(**{"time_zone": "Asia/Shanghai"} | options))
        (tmp_path / "in").mkdir(exist_ok=True)
        place(cluster_client, str(tmp_path / "in"), tmp_path / "out", plan)
        return geopandas.read_parquet(tmp_path / "out")

    return run


def table(count: int = 3, **columns: object) -> pa.Table:
    given = {
        "id": list(range(count)),
        "occurred_at": [WHEN] * count,
        "lon": [LON] * count,
        "lat": [LAT] * count,
    }
    return pa.table({name: value for name, value in (given | columns).items() if value is not None})


def geo(count: int = 3, crs: object = "left out", encoding: str = "WKB", **columns: object) -> pa.Table:
    column = {"encoding": encoding, "geometry_types": []} | ({} if crs == "left out" else {"crs": crs})
    document = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}
    points = {"geometry": to_wkb(np.full(count, LON), np.full(count, LAT))}
    made = table(count, **{"lon": None, "lat": None} | points | columns)
    return made.replace_schema_metadata({"geo": json.dumps(document)})


def write(tmp_path: Path, made: pa.Table, name: str = "a.parquet") -> None:
    (tmp_path / "in").mkdir(exist_ok=True)
    pq.write_table(made, tmp_path / "in" / name)


@pytest.fixture
def here(run, tmp_path) -> str:
    """The grid at LON, LAT."""
    write(tmp_path, table())
    found = run(datum="wgs84")
    assert found.method.tolist() == ["covers"] * 3
    for path in (tmp_path / "in", tmp_path / "out"):
        for each in path.iterdir():
            each.unlink()
    return str(found.grid[0])


@pytest.mark.parametrize(
    "made",
    [
        table(occurred_at=pa.array([WHEN] * 3, pa.timestamp("ns", "Asia/Shanghai"))),
        table(occurred_at=["2023-06-01T00:30+08:00", "2023-06-01 00:30", "2023-06-01T00:30:00"]),
        table(occurred_at=pa.array([WHEN.date()] * 3, pa.date32())),
        table(lon=pa.array([LON] * 3, pa.float64()), lat=[str(LAT)] * 3).set_column(
            3, "lat", pa.array([LAT] * 3, pa.float64())
        ),
        geo(),
        geo(
            geometry=pa.array([LON, LON, LON]).cast(pa.float64()) and to_wkb(np.full(3, LON), np.full(3, LAT))
        ),
        geo(geometry=pa.array([shapely.to_wkb(shapely.Point(LON, LAT), byte_order=0)] * 3)),
        geo(geometry=pa.array([shapely.to_wkb(shapely.Point(LON, LAT, 900.0))] * 3)),
        geo(geometry=pa.array([shapely.to_wkb(shapely.Point(LON, LAT))] * 3, pa.large_binary())),
        geo(encoding="point", geometry=pa.array([{"x": LON, "y": LAT}] * 3)),
        geo(crs="EPSG:4490"),
    ],
)
def test_what_is_plain_parquet_or_geoparquet_is_placed(run, tmp_path, here, made) -> None:
    write(tmp_path, made)
    found = run(datum="wgs84")
    assert found.grid.tolist() == [here] * 3
    assert found.geometry.tolist() == [shapely.Point(LON, LAT)] * 3


def test_datums_are_converted_and_the_given_columns_kept(run, tmp_path, here) -> None:
    lon, lat = from_wgs84([LON] * 3, [LAT] * 3, "gcj02")
    write(tmp_path, table(lon=lon.tolist(), lat=lat.tolist(), datum=["gcj02", None, "gcj02"]))
    found = run(datum="gcj02")
    assert found.grid.tolist() == [here] * 3
    assert found.lon.tolist() == lon.tolist()
    assert found.geometry.x.to_numpy() == pytest.approx(LON, abs=1e-9)


def test_projected_points_are_unprojected(run, tmp_path, here) -> None:
    frame = geopandas.GeoDataFrame(
        {"occurred_at": [WHEN] * 2}, geometry=[shapely.Point(LON, LAT), None], crs=4326
    )
    (tmp_path / "in").mkdir(exist_ok=True)
    frame.to_crs(4545).to_parquet(tmp_path / "in" / "a.parquet")
    found = run()
    assert found.grid[0] == here
    assert found.geometry.x[0] == pytest.approx(LON, abs=1e-9)
    assert pd.isna(found.grid[1])
    assert pd.isna(found.method[1])
    assert found.geometry[1] is None


def test_rows_without_a_coordinate_stay_without_a_placement(run, tmp_path, here) -> None:
    write(tmp_path, table(lon=[LON, None, float("nan")], lat=[LAT, None, float("nan")]))
    found = run(datum="wgs84")
    assert found.method.isna().tolist() == [False, True, True]
    assert found.edge_distance_m.isna().tolist() == [False, True, True]


def test_refused_rows_can_be_kept(run, tmp_path, here) -> None:
    write(tmp_path, table(4, lon=[LON, 0.0, 200.0, 116.4], lat=[LAT, 0.0, 36.0, None]))
    found = run(datum="wgs84", keep_refused=True)
    assert found.method.tolist() == ["covers", "refused", "refused", "refused"]
    assert found.grid.isna().tolist() == [False, True, True, True]
    assert found.geometry.isna().tolist() == [False, True, True, True]
    assert found.lon.tolist() == [LON, 0.0, 200.0, 116.4]


@pytest.mark.parametrize(
    ("made", "options", "field", "said"),
    [
        (table(occurred_at=None), {}, "occurred_at", "a.parquet"),
        (table(occurred_at=[1, 2, 3]), {}, "occurred_at", "int64"),
        (table(occurred_at=["2023-06-01", "yesterday", ""]), {}, "occurred_at", "row 2"),
        (table(occurred_at=[WHEN, WHEN, None]), {}, "occurred_at", "row 3"),
        (table(lon=None, lat=None), {}, "lon", "no GeoParquet"),
        (table(lat=None), {}, "lat", "a.parquet"),
        (table(lon=["109"] * 3), {}, "lon", "string"),
        (table(), {"datum": None}, "datum", "--datum"),
        (table(), {"datum": "mars"}, "datum", "mars"),
        (table(datum=["wgs84", "mars", None]), {}, "datum", "row 2"),
        (table(datum=["wgs84", None, "wgs84"]), {"datum": None}, "datum", "row 2"),
        (table(lon=[LON, 181.0, LON]), {}, "lon", "row 2"),
        (table(lat=[LAT, LAT, -90.5]), {}, "lat", "row 3"),
        (table(lat=[LAT, LAT, float("inf")]), {}, "lat", "row 3"),
        (table(lat=[LAT, None, LAT]), {}, "lat", "row 2"),
        (table(lon=[LAT] * 3, lat=[LON] * 3), {}, "lat", "swapped"),
        (table(lon=[0.0] * 3, lat=[0.0] * 3), {}, "lon", "knows no position"),
        (table(lon=[116.4] * 3, lat=[39.9] * 3), {}, "lon", "200 km"),
        (table(grid=["x"] * 3), {}, "grid", "already"),
        (table(geometry=["x"] * 3), {}, "geometry", "rename"),
        (geo(crs=None), {"datum": None}, "geometry", "names no CRS"),
        (geo(crs="EPSG:2333"), {}, "geometry", "CGCS2000"),
        (geo(crs="EPSG:4545"), {"datum": "gcj02"}, "geometry", "gcj02"),
        (geo(crs="mars"), {}, "geometry", "mars"),
        (geo(encoding="polygon"), {}, "geometry", "polygon"),
        (geo(geometry=["x"] * 3), {}, "geometry", "binary"),
        (geo(geometry=[b"x"] * 3), {}, "geometry", "row 1"),
        (geo(geometry=[shapely.to_wkb(shapely.box(0, 0, 1, 1))] * 3), {}, "geometry", "Polygon"),
        (geo().drop_columns("geometry"), {}, "geometry", "no such column"),
        (table().replace_schema_metadata({"geo": "{"}), {}, "geo", "broken"),
    ],
)
def test_bad_input_is_refused_by_name(run, tmp_path, made, options, field, said) -> None:
    write(tmp_path, made)
    with pytest.raises(BadInput) as refused:
        run(**{"datum": "wgs84"} | options)
    assert refused.value.field == field
    assert said in refused.value.message
    assert not list((tmp_path / "out").rglob("*")) if (tmp_path / "out").is_dir() else True


def test_a_broken_file_is_named(run, tmp_path) -> None:
    write(tmp_path, table())
    (tmp_path / "in" / "b.parquet").write_bytes((tmp_path / "in" / "a.parquet").read_bytes()[:200])
    with pytest.raises(BadFile, match=r"b\.parquet"):
        run(datum="wgs84")
    made = (tmp_path / "in" / "a.parquet").read_bytes()
    (tmp_path / "in" / "b.parquet").write_bytes(made[:4] + b"\xff" * 80 + made[84:])
    with pytest.raises(BadFile, match=r"b\.parquet"):
        run(datum="wgs84")
    assert not list((tmp_path / "out").glob("b*"))
    assert not list((tmp_path / "out").glob(".*"))


def test_neither_the_input_nor_a_strangers_output_is_written_over(
    run, cluster_client, atlas, tmp_path
) -> None:
    write(tmp_path, table())
    plan = Plan(atlas, Options("Asia/Shanghai", datum="wgs84"))
    for out in (tmp_path, tmp_path / "in"):
        with pytest.raises(BadInput, match="holds the input"):
            place(cluster_client, str(tmp_path / "in"), out, plan)
    run(datum="wgs84")
    write(tmp_path, table(), "other.parquet")
    (tmp_path / "in" / "a.parquet").unlink()
    with pytest.raises(Conflict, match=r"a\.parquet"):
        run(datum="wgs84")
    with pytest.raises(BadFile, match="no Parquet file"):
        place(cluster_client, str(tmp_path / "nowhere" / "*.parquet"), tmp_path / "out2", plan)
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BadInput):
        place(cluster_client, str(tmp_path / "in"), tmp_path / "file", plan)


def test_folders_within_and_globs_keep_their_names(run, cluster_client, atlas, tmp_path) -> None:
    for name in ("month=2023-05", "month=2023-06", "_hidden"):
        (tmp_path / "in" / name).mkdir(parents=True)
        pq.write_table(table(), tmp_path / "in" / name / "0.parquet")
    plan = Plan(atlas, Options("Asia/Shanghai", datum="wgs84"))
    place(cluster_client, str(tmp_path / "in" / "month=*" / "*.parquet"), tmp_path / "out", plan)
    names = {p.relative_to(tmp_path / "out").as_posix() for p in (tmp_path / "out").rglob("*.parquet")}
    assert names == {"month=2023-05/0.parquet", "month=2023-06/0.parquet"}
    assert place(cluster_client, str(tmp_path / "in"), tmp_path / "out", plan).kept == 2


def test_columns_may_have_names_of_their_own(run, tmp_path, here) -> None:
    made = table().rename_columns(["id", "when", "x", "y"])
    write(tmp_path, made)
    found = run(datum="wgs84", columns=Columns("when", "x", "y"))
    assert found.grid.tolist() == [here] * 3


def test_an_empty_partition_stays_one(run, tmp_path) -> None:
    write(tmp_path, table().slice(0, 0))
    assert len(run(datum="wgs84")) == 0


def test_wkb_and_back_is_the_identity() -> None:
    rng = np.random.default_rng(5)
    x, y = rng.uniform(-180, 180, 500), rng.uniform(-90, 90, 500)
    x[::7] = y[::7] = np.nan
    column = to_wkb(x, y)
    column.validate(full=True)
    theirs = shapely.from_wkb(column.to_numpy(zero_copy_only=False))
    assert [None if np.isnan(a) else (a, b) for a, b in zip(x, y, strict=True)] == [
        None if point is None else (point.x, point.y) for point in theirs
    ]
    for part in (column, column[3:400], column[7:8], column[:0]):
        back = from_wkb(part)
        start = 0 if part is column or not len(part) else (3 if len(part) > 1 else 7)
        np.testing.assert_array_equal(back[0], x[start : start + len(part)])
        np.testing.assert_array_equal(back[1], y[start : start + len(part)])


def test_a_coordinate_error_is_one_of_the_tree(run, tmp_path) -> None:
    write(tmp_path, table(lat=[LAT, LAT, 91.0]))
    with pytest.raises(BadCoordinate):
        run(datum="wgs84")


def test_nobody_asks_where_rows_without_a_coordinate_lie(atlas) -> None:
    """Each question takes some 30 µs, and such rows can be all of a file."""
    plan = Plan(atlas, Options("Asia/Shanghai"))
    lon, lat = np.array([np.nan, LON, 0.0]), np.array([np.nan, LAT, 0.0])
    days = plan.days(np.zeros(3, np.int64))
    assert plan.far(plan.place(lon, lat, days), lon, lat, days).tolist() == [2]
