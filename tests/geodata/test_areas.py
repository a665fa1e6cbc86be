"""Exactly 70 grids that partition the subdistrict to the last digit, and parents made of their vertices."""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
import shapely

from gridmap.areas.codes import code_flaw, out_of_order

ROOT = "610602006"
NAMED = {"上城贰号", "上城叁号", "杨家岭南苑", "杨家岭北苑", "鲁艺叁号", "金圣国际"}
DEGREE_M2 = 111_000.0 * 89_000.0  # a square degree at 36.6° N, roughly


def segments(polygon: shapely.Polygon) -> list[tuple]:
    """Directed segments of all rings, as pairs of coordinates."""
    return [pair for ring in (polygon.exterior, *polygon.interiors) for pair in pairwise(ring.coords)]


def border_of(polygons) -> set[tuple]:
    """The directed segments left when those that two neighbours share (once each way) cancel."""
    found = Counter(pair for polygon in polygons for pair in segments(polygon))
    assert max(found.values()) == 1, "two polygons run along the same segment in the same direction"
    return {(a, b) for a, b in found if (b, a) not in found}


def test_one_subdistrict_ten_communities_seventy_grids(areas) -> None:
    assert list(areas("subdistrict")) == [ROOT]
    assert areas("subdistrict")[ROOT][0]["name"] == "新城街道"
    names = {properties["name"] for properties, _ in areas("communities").values()}
    assert len(names) == 10
    assert names >= {"阳光社区", "鲁艺社区"}
    assert len(areas("grids")) == 70


def test_the_district_lies_at_yanan(areas) -> None:
    west, south, east, north = areas("subdistrict")[ROOT][1].bounds
    assert 109.44 < west < east < 109.52
    assert 36.58 < south < north < 36.66


@pytest.mark.parametrize("stem", ["subdistrict", "communities", "grids", "compounds", "buildings"])
def test_every_polygon_is_valid_and_its_exterior_runs_anticlockwise(areas, stem) -> None:
    for code, (_, polygon) in areas(stem).items():
        assert polygon.geom_type == "Polygon", code
        assert polygon.is_valid, code
        assert polygon.exterior.is_ccw, code
        assert len(set(polygon.exterior.coords)) == len(polygon.exterior.coords) - 1, code


def test_grids_share_every_inner_edge_to_the_last_digit(areas) -> None:
    grids = [polygon for _, polygon in areas("grids").values()]
    assert border_of(grids) == set(segments(areas("subdistrict")[ROOT][1]))


def test_a_community_has_exactly_the_vertices_of_its_grids(areas) -> None:
    for code, (_, community) in areas("communities").items():
        own = [polygon for properties, polygon in areas("grids").values() if properties["parent"] == code]
        assert border_of(own) == set(segments(community)), code
        assert all(community.covers(grid) for grid in own), code


def test_no_gap_and_no_overlap(areas) -> None:
    grids = [polygon for _, polygon in areas("grids").values()]
    whole = areas("subdistrict")[ROOT][1]
    assert shapely.coverage_is_valid(grids)
    assert sum(grid.area for grid in grids) == pytest.approx(whole.area, rel=1e-12)
    assert whole.equals(shapely.coverage_union_all(grids))
    assert all(whole.covers(grid) for grid in grids)


def test_a_grid_has_some_twenty_vertices_and_small_ones_lie_in_the_centre(areas) -> None:
    grids = [polygon for _, polygon in areas("grids").values()]
    vertices = [len(grid.exterior.coords) - 1 for grid in grids]
    assert 18 <= np.mean(vertices) <= 24
    hectares = np.sort([grid.area * DEGREE_M2 / 1e4 for grid in grids])
    assert hectares[0] > 3
    assert np.median(hectares) < 20
    assert 80 < hectares[-1] < 200


def test_no_grid_is_spiky(areas) -> None:
    for code, (_, grid) in areas("grids").items():
        xy = np.array(grid.exterior.coords) * (89_000.0, 111_000.0)
        ahead, behind = np.diff(xy, axis=0), np.roll(np.diff(xy, axis=0), 1, axis=0)
        turn = np.abs((np.arctan2(*ahead.T) - np.arctan2(*behind.T) + np.pi) % (2 * np.pi) - np.pi)
        assert np.degrees(turn.max()) < 150, code


def test_codes_follow_the_rule_and_lie_under_their_parents(areas) -> None:
    for kind, stem in (("subdistrict", "subdistrict"), ("community", "communities"), ("grid", "grids")):
        for code, (properties, _) in areas(stem).items():
            assert code_flaw(code, kind, jurisdiction=ROOT, parent=properties["parent"]) is None


def test_serials_run_from_one_west_to_east_then_north_to_south(areas) -> None:
    for community in areas("communities"):
        own = {code: item for code, item in areas("grids").items() if item[0]["parent"] == community}
        assert sorted(own) == [f"{community}{serial:03d}" for serial in range(1, len(own) + 1)]
        ordered = [own[code][1] for code in sorted(own)]
        assert not out_of_order(sorted(own), ordered), community
        assert sorted(own) == [sorted(own)[k] for k in reading_order(ordered)], community


def reading_order(polygons) -> list[int]:
    """The rule of geodata/README.md, written once more: bands from the north, west to east in each."""
    centres = [(polygon.centroid.x, polygon.centroid.y) for polygon in polygons]
    deep = np.median([polygon.bounds[3] - polygon.bounds[1] for polygon in polygons]) / 2
    left, answer = set(range(len(polygons))), []
    while left:
        top = max(centres[k][1] for k in left)
        band = [k for k in left if top - centres[k][1] <= deep]
        answer += sorted(band, key=lambda k: centres[k][0])
        left -= set(band)
    return answer


def test_compounds(areas) -> None:
    compounds, communities = areas("compounds"), areas("communities")
    assert len(compounds) >= 120
    names = Counter(properties["name"] for properties, _ in compounds.values())
    assert set(names) >= NAMED
    assert max(names.values()) == 1
    for code, (properties, polygon) in compounds.items():
        assert code[:12] == properties["parent"]
        assert code[12] == "C"
        assert communities[properties["parent"]][1].covers(polygon), code
        assert properties["households"] > 0
    grids = [polygon for _, polygon in areas("grids").values()]
    crossing = [code for code, (_, polygon) in compounds.items() if sum(map(polygon.intersects, grids)) > 1]
    concave = [
        code for code, (_, polygon) in compounds.items() if polygon.area < 0.85 * polygon.convex_hull.area
    ]
    assert 2 <= len(crossing) <= 12
    assert len(concave) >= 10


def test_buildings(areas) -> None:
    buildings, compounds, communities = areas("buildings"), areas("compounds"), areas("communities")
    assert len(buildings) >= 600
    for code, (properties, polygon) in buildings.items():
        parent = properties["parent"]
        assert code[: len(parent) + 1] == f"{parent}B"
        home = compounds[parent] if parent in compounds else communities[parent]
        assert home[1].covers(polygon), code
        assert properties["floors"] >= 1
    lived_in = [properties["units"] for properties, _ in buildings.values() if properties["units"]]
    assert len(lived_in) >= 239
    assert sum(lived_in) >= 377


@pytest.mark.parametrize("stem", ["compounds", "buildings"])
def test_siblings_do_not_overlap(areas, stem) -> None:
    polygons = [polygon for _, polygon in areas(stem).values()]
    tree = shapely.STRtree(polygons)
    one, other = tree.query(polygons, predicate="intersects")
    assert [(a, b) for a, b in zip(one, other, strict=True) if a < b] == []
