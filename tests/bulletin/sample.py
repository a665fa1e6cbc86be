"""Digests of the made-up town of tests.maps.sample, small and odd."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from decimal import Decimal

import numpy as np
import shapely

from gridmap.statistics.digests.model import CategoryDigest, Digest, PlaceDigest, WorkDigest
from gridmap.statistics.doubts import Difference
from gridmap.statistics.figures import change, figures
from gridmap.statistics.hotspots import hot_spots, surplus
from gridmap.statistics.model import GridCount, MonthHeat, Titled
from gridmap.statistics.neighbours import contiguity
from gridmap.statistics.rhythm import rhythms
from gridmap.works.model import WorkKind
from tests.maps import sample

COUNTS = (0, 1, 2, 5, 9, 14, 30, 75, 0)


def digest(heat: MonthHeat | None = None, *, before: bool = True, name: str = "{}", many: int = 3) -> Digest:
    """A month of `heat`; `before`: not the first; `name`: a pattern of names; `many` of each list."""
    heat = heat or sample.heat(name=name)
    counts = [grid.count for grid in heat.grids]
    size = np.array([grid.area_km2 for grid in heat.grids])
    near = contiguity([grid.geometry for grid in heat.grids])
    previous = [grid.previous for grid in heat.grids] if before else None
    hot = hot_spots(surplus(counts, size), near, reports=sum(counts), seed=7)
    if not before:
        heat = dataclasses.replace(heat, first_month=heat.month)
    return Digest(
        heat=heat,
        figures=figures([g.code for g in heat.grids], counts, size.tolist(), last_month=previous),
        hot=hot,
        categories=tuple(
            CategoryDigest(
                Titled(f"c{at}", name.format(f"暴露垃圾{at}"), f"Rubbish {at}"),
                heat.total // (at + 1),
                change(heat.total // (at + 1), 20 + at) if before else None,
                None,
                (heat.grids[-1].code,) if at == 0 and heat.total else (),
                None if at == 0 else "few_reports",
            )
            for at in range(many if heat.total else 0)
        ),
        difference=Difference({"pile": 12, "whole_degree": 0, "uncertain": 4}, 16, heat.piles, 0.1, 30.0,
                              (109.4, 36.6, 120.0), (109.4, 36.6, 1_150.0)),
        places=tuple(
            PlaceDigest(kind, f"{kind}{at}", name.format(f"{at}号点"), f"Place {at}", 40 + at, 150.0,
                        at, at * 2.5, "Mo-Su 18:00-23:00")
            for kind in ("parking", "night_market")
            for at in range(many)
        ),
        rhythms=rhythms(
            np.arange("2023-06-01", "2023-06-30", dtype="datetime64[h]"),
            np.arange(29 * 24) % 2,
            ["night_market", "parking"],
            ["Mo-Su 18:00-23:00", None],
            sample_zone(heat),
        ),
        works=tuple(
            WorkDigest(
                WorkKind(f"w{at}", name.format(f"垃圾清运{at}"), f"Rubbish hauled {at}", "t"),
                Decimal("2.10") * at, at, Decimal("11.3") + 2 * at,
            )
            for at in range(many)
        ),
        private_left_out=0,
        data_until=datetime(2023, 7, 2, 1, 30, tzinfo=UTC) if heat.total else None,
    )  # fmt: skip


def sample_zone(heat: MonthHeat):
    from zoneinfo import ZoneInfo

    return ZoneInfo(heat.time_zone)


def empty() -> Digest:
    """A month without a report, work record or place."""
    made = digest(sample.heat(counts=(0,) * 9), many=0)
    nothing = Difference({}, 0, (), 0.0, None, None, None)
    return dataclasses.replace(made, rhythms={}, difference=nothing)


def one_grid() -> Digest:
    heat = sample.heat()
    return digest(dataclasses.replace(heat, grids=heat.grids[-2:-1], outline=heat.grids[-2].geometry))


def chequered(columns: int, rows: int, width: float, height: float, kind: str = "grid") -> Digest:
    """A district of columns × rows areas, so many degrees wide and high."""
    heat = sample.heat()
    wide, high = width / columns, height / rows
    grids = tuple(
        GridCount(
            f"g{row:03d}{column:03d}",
            f"第{row * columns + column:04d}网格",
            f"社区{row // 5}",
            shapely.box(
                109.4 + wide * column, 36.6 + high * row, 109.4 + wide * (column + 1), 36.6 + high * (row + 1)
            ),
            0.4,
            (column * 7 + row * 3) % 41,
            (column * 5 + row * 11) % 37,
        )
        for row in range(rows)
        for column in range(columns)
    )
    outline = shapely.box(109.4, 36.6, 109.4 + width, 36.6 + height)
    total = sum(grid.count for grid in grids)
    return digest(
        dataclasses.replace(heat, grids=grids, outline=outline, kind=kind, total=total, backdrop=()), many=60
    )
