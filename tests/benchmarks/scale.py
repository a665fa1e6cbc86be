"""Placing ten million rows of GeoParquet on Dask, against dask-geopandas' sjoin on the same two workers and
against one worker of ours. All read the same files; against the peer the rows are counted by grid, against
one worker they are written again with their grid's code. All rows lie in a grid: dask-geopandas knows no join
but "inner".
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import dask_geopandas
import geopandas
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gridmap.areas.atlas import Atlas
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.locator import Locator
from gridmap.scale.cluster import Client, local
from gridmap.scale.editions import from_database
from gridmap.scale.jobs import place
from gridmap.scale.model import Options
from gridmap.scale.monthly import Counting, monthly
from gridmap.scale.plan import Plan
from gridmap.scale.points import to_wkb
from gridmap.scale.writing import geo_document
from tests.benchmarks.measure import Figure, compare
from tests.benchmarks.place import points

ROWS, PARTITIONS = 10_000_000, 20
FIRST_DAY = np.datetime64("2023-01-01T00:00:00", "us")


def write(folder: Path, geometries: list, rows: int, partitions: int) -> None:
    """Reports of a year, spread over the grids."""
    locator = Locator(geometries, [str(n) for n in range(len(geometries))])
    categories = pa.array(["matter-06010", "matter-09010", "matter-08004"])
    rng = np.random.default_rng(3)
    metadata = {"geo": json.dumps(geo_document("geometry", None))}
    for n in range(partitions):
        count = rows // partitions
        lon, lat = points(geometries, 3 * count, seed=n).T
        inside = np.flatnonzero(locator.covers(lon, lat) >= 0)[:count]
        seconds = rng.integers(0, 365 * 86_400, count).astype("timedelta64[s]")
        table = pa.table(
            {
                "id": np.arange(n * count, (n + 1) * count),
                "occurred_at": pa.array(FIRST_DAY + seconds, pa.timestamp("us", "UTC")),
                "category": pa.DictionaryArray.from_arrays(
                    rng.integers(0, len(categories), count).astype(np.int32), categories
                ),
                "geometry": to_wkb(lon[inside], lat[inside]),
            }
        )
        pq.write_table(table.replace_schema_metadata(metadata), folder / f"part-{n:02}.parquet")


def counted(client: Client, source: Path, plan: Plan) -> None:
    """By month, grid and category."""
    table = monthly(client, str(source), Counting("grid", plan.options.time_zone, plan=plan))
    assert sum(table.column("reports").to_pylist()) == ROWS


def counted_by_peer(client: Client, source: Path, grids: geopandas.GeoDataFrame) -> None:
    """By grid alone, in the peer's favour: month and category would cost it more."""
    with client.as_current():
        joined = dask_geopandas.read_parquet(source, columns=["geometry"]).sjoin(
            grids, predicate="intersects"
        )
        assert joined.code.value_counts().compute().sum() >= ROWS


def written(client: Client, source: Path, out: Path, plan: Plan) -> None:
    assert place(client, str(source), out, plan).rows == ROWS


def run(database: Database) -> list[Figure]:
    with database.reading() as connection:
        atlas = from_database(connection, JURISDICTION.code)
    grids = Atlas(atlas.jurisdiction, (0, 0), {"grid": atlas.sheets["grid"]}, atlas.by_id)
    versions = grids.sheets["grid"][-1].versions
    frame = geopandas.GeoDataFrame(
        {"code": [v.code for v in versions]}, geometry=[v.geometry for v in versions], crs=4326
    )
    # the same work as the peer's: grids alone, no metres, no nearest grid for what lies outside
    alike = Plan(replace(grids, nearest_tolerance_m=0), Options(JURISDICTION.time_zone, distances=False))
    with _folder() as folder, local(2) as two, local(1) as one:
        source, out = folder / "in", folder / "out"
        source.mkdir()
        write(source, frame.geometry.tolist(), ROWS, PARTITIONS)
        rows = f"{ROWS:,} rows in {PARTITIONS} files, {len(versions)} grids, workers are up; both"
        return [
            compare(
                "scale",
                "dask-geopandas sjoin and count on the same two workers",
                partial(counted, two, source, alike),
                partial(counted_by_peer, two, source, frame),
                f"{rows} count and write nothing",
                reach=10,
            ),
            compare(
                "scale",
                "one worker of ours",
                partial(written, two, source, out, alike),
                partial(written, one, source, out, alike),
                f"{rows} write GeoParquet",
                reach=1.6,
                before=partial(shutil.rmtree, out, ignore_errors=True),
            ),
        ]


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="gridmap-bench-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
