"""Importing a file of a million rows: read, checked, placed, deduplicated, counted and committed, as CSV and
as NDJSON, into a month that is new; against a bare COPY BINARY of the same rows into the same indexed table,
and against GeoPandas' sjoin and to_postgis.
"""

from __future__ import annotations

import csv
import json
import shutil
import tempfile
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import geopandas
import pandas as pd
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.database.months import month_exists
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from tests.benchmarks.counts import sql
from tests.benchmarks.measure import Figure, Runner, figure, in_turn
from tests.benchmarks.place import points

ROWS = 1_000_000
MONTH = datetime(2021, 3, 2, tzinfo=JURISDICTION.zone)
PARTITION = "report_2021_03"
HEADINGS = ["client_id", "category", "description", "occurred_at", "lon", "lat"]


def write(folder: Path, database: Database, rows: int) -> tuple[Path, Path]:
    """The same reports of one month as CSV and as NDJSON, spread over the box of the grids."""
    with database.reading() as connection:
        grids = areas.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    where = points([g.geometry for g in grids], rows, seed=3).tolist()
    table, lines = folder / "reports.csv", folder / "reports.ndjson"
    with (
        table.open("w", encoding="utf-8", newline="") as as_csv,
        lines.open("w", encoding="utf-8") as as_json,
    ):
        out = csv.writer(as_csv)
        out.writerow(HEADINGS)
        for n, (lon, lat) in enumerate(where):
            moment = (MONTH + timedelta(seconds=n * 2_400_000 // rows)).isoformat()
            row = [f"bench-{n}", "matter-06010", f"桥头有垃圾 {n}", moment, lon, lat]
            out.writerow(row)
            as_json.write(json.dumps(dict(zip(HEADINGS, row, strict=True)), ensure_ascii=False) + "\n")
    return table, lines


def empty(database: Database) -> None:
    """As if the file had never been imported."""
    with database.reading() as connection:
        there = month_exists(connection, date(2021, 3, 1))
    if there:
        sql(database, f"ALTER TABLE report DETACH PARTITION {PARTITION}", f"DROP TABLE {PARTITION}")
    sql(database, "TRUNCATE report_key", "TRUNCATE report_delta")
    sql(database, "TRUNCATE bench_bare", "TRUNCATE bench_geopandas")
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sa.text("CHECKPOINT"))


def ours(database: Database, path: Path) -> None:
    summary = import_file(database, JURISDICTION, path, Reading(datum="wgs84"), loaded_by="bench")
    assert summary.accepted == ROWS


def dump(database: Database, path: Path) -> None:
    with database.engine.connect() as connection, path.open("wb") as stream:
        driver = connection.connection.driver_connection
        with driver.cursor().copy(f"COPY {PARTITION} TO STDOUT (FORMAT binary)") as copy:
            for block in copy:
                stream.write(block)


def dumped(database: Database, rows: Path) -> None:
    """The rows of the last import as a file, once; then as if there had been none."""
    if not rows.exists():
        dump(database, rows)
    empty(database)


def bare(database: Database, rows: Path) -> None:
    with database.writing() as connection:
        driver = connection.connection.driver_connection
        with (
            driver.cursor().copy("COPY bench_bare FROM STDIN (FORMAT binary)") as copy,
            rows.open("rb") as stream,
        ):
            while block := stream.read(1 << 20):
                copy.write(block)


def with_geopandas(database: Database, path: Path, grids: geopandas.GeoDataFrame) -> None:
    """What a GIS engineer would write: read, join, append; nothing checked, deduplicated or counted."""
    frame = pd.read_csv(path, parse_dates=["occurred_at"])
    located = geopandas.GeoDataFrame(frame, geometry=geopandas.points_from_xy(frame.lon, frame.lat), crs=4326)
    joined = geopandas.sjoin(located, grids, how="left", predicate="intersects")
    joined.drop(columns="index_right").to_postgis("bench_geopandas", database.engine, if_exists="append")


def run(database: Database) -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="gridmap-bench-"))
    table, lines = write(folder, database, ROWS)
    rows = folder / "rows.bin"
    sql(database, "CREATE TABLE bench_bare (LIKE report INCLUDING ALL)")
    fresh = partial(empty, database)
    as_csv, as_ndjson, copied, joined = in_turn(
        [
            Runner(partial(ours, database, table), fresh),
            Runner(partial(ours, database, lines), fresh),
            Runner(partial(bare, database, rows), partial(dumped, database, rows)),
            Runner(peer_of(database, table), fresh),
        ]
    )
    shutil.rmtree(folder)
    copy = "bare COPY BINARY of the same rows into the same indexed table"
    join = "geopandas.sjoin and to_postgis of the same file"
    shows = f"{ROWS:,} rows into a new month"
    return [
        figure("file_copy", f"{copy}, from CSV", as_csv, copied, shows, reach=0.6),
        figure("file_copy", f"{copy}, from NDJSON", as_ndjson, copied, shows, reach=0.6),
        figure("file_sjoin", join, as_csv, joined, f"{shows}; the peer has such indexes too", reach=2),
    ]


def peer_of(database: Database, table: Path) -> Callable[[], None]:
    """What GeoPandas does of it, its table made and indexed as ours is."""
    with database.reading() as connection:
        grids = areas.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    frame = geopandas.GeoDataFrame(
        {"code": [g.code for g in grids]}, geometry=[g.geometry for g in grids], crs=4326
    )
    with_geopandas(database, table, frame.iloc[:0])
    sql(
        database,
        "TRUNCATE bench_geopandas",
        "CREATE UNIQUE INDEX ON bench_geopandas (client_id)",
        "CREATE INDEX ON bench_geopandas (occurred_at, client_id)",
        "CREATE INDEX ON bench_geopandas (code, occurred_at)",
    )
    return partial(with_geopandas, database, table, frame)
