import json

import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box
from shapely.geometry import shape

from gridmap.geometry.partition import gaps, outside_parent, overlaps
from gridmap.geometry.shapes import area_m2, examine, metric_crs, project, unproject

CRS = metric_crs(109.47, 36.62)


def metric_box(west: float, south: float, east: float, north: float) -> Polygon:
    """A box in metres from a corner at 延安, as lon/lat."""
    x, y = shapely.get_coordinates(project(shapely.Point(109.47, 36.62), CRS))[0]
    return unproject(box(x + west, y + south, x + east, y + north), CRS)


WEST, EAST = metric_box(0, 0, 500, 400), metric_box(500, 0, 1000, 400)


@pytest.fixture(scope="module")
def cornwall(shared_data):
    features = json.loads((shared_data / "cornwall/lsoa.json").read_text())["features"]
    return [examine(shape(f["geometry"])).geometry for f in features], metric_crs(-5.0, 50.3)


def test_a_noded_partition_is_clean(partition_cells):
    assert overlaps(partition_cells, crs=CRS) == []
    assert gaps(partition_cells, crs=CRS) == []
    whole = shapely.union_all(partition_cells)
    assert outside_parent(partition_cells, [0] * 36, [whole], crs=CRS) == []


def test_cornwalls_float_noise_is_silent(cornwall):
    areas, crs = cornwall
    raw = shapely.STRtree(areas).query(areas, predicate="overlaps")
    assert (raw[0] < raw[1]).sum() > 700  # there is noise to be silent about
    assert overlaps(areas, crs=crs) == []
    assert gaps(areas, crs=crs, channel_width_m=0) == []


def test_cornwalls_slits_are_the_tips_of_tidal_creeks(cornwall):
    areas, crs = cornwall
    assert all(gap.area_m2 < 10 for gap in gaps(areas, crs=crs))


def test_a_ten_by_one_metre_overlap_is_found():
    intruder = metric_box(499, 100, 1000, 110)
    (found,) = overlaps([WEST, intruder], crs=CRS)
    assert (found.left, found.right) == (0, 1)
    assert found.area_m2 == pytest.approx(10, rel=1e-3)
    assert WEST.covers(shapely.Point(found.lon, found.lat))
    assert intruder.covers(shapely.Point(found.lon, found.lat))


def test_a_metre_among_cornwalls_326_is_found(cornwall):
    areas, crs = cornwall
    corner = shapely.get_coordinates(project(areas[5].representative_point(), crs))[0]
    intruder = unproject(box(corner[0], corner[1], corner[0] + 10, corner[1] + 1), crs)
    (found,) = overlaps([*areas, intruder], crs=crs)
    assert (found.left, found.right) == (5, 326)
    assert found.area_m2 == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize(("width_m", "seen"), [(0.00001, False), (0.0005, False), (0.002, True), (0.1, True)])
def test_the_width_of_a_sliver_decides_not_its_length(width_m, seen):
    neighbour = metric_box(500 - width_m, 0, 1000, 400)
    assert bool(overlaps([WEST, neighbour], crs=CRS)) is seen
    assert bool(outside_parent([metric_box(0, 0, 500 + width_m, 400)], [0], [WEST], crs=CRS)) is seen


def test_a_node_on_a_long_straight_border_makes_no_sliver():
    # In a metric projection the 20 km edge bends by metres; in lon/lat, where points are, it does not.
    long = Polygon([(109.3, 36.6), (109.5, 36.6), (109.5, 36.7), (109.3, 36.7)])
    south = [box(109.3, 36.5, 109.4, 36.6), box(109.4, 36.5, 109.5, 36.6)]
    assert overlaps([long, *south], crs=CRS) == []
    assert gaps([long, *south], crs=CRS) == []


def test_overlaps_come_by_size_and_equal_areas_count_whole():
    found = overlaps([WEST, WEST, metric_box(490, 0, 600, 400), None], crs=CRS)
    assert [(o.left, o.right) for o in found] == [(0, 1), (0, 2), (1, 2)]
    assert found[0].area_m2 == pytest.approx(200_000, rel=1e-3)
    assert found[1].area_m2 == pytest.approx(4_000, rel=1e-3)


def test_several_pieces_of_one_pair_are_one_overlap():
    comb = shapely.union_all([EAST, metric_box(497, 10, 500, 20), metric_box(495, 50, 500, 60)])
    (found,) = overlaps([WEST, comb], crs=CRS)
    assert found.area_m2 == pytest.approx(80, rel=1e-3)
    assert metric_box(495, 50, 500, 60).covers(shapely.Point(found.lon, found.lat))


