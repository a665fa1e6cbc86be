import json
import math

import numpy as np
import orjson
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely import GeometryCollection, LineString, MultiPolygon, Point, Polygon, box
from shapely.geometry import shape

from gridmap.geometry.shapes import area_m2, coordinates, examine, metric_crs, project, to_geojson, unproject

SQUARE = box(109.44, 36.58, 109.45, 36.59)
BOW_TIE = Polygon([(109.44, 36.58), (109.45, 36.59), (109.45, 36.58), (109.44, 36.59)])


def codes(examined) -> list[str]:
    return [problem.code for problem in examined.problems]


# --- projection and area


def central_meridian(crs) -> float:
    return {p.name: p.value for p in crs.coordinate_operation.params}["Longitude of natural origin"]


@pytest.mark.parametrize(
    ("lon", "lat", "epsg"),
    [
        (109.47, 36.62, 4545),
        (73.5, 39.5, 4534),
        (136.4999, 48.0, 4554),
        (107.5, 15.0, 4545),
        (112.5, 30.0, 4547),
    ],
)
def test_inside_china_the_gauss_krueger_zone(lon, lat, epsg):
    crs = metric_crs(lon, lat)
    assert crs.to_epsg() == epsg
    assert abs(central_meridian(crs) - lon) <= 1.5


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(-71.06, 42.36), (-5.0, 50.3), (109.0, 14.99), (109.0, 55.01), (180.0, 0.0), (-180.0, 80.0)],
)
def test_elsewhere_a_transverse_mercator_on_the_third_meridian(lon, lat):
    crs = metric_crs(lon, lat)
    assert crs.to_epsg() is None
    assert abs(central_meridian(crs) - lon) <= 1.5
    x, y = shapely.get_coordinates(project(Point(lon, lat), crs))[0]
    assert 300_000 < x < 700_000
    assert abs(y - lat * 111_000) < 200_000


def test_projection_is_x_east_y_north_and_comes_back():
    crs = metric_crs(109.47, 36.62)
    origin, east, north = project(
        np.array([Point(109.47, 36.62), Point(109.48, 36.62), Point(109.47, 36.63)]), crs
    )
    assert east.x - origin.x == pytest.approx(894.4, abs=1)
    assert north.y - origin.y == pytest.approx(1109.6, abs=1)
    assert unproject(origin, crs).distance(Point(109.47, 36.62)) < 1e-12


def test_area_is_the_ellipsoidal_area_wherever_it_lies():
    # The area between two meridians and parallels on GRS80 has a closed formula. A plane of a zone is off by
    # the square of its scale: nothing on the meridian, 0.04 % at 109.47, which lies nearly between two.
    def authalic(degrees: float) -> float:
        e = math.sqrt(0.00669438002290)
        s = math.sin(math.radians(degrees))
        return 6378137.0**2 * (1 - e * e) / 2 * (s / (1 - e * e * s * s) + math.atanh(e * s) / e)

    boxes = [
        box(w, s, w + 0.01, s + 0.01)
        for w, s in [(109.47, 36.62), (-71.06, 42.36), (-5.0, 50.3), (112.49, 20)]
    ]
    expected = [math.radians(0.01) * (authalic(b.bounds[3]) - authalic(b.bounds[1])) for b in boxes]
    assert area_m2(boxes) == pytest.approx(expected, rel=8e-4)
    on_meridian = area_m2(box(107.995, 36.62, 108.005, 36.63))
    assert on_meridian == pytest.approx(expected[0], rel=1e-6)
    assert area_m2([None, Polygon(), boxes[0]]).tolist()[:2] == [0, 0]
    assert area_m2([]).shape == (0,)


def test_geojson_is_unrounded_flat_and_counter_clockwise():
    nodes = [(109.44, 36.58), (109.44, 36.59 + 1e-13), (109.45123456789012, 36.59), (109.45, 36.58)]
    written = to_geojson(Polygon([(x, y, 7.0) for x, y in nodes]))
    ring = json.loads(json.dumps(written))["coordinates"][0]
    assert written["type"] == "Polygon"
    assert {tuple(node) for node in ring} == set(nodes)
    assert shapely.is_ccw(shapely.LinearRing(ring))
    assert to_geojson(Point(109.44, 36.58)) == {"type": "Point", "coordinates": (109.44, 36.58)}


def test_coordinates_are_those_of_geojson():
    holed = shapely.difference(box(0, 0, 3, 3), box(1, 1, 2, 2))
    shapes = [
        box(0, 0, 1, 1),
        shapely.MultiPolygon([box(5, 5, 6, 6), holed]),
        holed,
        shapely.MultiPolygon([holed]),
    ]
    written = orjson.loads(orjson.dumps(coordinates(shapes), option=orjson.OPT_SERIALIZE_NUMPY))
    assert written == [json.loads(json.dumps(to_geojson(shape)))["coordinates"] for shape in shapes]
    assert coordinates([]) == []


