"""Exactness: the locator against unprepared GEOS, wherever a point can lie awkwardly."""

import pickle
import xml.etree.ElementTree as ElementTree
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
import shapely
from hypothesis import example, given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiPolygon, Point, Polygon, box

from gridmap.errors import BadInput
from gridmap.geometry import raster
from gridmap.geometry.locator import Locator

SQUARE = box(109.44, 36.58, 109.45, 36.59)


def shuffled_codes(count: int, seed: int = 3) -> list[str]:
    return [f"610602006{k:06d}" for k in np.random.default_rng(seed).permutation(count)]


def awkward_points(polygons) -> tuple[np.ndarray, np.ndarray]:
    """Nodes, points along edges, and each of them moved by one float in eight directions."""
    nodes = shapely.get_coordinates(polygons)
    rings, ring = shapely.get_coordinates(shapely.get_rings(shapely.get_parts(polygons)), return_index=True)
    edge = np.flatnonzero(ring[1:] == ring[:-1])
    share = np.random.default_rng(5).uniform(size=(len(edge), 3))
    along = [
        rings[edge] + t[:, None] * (rings[edge + 1] - rings[edge])
        for t in (*share.T, np.full(len(edge), 0.5))
    ]
    exact = np.concatenate([nodes, *along])
    moved = [np.nextafter(exact, exact + np.array([dx, dy])) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
    return tuple(np.concatenate(moved).T)


def agree(polygons, codes, lon, lat, brute_force) -> None:
    locator = Locator(polygons, codes)
    expected = brute_force(polygons, codes, lon, lat)
    assert locator.covers(lon, lat).tolist() == expected
    some = np.random.default_rng(0).permutation(len(expected))[:400]
    alone = [locator.covers(float(lon[i]), float(lat[i]))[0] for i in some]
    assert alone == [expected[i] for i in some]


@pytest.fixture(scope="module")
def partition_locator(partition_cells) -> Locator:
    return Locator(partition_cells, shuffled_codes(36))


# --- against GEOS


def test_a_partition_everywhere(partition_cells, brute_force):
    codes = shuffled_codes(36)
    lon, lat = np.random.default_rng(1).uniform([109.43, 36.57], [109.53, 36.67], (20_000, 2)).T
    agree(partition_cells, codes, lon, lat, brute_force)
    agree(partition_cells, codes, *awkward_points(partition_cells), brute_force)


@given(st.floats(109.44, 109.512), st.floats(36.58, 36.652))
def test_every_point_of_the_partition_has_exactly_one_cell(partition_cells, partition_locator, lon, lat):
    (found,) = partition_locator.covers(lon, lat)
    assert found >= 0
    strictly = shapely.contains(partition_cells, Point(lon, lat))
    assert strictly.sum() <= 1
    assert not strictly.any() or strictly[found]


# Products of coordinates under 1e-150 vanish as floats, and GEOS's answers with them.
degrees = (
    st.floats(0, 8).map(lambda v: round(v, 1)) | st.floats(1, 8) | st.floats(1, 8).map(lambda v: v * 1e-14)
)


@st.composite
def tangled_layers(draw):
    """Overlapping polygons with holes and parts, often sharing nodes and edges, codes in any order."""
    shapes = []
    for _ in range(draw(st.integers(1, 6))):
        nodes = draw(st.lists(st.tuples(degrees, degrees), min_size=3, max_size=7, unique=True))
        shape = shapely.make_valid(Polygon(nodes), method="structure", keep_collapsed=False)
        if draw(st.booleans()):
            x, y = draw(st.tuples(st.integers(0, 7), st.integers(0, 7)))
            shape = shape.symmetric_difference(box(x, y, x + 1, y + 1))
        if shape.geom_type in ("Polygon", "MultiPolygon") and shape.is_valid:
            shapes.append(shape)
    return shapes, draw(st.permutations([f"c{k}" for k in range(len(shapes))]))


@settings(max_examples=150)
@given(tangled_layers(), st.lists(st.tuples(degrees, degrees), max_size=30))
def test_tangled_layers_with_holes_and_overlaps(brute_force, layers, points):
    polygons, codes = layers
    if not polygons or all(p.is_empty for p in polygons):
        return
    lon, lat = awkward_points(polygons)
    extra = np.array(points).reshape(-1, 2)
    agree(polygons, codes, np.r_[lon, extra[:, 0]], np.r_[lat, extra[:, 1]], brute_force)


@pytest.mark.parametrize(
    "polygon",
    [
        Polygon([(109.44, 36.58), (109.52, 36.66), (109.52, 36.6600000000001)]),  # a sliver of floats
        Polygon([(0, 0), (1e-13, 0), (0, 1e-13)]),  # smaller than any cell can be
        Polygon([(109.44, 36.58), (np.nextafter(109.44, 200), 36.58), (109.44, np.nextafter(36.58, 90))]),
        Polygon([(-180, -90), (180, -90), (180, 90), (-180, 90)], [box(109, 36, 110, 37).exterior.coords]),
        SQUARE - box(109.442, 36.582, 109.448, 36.588),
        SQUARE - box(109.442, 36.582, 109.448, 36.588) | box(109.444, 36.584, 109.446, 36.586),
        Polygon([(k * 1e-4, (k % 2) * 5.0) for k in range(400)] + [(0.04, -1), (0, -1)]),  # a comb
    ],
)
def test_extreme_shapes(polygon, brute_force):
    west, south, east, north = polygon.bounds
    lon, lat = np.random.default_rng(2).uniform([west, south], [east, north], (3_000, 2)).T
    agree([polygon], ["a"], lon, lat, brute_force)
    agree([polygon], ["a"], *awkward_points([polygon]), brute_force)


def test_points_on_the_cell_borders_of_the_raster(partition_cells, brute_force):
    cells = Locator(partition_cells, shuffled_codes(36))._raster
    west, south, per_x, per_y, width, height = cells.scalars
    random = np.random.default_rng(4)
    lon = west + random.integers(0, width, 4_000) / per_x
    lat = south + random.integers(0, height, 4_000) / per_y
    lon, lat = np.r_[lon, np.nextafter(lon, 0), lon], np.r_[lat, lat, np.nextafter(lat, 90)]
    agree(partition_cells, shuffled_codes(36), lon, lat, brute_force)


@pytest.mark.parametrize("cell_count", [1, 16, 300, 5_000])
def test_the_answer_does_not_depend_on_the_resolution(partition_cells, brute_force, monkeypatch, cell_count):
    monkeypatch.setattr("gridmap.geometry.locator._cell_count", lambda polygons, edges: cell_count)
    agree(partition_cells, shuffled_codes(36), *awkward_points(partition_cells), brute_force)


def test_cornwall_and_boston(shared_data, brute_force):
    for name in ("cornwall/lsoa.json", "boston/neighbourhoods.geojson"):
        collection = shapely.from_geojson((shared_data / name).read_text())
        polygons = [shapely.make_valid(g, method="structure", keep_collapsed=False) for g in collection.geoms]
        codes = shuffled_codes(len(polygons))
        nodes = shapely.get_coordinates(polygons)[::23]
        bounds = shapely.total_bounds(polygons)
        lon, lat = np.random.default_rng(6).uniform(bounds[:2], bounds[2:], (3_000, 2)).T
        agree(polygons, codes, np.r_[lon, nodes[:, 0]], np.r_[lat, nodes[:, 1]], brute_force)


def test_geos_point_in_area_cases_replay_true(shared_data):
    cases = list(ElementTree.parse(shared_data / "geos/TestRelatePA.xml").getroot().iter("case"))
    assert len(cases) == 41
    for case in cases:
        points, area = (shapely.from_wkt(case.findtext(name).strip()) for name in "ab")
        told = {op.get("name"): op.text == "true" for op in case.iter("op")}
        found = Locator([area], ["b"]).covers(*shapely.get_coordinates(points).T)
        assert (found == 0).all() == told["coveredBy"], case.findtext("desc")
        assert (found == 0).any() == told["intersects"], case.findtext("desc")
        assert (found == -1).all() == told["disjoint"], case.findtext("desc")


def covered_in_rationals(polygon, lon: float, lat: float) -> bool:
    """Whether the polygon covers the point, in exact arithmetic: on an edge, or an odd count of crossings."""
    x, y = Fraction(lon), Fraction(lat)
    odd = False
    for ring in shapely.get_rings(shapely.get_parts(polygon)):
        nodes = [(Fraction(a), Fraction(b)) for a, b in shapely.get_coordinates(ring).tolist()]
        for (ax, ay), (bx, by) in pairwise(nodes):
            side = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
            if side == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
                return True
            if (ay > y) != (by > y) and (side > 0) == (by > ay):
                odd = not odd
    return odd


def test_it_is_right_in_exact_arithmetic_too(partition_cells, partition_locator):
    lon, lat = awkward_points(partition_cells)
    codes = partition_locator.codes
    some = np.random.default_rng(8).permutation(len(lon))[:1_000]
    for found, x, y in zip(partition_locator.covers(lon[some], lat[some]), lon[some], lat[some], strict=True):
        covering = [i for i, cell in enumerate(partition_cells) if covered_in_rationals(cell, x, y)]
        assert found == min(covering, key=codes.__getitem__, default=-1)


# --- the tie-break


def test_on_a_shared_edge_the_smallest_code_wins_in_any_order():
    west, east = SQUARE, box(109.45, 36.58, 109.46, 36.59)
    assert Locator([west, east], ["b", "a"]).covers(109.45, 36.585).tolist() == [1]
    assert Locator([east, west], ["b", "a"]).covers(109.45, 36.585).tolist() == [1]
    assert Locator([west, east], ["a", "b"]).covers(109.45, 36.585).tolist() == [0]
    assert Locator([west, east], ["10", "9"]).covers(109.45, 36.585).tolist() == [0]  # as text, not as number


def test_nested_areas_give_the_smallest_code_and_equal_codes_the_first():
    inner = box(109.443, 36.583, 109.447, 36.587)
    inside, around = (109.445, 36.585), (109.441, 36.581)
    small_inner = Locator([SQUARE, inner], ["z", "a"])
    assert [small_inner.covers(*p)[0] for p in (inside, around)] == [1, 0]
    small_outer = Locator([SQUARE, inner], ["a", "z"])
    assert [small_outer.covers(*p)[0] for p in (inside, around)] == [0, 0]
    assert Locator([inner, SQUARE], ["a", "a"]).covers(*inside).tolist() == [0]


# --- input and state


def test_nothing_covers_what_is_no_place(partition_cells):
    locator = Locator(partition_cells, shuffled_codes(36))
    strange = [np.nan, np.inf, -np.inf, 1e308, -1e308, 0.0, 180.0]
    assert locator.covers(strange, 36.6).tolist() == [-1] * 7
    assert locator.covers(109.47, strange).tolist() == [-1] * 7
    assert [locator.covers(v, 36.6)[0] for v in strange] == [-1] * 7
    assert locator.covers([], []).tolist() == []


def test_scalars_arrays_and_integers_answer_alike():
    locator = Locator([box(0, 0, 10, 10)], ["a"])
    for lon in (5, 5.0, np.float64(5), np.int64(5), [5], np.array(5.0), np.array([5], dtype=np.float32)):
        found = locator.covers(lon, 5)
        assert found.dtype == np.int32
        assert found.tolist() == [0]


def test_an_index_of_nothing():
    for locator in (Locator([], []), Locator([Polygon(), MultiPolygon()], ["a", "b"])):
        assert locator.covers([109.47, np.nan], 36.62).tolist() == [-1, -1]
        assert locator.edge_distance(109.47, 36.62).tolist() == [np.inf]
        index, metres = locator.nearest(109.47, 36.62, 50)
        assert (index.tolist(), metres.tolist()) == ([-1], [np.inf])
        assert locator.probabilities(109.47, 36.62, 30) == [[]]


def test_wrong_input_is_named():
    with pytest.raises(BadInput) as lines:
        Locator([LineString([(0, 0), (1, 1)])], ["a"])
    assert lines.value.field == "geometries"
    with pytest.raises(BadInput) as nothing:
        Locator([None], ["a"])
    assert nothing.value.field == "geometries"
    with pytest.raises(BadInput) as numbers:
        Locator([SQUARE], ["a", "b"])
    assert numbers.value.field == "codes"


def test_it_travels_by_pickle_and_cannot_be_changed(partition_cells):
    codes = shuffled_codes(36)
    locator = Locator(partition_cells, codes)
    again = pickle.loads(pickle.dumps(locator))
    lon, lat = awkward_points(partition_cells)
    assert again.codes == tuple(codes)
    assert np.array_equal(again.covers(lon, lat), locator.covers(lon, lat))
    with pytest.raises(ValueError, match="read-only"):
        locator.geometries[0] = None
    with pytest.raises(ValueError, match="read-only"):
        locator._raster.labels[0] = 7
    with pytest.raises(AttributeError):
        locator.codes = ()


def test_the_callers_geometries_are_left_alone():
    mine = [shapely.force_3d(SQUARE, 900.0)]
    locator = Locator(mine, ["a"])
    assert locator.covers(109.445, 36.585).tolist() == [0]
    assert not shapely.is_prepared(mine[0])
    assert shapely.has_z(mine[0])


def test_many_threads_at_once_answer_alike(partition_cells):
    locator = Locator(partition_cells, shuffled_codes(36))
    lon, lat = awkward_points(partition_cells)
    expected = locator.covers(lon, lat).tolist()
    fresh = pickle.dumps(locator)
    for _ in range(5):
        shared = pickle.loads(fresh)
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _, shared=shared: shared.covers(lon, lat).tolist(), range(16)))
        assert all(answer == expected for answer in answers)


