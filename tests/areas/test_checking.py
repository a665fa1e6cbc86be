"""The check of an area file: what is accepted, warned and refused, and that the report says why and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.areas.loading import check_file
from gridmap.areas.model import AreaVersion
from gridmap.areas.verdicts import CheckReport
from gridmap.errors import BadFile, BadInput, GridmapError
from gridmap.vectors import digest

LON, LAT, STEP = 109.48, 36.61, 0.002  # a step is some 179 m by 222 m


def square(column: float, row: float = 0, size: float = 1) -> shapely.Polygon:
    """Corners are computed alike for neighbours, so that they are shared to the last digit."""
    west, east = (LON + c * STEP for c in (column, column + size))
    south, north = (LAT + r * STEP for r in (row, row + size))
    return shapely.orient_polygons(shapely.box(west, south, east, north))


def write(folder: Path, *rows: tuple[Any, Any] | tuple[Any, Any, Any] | dict[str, Any]) -> Path:
    """A GeoJSON of (geometry, code[, parent]) or ready features."""
    features = []
    for row in rows:
        if isinstance(row, dict):
            features.append(row)
            continue
        geometry, code, *parent = row
        properties = {"code": code, "name": "网格"} | ({"parent": parent[0]} if parent else {})
        shape = json.loads(shapely.to_geojson(geometry)) if geometry is not None else None
        features.append({"type": "Feature", "properties": properties, "geometry": shape})
    path = folder / "areas.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def codes(report: CheckReport) -> list[tuple[str, str]]:
    return [(finding.severity, finding.code) for finding in report.findings]


def parent(code: str, geometry: Any, kind: str = "community") -> AreaVersion:
    return AreaVersion(1, kind, code, code, None, {}, geometry, 1, None, None)


def test_a_clean_file_is_accepted_without_a_word(tmp_path: Path) -> None:
    report = check_file(
        write(tmp_path, (square(0), "1"), (square(1), "2"), (square(0, 1), "3"), (square(1, 1), "4"))
    )
    assert report.passed
    assert report.findings == ()
    assert report.counts == {"accepted": 4, "warned": 0, "refused": 0}
    assert [area.code for area in report.areas] == ["1", "2", "3", "4"]
    assert report.areas[0].name == "网格"
    assert report.areas[0].properties == {}


def test_numbers_are_codes_as_they_are_written(tmp_path: Path) -> None:
    report = check_file(write(tmp_path, (square(0), 610602006001001)))
    assert report.areas[0].code == "610602006001001"


@pytest.mark.parametrize(
    ("kind", "column", "finding"),
    [
        ("grid", 0.5, ("refused", "overlap")),
        ("community", 0.5, ("refused", "overlap")),
        ("grid", 0.9995, ("warned", "overlap")),  # 0.05 % of it: a slip of the pen
        ("compound", 0.5, ("warned", "overlap")),
        ("building", 0.5, ("warned", "overlap")),
    ],
)
def test_overlaps(tmp_path: Path, kind: str, column: float, finding: tuple[str, str]) -> None:
    report = check_file(write(tmp_path, (square(0), "1"), (square(column), "2")), kind=kind)
    assert codes(report) == [finding]
    (overlap,) = report.findings
    assert overlap.numbers == (1, 2)
    assert overlap.area_m2 == pytest.approx((1 - column) * 178.7 * 222, rel=0.01)
    assert overlap.lon is not None
    assert LON + column * STEP < overlap.lon < LON + STEP
    assert [verdict.verdict for verdict in report.verdicts] == [finding[0]] * 2


def test_a_small_overlap_of_large_grids_is_refused_by_its_metres(tmp_path: Path) -> None:
    left, right = square(0, size=20), square(20 - 0.005, size=20)
    report = check_file(write(tmp_path, (left, "1"), (right, "2")))
    assert codes(report) == [("refused", "overlap")]
    assert (report.findings[0].area_m2 or 0) / 16e6 < 0.001


def test_gaps_are_warned_with_their_place_only_where_areas_tile(tmp_path: Path) -> None:
    ring = [square(c, r) for c in range(3) for r in range(3) if (c, r) != (1, 1)]
    path = write(tmp_path, *((shape, str(i)) for i, shape in enumerate(ring)))
    report = check_file(path)
    assert codes(report) == [("warned", "gap")]
    (gap,) = report.findings
    assert square(1, 1).contains(shapely.Point(gap.lon, gap.lat))
    assert gap.area_m2 == pytest.approx(178.7 * 222, rel=0.01)
    assert report.passed
    assert check_file(path, kind="compound").findings == ()


def test_float_noise_is_silent(tmp_path: Path) -> None:
    noisy = shapely.transform(square(1), lambda xy: xy + 1e-12)
    assert check_file(write(tmp_path, (square(0), "1"), (noisy, "2"))).findings == ()


@pytest.mark.parametrize(
    ("code", "finding"),
    [
        (None, "no_code"),
        ("  ", "no_code"),
        ("a\0b", "code"),
        ("a\nb", "code"),
        ("\ud800", "code"),
        ("x" * 65, "code"),
        (True, "code"),
        ({"a": 1}, "code"),
    ],
)
def test_unusable_codes_are_refused_naming_the_feature(tmp_path: Path, code: Any, finding: str) -> None:
    report = check_file(write(tmp_path, (square(0), "1"), (square(1), code)))
    assert codes(report) == [("refused", finding)]
    assert report.findings[0].numbers == (2,)
    assert report.counts == {"accepted": 1, "warned": 0, "refused": 1}


def test_empty_names_are_refused_with_a_way_out(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "1", "name": None},
        "geometry": json.loads(shapely.to_geojson(square(0))),
    }
    path = write(tmp_path, feature)
    report = check_file(path)
    assert codes(report) == [("refused", "no_name")]
    assert "code" in report.findings[0].message
    assert check_file(path, name_field="code").passed


def test_text_that_no_database_takes_is_refused_in_any_property(tmp_path: Path) -> None:
    feature = {
        "type": "Feature",
        "properties": {"code": "1", "name": "a", "note": {"deep": ["x\0"]}},
        "geometry": json.loads(shapely.to_geojson(square(0))),
    }
    report = check_file(write(tmp_path, feature))
    assert codes(report) == [("refused", "text")]
    assert "note.deep[0]" in report.findings[0].message


def test_duplicate_codes_are_refused_naming_both(tmp_path: Path) -> None:
    report = check_file(write(tmp_path, (square(0), "1"), (square(1), "2"), (square(2), 1)))
    assert codes(report) == [("refused", "duplicate_code")]
    assert report.findings[0].numbers == (1, 3)


def test_the_code_rule(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        (square(1, 0), "610602006001001", "610602006001"),
        (square(0, 1), "610602006001002", "610602006001"),
        (square(2, 1), "610602006002001", "610602006001"),
        (square(3, 1), "12", "610602006001"),
    )
    report = check_file(path, code_rule="cn-grid", jurisdiction="610602006")
    assert codes(report) == [("refused", "code_rule"), ("refused", "code_rule"), ("warned", "serial_order")]
    assert [finding.numbers for finding in report.findings] == [(3,), (4,), (2,)]
    with pytest.raises(BadInput):
        check_file(path, code_rule="cn-grid", kind="building")


def test_children_and_parents(tmp_path: Path) -> None:
    parents = [parent("A", square(0, size=2)), parent("B", square(2, size=2))]
    path = write(
        tmp_path,
        (square(0), "inside", "A"),
        (square(1.25, 1), "over the edge", "A"),
        (square(3), "elsewhere", "A"),
        (square(2), "unknown", "C"),
        (square(3, 1), "orphan", None),
    )
    report = check_file(path, parents=parents)
    found = {(f.severity, f.code): f for f in report.findings}
    assert set(found) == {
        ("warned", "no_parent"),
        ("refused", "unknown_parent"),
        ("refused", "outside_parent"),
        ("warned", "outside_parent"),
    }
    assert found["warned", "outside_parent"].numbers == (2,)
    assert found["warned", "outside_parent"].area_m2 == pytest.approx(0.25 * 178.7 * 222, rel=0.01)
    assert found["refused", "outside_parent"].numbers == (3,)
    assert found["refused", "unknown_parent"].numbers == (4,)
    assert found["warned", "no_parent"].numbers == (5,)
    assert "not checked" in check_file(path).rules["parent"]


def test_a_subdistrict_needs_no_parent(tmp_path: Path) -> None:
    assert check_file(write(tmp_path, (square(0), "1", None)), kind="subdistrict").findings == ()


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    report = check_file(write(tmp_path))
    assert codes(report) == [("refused", "no_features")]
    assert not report.passed


def test_fields_are_found_or_listed(tmp_path: Path) -> None:
    path = write(tmp_path, (square(0), "1"))
    assert check_file(path).fields == {"code": "code", "name": "name", "parent": None}
    with pytest.raises(BadInput, match="code, name") as caught:
        check_file(path, code_field="CODE")
    assert caught.value.field == "code_field"
    bare = {
        "type": "Feature",
        "properties": {"grid": 1},
        "geometry": json.loads(shapely.to_geojson(square(0))),
    }
    path = write(tmp_path, bare)
    assert check_file(path).rules["codes"].startswith("not checked")
    with pytest.raises(BadInput, match="grid") as caught:
        check_file(path, codes_needed=True)
    assert caught.value.field == "code_field"


def test_the_report_is_json_and_tells_everything(tmp_path: Path) -> None:
    path = write(tmp_path, (square(0), "1"), (square(0.5), "1"))
    document = json.loads(json.dumps(check_file(path).to_dict()))
    assert document["passed"] is False
    assert document["sha256"] == digest(path)
    assert document["counts"] == {"accepted": 0, "warned": 0, "refused": 2}
    assert {finding["code"] for finding in document["features"][0]["findings"]} == {
        "overlap",
        "duplicate_code",
    }
    assert document["rules"]["gap"] == "warned"


@settings(max_examples=40)
@given(
    columns=st.integers(1, 6),
    rows=st.integers(1, 6),
    wiggle=st.lists(st.floats(-0.2, 0.2), min_size=98, max_size=98),
)
def test_any_noded_partition_is_accepted(
    tmp_path_factory: pytest.TempPathFactory, columns: int, rows: int, wiggle: list[float]
) -> None:
    def node(c: int, r: int) -> tuple[float, float]:
        at = 2 * (c * 7 + r)
        return LON + STEP * (c + wiggle[at]), LAT + STEP * (r + wiggle[at + 1])

    cells = [
        shapely.Polygon([node(c, r), node(c + 1, r), node(c + 1, r + 1), node(c, r + 1)])
        for c in range(columns)
        for r in range(rows)
    ]
    path = write(tmp_path_factory.mktemp("mesh"), *((cell, str(i)) for i, cell in enumerate(cells)))
    assert check_file(path).findings == ()


# --- files that nobody here wrote


def test_cornwall_has_no_false_overlap(shared_data: Path) -> None:
    report = check_file(shared_data / "cornwall" / "lsoa.json", code_field="LSOA11CD", name_field="LSOA11NM")
    assert report.passed
    assert len(report.areas) == 326
    assert not [finding for finding in report.findings if finding.code == "overlap"]
    assert len(report.repaired) == 1


def test_chongqing(shared_data: Path) -> None:
    report = check_file(
        shared_data / "chongqing" / "chongqing.shp", code_field="ADMINCODE", name_field="NAME"
    )
    assert report.counts == {"accepted": 38, "warned": 0, "refused": 0}
    assert {"渝中区", "九龙坡区", "石柱土家族自治县"} <= {area.name for area in report.areas}


def test_boston_names_its_four_repairs(shared_data: Path) -> None:
    report = check_file(
        shared_data / "boston" / "neighbourhoods.geojson", code_field="name", name_field="name"
    )
    assert report.passed
    repaired = {verdict.code for verdict in report.verdicts if verdict.number in report.repaired}
    assert repaired == {"Hyde Park", "East Boston", "Downtown", "Beacon Hill"}
    for verdict in report.verdicts:
        said = any("repaired" in finding.message for finding in verdict.findings)
        assert said == (verdict.code in repaired)


REFUSED = {
    "invalid_incorrect_geometry_data_type",
    "invalid_less_three_unique_nodes",
    "invalid_unclosed",
    "problematic_crosses_antimeridian",
    "problematic_inner_and_exterior_ring_intersect",
    "problematic_outside_lat_lon_boundaries",
    "problematic_self_intersection_large",
    # no polygons, or none at all
    "problematic_feature_null_geometry",
    "problematic_geometrycollection_single",
    "problematic_nested_geometrycollection",
    "problematic_zero_length_linestring",
}
WARNED = {
    "invalid_exterior_not_ccw": "ring_order",
    "invalid_interior_not_cw": "ring_order",
    "problematic_3d_coordinates": "z_dropped",
    "problematic_4d_coordinates": "extra_ordinates",
    "problematic_crs_defined": "legacy_crs",
    "problematic_duplicate_nodes": "duplicate_nodes",
    "problematic_self_intersection_small": "self_intersection",
    "problematic_wrong_bbox_coordinate_order": "bbox",
}


def test_the_collection_of_bad_geojson(shared_data: Path) -> None:
    """Wrong structure is refused; geometries are refused or mended by name; valid polygons are accepted."""
    for path in sorted((shared_data / "geojson-invalid" / "examples").rglob("*.geojson")):
        folder = path.parent.name
        try:
            report = check_file(path)
        except BadFile:
            assert folder == "invalid_structure", path.stem
            continue
        if folder == "invalid_structure" or path.stem in REFUSED:
            assert not report.passed, path.stem
            assert all(finding.message for finding in report.findings)
        elif path.stem in WARNED:
            assert report.passed, path.stem
            assert WARNED[path.stem] in [finding.code for finding in report.findings]
        elif folder != "valid":
            assert report.findings == (), path.stem
        else:
            _check_valid(path, report)


def _check_valid(path: Path, report: CheckReport) -> None:
    document = json.loads(path.read_text())
    features = document.get("features", [document])
    kinds = [((f["geometry"] or {}) if "geometry" in f else f).get("type") for f in features]
    wanted = ["accepted" if kind in ("Polygon", "MultiPolygon") else "refused" for kind in kinds]
    assert [verdict.verdict for verdict in report.verdicts] == wanted, path.stem


@settings(max_examples=60)
@given(
    content=st.binary(max_size=200),
    suffix=st.sampled_from([".geojson", ".shp", ".zip", ".gpkg", ".kml", ".fgb"]),
)
def test_any_bytes_are_refused_politely(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    path = tmp_path_factory.mktemp("any") / f"a{suffix}"
    path.write_bytes(content)
    with pytest.raises(GridmapError):
        check_file(path)
