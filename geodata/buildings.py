"""Footprints on the plots, by use: slabs that face south, towers, L-shapes, halls, schools. Local metres."""

from dataclasses import dataclass

import numpy as np
import shapely
import shapely.affinity
from shapely import Polygon

from geodata.plots import Plot, largest


@dataclass(frozen=True, slots=True)
class Building:
    shape: Polygon
    floors: int
    units: int  # residential entrances; 0 where nobody lives


@dataclass(frozen=True, slots=True)
class Row:
    """One way of filling a plot: size of a footprint, gaps between them, floors, metres of front per unit."""

    lengths: tuple[float, ...]
    depth: float
    gap: float
    spacing: float
    floors: tuple[int, ...]
    front_per_unit: float = 0.0


SLABS = Row((38.0, 46.0, 54.0, 62.0), 12.6, 11.0, 33.0, (6, 6, 7, 11), 15.5)
OLD_SLABS = Row((32.0, 40.0, 48.0), 11.4, 8.0, 25.0, (5, 5, 6), 15.0)
TOWERS = Row((24.0, 27.0), 21.0, 27.0, 50.0, (18, 24, 26, 32), 13.0)
LOW_HOUSES = Row((14.0, 17.0), 9.0, 8.0, 21.0, (2, 3), 15.0)
HALLS = Row((74.0, 88.0), 17.0, 13.0, 30.0, (1, 2))
SHEDS = Row((62.0, 78.0), 30.0, 18.0, 52.0, (1,))
SHOPS = Row((22.0, 30.0, 36.0), 14.0, 5.0, 26.0, (2, 3, 4, 5))
OFFICES = Row((34.0, 46.0, 58.0), 19.0, 13.0, 42.0, (5, 8, 11, 14))
CLASSROOMS = Row((48.0, 56.0), 11.0, 14.0, 34.0, (4, 5))


def turned(shape: Polygon, angle: float, origin: tuple[float, float]) -> Polygon:
    return shapely.affinity.rotate(shape, angle, origin=origin, use_radians=True)


def row(ground: Polygon, y: float, plan: Row, rng: np.random.Generator) -> list[tuple[Polygon, float]]:
    """Boxes (with their length) side by side from west to east, where the ground covers them."""
    x, _, east, _ = ground.bounds
    shortest, length, answer = min(plan.lengths), float(rng.choice(plan.lengths)), []
    while x + shortest <= east + 1e-9:
        for size in (length, shortest):
            box = shapely.box(x, y, x + size, y + plan.depth)
            if ground.covers(box):
                answer.append((box, size))
                x += size + plan.gap
                length = float(rng.choice(plan.lengths))
                break
        else:
            x += 2.0
    return answer


