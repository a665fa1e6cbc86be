"""Grids to count in: the demonstration district's own, uneven as a real district's, and even lattices."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import shapely

from gridmap.geometry.shapes import area_m2
from gridmap.statistics.neighbours import Neighbours, contiguity

DISTRICT = Path(__file__).parents[2] / "geodata" / "district"


@dataclass(frozen=True, slots=True)
class Grids:
    shapes: np.ndarray
    area_km2: np.ndarray
    neighbours: Neighbours

    def around(self, grid: int) -> np.ndarray:
        """The grid and its neighbours."""
        return np.append(self.neighbours.of(grid), grid)


def grids_of(shapes: list[shapely.Geometry]) -> Grids:
    return Grids(np.array(shapes, dtype=object), area_m2(shapes) / 1e6, contiguity(shapes))


@pytest.fixture(scope="session")
def district() -> Grids:
    features = json.loads((DISTRICT / "grids.geojson").read_text("utf-8"))["features"]
    return grids_of([shapely.from_geojson(json.dumps(f["geometry"])) for f in features])


@pytest.fixture(scope="session")
def boston(shared_data: Path) -> Grids:
    features = json.loads((shared_data / "boston" / "neighbourhoods.geojson").read_text("utf-8"))["features"]
    shapes = [shapely.from_geojson(json.dumps(f["geometry"])) for f in features]
    return grids_of([shapely.make_valid(shape) for shape in shapes])


@pytest.fixture(scope="session")
def lattice() -> Grids:
    """30 × 30 squares of about 0.25 km²; grid 30 r + c lies in row r and column c."""
    side = 0.005
    west, south = (109.0 + np.arange(30) * side), (36.0 + np.arange(30) * side)
    return grids_of([shapely.box(x, y, x + side, y + side) for y in south for x in west])
