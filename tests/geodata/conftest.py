"""The committed demonstration district as plain values; no database."""

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

DISTRICT = Path(__file__).parents[2] / "geodata" / "district"


@pytest.fixture(scope="session")
def collection() -> Callable[[str], dict]:
    """collection(stem) -> the FeatureCollection of that file."""
    return lambda stem: json.loads((DISTRICT / f"{stem}.geojson").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def areas(collection) -> Callable[[str], dict[str, tuple[dict, shapely.Polygon]]]:
    """areas(stem) -> code: (properties, polygon in lon/lat)."""

    def read(stem: str) -> dict[str, tuple[dict, shapely.Polygon]]:
        features = collection(stem)["features"]
        found = {one["properties"]["code"]: (one["properties"], shape(one["geometry"])) for one in features}
        assert len(found) == len(features), f"a code of {stem} is there twice"
        return found

    return read


@pytest.fixture(scope="session")
def table() -> Callable[[str], list[dict[str, str]]]:
    """table(stem) -> the rows of that CSV file."""

    def read(stem: str) -> list[dict[str, str]]:
        with (DISTRICT / f"{stem}.csv").open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return read
