"""The hills: a made-up height above the valley floor, and its contours as polygons. Local metres."""

import itertools
from functools import cache

import contourpy
import numpy as np
import shapely
from scipy.ndimage import distance_transform_edt, gaussian_filter

from geodata.lines import random
from geodata.quarter import quarter_ring
from geodata.ridges import outline_lines, spur_lines
from geodata.streets import side_shape, valley_shape
from geodata.valley import frame_polygon, main_valley, side_valley

CELL = 25.0
LEVELS = (6.0, 32.0, 62.0, 92.0, 122.0)  # metres above the valley floor
SMALLEST = 12000.0  # square metres; smaller hill tops are left out


@cache
def floor() -> shapely.Geometry:
    """The level ground: both valleys between their feet, and the terrace of the planned quarter."""
    main, shape = main_valley(), valley_shape()
    s = np.arange(1000, main.length - 500, 20.0)
    valley = shapely.Polygon([*main.at(s, shape["west_foot"](s)), *main.at(s, shape["east_foot"](s))[::-1]])
    side, own = side_valley(), side_shape()
    s = np.arange(300, side.length, 20.0)
    narrowing = np.clip((side.length + 800 - s) / 2200, 0.3, 1.0)
    brook = shapely.Polygon(
        [*side.at(s, own["right_foot"](s) * narrowing), *side.at(s, own["left_foot"](s) * narrowing)[::-1]]
    )
    return shapely.union_all([valley.buffer(0), brook.buffer(0), quarter_ring().buffer(25)])


def noise(shape: tuple[int, int], cells: float, seed: int) -> np.ndarray:
    field = gaussian_filter(random(seed).standard_normal(shape), cells, mode="wrap")
    return field / field.std()


@cache
def heights() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(x, y, height) on a grid of CELL metres: rising from the floor, high on ridges, cut by gullies."""
    west, south, east, north = frame_polygon().bounds
    x, y = np.arange(west - 300, east + 300, CELL), np.arange(south - 300, north + 300, CELL)
    xx, yy = np.meshgrid(x, y)
    level = shapely.contains_xy(floor(), xx, yy)
    ridges = shapely.unary_union(
        [line.geometry for line in (*spur_lines(), *outline_lines()) if line.kind != "road"]
    )
    tree_points = shapely.points(xx.ravel(), yy.ravel())
    shapely.prepare(ridges)
    to_ridge = shapely.distance(tree_points, ridges).reshape(xx.shape)
    to_floor = distance_transform_edt(~level) * CELL
    rise = 150 * (1 - np.exp(-to_floor / 420))
    near_district = np.exp(-((to_ridge / 210) ** 2))
    gullies = 1 - np.abs(np.clip(noise(xx.shape, 9.0, 21), -2, 2)) / 2
    height = rise * (0.62 + 0.38 * near_district + 0.2 * noise(xx.shape, 12.0, 22) * (1 - near_district))
    height -= 26 * gullies**3 * (1 - near_district) * np.clip(to_floor / 120, 0, 1)
    height = gaussian_filter(height, 1.6)
    height[level] = 0.0
    # processors differ in the last digit of an exponential, and simplifying a contour can hang on that
    return x, y, height.round(6)


@cache
def hills() -> tuple[tuple[float, shapely.Geometry], ...]:
    """(level, polygon) of the ground above each level, clipped to the frame, larger levels first."""
    x, y, height = heights()
    generator = contourpy.contour_generator(x, y, height, fill_type=contourpy.FillType.OuterOffset)
    answer = []
    for level in LEVELS:
        parts = []
        for points, offsets in zip(*generator.filled(level, 1e6), strict=True):
            rings = [points[a:b] for a, b in itertools.pairwise(offsets)]
            parts.append(shapely.Polygon(rings[0], rings[1:]).buffer(0))
        ground = shapely.union_all(parts).simplify(7).buffer(0).intersection(frame_polygon())
        for part in shapely.get_parts(ground):
            if part.area > SMALLEST:
                kept = [ring for ring in part.interiors if shapely.Polygon(ring).area > SMALLEST]
                answer.append((level, shapely.Polygon(part.exterior, kept)))
    return tuple(answer)


__all__ = ["floor", "heights", "hills"]
