"""GeoJSON by the letter: what breaks RFC 7946 is refused with its path, the rest is read to the digit."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadFile
from gridmap.vectors.geojson import parse

RING = [[109.0, 36.0], [109.5, 36.0], [109.5, 36.5], [109.0, 36.0]]
POLYGON = {"type": "Polygon", "coordinates": [RING]}


def feature(geometry: Any = POLYGON, **members: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": "1"}, "geometry": geometry} | members


def collection(*features: Any, **members: Any) -> str:
    return json.dumps({"type": "FeatureCollection", "features": list(features)} | members)


def refusal(text: str) -> str:
    """The one refusing remark of the last feature."""
    last = parse(text, "a.geojson").features[-1]
    (message,) = (remark.message for remark in last.remarks if remark.refuses)
    assert last.geometry is None
    return message


def test_reads_collection_feature_and_bare_geometry_alike() -> None:
    for text in (collection(feature()), json.dumps(feature()), json.dumps(POLYGON)):
        (read,) = parse(text, "a").features
        assert read.number == 1
        assert read.geometry is not None
        assert [list(p) for p in read.geometry.exterior.coords] == RING
        assert read.remarks == ()


def test_coordinates_are_read_to_the_last_digit() -> None:
    lon = 109.4781234567890123
    ring = [[lon, 36], [109.5, 36], [109.5, 36.5], [lon, 36]]
    (read,) = parse(collection(feature({"type": "Polygon", "coordinates": [ring]})), "a").features
    assert read.geometry is not None
    assert read.geometry.exterior.coords[0][0] == lon


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "not JSON"),
        ("[]", "not an object"),
        ('{"type": "FeatureCollection", "features": [NaN]}', "NaN"),
        ('{"type": "Feature", "type": "Feature"}', "twice"),
        ('{"type": "Topology"}', "type is"),
        ('{"features": []}', "type is missing"),
        ('{"type": "featurecollection", "features": []}', "write 'FeatureCollection'"),
        ('{"type": "FeatureCollection"}', "features is missing"),
        ('{"type": "FeatureCollection", "features": {}}', "features is not an array"),
        ('{"type": "FeatureCollection", "features": [], "bbox": [1]}', "bbox"),
        (
            '{"type": "FeatureCollection", "features": [], "crs": {"type": "link", "href": "x"}}',
            "crs",
        ),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_a_document_that_is_none_is_refused_whole(text: str, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        parse(text, "a.geojson")


@pytest.mark.parametrize(
    ("bad", "path"),
    [
        (None, r"features[1] is null"),
        ({"type": "feature"}, "features[1].type"),
        ({"type": "Feature", "geometry": POLYGON}, "features[1].properties is missing"),
        (feature(properties=[]), "features[1].properties is an array"),
        ({"type": "Feature", "properties": {}}, "features[1].geometry is missing"),
        (feature(id={}), "features[1].id"),
        (feature(bbox=[1, 2, 3]), "features[1].bbox"),
        (feature("text"), "features[1].geometry is a string"),
        (feature({"type": "Polygon"}), "features[1].geometry.coordinates is missing"),
        (feature({"type": "polygon", "coordinates": [RING]}), "features[1].geometry.type"),
        (feature({"type": "Polygon", "coordinates": RING}), "coordinates[0][0] is a number"),
        (feature({"type": "Polygon", "coordinates": [[RING]]}), "coordinates[0][0] is nested too deep"),
        (feature({"type": "Polygon", "coordinates": [RING[:3]]}), "coordinates[0] has 3 positions"),
        (
            feature({"type": "Polygon", "coordinates": [[*RING[:3], [109.1, 36]]]}),
            "coordinates[0] is not closed",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[["1", 2], *RING[1:]]]}),
            "coordinates[0][0] holds a string",
        ),
        (
            feature({"type": "Polygon", "coordinates": [[[True, 2], *RING[1:]]]}),
            "coordinates[0][0] holds a boolean",
        ),
        (feature({"type": "Polygon", "coordinates": [[[], *RING[1:]]]}), "coordinates[0][0] has no numbers"),
        (feature({"type": "Polygon", "coordinates": [[[10**400, 2], *RING[1:]]]}), "too large"),
        (feature({"type": "GeometryCollection", "geometries": [None]}), "geometries[0] is null"),
    ],
)
def test_a_broken_feature_is_refused_with_its_path_and_its_neighbours_are_not(bad: Any, path: str) -> None:
    text = collection(feature(), bad)
    assert path in refusal(text)
    assert parse(text, "a").features[0].geometry is not None


def test_an_overflowing_number_is_refused() -> None:
    text = collection(feature()).replace("109.5, 36.0", "1e400, 36.0")
    assert "too large" in refusal(text)


def test_a_bbox_that_misses_is_remarked() -> None:
    (read,) = parse(collection(feature(bbox=[36.0, 109.0, 36.5, 109.5])), "a").features
    assert [remark.code for remark in read.remarks] == ["bbox"]
    assert parse(collection(feature(bbox=[109.0, 36.0, 109.5, 36.5])), "a").features[0].remarks == ()


def test_the_legacy_crs_is_told_unless_it_is_the_rule_anyway() -> None:
    for name, notes in (
        ("urn:ogc:def:crs:EPSG::4545", ["legacy_crs"]),
        ("urn:ogc:def:crs:OGC:1.3:CRS84", []),
    ):
        document = parse(collection(feature(), crs={"type": "name", "properties": {"name": name}}), "a")
        assert document.crs == name
        assert [note.code for note in document.notes] == notes


def test_four_ordinates_are_cut_to_three_and_mixed_ones_to_two() -> None:
    four = [[*p, 1, 2] for p in RING]
    (read,) = parse(collection(feature({"type": "Polygon", "coordinates": [four]})), "a").features
    assert read.geometry is not None
    assert read.geometry.has_z
    assert [remark.code for remark in read.remarks] == ["extra_ordinates"]
    mixed = [RING[0] + [1.0], *RING[1:]]
    (read,) = parse(collection(feature({"type": "Polygon", "coordinates": [mixed]})), "a").features
    assert read.geometry is not None
    assert not read.geometry.has_z


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=5), children, max_size=4)
    ),
    max_leaves=12,
)


GEOMETRY = ("features", 0, "geometry")
PLACES: list[tuple[Any, ...]] = [
    *[(), ("features",), ("features", 0), ("features", 0, "properties"), ("features", 0, "bbox"), ("crs",)],
    *[GEOMETRY, (*GEOMETRY, "type"), (*GEOMETRY, "coordinates"), (*GEOMETRY, "coordinates", 0)],
    *[(*GEOMETRY, "coordinates", 0, 1), (*GEOMETRY, "coordinates", 0, 1, 0)],
]


@settings(max_examples=300)
@given(
    path=st.sampled_from(PLACES),
    value=json_values,
)
def test_anything_anywhere_is_read_or_refused_never_a_crash(path: tuple[Any, ...], value: Any) -> None:
    document: Any = copy.deepcopy(json.loads(collection(feature(bbox=[109, 36, 110, 37]), crs=None)))
    if path:
        owner = document
        for step in path[:-1]:
            owner = owner[step]
        owner[path[-1]] = value
    else:
        document = value
    try:
        read = parse(json.dumps(document), "a.geojson")
    except BadFile:
        return
    for each in read.features:
        assert each.geometry is not None or any(remark.refuses for remark in each.remarks)