# --- examination


@pytest.mark.parametrize(
    "good",
    [
        SQUARE,
        SQUARE - box(109.442, 36.582, 109.443, 36.583),
        MultiPolygon([SQUARE, box(110, 36, 110.1, 36.1)]),
    ],
)
def test_valid_polygons_holes_and_parts_are_accepted_untouched(good):
    good = shapely.orient_polygons(good, exterior_cw=False)
    examined = examine(good)
    assert examined.verdict == "accepted"
    assert examined.problems == ()
    assert not examined.repaired
    assert shapely.to_wkb(examined.geometry) == shapely.to_wkb(good)


def too_few() -> Polygon:
    return Polygon([(109.44, 36.58), (109.45, 36.59), (109.44, 36.58), (109.44, 36.58)])


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (None, "empty"),
        (Polygon(), "empty"),
        (GeometryCollection(), "empty"),
        (Point(109.44, 36.58), "not_polygon"),
        (LineString([(109.44, 36.58), (109.45, 36.58)]), "not_polygon"),
        (GeometryCollection([SQUARE, Point(109.44, 36.58)]), "not_polygon"),
        (Polygon([(109.44, 36.58), (math.nan, 36.58), (109.45, 36.59)]), "not_finite"),
        (Polygon([(109.44, 36.58), (math.inf, 36.58), (109.45, 36.59)]), "not_finite"),
        (box(109.44, 36.58, 190, 36.59), "outside_world"),
        (box(36.58, 109.44, 36.59, 109.45), "outside_world"),
        (Polygon([(179.5, 1), (-179.5, 1), (-179.5, 2), (179.5, 2)]), "antimeridian"),
        (too_few(), "too_few_nodes"),
        (BOW_TIE, "self_intersection"),
        (MultiPolygon([SQUARE, box(109.445, 36.58, 109.455, 36.59)]), "self_intersection"),
        (MultiPolygon([SQUARE, box(109.442, 36.582, 109.443, 36.583)]), "nested_parts"),
        (Polygon(SQUARE.exterior, [box(109.46, 36.58, 109.47, 36.59).exterior]), "hole_outside_shell"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_the_reason(bad, code):
    examined = examine(bad)
    assert examined.verdict == "refused"
    assert examined.geometry is None
    assert codes(examined)[-1] == code
    assert examined.problems[-1].message


def test_a_refusal_has_its_place():
    crossing = examine(BOW_TIE).problems[-1]
    assert (crossing.lon, crossing.lat) == pytest.approx((109.445, 36.585))
    assert "0.1 %" in crossing.message
    assert "longitude comes first" in examine(box(36.58, 109.44, 36.59, 109.45)).problems[-1].message


def test_the_figure_that_balances_by_accident_is_refused():
    # One lobe is drawn backwards (−), another equal one twice (+2): the signed area equals the even-odd area.
    start = 109.44
    big = [(start, 36.58), (start + 0.02, 36.58), (start + 0.02, 36.59)]
    twice = [(start + 0.012, 36.59), (start + 0.012, 36.585), (start + 0.008, 36.585), (start + 0.008, 36.59)]
    backwards = [
        (start + 0.002, 36.59),
        (start + 0.002, 36.5945),
        (start + 0.0064, 36.5945),
        (start + 0.0064, 36.59),
    ]
    drawn = Polygon([*big, *twice, twice[0], twice[1], twice[2], twice[3], *backwards, (start, 36.59)])
    assert not drawn.is_valid
    assert examine(drawn).verdict == "refused"


@pytest.mark.parametrize(
    ("mendable", "code", "repaired"),
    [
        (Polygon(list(SQUARE.exterior.coords)[::-1]), "ring_order", False),
        (Polygon(SQUARE.exterior, [box(109.442, 36.582, 109.443, 36.583).exterior]), "ring_order", False),
        (Polygon([*SQUARE.exterior.coords[:2], *SQUARE.exterior.coords[1:]]), "duplicate_nodes", False),
        (shapely.force_3d(SQUARE, 900.0), "z_dropped", False),
        (GeometryCollection([SQUARE]), "collection", False),
        (
            Polygon([(0, 0), (1, 0), (1, 1), (0.5, 1), (0.4999, 1.0001), (0.5, 1.0001), (0.4999, 1), (0, 1)]),
            "self_intersection",
            True,
        ),
        (
            Polygon([(0, 0), (2, 0), (2, 2), (1, 0), (0, 2)]),  # pinched: touches its own edge
            "ring_self_intersection",
            True,
        ),
    ],
)
def test_what_can_be_mended_is_mended_and_named(mendable, code, repaired):
    if mendable.bounds[0] >= 109:
        mendable = (
            shapely.orient_polygons(mendable, exterior_cw=False) if code not in ("ring_order",) else mendable
        )
    examined = examine(mendable)
    assert examined.verdict == "warned"
    assert codes(examined)[-1] in (code, "self_intersection") if repaired else codes(examined) == [code]
    assert examined.repaired is repaired
    assert examined.geometry.is_valid
    assert not shapely.has_z(examined.geometry)
    assert area_m2(examined.geometry) == pytest.approx(area_m2(mendable), rel=1e-3)


def test_ring_order_is_no_matter_where_the_format_says_otherwise():
    clockwise = Polygon(list(SQUARE.exterior.coords)[::-1])
    clockwise = clockwise if not clockwise.exterior.is_ccw else SQUARE
    examined = examine(clockwise, ring_order="any")
    assert examined.verdict == "accepted"
    assert examined.geometry.exterior.is_ccw


@given(st.lists(st.tuples(st.floats(109, 110), st.floats(36, 37)), min_size=3, max_size=9))
def test_whatever_is_drawn_gets_a_verdict_that_holds(nodes):
    examined = examine(Polygon(nodes))
    if examined.verdict == "refused":
        assert examined.geometry is None
        assert examined.problems
        return
    assert examined.geometry.is_valid
    assert examined.geometry.geom_type in ("Polygon", "MultiPolygon")
    assert (examined.verdict == "accepted") == (not examined.problems)
    parts = shapely.get_parts(examined.geometry)
    assert all(part.exterior.is_ccw for part in parts)
    assert examine(examined.geometry).verdict == "accepted"


# --- real data


def geometries(path) -> list:
    features = json.loads(path.read_text(encoding="utf-8"))["features"]
    return [shape(f["geometry"]) if f["geometry"] else None for f in features]


def test_boston_has_four_repairs(shared_data):
    examined = [
        examine(g, ring_order="any") for g in geometries(shared_data / "boston/neighbourhoods.geojson")
    ]
    assert len(examined) == 26
    assert [e.repaired for e in examined].count(True) == 4
    assert {e.verdict for e in examined if not e.repaired} <= {"accepted", "warned"}
    assert {c for e in examined if not e.repaired for c in codes(e)} <= {"duplicate_nodes"}
    for e in examined:
        assert e.geometry.is_valid
        if e.repaired:
            assert "repaired" in e.problems[-1].message
            assert e.problems[-1].code in ("self_intersection", "ring_self_intersection")
            assert -72 < e.problems[-1].lon < -70


def test_cornwall_has_one(shared_data):
    examined = [examine(g, ring_order="any") for g in geometries(shared_data / "cornwall/lsoa.json")]
    assert len(examined) == 326
    assert [e.verdict for e in examined].count("accepted") == 325
    assert [codes(e) for e in examined if e.repaired] == [["ring_self_intersection"]]


@pytest.mark.parametrize(
    ("name", "verdict", "code"),
    [
        ("invalid_geometries/invalid_exterior_not_ccw", "warned", "ring_order"),
        ("invalid_geometries/invalid_interior_not_cw", "warned", "ring_order"),
        ("invalid_geometries/invalid_less_three_unique_nodes", "refused", "too_few_nodes"),
        ("problematic_geometries/problematic_3d_coordinates", "warned", "z_dropped"),
        ("problematic_geometries/problematic_crosses_antimeridian", "refused", "antimeridian"),
        ("problematic_geometries/problematic_duplicate_nodes", "warned", "duplicate_nodes"),
        ("problematic_geometries/problematic_excessive_coordinate_precision", "accepted", None),
        ("problematic_geometries/problematic_excessive_vertices", "accepted", None),
        ("problematic_geometries/problematic_feature_null_geometry", "refused", "empty"),
        ("problematic_geometries/problematic_holes", "accepted", None),
        (
            "problematic_geometries/problematic_inner_and_exterior_ring_intersect",
            "refused",
            "self_intersection",
        ),
        ("problematic_geometries/problematic_multitype_geometry_with_just_one_geometry", "accepted", None),
        ("problematic_geometries/problematic_outside_lat_lon_boundaries", "refused", "outside_world"),
        ("problematic_geometries/problematic_self_intersection_large", "refused", "self_intersection"),
        ("problematic_geometries/problematic_self_intersection_small", "warned", "self_intersection"),
        ("problematic_geometries/problematic_wrong_bbox_coordinate_order", "accepted", None),
        ("problematic_geometries/problematic_zero_length_linestring", "refused", "not_polygon"),
    ],
)
def test_the_invalid_geometry_collection_gets_verdicts_we_defend(shared_data, name, verdict, code):
    (geometry,) = geometries(shared_data / f"geojson-invalid/examples/{name}.geojson")
    examined = examine(geometry)
    assert examined.verdict == verdict
    assert (codes(examined)[-1] if code else None) == code
