"""Every format and every CRS gives the same ground; what is no such file is refused by name."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import pyproj
import pytest
import shapely

from gridmap.errors import BadFile, BadInput, TooLarge
from gridmap.geometry.datums import from_wgs84
from gridmap.vectors import digest, read_layer
from gridmap.vectors.reading import FORMATS

LIMIT = 1 << 26
# two neighbours at Yan'an that share an edge of awkward coordinates
LEFT = shapely.Polygon([(109.44, 36.60), (109.47123456789, 36.6), (109.47765432109, 36.63), (109.44, 36.63)])
RIGHT = shapely.Polygon([(109.47123456789, 36.6), (109.50, 36.60), (109.50, 36.63), (109.47765432109, 36.63)])
NAMES = ["杨家岭南苑", "上城贰号"]


def save(path: Path, crs: str | None = "EPSG:4326", geometries: Any = (LEFT, RIGHT), **options: Any) -> Path:
    """Write both areas with pyogrio, projected to `crs` by PROJ."""
    shapes = np.array(geometries, dtype=object)
    if crs and crs not in ("EPSG:4326", "EPSG:4490"):
        target = pyproj.CRS(crs)
        forward = pyproj.Transformer.from_crs(target.geodetic_crs, target, always_xy=True)
        shapes = shapely.transform(shapes, forward.transform, interleaved=False)
    drivers = {
        ".shp": "ESRI Shapefile",
        ".gpkg": "GPKG",
        ".kml": "KML",
        ".fgb": "FlatGeobuf",
        ".geojson": "GeoJSON",
    }
    pyogrio.raw.write(
        path,
        shapely.to_wkb(shapes),
        [np.array(["001", "002"], object), np.array(NAMES, object)],
        ["code", "name"],
        geometry_type="Polygon",
        crs=crs,
        driver=drivers[path.suffix],
        **({"encoding": "UTF-8"} | options),
    )
    return path


def shapes(path: Path, **options: Any) -> list[Any]:
    return [feature.geometry for feature in read_layer(path, limit=LIMIT, **options).features]


def share_their_edge(left: Any, right: Any) -> bool:
    common = set(left.exterior.coords) & set(right.exterior.coords)
    return len(common) == 2 and left.touches(right)


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".kml", ".fgb"])
def test_every_format_gives_names_codes_and_ground(tmp_path: Path, suffix: str) -> None:
    layer = read_layer(save(tmp_path / f"a{suffix}"), limit=LIMIT)
    assert layer.format == FORMATS[suffix]
    # KML keeps 15 significant digits, FlatGeobuf may begin with another node or another feature
    found = {feature.properties["code"]: feature.geometry for feature in layer.features}
    tolerance = 1e-12 if suffix == ".kml" else 0
    assert found["001"].normalize().equals_exact(LEFT.normalize(), tolerance)
    assert found["002"].normalize().equals_exact(RIGHT.normalize(), tolerance)
    names = {str(v) for feature in layer.features for v in feature.properties.values()}
    assert set(NAMES) <= names


@pytest.mark.parametrize("epsg", [4326, 4490, 4525, 4545, 4546, 3857, 32649, 4513])
@pytest.mark.parametrize("suffix", [".shp", ".gpkg"])
def test_every_crs_gives_the_same_ground_and_shared_edges_stay_shared(
    tmp_path: Path, epsg: int, suffix: str
) -> None:
    left, right = shapes(save(tmp_path / f"a{suffix}", f"EPSG:{epsg}"))
    for found, meant in ((left, LEFT), (right, RIGHT)):
        assert (
            found.hausdorff_distance(meant) < 1e-10
        )  # 10 µm: CGCS2000 and WGS-84 are one, no shift slips in
    assert share_their_edge(left, right)


def test_the_datum_of_degrees_is_converted_vertex_by_vertex(tmp_path: Path) -> None:
    for datum in ("gcj02", "bd09"):
        moved = [
            shapely.transform(g, lambda x, y, d=datum: from_wgs84(x, y, d), interleaved=False)
            for g in (LEFT, RIGHT)
        ]
        left, right = shapes(save(tmp_path / f"{datum}.gpkg", geometries=moved), datum=datum)
        assert left.normalize().equals_exact(LEFT.normalize(), 1e-9)
        assert share_their_edge(left, right)


def test_a_datum_of_degrees_does_not_go_with_metres(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", "EPSG:4545")
    with pytest.raises(BadInput) as caught:
        read_layer(path, limit=LIMIT, datum="gcj02")
    assert caught.value.field == "datum"
    assert len(shapes(path, datum="cgcs2000")) == 2


def test_a_file_without_crs_is_refused_until_one_is_given(tmp_path: Path) -> None:
    path = save(tmp_path / "a.shp", "EPSG:4545")
    path.with_suffix(".prj").unlink()
    with pytest.raises(BadFile) as caught:
        read_layer(path, limit=LIMIT)
    assert caught.value.field == "crs"
    left, right = shapes(path, crs="4545")
    assert left.normalize().equals_exact(LEFT.normalize(), 1e-10)
    assert share_their_edge(left, right)


def test_a_crs_that_is_none_or_leads_nowhere_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg")
    with pytest.raises(BadFile) as caught:
        read_layer(path, limit=LIMIT, crs="EPSG:999999")
    assert caught.value.field == "crs"
    overruled = read_layer(path, limit=LIMIT, crs="EPSG:4490")
    assert [note.code for note in overruled.notes] == ["crs_overruled"]


def test_another_datum_is_shifted_by_the_way_for_this_place_or_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg")
    layer = read_layer(path, limit=LIMIT, crs="EPSG:4214")  # Beijing 1954 has a shift for the Ordos basin
    assert any("Beijing 1954 to WGS 84 (6)" in note.message for note in layer.notes)
    moved = layer.features[0].geometry
    assert moved is not None
    assert 1e-5 < moved.hausdorff_distance(LEFT) < 2e-3  # tens of metres, not none and not kilometres
    for nowhere in ("EPSG:4610", "EPSG:27700"):  # Xian 1980 has none; Britain's is not for here
        with pytest.raises(BadFile) as caught:
            read_layer(path, limit=LIMIT, crs=nowhere)
        assert caught.value.field == "crs"


# --- Shapefiles: encodings and archives


@pytest.mark.parametrize("encoding", ["GB18030", "UTF-8", "GBK"])
@pytest.mark.parametrize("cpg", ["none", "true", "lying"])
def test_names_are_read_whatever_the_cpg_says(tmp_path: Path, encoding: str, cpg: str) -> None:
    path = save(tmp_path / "a.shp", encoding=encoding)
    sidecar = path.with_suffix(".cpg")
    sidecar.unlink(missing_ok=True)
    if cpg != "none":
        other = "UTF-8" if encoding.startswith("GB") else "GBK"
        sidecar.write_text(encoding if cpg == "true" else other)
    if cpg == "lying" and encoding == "UTF-8":
        return  # UTF-8 bytes are nearly always legal GBK as well: such a lie cannot be seen
    layer = read_layer(path, limit=LIMIT)
    assert [feature.properties["name"] for feature in layer.features] == NAMES


def test_a_name_cut_off_by_its_field_does_not_hide_the_encoding(tmp_path: Path) -> None:
    path = save(tmp_path / "a.shp")
    path.with_suffix(".cpg").unlink()
    table = bytearray(path.with_suffix(".dbf").read_bytes())
    table[table.index("上城贰号".encode()) + 10] = 0x20  # the last character loses a byte and half its sense
    path.with_suffix(".dbf").write_bytes(bytes(table))
    layer = read_layer(path, limit=LIMIT, encoding="GB18030")
    assert layer.encoding == "GB18030"


def test_chongqing_without_any_flag(shared_data: Path) -> None:
    layer = read_layer(shared_data / "chongqing" / "chongqing.shp", limit=LIMIT)
    assert layer.encoding == "gb18030"
    assert "渝中区" in {feature.properties["NAME"] for feature in layer.features}
    assert len(layer.features) == 38


def zipped(folder: Path, *paths: Path, inside: str = "数据/") -> Path:
    out = folder / "a.zip"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in paths:
            for part in path.parent.glob(f"{path.stem}.*"):
                archive.write(part, inside + part.name)
        archive.writestr("__MACOSX/._a.shp", b"junk")
    return out


def test_a_zipped_shapefile_in_a_folder_with_a_chinese_name(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    layer = read_layer(zipped(tmp_path, save(tmp_path / "s" / "网格.shp", "EPSG:4545")), limit=LIMIT)
    assert [feature.properties["name"] for feature in layer.features] == NAMES


def test_several_shapefiles_in_a_zip_need_a_name(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    archive = zipped(
        tmp_path, save(tmp_path / "s" / "one.shp"), save(tmp_path / "s" / "two.shp", "EPSG:4545")
    )
    with pytest.raises(BadFile, match="one, two") as caught:
        read_layer(archive, limit=LIMIT)
    assert caught.value.field == "layer"
    assert "4545" in read_layer(archive, limit=LIMIT, layer="two").crs


def test_names_in_a_zip_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "s").mkdir()
    archive = zipped(tmp_path, save(tmp_path / "s" / "a.shp"), inside="../../../../tmp/evil/")
    assert len(read_layer(archive, limit=LIMIT).features) == 2
    assert not Path("/tmp/evil").exists()


def test_a_bomb_in_a_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.shp", b"\0" * (1 << 26))
    with pytest.raises(TooLarge):
        read_layer(tmp_path / "a.zip", limit=1 << 20)


def test_a_shapefile_lacking_its_table_is_refused(tmp_path: Path) -> None:
    path = save(tmp_path / "a.shp")
    path.with_suffix(".dbf").unlink()
    with pytest.raises(BadFile, match=r"\.dbf"):
        read_layer(path, limit=LIMIT)


def test_the_digest_of_a_shapefile_covers_its_names(tmp_path: Path) -> None:
    path = save(tmp_path / "a.shp")
    before = digest(path)
    table = path.with_suffix(".dbf").read_bytes()
    path.with_suffix(".dbf").write_bytes(table.replace("上城".encode(), "下城".encode()))
    assert digest(path) != before


# --- what is no such file


def test_a_file_that_names_other_files_is_not_opened(tmp_path: Path) -> None:
    secret = save(tmp_path / "secret.gpkg")
    source = f"<OGRVRTLayer name='secret'><SrcDataSource>{secret}</SrcDataSource></OGRVRTLayer>"
    source = f"<OGRVRTDataSource>{source}</OGRVRTDataSource>"
    for name in ("a.kml", "a.gpkg", "a.fgb", "a.shp"):
        (tmp_path / name).write_text(source)
        with pytest.raises(BadFile, match="is not a"):
            read_layer(tmp_path / name, limit=LIMIT)
    (tmp_path / "a.vrt").write_text(source)
    with pytest.raises(BadFile, match="known ending"):
        read_layer(tmp_path / "a.vrt", limit=LIMIT)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.gpkg", b"SQLite format 3\0" + b"\0" * 200),
        ("a.fgb", b"fgb\x03fgb\x00" + b"\xff" * 100),
        ("a.shp", b"\x00\x00\x27\x0a" + b"\0" * 96),
        ("a.kml", b"<kml xmlns='http://www.opengis.net/kml/2.2'><Document>"),
        ("a.zip", b"PK\x03\x04"),
        ("a.geojson", b"\xff\xfe\xfa\xfb"),
    ],
)
def test_damaged_files_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadFile):
        read_layer(tmp_path / name, limit=LIMIT)


def test_limits_hold(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg")
    with pytest.raises(TooLarge):
        read_layer(path, limit=1000)


def test_several_layers_need_a_name(tmp_path: Path) -> None:
    path = save(tmp_path / "a.gpkg", layer="grids")
    save(path, layer="others", append=True)
    with pytest.raises(BadFile, match="grids, others") as caught:
        read_layer(path, limit=LIMIT)
    assert caught.value.field == "layer"
    assert read_layer(path, limit=LIMIT, layer="grids").name == "grids"
    with pytest.raises(BadFile, match="grids, others"):
        read_layer(path, limit=LIMIT, layer="none")


def test_whole_numbers_stay_whole_beside_empty_ones(tmp_path: Path) -> None:
    pyogrio.raw.write(
        tmp_path / "a.gpkg",
        shapely.to_wkb(np.array([LEFT, RIGHT], object)),
        [np.array([610602006001001, 0], dtype=np.int64)],
        ["code"],
        field_mask=[np.array([False, True])],
        geometry_type="Polygon",
        crs="EPSG:4326",
        driver="GPKG",
    )
    codes = [feature.properties["code"] for feature in read_layer(tmp_path / "a.gpkg", limit=LIMIT).features]
    assert codes == [610602006001001, None]
    assert isinstance(codes[0], int)


def test_gbk_geojson(tmp_path: Path) -> None:
    document = {
        "type": "Feature",
        "properties": {"name": "渝中区"},
        "geometry": json.loads(shapely.to_geojson(LEFT)),
    }
    (tmp_path / "a.json").write_bytes(json.dumps(document, ensure_ascii=False).encode("gbk"))
    layer = read_layer(tmp_path / "a.json", limit=LIMIT)
    assert layer.encoding == "gb18030"
    assert layer.features[0].properties == {"name": "渝中区"}