def rows(ground: Polygon, plan: Row, rng: np.random.Generator) -> list[tuple[Polygon, float]]:
    """Boxes in rows from west to east over `ground`: as many rows as fit, or one less if that fills more.

    On a slanting plot the outermost rows may find no room, so the fuller of the two arrangements is taken.
    """
    shapely.prepare(ground)
    _, south, _, north = ground.bounds
    room = north - south - plan.depth
    most = max(1, int(room // plan.spacing) + 1)
    arrangements = []
    for count in range(max(1, most - 1), most + 1):
        first = south + (room - (count - 1) * plan.spacing) / 2
        arrangements.append(
            [box for k in range(count) for box in row(ground, first + k * plan.spacing, plan, rng)]
        )
    return max(arrangements, key=len)


def corner_block(ground: Polygon, rng: np.random.Generator) -> Polygon | None:
    """An L of shops in one of the street corners of the ground, where it fits."""
    west, south, east, north = ground.bounds
    leg_x, leg_y, depth = rng.uniform(26, 38), rng.uniform(24, 34), 11.0
    flip_x, flip_y = rng.random() < 0.5, rng.random() < 0.6
    for inset in np.arange(0.0, 26.0, 2.0):
        x, y = (east - inset, -1.0) if flip_x else (west + inset, 1.0)
        z, w = (north - inset, -1.0) if flip_y else (south + inset, 1.0)
        ell = Polygon(
            [
                (x, z),
                (x + y * leg_x, z),
                (x + y * leg_x, z + w * depth),
                (x + y * depth, z + w * depth),
                (x + y * depth, z + w * leg_y),
                (x, z + w * leg_y),
            ]
        )
        if ground.covers(ell):
            return ell
    return None


def housing(ground: Polygon, plot: Plot, rng: np.random.Generator) -> list[Building]:
    """Slabs or towers, lower in the side valley; sometimes an L of shops at a corner."""
    answer: list[Building] = []
    ell = corner_block(ground, rng) if ground.area > 6000 and rng.random() < 0.5 else None
    if ell is not None:
        answer.append(Building(ell, int(rng.integers(2, 5)), 0))
        ground = largest(ground.difference(ell.buffer(9, join_style="mitre")))
    odds = {"quarter": (0.45, 0.15, 0.4, 0.0), "valley": (0.4, 0.42, 0.18, 0.0), "side": (0.3, 0.4, 0.0, 0.3)}
    plan = (SLABS, OLD_SLABS, TOWERS, LOW_HOUSES)[int(rng.choice(4, p=odds[plot.zone]))]
    floors = int(rng.choice(plan.floors))
    for box, length in rows(ground, plan, rng):
        units = max(1, round(length / plan.front_per_unit))
        step = int(rng.integers(-1, 2)) if floors > 12 else 0
        answer.append(Building(box, floors + step, units))
    return answer


def trade(ground: Polygon, rng: np.random.Generator) -> list[Building]:
    answer = []
    ell = corner_block(ground, rng)
    if ell is not None:
        answer.append(Building(ell, int(rng.integers(3, 8)), 0))
        ground = largest(ground.difference(ell.buffer(8, join_style="mitre")))
    plan = OFFICES if ground.area > 8000 else SHOPS
    return answer + [Building(box, int(rng.choice(plan.floors)), 0) for box, _ in rows(ground, plan, rng)]


def courtyard(ground: Polygon, floors: int, open_side: str) -> list[Building]:
    """A U around a court, as offices and schools have it, in the middle of the ground."""
    west, south, east, north = ground.bounds
    for scale in (0.8, 0.7, 0.6, 0.5, 0.4):
        half = min(34.0, (east - west) * scale / 2), min(24.0, (north - south) * scale / 2)
        x, y = ground.centroid.x, ground.centroid.y
        outer = shapely.box(x - half[0], y - half[1], x + half[0], y + half[1])
        court = shapely.box(x - half[0] + 12, y - half[1] - 1, x + half[0] - 12, y + half[1] - 12)
        if ground.covers(outer):
            shape = outer.difference(court)
            if open_side == "north":
                shape = shapely.affinity.scale(shape, 1, -1, origin=(x, y))
            return [Building(largest(shape), floors, 0)]
    return []


def hall_of_glass(ground: Polygon, floors: int) -> list[Building]:
    """A shopping centre: most of the plot, rounded, with a forecourt cut out of its south side."""
    body = ground.buffer(-14, join_style="mitre").buffer(-8).buffer(8, quad_segs=4)
    x, y = ground.centroid.x, ground.bounds[1]
    forecourt = shapely.Point(x, y + 14).buffer(34, quad_segs=8)
    return [Building(largest(body.difference(forecourt)).simplify(0.4), floors, 0)]


def school(ground: Polygon, rng: np.random.Generator) -> list[Building]:
    """Class rooms in the northern half; the southern half is the sports field."""
    west, south, east, north = ground.bounds
    half = largest(ground.intersection(shapely.box(west, (south + north) / 2 - 4, east, north)))
    return [Building(box, int(rng.choice(CLASSROOMS.floors)), 0) for box, _ in rows(half, CLASSROOMS, rng)]


def sports_field(plot: Plot) -> Polygon | None:
    """The running track of a school plot: an oblong with round ends, in its southern half."""
    origin = (plot.shape.centroid.x, plot.shape.centroid.y)
    ground = turned(plot.shape.buffer(-7), -plot.angle, origin)
    west, south, east, north = ground.bounds
    half = largest(ground.intersection(shapely.box(west, south, east, (south + north) / 2 - 10)))
    x, y = half.centroid.x, half.centroid.y
    for width in (92.0, 76.0, 60.0, 46.0):
        height = 0.46 * width
        core = shapely.LineString([(x - (width - height) / 2, y), (x + (width - height) / 2, y)])
        track = core.buffer(height / 2, quad_segs=6)
        if half.covers(track):
            return turned(track, plot.angle, origin)
    return None


def buildings_on(plot: Plot, rng: np.random.Generator) -> list[Building]:
    """The footprints of one plot, in local metres, at least 4 m inside it and apart from each other."""
    origin = (plot.shape.centroid.x, plot.shape.centroid.y)
    # Housing turns from its street towards the south; all else keeps to the street.
    angle = plot.angle * (0.75 if plot.use == "housing" else 1.0)
    inner = plot.shape.buffer(-5.0, join_style="mitre")
    if inner.is_empty:
        return []
    ground = turned(largest(inner), -angle, origin)
    match plot.use:
        case "housing":
            found = housing(ground, plot, rng)
        case "trade":
            found = trade(ground, rng)
        case "mall":
            found = hall_of_glass(ground, 5)
        case "theatre":
            found = [Building(ground.centroid.buffer(40, quad_segs=5), 4, 0)]
        case "office":
            found = courtyard(ground, 6, "south")
        case "school":
            found = school(ground, rng)
        case "market":
            found = [Building(box, int(rng.choice(HALLS.floors)), 0) for box, _ in rows(ground, HALLS, rng)]
        case "logistics":
            found = [Building(box, 1, 0) for box, _ in rows(ground, SHEDS, rng)]
        case _:
            found = []
    return [Building(turned(one.shape, angle, origin), one.floors, one.units) for one in found]
