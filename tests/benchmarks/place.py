"""Bulk placement on one core: the in-process index against geopandas.sjoin and DuckDB's spatial join."""

from __future__ import annotations

from pathlib import Path

import duckdb
import duckdb_extension_spatial
import geopandas
import numpy as np
import pandas as pd
import shapely

from gridmap.areas import store
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.locator import Locator
from gridmap.geometry.tessellation import nation
from tests.benchmarks.measure import Figure, compare, seconds

TOWN_POINTS, PEER_POINTS = 10_000_000, 1_000_000
NATION_GRIDS, NATION_POINTS = 100_000, 1_000_000


def points(geometries: list[shapely.Geometry], count: int, seed: int = 7) -> np.ndarray:
    """(count, 2) lon, lat spread over the bounding box of the grids."""
    west, south, east, north = shapely.total_bounds(np.array(geometries))
    return np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2))


def town(database: Database) -> list[Figure]:
    with database.reading() as connection:
        grids = store.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    geometries, codes = [g.geometry for g in grids], [g.code for g in grids]
    locator, built = _built(geometries, codes)
    lon, lat = np.ascontiguousarray(points(geometries, TOWN_POINTS).T)
    frame = geopandas.GeoDataFrame({"code": codes}, geometry=geometries, crs=4326)
    some = _frame(lon[:PEER_POINTS], lat[:PEER_POINTS])
    return [
        compare(
            "place_70",
            "geopandas.sjoin (a tenth of the points, scaled)",
            lambda: locator.covers(lon, lat),
            lambda: geopandas.sjoin(some, frame, predicate="intersects"),
            f"{TOWN_POINTS:,} points in {len(grids)} grids, one core; {built}",
            reach=100,
            peer_scale=TOWN_POINTS / PEER_POINTS,
        )
    ]


def country(_: Database) -> list[Figure]:
    codes, geometries = nation(NATION_GRIDS)
    locator, built = _built(list(geometries), codes)
    lon, lat = np.ascontiguousarray(points(list(geometries), NATION_POINTS).T)
    frame = geopandas.GeoDataFrame({"code": codes}, geometry=geometries, crs=4326)
    some = _frame(lon, lat)
    duck = _duck(lon, lat, geometries)
    found = locator.covers(lon, lat)
    _agree(found, duck)
    shows = f"{NATION_POINTS:,} points in {NATION_GRIDS:,} grids, one core; {built}"
    peers = {
        "geopandas.sjoin": lambda: geopandas.sjoin(some, frame, predicate="intersects"),
        "DuckDB spatial, SPATIAL_JOIN in one thread": lambda: duck.execute(JOIN).fetchnumpy(),
    }
    return [
        compare("place_100k", name, lambda: locator.covers(lon, lat), peer, shows, reach=8)
        for name, peer in peers.items()
    ]


JOIN = """
    SELECT point.id, min(area.id) AS area FROM point JOIN area ON ST_Intersects(area.geom, point.geom)
    GROUP BY point.id
"""


def _duck(lon: np.ndarray, lat: np.ndarray, geometries: np.ndarray) -> duckdb.DuckDBPyConnection:
    """Points and areas as DuckDB's own geometries, in memory."""
    folder = Path(duckdb_extension_spatial.__file__).parent
    duck = duckdb.connect(config={"threads": 1})
    duck.load_extension(str(next(folder.rglob("spatial.duckdb_extension"))))
    areas = pd.DataFrame({"id": np.arange(len(geometries)), "wkb": shapely.to_wkb(geometries)})
    reports = pd.DataFrame({"id": np.arange(len(lon)), "lon": lon, "lat": lat})
    duck.register("areas", areas)
    duck.register("reports", reports)
    duck.execute("CREATE TABLE area AS SELECT id, ST_GeomFromWKB(wkb::BLOB) AS geom FROM areas")
    duck.execute("CREATE TABLE point AS SELECT id, ST_Point(lon, lat) AS geom FROM reports")
    return duck


def _agree(found: np.ndarray, duck: duckdb.DuckDBPyConnection) -> None:
    """Codes rise with the row, so the smallest code is the least row."""
    theirs = duck.execute(JOIN).fetchnumpy()
    same = np.full(len(found), -1)
    same[theirs["id"]] = theirs["area"]
    assert (same == found).all()


def _built(geometries: list[shapely.Geometry], codes: list[str]) -> tuple[Locator, str]:
    made: list[Locator] = []
    took = seconds(lambda: made.append(Locator(geometries, codes)))
    return made[0], f"the index is built before, in {took:.2g} s"


def _frame(lon: np.ndarray, lat: np.ndarray) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(lon, lat), crs=4326)