def test_a_missing_cell_is_a_gap(partition_cells):
    missing = partition_cells[14]
    (found,) = gaps([c for c in partition_cells if c is not missing], crs=CRS)
    assert found.area_m2 == pytest.approx(area_m2(missing), rel=1e-6)
    assert missing.covers(shapely.Point(found.lon, found.lat))


def test_an_enclave_of_others_is_a_gap_and_filling_it_closes_it():
    enclave = metric_box(100, 100, 200, 200)
    holed = WEST - enclave
    (found,) = gaps([holed, EAST], crs=CRS)
    assert found.area_m2 == pytest.approx(10_000, rel=1e-3)
    assert gaps([holed, EAST, enclave], crs=CRS) == []


def test_a_slit_open_to_the_outside_is_found_up_to_its_width():
    apart = metric_box(500.4, 0, 1000, 400)
    (found,) = gaps([WEST, apart], crs=CRS)
    assert found.area_m2 == pytest.approx(160, rel=0.02)
    assert not WEST.covers(shapely.Point(found.lon, found.lat))
    assert gaps([WEST, apart], crs=CRS, channel_width_m=0.2) == []
    assert gaps([WEST, metric_box(502, 0, 1000, 400)], crs=CRS) == []
    assert len(gaps([WEST, metric_box(502, 0, 1000, 400)], crs=CRS, channel_width_m=3)) == 1


def test_a_creek_within_one_area_is_meant():
    assert gaps([WEST - metric_box(250, 200, 250.5, 400), EAST], crs=CRS) == []


def test_a_notch_where_neighbours_part_is_meant():
    foot, top = metric_box(500, 0, 1000, 10), metric_box(600, 0, 1000, 400)
    fork = Polygon(
        [foot.bounds[:2], (foot.bounds[2], foot.bounds[1]), top.bounds[2:], (top.bounds[0], top.bounds[3])]
    )
    assert gaps([WEST, fork], crs=CRS, channel_width_m=1) == []


def test_strays_name_the_child_and_skip_those_without_parent():
    children = [metric_box(10, 10, 20, 20), metric_box(495, 0, 505, 10), metric_box(900, 0, 910, 10), EAST]
    found = outside_parent(children, [0, 0, -1, 0], [WEST], crs=CRS)
    assert [stray.child for stray in found] == [3, 1]
    assert found[1].area_m2 == pytest.approx(50, rel=1e-3)
    assert not WEST.contains(shapely.Point(found[1].lon, found[1].lat))


def test_nothing_at_all_is_clean():
    assert overlaps([], crs=CRS) == gaps([], crs=CRS) == outside_parent([], [], [], crs=CRS) == []
    assert overlaps([MultiPolygon(), None], crs=CRS) == gaps([None, Polygon()], crs=CRS) == []


def test_five_thousand_cells_are_checked_without_comparing_all_pairs():
    side = 71
    lon, lat = np.meshgrid(109.4 + np.arange(side + 1) * 1e-3, 36.5 + np.arange(side + 1) * 1e-3)
    nodes = np.stack([lon, lat], -1) + np.random.default_rng(1).uniform(-2e-4, 2e-4, (side + 1, side + 1, 2))
    cells = [
        Polygon([nodes[i, j], nodes[i, j + 1], nodes[i + 1, j + 1], nodes[i + 1, j]])
        for i in range(side)
        for j in range(side)
    ]
    assert overlaps(cells, crs=CRS) == []
    assert gaps(cells, crs=CRS) == []
    (gap,) = gaps(cells[:2000] + cells[2001:], crs=CRS)
    assert gap.area_m2 == pytest.approx(area_m2(cells[2000]), rel=1e-6)


def test_a_hole_is_found_though_rounding_slits_its_rim():
    """East edges one rounding step short of the next west edge: the union falls apart, the hole stays one."""
    step = 0.01 / 3
    ring = [
        shapely.box(west, south, np.nextafter(west + step, 0), south + step)
        for column in range(3)
        for row in range(3)
        if (column, row) != (1, 1)
        for west, south in [(109.47 + column * step, 36.6 + row * step)]
    ]
    assert len(shapely.get_parts(shapely.union_all(np.array(ring)))) > 1, "the case is not the case any more"
    (gap,) = gaps(ring, crs=metric_crs(109.47, 36.6))
    hole = shapely.box(109.47 + step, 36.6 + step, 109.47 + 2 * step, 36.6 + 2 * step)
    assert gap.area_m2 == pytest.approx(float(area_m2([hole])[0]), rel=1e-6)
    assert hole.contains(shapely.Point(gap.lon, gap.lat))
