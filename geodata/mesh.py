"""From lines to a planar mesh: blocks whose shared edges are the same vertices, grids as unions of blocks.

Nothing here knows about codes or names; see atlas.py for those. Local metres.
"""

import itertools
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely

from geodata.lines import Line
from geodata.plan import EAST_CUTS, WEST_CUTS
from geodata.quarter import quarter_lines
from geodata.ridges import outline_lines, spur_lines
from geodata.streets import cross_streets, main_lines, side_lines

SNAP = 0.001  # metres; the precision grid on which lines are noded
SIMPLIFY = 9.0  # metres (square root of the Visvalingam-Whyatt area)
SHORTEST_DANGLE = 60.0


@dataclass(frozen=True, slots=True)
class Street:
    """A noded, simplified piece of the linework; `geometry` uses exactly the mesh's vertices."""

    geometry: shapely.Geometry
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Mesh:
    blocks: tuple[shapely.Polygon, ...]  # smallest faces inside the subdistrict
    grid_of: tuple[int, ...]  # index into grids, per block
    grids: tuple[shapely.Polygon, ...]
    streets: tuple[Street, ...]


def all_lines() -> list[Line]:
    return [
        *main_lines(),
        *cross_streets("west", WEST_CUTS),
        *cross_streets("east", EAST_CUTS),
        *side_lines(),
        *quarter_lines(),
        *spur_lines(),
        *outline_lines(),
    ]


def without_dangles(pieces: np.ndarray) -> np.ndarray:
    """Drop short pieces that end nowhere (the overshoots), until none is left."""
    while True:
        ends: Counter[tuple[float, ...]] = Counter()
        for piece in pieces:
            ends[piece.coords[0]] += 1
            ends[piece.coords[-1]] += 1
        keep = np.array(
            [
                piece.length > SHORTEST_DANGLE or (ends[piece.coords[0]] > 1 and ends[piece.coords[-1]] > 1)
                for piece in pieces
            ]
        )
        if keep.all():
            return pieces
        pieces = shapely.get_parts(shapely.line_merge(shapely.multilinestrings(list(pieces[keep]))))
        # Merging joins pieces through a former crossing; node again so that real crossings stay nodes.
        pieces = noded(pieces)


def noded(lines: Iterable[shapely.Geometry]) -> np.ndarray:
    return shapely.get_parts(shapely.unary_union(list(lines), grid_size=SNAP))


def faces(lines: Iterable[shapely.Geometry]) -> np.ndarray:
    """The faces that noded lines enclose, in an order that does not depend on GEOS."""
    return np.array(sorted(shapely.get_parts(shapely.polygonize(list(lines))), key=lambda face: face.bounds))


def border() -> shapely.Polygon:
    """The subdistrict's outline: the face enclosed by the flanks and the two valley crossings."""
    lines = all_lines()
    flanks = [line.geometry for line in lines if line.kind == "outline"]
    crossings = [
        shapely.LineString([flanks[0].coords[-1], flanks[1].coords[0]]),
        shapely.LineString([flanks[1].coords[-1], flanks[0].coords[0]]),
    ]
    return max(faces(noded([*flanks, *crossings])), key=lambda face: face.area)


def nearest_line(points: np.ndarray, lines: list[Line]) -> np.ndarray:
    """Index of the line on which each point (a middle of a mesh segment) lies."""
    tree = shapely.STRtree([line.geometry for line in lines])
    found = tree.query_nearest(points, all_matches=False)
    answer = np.empty(len(points), int)
    answer[found[0]] = found[1]
    return answer


def segments_of(polygons: Iterable[shapely.Polygon]) -> np.ndarray:
    """Distinct segments (n, 4: x0 y0 x1 y1, smaller end first) of polygon rings."""
    found: set[tuple[float, ...]] = set()
    for polygon in polygons:
        for ring in (polygon.exterior, *polygon.interiors):
            xy = ring.coords[:]
            found.update((*min(a, b), *max(a, b)) for a, b in itertools.pairwise(xy))
    return np.array(sorted(found))


def labelled_streets(
    polygons: Iterable[shapely.Polygon], lines: list[Line], loose: list[shapely.LineString]
) -> list[Street]:
    """Streets rebuilt from the simplified mesh (plus loose ends), merged per kind and name."""
    ends = segments_of(polygons)
    segments = [shapely.LineString([row[:2], row[2:]]) for row in ends] + [
        line.simplify(1.0) for line in loose
    ]
    middles = shapely.line_interpolate_point(np.array(segments), 0.5, normalized=True)
    groups: dict[tuple[str, str], list] = {}
    for segment, index in zip(segments, nearest_line(middles, lines), strict=True):
        line = lines[index]
        groups.setdefault((line.kind, line.name), []).append(segment)
    return [
        Street(shapely.line_merge(shapely.multilinestrings(parts)), kind, name)
        for (kind, name), parts in sorted(groups.items())
    ]


@cache
def mesh() -> Mesh:
    lines = all_lines()
    pieces = without_dangles(noded(line.geometry for line in lines))
    cells = faces(pieces)
    cells = shapely.coverage_simplify(cells, SIMPLIFY)
    middles = np.array([cell.representative_point() for cell in cells])

    divided = without_dangles(noded(line.geometry for line in lines if line.divides))
    district = border()
    grid_faces = [face for face in faces(divided) if district.covers(face.representative_point())]
    tree = shapely.STRtree(grid_faces)
    members: dict[int, list[int]] = {}
    for cell, face in tree.query(middles, predicate="within").T:
        members.setdefault(int(face), []).append(int(cell))

    blocks, grid_of, grids = [], [], []
    for face in sorted(members):
        grids.append(shapely.coverage_union_all(cells[members[face]]))
        blocks.extend(cells[members[face]])
        grid_of.extend([len(grids) - 1] * len(members[face]))
    used = set().union(*(set(map(tuple, shapely.get_coordinates(cell))) for cell in cells))
    loose = [piece for piece in pieces if not {piece.coords[0], piece.coords[-1]} <= used]
    streets = labelled_streets(cells, lines, loose)
    return Mesh(tuple(blocks), tuple(grid_of), tuple(grids), tuple(streets))
