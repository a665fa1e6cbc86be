"""The planned quarter on its terrace: a regular grid of streets inside a ring road. Local metres."""

from functools import cache

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import LineString

from geodata.lines import Line
from geodata.plan import OVERSHOOT, QUARTER_AT, QUARTER_HALF, QUARTER_TURN


def quarter(u: ArrayLike, v: ArrayLike) -> np.ndarray:
    """Local metres of the planned quarter's own frame (u along its long side, v across)."""
    u, v = np.broadcast_arrays(np.asarray(u, float), np.asarray(v, float))
    cos, sin = np.cos(QUARTER_TURN), np.sin(QUARTER_TURN)
    return np.stack([QUARTER_AT[0] + u * cos - v * sin, QUARTER_AT[1] + u * sin + v * cos], axis=-1)


@cache
def quarter_ring() -> shapely.Polygon:
    half_u, half_v = QUARTER_HALF
    box = shapely.box(-half_u, -half_v, half_u, half_v).buffer(-190).buffer(190, quad_segs=12)
    return shapely.Polygon(quarter(*shapely.get_coordinates(box.exterior).T))


def quarter_end(column: int, row: int) -> np.ndarray:
    """The end of a street, a little beyond the ring road: column −3…3, row −2…2, ±9 = at that side."""
    half_u, half_v = QUARTER_HALF
    u = np.sign(column) * (half_u + OVERSHOOT) if abs(column) == 9 else column * half_u / 4
    v = np.sign(row) * (half_v + OVERSHOOT) if abs(row) == 9 else row * half_v / 3
    return quarter(u, v)


def quarter_lines() -> list[Line]:
    ring, (half_u, half_v) = quarter_ring(), QUARTER_HALF
    lines = [Line(LineString(ring.exterior.coords), "main_road", "新区环路", True)]
    names_u = {0: "中轴路", -2: "新区西路", 2: "新区东路"}
    names_v = {0: "创新路", -1: "丰和路", 1: "兴业路"}
    for k in range(-3, 4):
        u = k * half_u / 4
        street = LineString(quarter(u, np.linspace(-half_v - OVERSHOOT, half_v + OVERSHOOT, 60)))
        kind = "main_road" if k == 0 else "road" if k % 2 == 0 else "lane"
        lines.append(Line(street, kind, names_u.get(k, ""), k % 2 == 0))
    for k in range(-2, 3):
        v = k * half_v / 3
        street = LineString(quarter(np.linspace(-half_u - OVERSHOOT, half_u + OVERSHOOT, 80), v))
        kind = "main_road" if k == 0 else "road" if abs(k) == 1 else "lane"
        lines.append(Line(street, kind, names_v.get(k, ""), abs(k) == 1))
    return lines
