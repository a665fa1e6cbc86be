"""A small town of six grids in two communities, with a compound across a border, committed in a database."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import shapely

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.reports.model import NewReport

TOWN = Jurisdiction("town", "小镇", "Town")
EVENING = datetime(2023, 6, 18, 20, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
STEP = 0.01  # about 0.9 km east-west and 1.1 km north-south


def grids() -> list[NewArea]:
    """Three columns and two rows from (109.47, 36.60); row 0 is community S, row 1 community N."""
    made = []
    for row, community in enumerate("SN"):
        for column in range(3):
            x, y = 109.47 + column * STEP, 36.60 + row * STEP
            made.append(
                NewArea(f"{community}{column}", f"{community}{column}格", box(x, y), parent_code=community)
            )
    return made


def box(x: float, y: float) -> shapely.Polygon:
    return shapely.box(round(x, 6), round(y, 6), round(x + STEP, 6), round(y + STEP, 6))


def load(connection, kind: str, made: list[NewArea], valid_from=None) -> None:
    areas.add_edition(
        connection,
        TOWN.code,
        kind,
        made,
        file_name="test",
        sha256="0" * 64,
        loaded_by="test",
        valid_from=valid_from,
    )


def settle(database: Database) -> Database:
    """Put the town into an empty database."""
    with database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
        communities = [
            NewArea(c, f"{c}社区", shapely.union_all([g.geometry for g in grids() if g.parent_code == c]))
            for c in "SN"
        ]
        load(connection, "community", communities)
        load(connection, "grid", grids())
        # three quarters of the compound lie in S0, one quarter in S1
        compound = shapely.box(109.477, 36.602, 109.481, 36.604)
        load(connection, "compound", [NewArea("C1", "河边小区", compound, parent_code="S")])
    return database


@pytest.fixture
def town(database: Database) -> Database:
    return settle(database)


def draft(lon: float | None = 109.475, lat: float | None = 36.605, **changes) -> NewReport:
    datum = None if lon is None else "wgs84"
    values = {"category": "matter-06010", "description": "垃圾", "occurred_at": EVENING, "datum": datum}
    return NewReport(**{**values, "lon": lon, "lat": lat} | changes)
