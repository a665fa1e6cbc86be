"""Importing a file: read, validated, placed, deduplicated and committed, against a bare COPY of its rows."""

from __future__ import annotations

import csv
import itertools
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.reports import store
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from tests.benchmarks.measure import Figure, compare
from tests.benchmarks.place import points

ROWS = 50_000
MONTH = datetime(2021, 3, 1, tzinfo=JURISDICTION.zone)


def write(path: Path, database: Database, rows: int, run: int) -> Path:
    """A CSV of reports of one month; ids differ from run to run, so that all are new."""
    with database.reading() as connection:
        grids = areas.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    where = points([g.geometry for g in grids], rows, seed=run)
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(["client_id", "category", "description", "occurred_at", "lon", "lat"])
        for n, (lon, lat) in enumerate(where):
            moment = MONTH + timedelta(seconds=n * 2_000_000 // rows)
            out.writerow([f"{run}-{n}", "matter-06010", "桥头有垃圾", moment.isoformat(), lon, lat])
    return path


def run(database: Database) -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="gridmap-bench-"))
    numbers = itertools.count()
    ready: list[Path] = [write(folder / f"{n}.csv", database, ROWS, n) for n in range(7)]

    def ours() -> None:
        summary = import_file(
            database, JURISDICTION, ready[next(numbers)], Reading(datum="wgs84"), loaded_by="bench"
        )
        assert summary.accepted == ROWS

    names = ", ".join(store.COLUMNS)
    span = {"first": MONTH, "last": MONTH + timedelta(days=31)}
    ours()
    with database.writing() as connection:
        connection.execute(sa.text("CREATE TABLE bench_bare (LIKE report INCLUDING ALL)"))
        connection.execute(
            sa.text(
                "CREATE TABLE bench_rows AS SELECT * FROM report"
                " WHERE occurred_at >= :first AND occurred_at < :last"
            ),
            span,
        )
    dump = folder / "rows.bin"
    with database.engine.connect() as connection, dump.open("wb") as stream:
        driver = connection.connection.driver_connection
        with driver.cursor().copy(f"COPY bench_rows ({names}) TO STDOUT (FORMAT binary)") as copy:
            for block in copy:
                stream.write(block)

    def bare() -> None:
        with database.writing() as connection:
            connection.execute(sa.text("UPDATE bench_rows SET id = gen_random_uuid() WHERE false"))
            driver = connection.connection.driver_connection
            with (
                driver.cursor().copy(f"COPY bench_bare ({names}) FROM STDIN (FORMAT binary)") as copy,
                dump.open("rb") as stream,
            ):
                while block := stream.read(1 << 20):
                    copy.write(block)
        with database.writing() as connection:
            connection.execute(sa.text("TRUNCATE bench_bare"))

    figure = compare(
        "file_copy",
        "bare COPY BINARY of the same rows into the same indexed table",
        ours,
        bare,
        f"{ROWS:,} rows of CSV, everything included",
    )
    with database.writing() as connection:
        connection.execute(sa.text("DROP TABLE bench_bare, bench_rows"))
    return [figure]
