"""A small district: a subdistrict, a community, two grids side by side, buildings with units, people."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection

from gridmap.areas import loading as area_files
from gridmap.areas.model import Jurisdiction
from gridmap.people import store
from gridmap.people.model import Party, Person

WEST, MIDDLE, EAST, SOUTH, NORTH = 109.48, 109.482, 109.484, 36.61, 36.612
DAY = date(2023, 6, 18)
# kind -> (code, name, parent, west, east, further properties)
AREAS = {
    "subdistrict": [("s", "街道", None, WEST, EAST, {})],
    "community": [("c1", "社区", "s", WEST, EAST, {})],
    "grid": [("g1", "第一网格", "c1", WEST, MIDDLE, {}), ("g2", "第二网格", "c1", MIDDLE, EAST, {})],
    "building": [
        ("b1", "1号楼", "c1", WEST, WEST + 0.0005, {"units": 2}),
        ("b2", "2号楼", "c1", MIDDLE, MIDDLE + 0.0005, {"units": 1}),
        ("b3", "3号楼", "c1", MIDDLE + 0.001, MIDDLE + 0.0015, {}),
        ("b4", "4号楼", "c1", WEST + 0.001, WEST + 0.0015, {"units": 0}),
    ],
}


def rectangle(west: float, east: float) -> dict[str, object]:
    ring = [[west, SOUTH], [east, SOUTH], [east, NORTH], [west, NORTH], [west, SOUTH]]
    return {"type": "Polygon", "coordinates": [ring]}


@pytest.fixture
def district(connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path) -> Jurisdiction:
    load_district(connection, jurisdiction, tmp_path)
    return jurisdiction


def load_district(connection: Connection, jurisdiction: Jurisdiction, folder: Path) -> None:
    for kind, areas in AREAS.items():
        features = [
            {
                "type": "Feature",
                "properties": {"code": code, "name": name, "parent": parent, **rest},
                "geometry": rectangle(west, east),
            }
            for code, name, parent, west, east, rest in areas
        ]
        path = folder / f"{kind}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
        area_files.import_file(connection, jurisdiction, path, kind=kind)
    people = [Person(code, f"示例{code}", f"000-0000-{code[1:]:0>4}") for code in ("p1", "p2", "p3")]
    store.put_persons(connection, jurisdiction.code, people, "test")
    parties = [Party("squad", "squad", "城管执法中队"), Party("co", "property", "示例物业")]
    store.put_parties(connection, jurisdiction.code, parties, "test")
