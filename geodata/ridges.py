"""The lines of the slopes: ridges between grids, roads up to the quarter, the subdistrict's outline."""

import numpy as np
from shapely.geometry import LineString

from geodata.lines import Line, random, wobbly
from geodata.plan import (
    LINKS,
    NORTH,
    OUTLINE_EAST,
    OUTLINE_WEST,
    QUARTER_SPURS,
    RIDGE_DETAIL,
    RIDGES,
    SOUTH,
    SPURS,
)
from geodata.quarter import quarter_end
from geodata.streets import cut_end
from geodata.valley import spline, wander


def spur_lines() -> list[Line]:
    rng, lines = random(6), []
    for side, start, end in SPURS:
        lines.append(Line(wobbly(cut_end(side, start), end, rng, 26), "ridge", "", True))
    for corner, end in QUARTER_SPURS:
        lines.append(Line(wobbly(quarter_end(*corner), end, rng, 26), "ridge", "", True))
    for corner, side, cut in LINKS:
        lines.append(Line(wobbly(quarter_end(*corner), cut_end(side, cut), rng, 20), "road", "", True))
    for corner, side, cut in RIDGES:
        lines.append(Line(wobbly(quarter_end(*corner), cut_end(side, cut), rng, 20), "ridge", "", True))
    return lines


def outline_lines() -> list[Line]:
    """The subdistrict's border: two ridge-like flanks and a straight crossing of the valley at each end."""
    rng, lines = random(7), []
    feet = {(side, end): cut_end(side, end) for side in ("west", "east") for end in (NORTH, SOUTH)}
    flanks: tuple[list, list] = (
        [feet["east", NORTH], *OUTLINE_EAST, feet["east", SOUTH]],
        [feet["west", SOUTH], *OUTLINE_WEST, feet["west", NORTH]],
    )
    for control in flanks:
        curve = spline(control, 12)
        tangent = np.gradient(curve, axis=0)
        normal = np.stack([-tangent[:, 1], tangent[:, 0]], axis=-1) / np.hypot(*tangent.T)[:, None]
        s = np.arange(len(curve)) * 12.0
        taper = np.clip(np.minimum(s, s[-1] - s) / 250, 0, 1)
        shift = (wander(rng, 520, 26)(s) + wander(rng, 260, 6)(s)) * taper
        lines.append(
            Line(LineString(curve + shift[:, None] * normal).simplify(RIDGE_DETAIL), "outline", "", True)
        )
    return lines
