"""What is drawn under the grids: hills, water, greens, squares, streets, railway. Local metres.

Enough that the district reads as a town where no basemap is configured.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from geodata.buildings import sports_field
from geodata.homes import VILLAGES, compounds_and_buildings
from geodata.lines import across, along
from geodata.mesh import mesh
from geodata.plots import plots
from geodata.quarter import quarter
from geodata.streets import from_river, side_shape, valley_shape
from geodata.terrain import hills
from geodata.valley import frame_polygon, main_valley, side_valley
from geodata.words import ROAD_ENGLISH

BRIDGES = (3400, 4000, 5270, 6050, 6800, 7850, 8560, 9700, 10700)
RIVER_PARK = ("滨河公园", "Riverside Park")


@dataclass(frozen=True, slots=True)
class Feature:
    kind: str  # river, water, main_road, road, lane, railway, hill, green, square
    shape: shapely.Geometry
    name: str = ""
    name_en: str = ""
    height_m: float | None = None


def river() -> shapely.Polygon:
    """The main river as water between two banks whose distance varies."""
    valley, middle = main_valley(), valley_shape()["river"]
    s = np.arange(1300, 13700, 30.0)
    half = 25 + 5 * np.sin(s / 410) + 3 * np.sin(s / 173)
    return shapely.Polygon([*valley.at(s, middle(s) - half), *valley.at(s, middle(s) + half)[::-1]]).buffer(0)


def brook() -> shapely.Geometry:
    line = from_river(along(side_valley(), side_shape()["river"], 0, 4600))
    return line.buffer(5.5, quad_segs=3).difference(river())


def ponds() -> list[Feature]:
    """A lake in the quarter's park."""
    ring = [
        quarter(-95 + (44 + 9 * np.sin(3 * a)) * np.cos(a), 112 + (30 + 6 * np.sin(2 * a + 1)) * np.sin(a))
        for a in np.linspace(0, 2 * np.pi, 40)[:-1]
    ]
    return [Feature("water", shapely.Polygon(ring), "映月湖", "Yingyue Lake")]


def greens() -> list[Feature]:
    answer = []
    for plot in plots():
        if plot.use in ("park", "square"):
            answer.append(
                Feature("green" if plot.use == "park" else "square", plot.shape, plot.name, plot.name_en)
            )
        elif plot.use in ("mall", "theatre"):
            answer.append(Feature("square", plot.shape, plot.name, plot.name_en))
        elif plot.use == "bank":
            large = plot.zone == "bank" and plot.shape.area > 22000
            answer.append(
                Feature("green", plot.shape.difference(river()), *(RIVER_PARK if large else ("", "")))
            )
        elif plot.use == "school" and (track := sports_field(plot)) is not None:
            answer.append(Feature("green", track))
    return answer


def village_lanes() -> list[shapely.LineString]:
    """A lane along each village's lowest row and one down to the street at the foot."""
    lanes = []
    for side, s, _, houses in VILLAGES:
        if side.startswith("side"):
            axis, name = side_valley(), side.removeprefix("side_")
            foot, sign = side_shape()[f"{name}_foot"], 1.0 if name == "left" else -1.0
        else:
            axis, foot, sign = main_valley(), valley_shape()[f"{side}_foot"], -1.0 if side == "west" else 1.0
        reach = houses * 9.5 + 25
        level = float(foot(s)) + sign * 44  # below the rows, so that no house stands on it
        lanes.append(shapely.LineString(axis.at(np.arange(s - reach, s + reach, 12), level)))
        lanes.append(across(axis, s, float(foot(s)), level))
    return lanes


def street_features() -> list[Feature]:
    """Streets of the mesh, bridges, village lanes; a street that a compound took in is gone."""
    compounds, _ = compounds_and_buildings()
    closed = shapely.union_all([area.shape for area in compounds]).buffer(1.0)
    answer = []
    for street in mesh().streets:
        if street.kind in ("main_road", "road", "lane"):
            shape = street.geometry
            if not street.name:
                shape = shape.difference(closed)
            answer.append(Feature(street.kind, shape, street.name, ROAD_ENGLISH.get(street.name, "")))
    valley, shape = main_valley(), valley_shape()
    bridges = [across(valley, s, float(shape["west_bank"](s)), float(shape["east_bank"](s))) for s in BRIDGES]
    answer.append(Feature("road", shapely.multilinestrings(bridges)))
    answer.append(Feature("lane", shapely.multilinestrings(village_lanes())))
    rails = along(valley, lambda s: shape["west_foot"](s) - 27, 1300, 13700)
    return [*answer, Feature("railway", rails, "铁路", "Railway")]


def clipped(features: list[Feature]) -> list[Feature]:
    frame, answer = frame_polygon(), []
    for one in features:
        shape = one.shape.intersection(frame)
        wanted = 2 if one.shape.area else 1
        parts = [part for part in shapely.get_parts(shape) if part.area or (wanted == 1 and part.length > 3)]
        if shapely.get_dimensions(one.shape) == 2:
            answer += [Feature(one.kind, part, one.name, one.name_en, one.height_m) for part in parts]
        elif parts:
            merged = shapely.line_merge(shapely.multilinestrings(parts))
            answer.append(Feature(one.kind, merged, one.name, one.name_en))
    return answer


@cache
def features() -> tuple[Feature, ...]:
    """Everything, in the order in which it is to be drawn."""
    ground = [Feature("hill", shape, "", "", level) for level, shape in hills()]
    water = [
        Feature("river", river(), "新城河", "Xincheng River"),
        Feature("river", brook(), "东溪", "East Brook"),
    ]
    return tuple(clipped([*ground, *greens(), *water, *ponds(), *street_features()]))
