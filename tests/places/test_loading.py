"""Files of places into a real PostGIS: checked row by row, dated, and once."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import shapely
from sqlalchemy import Connection

from gridmap.areas import loading as area_files
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadFile, BadInput, Conflict
from gridmap.geometry.datums import from_wgs84
from gridmap.places import loading, reading, store
from gridmap.places.exporting import SUFFIXES, export_places
from gridmap.places.model import PLACE_KINDS, Place, check_kind

BEFORE, DAY, AFTER = date(2022, 1, 1), date(2023, 6, 1), date(2023, 7, 1)
HEAD = "code,kind,name,lon,lat,capacity,opening_hours,service_radius_m,address,vehicle"
MARKET = "m1,night_market,大剧院夜市,109.4781,36.6112,85,Fr-Su 18:00-02:00,500,新区东路,"
PARKING = "p1,停车,中环停车场,109.48,36.61,120,,300,,motor"


def table(folder: Path, *rows: str, head: str = HEAD, name: str = "places.csv") -> Path:
    path = folder / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def load(connection: Connection, jurisdiction: Jurisdiction, path: Path, **options: Any) -> tuple[int, ...]:
    done = loading.import_file(connection, jurisdiction, path, **({"datum": "wgs84"} | options))
    return done.added, done.changed, done.unchanged, done.closed


def there(connection: Connection, day: date = DAY, **options: Any) -> dict[str, Place]:
    return {place.code: place for place in store.places(connection, "test", day=day, **options)}


def test_a_table_is_read_with_every_field(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    assert load(connection, jurisdiction, table(tmp_path, MARKET, PARKING)) == (2, 0, 0, 0)
    places = there(connection, BEFORE)
    market, parking = places["m1"], places["p1"]
    assert (market.name, market.capacity, market.service_radius_m) == ("大剧院夜市", 85, 500.0)
    assert (market.address, market.opening_hours) == ("新区东路", "Fr-Su 18:00-02:00")
    assert market.geometry.equals_exact(shapely.Point(109.4781, 36.6112))
    assert market.properties == {}
    assert (parking.kind, parking.properties) == ("parking", {"vehicle": "motor"})
    assert market.valid_from is None


def test_the_same_file_again_adds_nothing(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    path = table(tmp_path, MARKET, PARKING)
    load(connection, jurisdiction, path)
    assert load(connection, jurisdiction, path) == (0, 0, 2, 0)
    assert load(connection, jurisdiction, path, valid_from=DAY) == (0, 0, 2, 0)


def test_a_changed_place_ends_and_begins_anew(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    load(connection, jurisdiction, table(tmp_path, MARKET, PARKING))
    larger = table(tmp_path, MARKET.replace(",85,", ",90,"), "m2" + MARKET[2:], name="b.csv")
    assert load(connection, jurisdiction, larger, valid_from=DAY) == (1, 1, 0, 0)
    assert there(connection, BEFORE).keys() == {"m1", "p1"}
    assert there(connection, BEFORE)["m1"].capacity == 85
    assert there(connection, DAY).keys() == {"m1", "m2", "p1"}  # what a file leaves out stays
    assert there(connection, DAY)["m1"].capacity == 90
    # corrected on the very day it began: overwritten; before that day: a contradiction
    again = table(tmp_path, MARKET.replace(",85,", ",91,"), name="c.csv")
    assert load(connection, jurisdiction, again, valid_from=DAY) == (0, 1, 0, 0)
    assert there(connection, DAY)["m1"].capacity == 91
    assert there(connection, BEFORE)["m1"].capacity == 85
    with pytest.raises(Conflict) as caught:
        load(connection, jurisdiction, larger, valid_from=date(2023, 1, 1))
    assert caught.value.field == "valid_from"


def test_replace_closes_what_is_left_out_of_its_kinds(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    load(connection, jurisdiction, table(tmp_path, MARKET, "m2" + MARKET[2:], PARKING))
    only = table(tmp_path, MARKET, name="b.csv")
    assert load(connection, jurisdiction, only, valid_from=DAY, replace=True) == (0, 0, 1, 1)
    assert there(connection, BEFORE).keys() == {"m1", "m2", "p1"}
    assert there(connection, DAY).keys() == {"m1", "p1"}
    assert load(connection, jurisdiction, only, valid_from=DAY, replace=True) == (0, 0, 1, 0)
    back = table(tmp_path, "m2" + MARKET[2:], name="c.csv")
    assert load(connection, jurisdiction, back, valid_from=AFTER) == (0, 1, 0, 0)
    assert [sorted(there(connection, day)) for day in (DAY, AFTER)] == [["m1", "p1"], ["m1", "m2", "p1"]]


@pytest.mark.parametrize("datum", ["wgs84", "cgcs2000", "gcj02", "bd09"])
def test_the_declared_datum_is_converted(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path, datum: str
) -> None:
    lon, lat = (float(v) for v in from_wgs84(109.4781, 36.6112, datum))
    row = MARKET.replace("109.4781,36.6112", f"{lon!r},{lat!r}")
    load(connection, jurisdiction, table(tmp_path, row), datum=datum)
    assert there(connection)["m1"].geometry.distance(shapely.Point(109.4781, 36.6112)) < 1e-9


def test_a_table_without_datum_is_refused(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    for datum in (None, "WGS", "gcj"):
        with pytest.raises(BadInput) as caught:
            load(connection, jurisdiction, table(tmp_path, MARKET), datum=datum)
        assert caught.value.field == "datum"


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("m1", "", "code"),
        ("m1", "x" * 65, "code"),
        ("m1", "a\x07", "code"),
        ("大剧院夜市", "", "name"),
        ("night_market", "disco", "kind"),
        ("night_market", "", "kind"),
        ("109.4781", "", "lon"),
        ("109.4781", "NaN", "lon"),
        ("109.4781", "1_09", "lon"),
        ("109.4781", "1e400", "lon"),
        ("109.4781", "true", "lon"),
        ("109.4781", "190", "lon"),
        ("36.6112", "91", "lat"),
        ("109.4781,36.6112", "36.6112,109.4781", "lat"),
        ("109.4781,36.6112", "0,0", "lon"),
        (",85,", ",-1,", "capacity"),
        (",85,", ",many,", "capacity"),
        (",85,", ",1.5,", "capacity"),
        (",85,", ",99999999999,", "capacity"),
        (",500,", ",-0.1,", "service_radius_m"),
        (",500,", ",inf,", "service_radius_m"),
        ("Fr-Su 18:00-02:00", "every evening", "opening_hours"),
        ("新区东路", "x" * 301, "address"),
        (",500,", ",500,extra,", None),
    ],
)
def test_a_bad_row_refuses_the_file_with_its_number_and_field(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path, old: str, new: str, field: str | None
) -> None:
    assert old in MARKET
    path = table(tmp_path, PARKING, MARKET.replace(old, new, 1))
    with pytest.raises(BadFile) as caught:
        load(connection, jurisdiction, path)
    assert f"row 3, {field}" in caught.value.message if field else "row 3:" in caught.value.message
    assert "row 2" not in caught.value.message
    assert there(connection) == {}


def test_doubled_codes_within_a_kind_are_refused(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    with pytest.raises(BadFile, match="row 3, code"):
        load(connection, jurisdiction, table(tmp_path, MARKET, MARKET))
    other = MARKET.replace("night_market", "morning_market")
    assert load(connection, jurisdiction, table(tmp_path, MARKET, other))[0] == 2


def test_what_lies_far_from_every_area_is_refused(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    area = {"type": "Polygon", "coordinates": [[[109, 36], [110, 36], [110, 37], [109, 36]]]}
    feature = {"type": "Feature", "properties": {"code": "1", "name": "1"}, "geometry": area}
    (tmp_path / "a.geojson").write_text(json.dumps(feature))
    area_files.import_file(connection, jurisdiction, tmp_path / "a.geojson", kind="grid")
    assert load(connection, jurisdiction, table(tmp_path, MARKET))[0] == 1
    far = MARKET.replace("109.4781,36.6112", "119.4781,26.6112").replace("m1", "m2")
    with pytest.raises(BadFile, match=r"row 2, lon: .*200 km"):
        load(connection, jurisdiction, table(tmp_path, far))


def test_a_workbook_with_chinese_headings(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    book = openpyxl.Workbook()
    book.active.append(["编号", "类型", "名称", "经度", "纬度", "车位数"])
    book.active.append([1, "停车", "农批城停车场", 109.48, 36.61, 60])
    book.save(tmp_path / "p.xlsx")
    load(connection, jurisdiction, tmp_path / "p.xlsx", datum="gcj02")
    place = there(connection)["1"]
    assert (place.kind, place.name, place.capacity) == ("parking", "农批城停车场", 60)


def test_polygons_come_from_vector_files(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    ring = [[109.48, 36.61], [109.481, 36.61], [109.481, 36.611], [109.48, 36.61]]
    shapes = [{"type": "Polygon", "coordinates": [ring]}, {"type": "Point", "coordinates": [109.48, 36.61]}]
    features: list[dict[str, Any]] = [
        {"type": "Feature", "properties": {"code": str(i), "name": "场", "capacity": 5}, "geometry": shape}
        for i, shape in enumerate(shapes)
    ]
    path = tmp_path / "a.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    assert load(connection, jurisdiction, path, datum=None, kind="parking")[0] == 2
    assert there(connection)["0"].geometry.geom_type == "Polygon"
    assert load(connection, jurisdiction, path, datum=None, kind="停车") == (0, 0, 2, 0)
    features[1]["geometry"] = {"type": "LineString", "coordinates": ring}
    features[0]["geometry"]["coordinates"] = [[ring[0], ring[1], ring[0], ring[0]]]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(BadFile, match=r"(?s)row 1, geometry.*row 2, geometry"):
        load(connection, jurisdiction, path, datum=None, kind="parking")


# --- reading back


def test_places_by_kind_box_and_page(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    rows = [PARKING.replace("p1", f"p{i}").replace("109.48", f"109.{i}") for i in range(1, 6)]
    load(connection, jurisdiction, table(tmp_path, MARKET, *rows))
    assert there(connection, kinds=["night_market"]).keys() == {"m1"}
    assert there(connection, bbox=(109.15, 36.0, 109.35, 37.0)).keys() == {"p2", "p3"}
    first = store.places(connection, "test", day=DAY, limit=3)
    rest = store.places(connection, "test", day=DAY, after=(first[-1].kind, first[-1].code))
    assert [place.code for place in first + rest] == ["m1", "p1", "p2", "p3", "p4", "p5"]
    with pytest.raises(BadInput) as caught:
        there(connection, kinds=["disco"])
    assert caught.value.field == "kind"


def test_open_at_goes_by_the_jurisdictions_clocks(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    load(connection, jurisdiction, table(tmp_path, MARKET, PARKING))
    saturday_night = datetime.fromisoformat("2023-06-17T16:30:00+00:00")  # half past midnight in Shanghai
    assert there(connection, open_at=saturday_night).keys() == {"m1"}
    assert there(connection, open_at=datetime.fromisoformat("2023-06-17T06:30:00+00:00")) == {}
    assert store.places(connection, "test", day=DAY, open_at=saturday_night, limit=0) == []


@pytest.mark.parametrize("format", SUFFIXES)
def test_an_export_loads_back_the_same(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path, format: str
) -> None:
    load(connection, jurisdiction, table(tmp_path, MARKET, PARKING))
    out = tmp_path / f"out.{format}"
    export_places(list(there(connection).values()), out, format=format)
    datum = "wgs84" if format in ("csv", "xlsx") else None
    back = {place.code: place for _, place in reading.read_places(out, datum=datum)}
    for code, place in there(connection).items():
        names = ("kind", "name", "capacity", "opening_hours", "service_radius_m", "address")
        assert [getattr(back[code], name) for name in names] == [getattr(place, name) for name in names]
        assert back[code].geometry.equals_exact(place.geometry)


def test_an_export_runs_no_formula(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    evil = '=HYPERLINK("http://x")'
    row = MARKET.replace("大剧院夜市", '"' + evil.replace('"', '""') + '"').replace("新区东路", "@SUM(A1)")
    load(connection, jurisdiction, table(tmp_path, row))
    for format in ("csv", "xlsx"):
        out = tmp_path / f"out.{format}"
        export_places(list(there(connection).values()), out, format=format)
        if format == "csv":
            cells = out.read_text("utf-8-sig").splitlines()[1]
            assert "\"'=HYPERLINK" in cells
            assert "'@SUM" in cells
        else:
            for cell in openpyxl.load_workbook(out).active[2]:
                assert cell.data_type != "f"


def test_kinds_are_known_by_code_and_name() -> None:
    for code, (name, name_en) in PLACE_KINDS.items():
        assert check_kind(code) == check_kind(name) == check_kind(name_en.upper()) == code
