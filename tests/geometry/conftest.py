"""A noded partition and the oracle that the locator is measured against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import shapely
from shapely import Polygon

Oracle = Callable[..., list[int]]


@pytest.fixture(scope="session")
def partition_cells() -> list[Polygon]:
    """A wobbly 6 × 6 partition at 延安; neighbours share their nodes to the last digit."""
    lon, lat = np.meshgrid(109.44 + np.arange(7) * 0.012, 36.58 + np.arange(7) * 0.012)
    nodes = np.stack([lon, lat], axis=-1)
    nodes[1:-1, 1:-1] += np.random.default_rng(7).uniform(-0.004, 0.004, (5, 5, 2))
    return [
        Polygon([nodes[i, j], nodes[i, j + 1], nodes[i + 1, j + 1], nodes[i + 1, j]])
        for i in range(6)
        for j in range(6)
    ]


@pytest.fixture(scope="session")
def brute_force() -> Oracle:
    """Index of the smallest code among all polygons that unprepared GEOS says cover the point; else −1."""

    def answer(polygons, codes, lon, lat) -> list[int]:
        fresh = shapely.from_wkb(shapely.to_wkb(np.array(polygons, dtype=object)))
        points = shapely.points(np.atleast_1d(lon), np.atleast_1d(lat))
        by_code = sorted(range(len(codes)), key=lambda i: codes[i])
        best = np.full(len(points), -1)
        for i in reversed(by_code):
            best[shapely.covers(fresh[i], points)] = i
        return best.tolist()

    return answer
