"""Bulk placement in the 70 grids: the in-process index against geopandas.sjoin."""

from __future__ import annotations

import geopandas
import numpy as np
import shapely

from gridmap.areas import store
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.locator import Locator
from tests.benchmarks.measure import Figure, compare

POINTS = 1_000_000
PEER_POINTS = 100_000


def points(geometries: list[shapely.Geometry], count: int, seed: int = 7) -> np.ndarray:
    """(count, 2) lon, lat spread over the bounding box of the grids."""
    west, south, east, north = shapely.total_bounds(np.array(geometries))
    return np.random.default_rng(seed).uniform((west, south), (east, north), (count, 2))


def run(database: Database) -> list[Figure]:
    with database.reading() as connection:
        grids = store.areas(connection, JURISDICTION.code, kind="grid", day=JURISDICTION.today())
    geometries = [g.geometry for g in grids]
    locator = Locator(geometries, [g.code for g in grids])
    lon, lat = np.ascontiguousarray(points(geometries, POINTS).T)
    frame = geopandas.GeoDataFrame({"code": [g.code for g in grids]}, geometry=geometries, crs=4326)
    some = geopandas.GeoDataFrame(
        geometry=geopandas.points_from_xy(lon[:PEER_POINTS], lat[:PEER_POINTS]), crs=4326
    )
    return [
        compare(
            "place_70",
            "geopandas.sjoin (a tenth of the points, scaled)",
            lambda: locator.covers(lon, lat),
            lambda: geopandas.sjoin(some, frame, predicate="intersects"),
            f"{POINTS:,} points in {len(grids)} grids, one core; the index is built before",
            peer_scale=POINTS / PEER_POINTS,
        )
    ]
