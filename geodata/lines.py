"""Lines of the ground plan and how they are drawn: along a valley, across it, wandering over a slope."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from shapely.geometry import LineString

from geodata.plan import RIDGE_DETAIL, SEED
from geodata.valley import Along, Axis, wander


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ground plan; kind: river, main_road, road, lane, bank, ridge or outline."""

    geometry: LineString
    kind: str
    name: str = ""
    divides: bool = False


def random(purpose: int) -> np.random.Generator:
    """An own stream of random numbers per purpose, so that a change in one part leaves the others alone."""
    return np.random.default_rng([SEED, purpose])


def along(axis: Axis, t: Along, start: float, end: float) -> LineString:
    s = np.linspace(start, end, max(2, round((end - start) / 12) + 1))
    return LineString(axis.at(s, t(s)))


def across(axis: Axis, s: float, t0: float, t1: float, tilt: float = 0.0) -> LineString:
    t = np.linspace(t0, t1, 9)
    return LineString(axis.at(s + tilt * (t - t0), t))


def wobbly(start: ArrayLike, end: ArrayLike, rng: np.random.Generator, amplitude: float) -> LineString:
    """A terrain-like curve from start to end: straight in the main, wandering between its fixed ends."""
    first, way = np.asarray(start, float), np.asarray(end, float) - np.asarray(start, float)
    length = float(np.hypot(*way))
    u = np.linspace(0, 1, max(8, round(length / 12)))
    normal = np.array([-way[1], way[0]]) / length
    big, small = wander(rng, 620, amplitude), wander(rng, 300, amplitude * 0.2)
    shift = (big(u * length) + small(u * length)) * np.sin(np.pi * u) ** 0.7
    return LineString(first + u[:, None] * way + shift[:, None] * normal).simplify(RIDGE_DETAIL)
