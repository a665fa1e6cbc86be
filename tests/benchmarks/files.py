"""Importing a file of a million rows: read, checked, placed, deduplicated, counted and committed, as CSV and
as NDJSON, into months that are new and into a month that is in use; against a bare COPY BINARY of the same
rows into the same indexed table, and against GeoPandas' sjoin and to_postgis.
"""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

import geopandas
import pandas as pd
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.database.months import make_months, month_exists
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from tests.benchmarks.measure import Entrant, Figure, compare, compare_all
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


def empty(database: Database, *, ahead: bool) -> None:
    """As if the file had never been imported; `ahead`: the month is there, indexed and without a row."""
    with database.reading() as connection:
        there = month_exists(connection, date(2021, 3, 1))
    if there:
        sql(database, f"ALTER TABLE report DETACH PARTITION {PARTITION}", f"DROP TABLE {PARTITION}")
    sql(database, "TRUNCATE report_key", "TRUNCATE report_delta", "TRUNCATE bench_bare")
    if ahead:
        with database.writing() as connection:
            make_months(connection, [date(2021, 3, 1)])
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
    ours(database, table)
    rows = folder / "rows.bin"
    dump(database, rows)
    sql(database, "CREATE TABLE bench_bare (LIKE report INCLUDING ALL)")
    figures = compare_all(
        [
            Entrant(
                f"file_copy {path.suffix[1:]}",
                partial(ours, database, path),
                f"{ROWS:,} rows into {'a month made ahead' if ahead else 'a new month'}",
                partial(empty, database, ahead=ahead),
            )
            for path, ahead in ((table, False), (lines, False), (table, True))
        ],
        "bare COPY BINARY of the same rows into the same indexed table",
        partial(bare, database, rows),
        reach=0.6,
        before=partial(empty, database, ahead=False),
    )
    figures.append(_geopandas(database, table))
    empty(database, ahead=False)
    sql(database, "DROP TABLE bench_bare, bench_geopandas")
    return figures


def _geopandas(database: Database, table: Path) -> Figure:
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
    return compare(
        "file_sjoin",
        "geopandas.sjoin and to_postgis of the same file",
        partial(ours, database, table),
        partial(with_geopandas, database, table, frame),
        f"{ROWS:,} rows of CSV into a new month; the peer's table has such indexes too",
        reach=2,
        before=lambda: (empty(database, ahead=False), sql(database, "TRUNCATE bench_geopandas")),
    )


def sql(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(sa.text(statement))
