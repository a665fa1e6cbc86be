"""Where things are reported: weighted spots on streets, in compounds, at markets. Local metres."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from numpy.typing import ArrayLike

from geodata.atlas import atlas
from geodata.backdrop import features
from geodata.homes import compounds_and_buildings
from geodata.lines import random
from geodata.places import places, street_near
from geodata.plots import plots

SITES = ((-2080, 60), (-1010, -640), (330, 1830), (-420, -1560), (2330, 1200), (90, -2300))  # building sites


@dataclass(frozen=True, slots=True)
class Spots:
    """Centres (n, 2), how far around them things lie (metres), probabilities (n,), what they are called."""

    centres: np.ndarray
    spread: float
    weights: np.ndarray
    labels: tuple[str, ...]

    def draw(self, count: int, rng: np.random.Generator) -> tuple[np.ndarray, list[str]]:
        """`count` points inside the subdistrict, and the label of each."""
        points, labels = np.empty((0, 2)), []
        while len(points) < count:
            chosen = rng.choice(len(self.weights), count, p=self.weights)
            found = self.centres[chosen] + rng.normal(0, self.spread, (count, 2))
            inside = shapely.contains_xy(inner_district(), found[:, 0], found[:, 1])
            points = np.concatenate([points, found[inside]])
            labels += [self.labels[k] for k in chosen[inside]]
        return points[:count], labels[:count]


@cache
def inner_district() -> shapely.Polygon:
    shape = atlas().subdistrict.shape.buffer(-1.0)
    shapely.prepare(shape)
    return shape


@cache
def busyness() -> np.ndarray:
    """A factor per grid: some grids have far more trouble than others."""
    return random(41).gamma(2.2, 1 / 2.2, len(atlas().grids)) + 0.12


def grid_factor(centres: np.ndarray) -> np.ndarray:
    tree = shapely.STRtree([grid.shape for grid in atlas().grids])
    answer = np.zeros(len(centres))
    hits = tree.query(shapely.points(centres), predicate="intersects")
    answer[hits[0]] = busyness()[hits[1]]
    return answer


def spots(centres: ArrayLike, spread: float, weights: ArrayLike, labels: Iterable[str]) -> Spots:
    """Spots with weights scaled by the busyness of their grid; those outside the subdistrict fall away."""
    xy = np.asarray(centres, float).reshape(-1, 2)
    busy = np.asarray(weights, float) * grid_factor(xy)
    return Spots(xy, spread, busy / busy.sum(), tuple(labels))


def along_streets(kinds: dict[str, float], spread: float) -> Spots:
    """Every 18 m along streets; busier towards the town's two centres."""
    centres, weights, labels = [], [], []
    for one in features():
        for part in shapely.get_parts(one.shape) if one.kind in kinds else ():
            at = shapely.get_coordinates(
                shapely.line_interpolate_point(part, np.arange(9, part.length, 18.0))
            )
            centres += at.tolist()
            weights += [kinds[one.kind]] * len(at)
            labels += [one.name] * len(at)
    xy = np.array(centres)
    middle = np.minimum(np.hypot(*(xy - (200, 100)).T), np.hypot(*(xy - (-1560, -420)).T))
    labels = [label or street_near(shapely.Point(at)) for label, at in zip(labels, centres, strict=True)]
    return spots(centres, spread, np.array(weights) * (0.35 + np.exp(-((middle / 900) ** 2))), labels)


def at_homes(spread: float, village: float = 1.0) -> Spots:
    """Residential buildings, called by their compound; `village` weighs the houses on the slopes."""
    names = {area.code: area.name for area in compounds_and_buildings()[0]}
    lived = [
        area for area in compounds_and_buildings()[1] if dict(area.extra)["units"] and area.parent in names
    ]
    weights = [village if dict(area.extra)["floors"] < 3 else dict(area.extra)["units"] for area in lived]
    centres = [(area.shape.centroid.x, area.shape.centroid.y) for area in lived]
    return spots(centres, spread, weights, [names[area.parent] for area in lived])


def at_places(kinds: tuple[str, ...], spread: float, vehicle: str = "") -> Spots:
    chosen = [one for one in places() if one.kind in kinds and (not vehicle or one.vehicle == vehicle)]
    return spots(
        [(one.at.x, one.at.y) for one in chosen],
        spread,
        [one.capacity or 20 for one in chosen],
        [one.name for one in chosen],
    )


def at_plots(uses: tuple[str, ...], spread: float) -> Spots:
    chosen = [plot for plot in plots() if plot.use in uses]
    centres = [shapely.get_coordinates(plot.shape.representative_point())[0] for plot in chosen]
    labels = [plot.name or street_near(plot.shape.centroid) for plot in chosen]
    return spots(centres, spread, np.sqrt([plot.shape.area for plot in chosen]), labels)


@cache
def spot_sets() -> dict[str, Spots]:
    banks = [plot for plot in plots() if plot.use == "bank"]
    walk = [
        point
        for plot in banks
        for point in shapely.get_coordinates(
            shapely.line_interpolate_point(plot.shape.exterior, np.arange(0, plot.shape.length, 40))
        )
    ]
    return {
        "main": along_streets({"main_road": 3.0, "road": 1.0}, 6.0),
        "street": along_streets({"main_road": 2.0, "road": 1.5, "lane": 1.0}, 5.0),
        "lane": along_streets({"lane": 1.0, "road": 0.4}, 4.0),
        "home": at_homes(9.0),
        "old_home": at_homes(10.0, village=2.5),
        "morning_market": at_places(("morning_market",), 34.0),
        "night_market": at_places(("night_market",), 38.0),
        "trunk_market": at_places(("trunk_market",), 28.0),
        "plaza": at_plots(("mall", "theatre", "square"), 46.0),
        "school": at_plots(("school",), 48.0),
        "trade": at_plots(("trade", "mall"), 36.0),
        "produce": at_plots(("market", "logistics"), 40.0),
        "hall": at_places(("service_hall",), 3.0),
        "station": at_places(("compound_station",), 3.0),
        "motor_parking": at_places(("parking",), 20.0, "motor"),
        "bicycle_parking": at_places(("parking",), 14.0, "non_motor"),
        "riverside": spots(walk, 7.0, np.ones(len(walk)), ["滨河公园"] * len(walk)),
        "site": spots(SITES, 32.0, np.ones(len(SITES)), ["在建工地"] * len(SITES)),
    }