# --- the raster's promise


@example([(0, 0), (4, 0), (4, 4), (0, 4)], 64)
@given(
    st.lists(st.tuples(degrees, degrees), min_size=3, max_size=8, unique=True),
    st.sampled_from([1, 64, 1_000, 20_000]),
)
def test_no_edge_meets_a_cell_that_is_not_contested(nodes, cell_count):
    shape = shapely.make_valid(Polygon(nodes), method="structure", keep_collapsed=False)
    if shape.is_empty or shape.area < 1e-6:
        return
    polygons = np.array([shape], dtype=object)
    cells = raster.build(polygons, cell_count)
    west, south, per_x, per_y, width, _ = cells.scalars
    quiet = np.flatnonzero(cells.labels > raster.CONTESTED)
    quiet = np.random.default_rng(0).permutation(quiet)[:300]
    x, y = west + quiet % width / per_x, south + quiet // width / per_y
    squares = shapely.box(x, y, x + 1 / per_x, y + 1 / per_y)
    assert not shapely.intersects(squares, shape.boundary).any()
    inside = shapely.contains(shape, squares)
    assert np.array_equal(inside, cells.labels[quiet] == 0)


def test_most_points_of_a_district_need_no_geometry(partition_cells):
    cells = Locator(partition_cells, shuffled_codes(36))._raster
    assert len(cells.starts) < 0.05 * len(cells.labels)
