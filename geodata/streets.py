"""The streets and waters of the two valleys, before they are noded.

Crossing lines overshoot a little; the mesh cuts the ends off. Local metres, see valley.py.
"""

from functools import cache
from itertools import pairwise

import numpy as np
import shapely
import shapely.ops
from shapely.geometry import LineString

from geodata.lines import Line, across, along, random
from geodata.plan import (
    CENTRE,
    OVERSHOOT,
    SIDE_CUTS,
    SIDE_HEAD,
    SIDE_MOUTH,
    STREAM_CUT,
)
from geodata.valley import main_valley, side_valley, wander


@cache
def valley_shape() -> dict:
    """Functions of s: the river's place and the t of every street that runs along the main valley."""
    rng = random(1)
    river, inner = wander(rng, 1500, 34), wander(rng, 1300, 9)
    west, east = wander(rng, 1700, 42), wander(rng, 1500, 42)
    return {
        "river": river,
        "west_bank": lambda s: river(s) - 88 + inner(s),
        "east_bank": lambda s: river(s) + 88 + inner(s),
        "west_second": lambda s: -252 + 0.5 * river(s) + 0.35 * west(s),
        "east_second": lambda s: 252 + 0.5 * river(s) + 0.35 * east(s),
        "west_foot": lambda s: -415 + west(s),
        "east_foot": lambda s: 415 + east(s),
    }


@cache
def side_shape() -> dict:
    rng = random(2)
    river, left, right = wander(rng, 700, 14), wander(rng, 900, 20), wander(rng, 900, 20)
    return {
        "river": river,
        "left_bank": lambda s: river(s) + 48,
        "right_bank": lambda s: river(s) - 45,
        "left_foot": lambda s: 225 + left(s),
        "right_foot": lambda s: -215 + right(s),
    }


def tilt_of(side: str, s: float) -> float:
    """The slant of a cross street: a fixed small number per side and place."""
    return float(0.16 * np.sin(s * 0.0137 + (0.0 if side == "west" else 2.1)))


def cut_street(side: str, s: float, overshoot: float = OVERSHOOT) -> LineString:
    """The street at a cut, from the bank road to a little beyond the foot of the slope.

    Ridges, links and the outline start at its very end point, so that nothing is left to snap.
    """
    if side in ("west", "east"):
        sign = -1.0 if side == "west" else 1.0
        bank, foot = (float(valley_shape()[f"{side}_{name}"](s)) for name in ("bank", "foot"))
        slant = sign * tilt_of(side, s)
        return across(main_valley(), s + slant * bank, bank, foot + sign * overshoot, slant)
    name = side.removeprefix("side_")
    sign = 1.0 if name == "left" else -1.0
    foot = float(side_shape()[f"{name}_foot"](s)) + sign * overshoot
    return across(side_valley(), s, float(side_shape()["river"](s)) - sign * 6, foot)


def cut_end(side: str, s: float) -> np.ndarray:
    return np.array(cut_street(side, s).coords[-1])


def main_lines() -> list[Line]:
    valley, shape = main_valley(), valley_shape()
    names = {
        "west_bank": ("main_road", "滨河西路"),
        "east_bank": ("main_road", "滨河东路"),
        "west_second": ("main_road", "新城大道"),
        "east_second": ("road", "文化路"),
        "west_foot": ("road", "西山路"),
        "east_foot": ("road", "东山路"),
    }
    lines = [Line(along(valley, shape["river"], 1500, 13500), "river", "新城河", True)]
    for key, (kind, name) in names.items():
        # In pieces that share their end points: the second street divides grids in the centre only.
        for start, end in pairwise((1500, *CENTRE, 13500)):
            divides = key.endswith("foot") or (key.endswith("second") and start == CENTRE[0])
            lines.append(Line(along(valley, shape[key], start, end), kind, name, divides))
    return lines


