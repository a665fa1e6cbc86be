"""A district with two editions of its grids, reports around it as GeoParquet, a cluster of two processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import geopandas
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap import demonstration
from gridmap.areas import loading, store
from gridmap.areas.exporting import export_areas
from gridmap.areas.model import NewArea
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.scale.cluster import Client, local

HERE = demonstration.JURISDICTION
LATER = date(2023, 6, 16)  # the second edition's first day
PARTITIONS, ROWS = 3, 4_000


@pytest.fixture(scope="session")
def cluster_client() -> Iterator[Client]:
    with local(2) as client:
        yield client


@pytest.fixture(scope="session")
def town(make_settings) -> Iterator[Database]:
    """The demonstration's areas; from LATER on, its grids lie some 150 m farther east."""
    with open_gridmap(make_settings()) as database:
        source = demonstration.folder()
        with database.writing() as connection:
            store.add_jurisdiction(connection, HERE)
        for kind in ("community", "grid", "compound", "building"):
            name = demonstration.FILES.get(kind, f"{kind}s")
            with database.writing() as connection:
                loading.import_file(connection, HERE, source / f"{name}.geojson", kind=kind)
        with database.writing() as connection:
            grids = store.areas(connection, HERE.code, kind="grid", day=date(2023, 1, 1))
            moved = [NewArea(g.code, g.name, _east(g.geometry), g.parent_code) for g in grids]
            store.add_edition(
                connection,
                HERE.code,
                "grid",
                moved,
                file_name="later.geojson",
                sha256="0" * 64,
                loaded_by="tests",
                valid_from=LATER,
            )
        yield database


def _east(geometry: shapely.Geometry) -> shapely.Geometry:
    return shapely.transform(geometry, lambda xy: xy + np.array([0.0017, 0]))


@pytest.fixture(scope="session")
def reports(town: Database) -> pd.DataFrame:
    """Some inside, some outside, some on nodes that grids share; half of them in the hours before and after
    the later edition begins, in the district's time."""
    with town.reading() as connection:
        grids = store.areas(connection, HERE.code, kind="grid", day=date(2023, 1, 1))
    geometries = np.array([g.geometry for g in grids])
    west, south, east, north = shapely.total_bounds(geometries)
    rng = np.random.default_rng(11)
    count = PARTITIONS * ROWS
    points = rng.uniform((west, south), (east, north), (count, 2))
    points[: count // 4] = rng.choice(shapely.get_coordinates(geometries), count // 4)
    border = datetime(LATER.year, LATER.month, LATER.day, tzinfo=HERE.zone).astimezone(UTC)
    seconds = rng.integers(-40 * 86_400, 40 * 86_400, count)
    seconds[::2] = rng.integers(-3_600, 3_600, len(seconds[::2]))
    seconds[:2] = (-1, 0)
    return pd.DataFrame(
        {
            "id": [f"r{n}" for n in range(count)],
            "occurred_at": pd.Timestamp(border) + pd.to_timedelta(seconds, unit="s"),
            "category": rng.choice(["matter-06010", "matter-09010", "matter-08004"], count),
            "lon": points[:, 0],
            "lat": points[:, 1],
        }
    )


@pytest.fixture(scope="session")
def write_partitions() -> Callable[[Path, pd.DataFrame], Path]:
    """write_partitions(folder, frame): as GeoParquet, by GeoPandas, one of them with small row groups."""

    def write(folder: Path, frame: pd.DataFrame) -> Path:
        folder.mkdir(parents=True)
        for n, part in enumerate(np.array_split(np.arange(len(frame)), PARTITIONS)):
            rows = frame.iloc[part]
            located = geopandas.GeoDataFrame(
                rows.drop(columns=["lon", "lat"]), geometry=shapely.points(rows.lon, rows.lat), crs=4326
            )
            located.to_parquet(folder / f"part-{n}.parquet", index=False, row_group_size=700 if n else None)
        return folder

    return write


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory, reports: pd.DataFrame, write_partitions) -> Path:
    return write_partitions(tmp_path_factory.mktemp("scale") / "in", reports)


@pytest.fixture(scope="session")
def area_files(town: Database, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """What `areas export` writes: grids before and after LATER, and the other kinds."""
    folder = tmp_path_factory.mktemp("areas")
    paths = []
    with town.reading() as connection:
        for kind, day in (
            ("grid", pd.Timestamp("2023-01-01").date()),
            ("grid", LATER),
            ("community", LATER),
            ("compound", LATER),
            ("building", LATER),
        ):
            paths.append(folder / f"{kind}-{day}.geojson")
            export_areas(store.areas(connection, HERE.code, kind=kind, day=day), paths[-1], format="geojson")
    return paths
