"""A small made-up town for the map tests: nine square grids in three communities, a river, roads, places."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.geometry.cells import LEVEL, cells
from gridmap.statistics.left_out import grid_of, of_piles
from gridmap.statistics.model import CellCounts, GridCount, MonthHeat, Pile, Scale, Titled

WEST, SOUTH, SIDE = 109.46, 36.60, 0.008
JURISDICTION = Titled("610602006", "新城街道", "Xincheng Subdistrict")


@dataclass
class Area:
    kind: str
    code: str
    name: str
    parent_code: str | None
    geometry: BaseGeometry
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass
class Place:
    code: str
    kind: str
    name: str
    geometry: BaseGeometry
    name_en: str | None = None
    capacity: int | None = None
    opening_hours: str | None = None
    service_radius_m: float | None = None
    address: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)


def square(column: float, row: float, width: float = 1, height: float = 1) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + width * SIDE, south + height * SIDE)


def areas(name: str = "{}") -> list[Area]:
    """All kinds of areas; `name` is a pattern through which every name goes."""
    made = [Area("subdistrict", "610602006", "新城街道", None, square(0, 0, 3, 3))]
    for row, community in enumerate(("阳光社区", "鲁艺社区", "上城社区")):
        code = f"610602006{row + 1:03d}"
        made.append(Area("community", code, community, "610602006", square(0, row, 3)))
        for column in range(3):
            grid = f"{code}{column + 1:03d}"
            made.append(Area("grid", grid, f"{community}第{column + 1:02d}网格", code, square(column, row)))
            compound, home = f"X{row}{column}", square(column + 0.2, row + 0.2, 0.5, 0.4)
            made.append(
                Area("compound", compound, f"{community[:2]}苑{column}", code, home, {"households": 320})
            )
            block = square(column + 0.25, row + 0.25, 0.1, 0.05)
            made.append(
                Area("building", f"{compound}-1", "1号楼", compound, block, {"floors": 18, "units": 2})
            )
    for area in made:
        area.name = name.format(area.name)
    return made


def places(name: str = "{}") -> list[Place]:
    """A place of several kinds, two of them on one spot."""

    def point(column: float, row: float) -> shapely.Point:
        return shapely.Point(WEST + column * SIDE, SOUTH + row * SIDE)

    made = [
        Place(
            "P1",
            "parking",
            "大剧院停车场",
            point(0.5, 0.5),
            "Theatre car park",
            180,
            properties={"vehicle": "motor"},
        ),
        Place("P2", "parking", "北苑车棚", point(1.5, 2.5), None, 60, properties={"vehicle": "non_motor"}),
        Place(
            "M1",
            "morning_market",
            "金圣国际早市",
            point(2.5, 1.5),
            None,
            40,
            "Mo-Su 06:00-09:30",
            address="新城大道",
        ),
        Place("H1", "service_hall", "阳光社区便民服务大厅", point(1.5, 0.4)),
        Place("Q1", "parlour", "阳光社区百姓会客厅", point(1.5, 0.4)),
        Place("D1", "day_care", "日间照料中心", square(2.2, 0.3, 0.2, 0.2), None, 25, service_radius_m=500.0),
        Place("U1", "kite_field", "未知类别点位", point(0.5, 2.2)),
    ]
    for place in made:
        place.name = name.format(place.name)
    return made


def backdrop(name: str = "{}") -> list[tuple[str, str, BaseGeometry]]:
    line = shapely.LineString(
        [(WEST - 0.004, SOUTH + 0.01), (WEST + 0.012, SOUTH + 0.013), (WEST + 0.03, SOUTH + 0.009)]
    )
    made = [
        ("hill", "凤凰山", square(-1, 2.2, 5, 2)),
        ("river", "延河", line.buffer(0.0006)),
        ("water", "", square(0.1, 1.1, 0.2, 0.2)),
        ("green", "鲁艺公园", square(1.1, 1.8, 0.5, 0.3)),
        ("main_road", "枣园路", shapely.affinity.translate(line, 0, 0.002)),
        ("road", "文化路", shapely.LineString([(WEST + 0.01, SOUTH - 0.002), (WEST + 0.011, SOUTH + 0.026)])),
        ("lane", "", shapely.LineString([(WEST + 0.004, SOUTH), (WEST + 0.004, SOUTH + 0.02)])),
        ("railway", "包西铁路", shapely.affinity.translate(line, 0, -0.003)),
    ]
    return [(kind, name.format(own) if own else "", geometry) for kind, own, geometry in made]


def cells_of(points: np.ndarray) -> CellCounts:
    """(n, 2) lon, lat counted in the finest cells."""
    where, counts = np.unique(np.column_stack(cells(*points.T)), axis=0, return_counts=True)
    return CellCounts(LEVEL, where[:, 0], where[:, 1], counts)


def heat(
    *,
    name: str = "{}",
    counts: tuple[int, ...] = (0, 1, 2, 5, 9, 14, 30, 75, 0),
    category: Titled | None = None,
    illustrative: bool = True,
) -> MonthHeat:
    """June 2023: `counts` reports in the grids, all of them near the grids' middles, and three outside."""
    made = [area for area in areas() if area.kind == "grid"]
    by_code = {area.code: area.name for area in areas()}
    draw = np.random.default_rng(7)
    points = [
        np.array(area.geometry.centroid.coords[0]) + draw.normal(0, SIDE / 12, 2)
        for area, count in zip(made, counts, strict=True)
        for _ in range(count)
    ]
    total = sum(counts) + (3 if points else 0)
    grids = tuple(
        GridCount(
            area.code,
            name.format(area.name),
            name.format(by_code[area.parent_code or ""]),
            area.geometry,
            0.63,
            count,
            max(count - 2, 0),
        )
        for area, count in zip(made, counts, strict=True)
    )
    piles = (Pile(WEST + SIDE / 2, SOUTH + SIDE / 2, 12),) if points else ()
    doubtful = of_piles(piles)
    return MonthHeat(
        jurisdiction=Titled(JURISDICTION.code, name.format(JURISDICTION.name), JURISDICTION.name_en),
        illustrative=illustrative,
        month=date(2023, 6, 1),
        time_zone="Asia/Shanghai",
        category=category,
        grids=grids,
        cells=cells_of(np.array(points, float).reshape(-1, 2)),
        outline=square(0, 0, 3, 3),
        backdrop=tuple(backdrop(name)),
        scale=Scale((1, 3, 6, 12, 25, 50), (2, 10, 25, 50, 100, 200)),
        total=total,
        outside=total - sum(counts),
        nearest=2 if points else 0,
        named=4 if points else 0,
        near_edge=5 if points else 0,
        near_edge_m=5.0,
        piles=piles,
        doubtful=doubtful,
        doubtful_in=grid_of(doubtful, grids, 50),
        all_piles=True,
        first_month=date(2022, 7, 1),
        last_month=date(2023, 12, 1),
        edition=1,
        edition_from=None,
        generated_at=datetime(2024, 1, 4, 3, 0, tzinfo=UTC),
    )
