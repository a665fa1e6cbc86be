"""The administrative areas: which grid belongs to which community, codes, names, exact parents."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from geodata.mesh import mesh
from geodata.plan import QUARTER_AT, QUARTER_TURN
from geodata.valley import main_valley, side_valley, to_degrees
from geodata.words import COMMUNITIES, SUBDISTRICT


@dataclass(frozen=True, slots=True)
class Area:
    """One area; `shape` in local metres. Grids and their parents share the mesh's vertices."""

    kind: str
    code: str
    name: str
    parent: str
    shape: shapely.Polygon
    extra: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Atlas:
    subdistrict: Area
    communities: tuple[Area, ...]
    grids: tuple[Area, ...]
    block_grid: tuple[int, ...]  # index into grids, per block of the mesh


def degrees(shape: shapely.Geometry) -> shapely.Geometry:
    """The geometry in lon/lat; equal vertices stay equal because each is converted by itself."""
    return shapely.transform(shape, to_degrees)


def quarter_frame(point: shapely.Point) -> tuple[float, float]:
    dx, dy = point.x - QUARTER_AT[0], point.y - QUARTER_AT[1]
    cos, sin = np.cos(QUARTER_TURN), np.sin(QUARTER_TURN)
    return dx * cos + dy * sin, dy * cos - dx * sin


def community_key(point: shapely.Point) -> str:
    """Which community a grid belongs to, by where its inner point lies."""
    s, t = (float(v[0]) for v in main_valley().frame([(point.x, point.y)]))
    side_s, side_t = (float(v[0]) for v in side_valley().frame([(point.x, point.y)]))
    u, v = quarter_frame(point)
    if point.x > 800 and side_s > 650 and (abs(side_t) < 300 or point.x > 1700):
        return "side"
    if t < -520 and 5400 < s < 9200:
        if v > 730 or (u < 760 and v > 203):
            return "upper"
        return "middle" if abs(v) < 203 or u < -760 or (u > 760 and v > 0) else "lower"
    if s < 5000:
        return "north"
    if s < 6050:
        return "bend"
    if s < 7850:
        return "west" if t < 0 else "east"
    return "southwest" if t < 0 else "southeast"


def reading_order(shapes: Iterable[shapely.Geometry]) -> list[int]:
    """Indices in the order of a page: bands from north to south, west to east within a band.

    A band takes every centroid that lies less than half the median height of the shapes south of its first.
    """
    listed = list(shapes)
    centroids, bounds = shapely.get_coordinates(shapely.centroid(listed)), shapely.bounds(listed)
    height = 0.5 * float(np.median(bounds[:, 3] - bounds[:, 1]))
    order = sorted(range(len(centroids)), key=lambda k: -centroids[k, 1])
    bands: list[list[int]] = []
    for k in order:
        if not bands or centroids[bands[-1][0], 1] - centroids[k, 1] > height:
            bands.append([])
        bands[-1].append(k)
    return [k for band in bands for k in sorted(band, key=lambda k: centroids[k, 0])]


@cache
def atlas() -> Atlas:
    net = mesh()
    keys = [community_key(grid.representative_point()) for grid in net.grids]
    names = sorted(set(keys))
    members = {key: [k for k, other in enumerate(keys) if other == key] for key in names}
    unions = [shapely.coverage_union_all([net.grids[k] for k in members[key]]) for key in names]
    root, root_name = SUBDISTRICT
    communities: list[Area] = []
    grids: list[Area] = []
    position: dict[int, int] = {}
    for serial, index in enumerate(reading_order([degrees(union) for union in unions]), 1):
        key, code = names[index], f"{root}{serial:03d}"
        communities.append(Area("community", code, COMMUNITIES[key], root, unions[index]))
        own = members[key]
        for number, k in enumerate(reading_order([degrees(net.grids[j]) for j in own]), 1):
            position[own[k]] = len(grids)
            name = f"{COMMUNITIES[key]}第{number:02d}网格"
            grids.append(Area("grid", f"{code}{number:03d}", name, code, net.grids[own[k]]))
    whole = shapely.coverage_union_all(list(net.grids))
    block_grid = tuple(position[k] for k in net.grid_of)
    return Atlas(
        Area("subdistrict", root, root_name, "", whole), tuple(communities), tuple(grids), block_grid
    )
