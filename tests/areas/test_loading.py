"""Area files into a real PostGIS: all or nothing, once, and out again unchanged."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import shapely
from sqlalchemy import Connection

from gridmap.areas import loading, store
from gridmap.areas.exporting import DRIVERS, SUFFIXES, export_areas
from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.areas.verdicts import CheckReport
from gridmap.errors import AreasRefused, BadFile, BadInput, Conflict, TooLarge

LON, LAT, STEP = 109.48, 36.61, 0.002
DAY = date(2023, 6, 1)


def square(column: int, row: int = 0, size: int = 1) -> shapely.Polygon:
    corners = (LON + column * STEP, LAT + row * STEP, LON + (column + size) * STEP, LAT + (row + size) * STEP)
    return shapely.orient_polygons(shapely.box(*corners))


def write(folder: Path, name: str, areas: dict[str, Any], parent: str | None = None, **more: Any) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": f"名{code}", "parent": parent} | more,
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, shape in areas.items()
    ]
    path = folder / name
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def stored(connection: Connection, kind: str, day: date = DAY) -> dict[str, AreaVersion]:
    return {area.code: area for area in store.areas(connection, "test", kind=kind, day=day)}


def test_an_import_stores_every_area_to_the_last_digit(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    shape = shapely.Polygon([(109.4781234567890123, 36.6), (109.5, 36.6), (109.49, 36.71234567890123)])
    path = write(tmp_path, "grids.geojson", {"1": shape, "2": square(20)}, note="示意数据")
    reports: list[CheckReport] = []
    edition = loading.import_file(
        connection, jurisdiction, path, kind="grid", loaded_by="somebody", on_report=reports.append
    )
    assert (edition.area_count, edition.file_name, edition.loaded_by) == (2, "grids.geojson", "somebody")
    assert edition.valid_from is None
    assert reports[0].sha256 == edition.sha256
    areas = stored(connection, "grid")
    assert areas["1"].geometry.normalize().equals_exact(shape.normalize())
    assert (areas["1"].name, areas["1"].parent_code) == ("名1", None)
    assert areas["1"].properties == {"note": "示意数据"}


def test_the_same_file_again_adds_nothing(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.geojson", {"1": square(0)})
    for day in (None, None, DAY):  # a first edition keeps no day, whatever its command says
        edition = loading.import_file(connection, jurisdiction, path, kind="grid", valid_from=day)
    assert [e.id for e in store.editions(connection, "test")] == [edition.id]
    # the same file as another kind is another edition
    loading.import_file(connection, jurisdiction, path, kind="compound")
    assert len(store.editions(connection, "test")) == 2


def test_a_later_edition_needs_a_day_and_closes_the_first(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    first = write(tmp_path, "a.geojson", {"1": square(0), "2": square(1)})
    later = write(tmp_path, "b.geojson", {"1": square(0, size=2)})
    loading.import_file(connection, jurisdiction, first, kind="grid")
    with pytest.raises(BadInput) as caught:
        loading.import_file(connection, jurisdiction, later, kind="grid")
    assert caught.value.field == "valid_from"
    edition = loading.import_file(connection, jurisdiction, later, kind="grid", valid_from=DAY)
    again = loading.import_file(connection, jurisdiction, later, kind="grid", valid_from=DAY)
    assert again.id == edition.id
    assert stored(connection, "grid", date(2023, 5, 31)).keys() == {"1", "2"}
    assert stored(connection, "grid", DAY).keys() == {"1"}
    third = write(tmp_path, "c.geojson", {"1": square(0)})
    with pytest.raises(Conflict):
        loading.import_file(connection, jurisdiction, third, kind="grid", valid_from=DAY)


def test_one_refused_feature_refuses_the_file_after_the_report(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    bow_tie = shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)])
    path = write(tmp_path, "a.geojson", {"1": square(0), "2": bow_tie})
    reports: list[CheckReport] = []
    with pytest.raises(AreasRefused, match="feature 2"):
        loading.import_file(connection, jurisdiction, path, kind="grid", on_report=reports.append)
    assert reports[0].counts["refused"] == 1
    assert store.editions(connection, "test") == []
    assert stored(connection, "grid") == {}


def test_parents_come_from_the_database(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    grids = write(tmp_path, "grids.geojson", {"1": square(0)}, parent="C1")
    loading.import_file(connection, jurisdiction, grids, kind="grid")  # no communities yet: not checked
    communities = write(tmp_path, "communities.geojson", {"C1": square(0, size=3)})
    loading.import_file(connection, jurisdiction, communities, kind="community")
    wrong = write(tmp_path, "wrong.geojson", {"1": square(0), "2": square(5)}, parent="C1")
    with pytest.raises(AreasRefused, match="outside its parent"):
        loading.import_file(connection, jurisdiction, wrong, kind="grid", valid_from=DAY)
    unknown = write(tmp_path, "unknown.geojson", {"1": square(0)}, parent="C2")
    with pytest.raises(AreasRefused, match="C2"):
        loading.import_file(connection, jurisdiction, unknown, kind="grid", valid_from=DAY)
    # a building's parent may be a compound or a community
    loading.import_file(
        connection,
        jurisdiction,
        write(tmp_path, "k.geojson", {"K1": square(0)}, parent="C1"),
        kind="compound",
    )
    for parent in ("K1", "C1"):
        path = write(tmp_path, f"{parent}.geojson", {"B": square(0)}, parent=parent)
        day = DAY if parent == "C1" else None
        assert loading.import_file(connection, jurisdiction, path, kind="building", valid_from=day)


def test_what_cannot_be_judged_is_refused_before_anything(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    path = write(tmp_path, "a.geojson", {"1": square(0)})
    with pytest.raises(BadInput) as caught:
        loading.import_file(connection, jurisdiction, path, kind="street")
    assert caught.value.field == "kind"
    with pytest.raises(TooLarge):
        loading.import_file(connection, jurisdiction, path, kind="grid", limit=100)
    with pytest.raises(BadFile):
        loading.import_file(connection, jurisdiction, tmp_path / "none.geojson", kind="grid")
    with pytest.raises(BadInput) as caught:
        loading.import_file(connection, jurisdiction, path, kind="grid", code_field="CODE")
    assert caught.value.field == "code_field"


def test_the_same_code_in_another_jurisdiction_is_another_area(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    other = Jurisdiction("other", "别的街道")
    store.add_jurisdiction(connection, other)
    path = write(tmp_path, "a.geojson", {"1": square(0)})
    editions = {loading.import_file(connection, j, path, kind="grid").id for j in (jurisdiction, other)}
    assert len(editions) == 2


@pytest.mark.parametrize("format", list(DRIVERS))
def test_an_export_loads_back_the_same(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path, format: str
) -> None:
    ring = shapely.Polygon(
        square(3, size=3).exterior, [shapely.LinearRing(square(4, 1).exterior.coords[::-1])]
    )
    two = shapely.MultiPolygon([square(10), square(12)])
    areas = {"010": square(0), "020": shapely.orient_polygons(ring), "030": two}
    loading.import_file(
        connection, jurisdiction, write(tmp_path, "a.geojson", areas, parent="P"), kind="grid"
    )
    out = tmp_path / f"out{SUFFIXES[format]}"
    export_areas(list(stored(connection, "grid").values()), out, format=format)
    assert [p.name for p in tmp_path.iterdir() if p.is_dir()] == []
    names = {"name_field": "Name"} if format == "kml" else {}  # KML has its own word for it
    report = loading.check_file(out, parents=None, **names)
    assert report.passed
    back = {area.code: area for area in report.areas}
    assert back.keys() == areas.keys()
    for code, area in back.items():
        assert (area.name, area.parent_code) == (f"名{code}", "P")
        assert shapely.symmetric_difference(area.geometry, areas[code]).area < 1e-16


def test_an_unknown_export_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        export_areas([], tmp_path / "a.dxf", format="dxf")
    assert caught.value.field == "format"


@pytest.mark.parametrize(
    ("name", "options", "count"),
    [
        ("cornwall/lsoa.json", {"code_field": "LSOA11CD", "name_field": "LSOA11NM"}, 326),
        ("chongqing/chongqing.shp", {"code_field": "ADMINCODE", "name_field": "NAME"}, 38),
        ("boston/neighbourhoods.geojson", {"code_field": "name", "name_field": "name"}, 26),
    ],
)
def test_real_files_go_in_whole(
    connection: Connection,
    jurisdiction: Jurisdiction,
    shared_data: Path,
    name: str,
    options: dict[str, str],
    count: int,
) -> None:
    edition = loading.import_file(connection, jurisdiction, shared_data / name, kind="grid", **options)
    assert edition.area_count == count
    areas = stored(connection, "grid")
    assert len(areas) == count
    if name.startswith("chongqing"):
        assert areas["500103"].name == "渝中区"