def cross_streets(side: str, cuts: tuple[int, ...]) -> list[Line]:
    """The streets across one side of the main valley: one at each cut, lanes between them."""
    valley, shape, rng = main_valley(), valley_shape(), random(3 if side == "west" else 4)
    sign = -1.0 if side == "west" else 1.0
    river, bank, second, foot = (
        shape[name] for name in ("river", f"{side}_bank", f"{side}_second", f"{side}_foot")
    )
    outside = [float(s) for s in np.concatenate([np.arange(1700, 3900, 260), np.arange(9960, 13300, 260)])]
    lines = [Line(cut_street(side, s), "lane") for s in outside]
    for s in map(float, cuts):
        if s == STREAM_CUT:
            continue
        street = cut_street(side, s)
        to_river = across(
            valley, s + sign * tilt_of(side, s) * float(bank(s)), float(bank(s)), float(river(s)) - sign * 8
        )
        lines += [Line(street, "road", "", True), Line(to_river, "bank", "", True)]
    for start, end in pairwise(map(float, cuts)):
        pieces = max(2, round((end - start) / 165))
        for inner, outer, shift in ((bank, second, 0.0), (second, foot, 0.5)):
            for k in range(1, pieces):
                s = (
                    start
                    + (end - start) * (k + rng.uniform(-0.16, 0.16)) / pieces
                    + shift * rng.uniform(-36, 36)
                )
                t0, t1 = float(inner(s)) - sign * OVERSHOOT, float(outer(s)) + sign * OVERSHOOT
                lines.append(Line(across(valley, s, t0, t1, sign * tilt_of(side, s)), "lane"))
    return lines


def beyond(line: LineString, edge: str) -> LineString:
    """The part of a side-valley line that lies beyond a street of the main valley (and an overshoot)."""
    s = np.linspace(5900, 7200, 120)
    limit = main_valley().at(s, valley_shape()[edge](s) - OVERSHOOT)
    floor = shapely.Polygon([*main_valley().at(s, -400.0), *limit[::-1]])
    return line.difference(floor)


def from_river(line: LineString) -> LineString:
    """A line of the stream from its mouth in the main river (and an overshoot) upwards."""
    river = along(main_valley(), valley_shape()["river"], 1500, 13500)
    return shapely.ops.substring(line, line.project(line.intersection(river)) - 8, line.length)


def side_lines() -> list[Line]:
    valley, shape, rng = side_valley(), side_shape(), random(5)
    lines = [
        Line(from_river(along(valley, shape["river"], 0, 4600)), "river", "东溪", True),
        Line(beyond(along(valley, shape["left_bank"], 60, 4400), "east_bank"), "main_road", "东溪路"),
        Line(beyond(along(valley, shape["right_bank"], 330, 3600), "east_foot"), "lane", "东溪南路"),
        Line(
            beyond(along(valley, shape["left_foot"], 330, SIDE_HEAD + OVERSHOOT), "east_foot"),
            "road",
            "北坡路",
            True,
        ),
        Line(
            beyond(along(valley, shape["right_foot"], 330, SIDE_HEAD + OVERSHOOT), "east_foot"),
            "road",
            "南坡路",
            True,
        ),
    ]
    for sign, bank, foot in (
        (1, shape["left_bank"], shape["left_foot"]),
        (-1, shape["right_bank"], shape["right_foot"]),
    ):
        for cut in (*SIDE_CUTS, SIDE_HEAD):
            lines.append(Line(cut_street("side_left" if sign > 0 else "side_right", cut), "road", "", True))
        for s in np.arange(SIDE_MOUTH + 190, SIDE_HEAD, 172) + rng.uniform(-30, 30, 11):
            if min(abs(s - cut) for cut in (*SIDE_CUTS, SIDE_HEAD)) > 70:
                ends = float(bank(s)) - sign * OVERSHOOT, float(foot(s)) + sign * OVERSHOOT
                lines.append(Line(across(valley, s, *ends, rng.uniform(-0.2, 0.2)), "lane"))
    return lines
