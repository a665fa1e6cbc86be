"""Compounds and buildings as areas: their shapes, codes, names and parents.

Codes: a compound is its community's 12 digits, C and three digits (610602006001C001); a building is the code
of its compound, or of its community where it stands in none, B and three digits (610602006001C001B002).
The letter keeps them apart from the 15 digits of a grid. Serials run in the same reading order as grids'.
"""

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import shapely
from shapely import Polygon

from geodata.atlas import Area, atlas, reading_order
from geodata.buildings import Building, buildings_on
from geodata.lines import random
from geodata.plots import NAMED, Plot, largest, plots
from geodata.streets import side_shape, valley_shape
from geodata.valley import Axis, main_valley, side_valley
from geodata.words import COMPOUND_ENDINGS, COMPOUND_STEMS

HOUSEHOLDS_PER_STAIR_FLOOR = 2

# Villages on the slopes: side, s along the axis, number of rows, houses in a row. Rows follow the contour.
VILLAGES = (
    ("west", 4720, 3, 9),
    ("west", 5250, 3, 10),
    ("west", 5800, 4, 8),
    ("west", 8560, 3, 8),
    ("west", 9060, 4, 8),
    ("west", 9480, 2, 7),
    ("east", 4280, 3, 9),
    ("east", 4850, 3, 8),
    ("east", 5330, 4, 9),
    ("east", 5850, 3, 8),
    ("east", 7250, 4, 9),
    ("east", 7700, 3, 8),
    ("east", 8150, 3, 9),
    ("east", 8620, 3, 8),
    ("east", 9080, 4, 7),
    ("side_left", 1250, 3, 9),
    ("side_left", 1800, 3, 9),
    ("side_left", 2300, 2, 9),
    ("side_right", 1150, 3, 9),
    ("side_right", 1800, 3, 8),
    ("side_right", 2300, 2, 8),
)


@dataclass(frozen=True, slots=True)
class Homestead:
    """A compound or an unnamed plot before it has a code: shape, name, community index, buildings."""

    shape: Polygon
    name: str
    style: str  # new, old, village, or "" for what is not a compound
    community: int
    buildings: tuple[Building, ...]


def village(
    side: str, s: float, count: int, houses: int, rng: np.random.Generator
) -> tuple[Polygon, list[Building]]:
    """Rows of small houses above the foot of a slope, and the ground they share (often concave)."""
    axis: Axis = side_valley() if side.startswith("side") else main_valley()
    if side.startswith("side"):
        name = side.removeprefix("side_")
        sign, foot = (1.0 if name == "left" else -1.0), side_shape()[f"{name}_foot"]
    else:
        sign, foot = (-1.0 if side == "west" else 1.0), valley_shape()[f"{side}_foot"]
    found: list[Building] = []
    ground: list[Polygon] = []
    for row in range(count):
        t = float(foot(s)) + sign * (58 + 27 * row + rng.uniform(-3, 3))
        first = s - houses * 9.5 + rng.uniform(-45, 45)
        number = houses - int(rng.integers(0, 4))
        for k in range(number):
            centre = axis.at(first + 19 * k, t + sign * 7 * np.sin((first + 19 * k) / 60))
            nxt = axis.at(first + 19 * k + 5, t + sign * 7 * np.sin((first + 19 * k + 5) / 60))
            along = (nxt - centre) / np.hypot(*(nxt - centre))
            up = np.array([-along[1], along[0]])
            half_w, half_d = rng.uniform(5.0, 6.6), rng.uniform(3.4, 4.2)
            corners = [
                centre + a * half_w * along + b * half_d * up for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
            ]
            box = Polygon(corners)
            if rng.random() < 0.9 and not any(box.distance(one.shape) < 2.5 for one in found):
                found.append(Building(box, int(rng.integers(1, 3)), 1))
            ground.append(box)
    hull = shapely.union_all(ground).buffer(15).buffer(-7).simplify(1.5)
    return largest(hull), found


def villages(communities: tuple[Area, ...]) -> list[Homestead]:
    rng, answer = random(12), []
    for side, s, count, houses in VILLAGES:
        shape, found = village(side, s, count, houses, rng)
        home = max(range(len(communities)), key=lambda k: communities[k].shape.intersection(shape).area)
        shape = largest(shape.intersection(communities[home].shape.buffer(-3)))
        kept = tuple(one for one in found if shape.buffer(-1).covers(one.shape))
        answer.append(Homestead(shape, "", "village", home, kept))
    return answer


def style_of(plot: Plot, found: list[Building]) -> str:
    if plot.use != "housing":
        return ""
    return (
        "new"
        if max((one.floors for one in found if one.units), default=0) > 7 or plot.zone == "quarter"
        else "old"
    )


def named(homes: list[Homestead]) -> tuple[Homestead, ...]:
    """A name for every compound: those of the report stay, the others are drawn without repeating."""
    rng, taken, answer = random(13), {name for name, _ in NAMED}, []
    for home in homes:
        name = home.name
        while home.style and (not name or (not home.name and name in taken)):
            name = str(rng.choice(COMPOUND_STEMS)) + str(rng.choice(COMPOUND_ENDINGS[home.style]))
        taken.add(name)
        answer.append(replace(home, name=name))
    return tuple(answer)


@cache
def homesteads() -> tuple[Homestead, ...]:
    """Every plot and village with its buildings; compounds have a style and a name."""
    rng, answer = random(11), []
    for plot in plots():
        found = buildings_on(plot, rng)
        style = style_of(plot, found) if any(one.units for one in found) else ""
        answer.append(Homestead(plot.shape, plot.name, style, plot.community, tuple(found)))
    return named(answer + villages(atlas().communities))


def building_areas(parent: str, parent_name: str, found: list[Building]) -> list[Area]:
    ordered = [found[k] for k in reading_order([one.shape for one in found])] if found else []
    return [
        Area(
            "building",
            f"{parent}B{serial:03d}",
            f"{parent_name}{serial}号楼",
            parent,
            one.shape,
            (("floors", one.floors), ("units", one.units)),
        )
        for serial, one in enumerate(ordered, 1)
    ]


@cache
def compounds_and_buildings() -> tuple[tuple[Area, ...], tuple[Area, ...]]:
    compounds: list[Area] = []
    buildings: list[Area] = []
    for index, community in enumerate(atlas().communities):
        own = [home for home in homesteads() if home.community == index]
        lived = [home for home in own if home.style]
        lived = [lived[k] for k in reading_order([home.shape for home in lived])]
        for serial, home in enumerate(lived, 1):
            code = f"{community.code}C{serial:03d}"
            households = sum(HOUSEHOLDS_PER_STAIR_FLOOR * one.floors * one.units for one in home.buildings)
            if home.style == "village":
                households = sum(one.units for one in home.buildings)
            compounds.append(
                Area("compound", code, home.name, community.code, home.shape, (("households", households),))
            )
            buildings += building_areas(code, home.name, list(home.buildings))
        loose = [one for home in own if not home.style for one in home.buildings]
        buildings += building_areas(community.code, community.name, loose)
    return tuple(compounds), tuple(buildings)
