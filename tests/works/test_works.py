"""Work records into a real PostGIS: validated, placed, linked to their reports, and once."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection

from gridmap.areas import loading as area_files
from gridmap.areas.model import Jurisdiction
from gridmap.database.months import make_months
from gridmap.errors import BadCoordinate, BadFile, BadInput, Conflict, NotFound
from gridmap.geometry.datums import from_wgs84
from gridmap.reports import intake as report_intake
from gridmap.reports import store as reports
from gridmap.reports.model import NewReport
from gridmap.settings import Settings
from gridmap.works import intake, kinds, loading, store
from gridmap.works.model import NewWork, WorkKind

DAY = date(2023, 6, 18)
MOMENT = datetime(2023, 6, 18, 4, tzinfo=UTC)
WORK = NewWork("advert_removed", Decimal(12), DAY, "w-1", lon=109.481, lat=36.611, datum="wgs84")


@pytest.fixture
def district(connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path) -> Jurisdiction:
    """Two grids side by side, west and east of lon 109.482."""
    features = []
    for code, west, east in (("g1", 109.48, 109.482), ("g2", 109.482, 109.484)):
        ring = [[west, 36.61], [east, 36.61], [east, 36.612], [west, 36.612], [west, 36.61]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": code, "name": code}, "geometry": shape})
    path = tmp_path / "grids.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    area_files.import_file(connection, jurisdiction, path, kind="grid")
    return jurisdiction


def add_reports(connection: Connection, jurisdiction: Jurisdiction, *client_ids: str) -> list[UUID]:
    make_months(connection, [date(2023, 6, 1)])
    category = reports.categories(connection, jurisdiction.code)[0].code
    drafts = [NewReport(category, "x", MOMENT, id_, 109.481, 36.611, "wgs84") for id_ in client_ids]
    outcomes = report_intake.record_batch(
        connection, jurisdiction, drafts, settings=Settings(database_url=None)
    )
    return [outcome.report_id for outcome in outcomes if outcome.report_id]


def record(connection: Connection, jurisdiction: Jurisdiction, *works: NewWork) -> list[str]:
    return [outcome.status for outcome in intake.record(connection, jurisdiction, works)]


def refusal(connection: Connection, jurisdiction: Jurisdiction, work: NewWork) -> BadInput:
    (outcome,) = intake.record(connection, jurisdiction, [work])
    assert outcome.status == "refused"
    assert isinstance(outcome.error, BadInput)
    assert store.works(connection, jurisdiction.code) == []
    return outcome.error


def test_a_record_is_stored_and_placed(connection: Connection, district: Jurisdiction) -> None:
    (outcome,) = intake.record(
        connection, district, [replace(WORK, place_name=" 新区东路 ", note="a\nb", unit="条")]
    )
    assert outcome.work_id
    work = store.get(connection, "test", outcome.work_id)
    assert (work.kind, work.kind_name, work.quantity, work.unit) == (
        "advert_removed",
        "小广告清除",
        Decimal(12),
        "条",
    )
    assert (work.occurred_on, work.place_name, work.note) == (DAY, "新区东路", "a\nb")
    assert (work.lon, work.lat, work.datum, work.wgs84) == (109.481, 36.611, "wgs84", (109.481, 36.611))
    assert work.grid == "g1"
    assert outcome.work_id.version == 7
    with pytest.raises(NotFound):
        store.get(connection, "test", uuid4())
    with pytest.raises(NotFound):
        store.get(connection, "elsewhere", outcome.work_id)


@pytest.mark.parametrize("datum", ["gcj02", "bd09", "cgcs2000"])
def test_the_datum_is_converted_before_placing(
    connection: Connection, district: Jurisdiction, datum: str
) -> None:
    lon, lat = (float(v) for v in from_wgs84(109.483, 36.611, datum))
    record(connection, district, replace(WORK, lon=lon, lat=lat, datum=datum))
    (work,) = store.works(connection, "test")
    assert (work.lon, work.lat, work.datum) == (lon, lat, datum)
    assert work.wgs84 == pytest.approx((109.483, 36.611), abs=1e-9)
    assert work.grid == "g2"


def test_a_record_needs_no_coordinate(connection: Connection, jurisdiction: Jurisdiction) -> None:
    plain = NewWork("film_showing", Decimal("1"), DAY, datum="wgs84")
    assert record(connection, jurisdiction, plain) == ["created"]
    (work,) = store.works(connection, "test")
    assert (work.lon, work.datum, work.wgs84, work.grid) == (None, None, None, None)


def test_client_ids_are_known_again_or_in_conflict(connection: Connection, district: Jurisdiction) -> None:
    assert record(connection, district, WORK, WORK) == ["created", "known"]
    same = replace(WORK, quantity=Decimal("12.000"), kind="小广告清除", unit="条")
    other = replace(WORK, quantity=Decimal(13))
    (known, conflict) = intake.record(connection, district, [same, other])
    assert known.status == "known"
    assert isinstance(conflict.error, Conflict)
    assert conflict.error.field == "client_id"
    assert len(store.works(connection, "test")) == 1


def test_without_a_client_id_the_content_is_the_id(connection: Connection, district: Jurisdiction) -> None:
    plain = replace(WORK, client_id=None)
    assert record(connection, district, plain, plain, replace(plain, note="another")) == [
        "created",
        "known",
        "created",
    ]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "dancing"}, "kind"),
        ({"kind": "a\0"}, "kind"),
        ({"unit": "kg"}, "unit"),
        ({"quantity": Decimal(0)}, "quantity"),
        ({"quantity": Decimal(-1)}, "quantity"),
        ({"quantity": Decimal("NaN")}, "quantity"),
        ({"quantity": Decimal("Infinity")}, "quantity"),
        ({"quantity": Decimal("1e30")}, "quantity"),
        ({"quantity": Decimal("0.0000001")}, "quantity"),
        ({"occurred_on": date(1980, 1, 1)}, "occurred_on"),
        ({"occurred_on": date.today() + timedelta(days=3)}, "occurred_on"),
        ({"place_name": "a\0"}, "place_name"),
        ({"place_name": "x" * 201}, "place_name"),
        ({"note": "\ud800"}, "note"),
        ({"client_id": ""}, "client_id"),
        ({"client_id": "a\0"}, "client_id"),
        ({"lon": None}, "lon"),
        ({"lat": float("nan")}, "lat"),
        ({"lon": 36.6, "lat": 109.48}, "lat"),
        ({"lon": 9.48}, "lon"),
        ({"datum": None}, "datum"),
        ({"datum": "wgs"}, "datum"),
        ({"report_ids": ("missing",)}, "report_ids"),
        ({"report_ids": ("a\0",)}, "report_ids"),
        ({"report_ids": ("\ud800",)}, "report_ids"),
        ({"report_ids": (UUID(int=1),)}, "report_ids"),
    ],
)
def test_bad_values_are_refused_by_field(
    connection: Connection, district: Jurisdiction, changes: dict[str, Any], field: str
) -> None:
    error = refusal(connection, district, replace(WORK, **changes))
    assert error.field == field
    assert isinstance(error, BadCoordinate) == (field in ("lon", "lat"))


def test_records_are_linked_to_reports_by_either_id(connection: Connection, district: Jurisdiction) -> None:
    ids = add_reports(connection, district, "r-1", "r-2", "r-3")
    record(connection, district, replace(WORK, report_ids=("r-2", ids[0], "r-2")))
    (work,) = store.works(connection, "test")
    assert set(work.report_ids) == set(ids[:2])
    # the same reports, named otherwise, are the same record
    assert record(connection, district, replace(WORK, report_ids=("r-1", ids[1]))) == ["known"]
    assert record(connection, district, replace(WORK, report_ids=("r-1",))) == ["conflict"]


def test_listing_and_totals(connection: Connection, district: Jurisdiction) -> None:
    days = [date(2023, 6, day) for day in (1, 2, 3, 3)]
    works = [
        replace(WORK, client_id=str(i), occurred_on=day, quantity=Decimal("0.5"), kind="rubbish_hauled")
        for i, day in enumerate(days)
    ]
    record(connection, district, *works, replace(WORK, lon=109.483))
    listed = store.works(connection, "test", limit=2)
    assert [work.occurred_on for work in listed] == [DAY, date(2023, 6, 3)]
    rest = store.works(connection, "test", after=(listed[-1].occurred_on, listed[-1].id))
    assert [work.occurred_on.day for work in rest] == [3, 2, 1]
    assert {work.kind for work in store.works(connection, "test", kind="rubbish_hauled")} == {
        "rubbish_hauled"
    }
    assert len(store.works(connection, "test", first=date(2023, 6, 2), last=date(2023, 6, 3))) == 3
    assert [work.client_id for work in store.works(connection, "test", grid="g2")] == ["w-1"]
    assert store.totals(connection, "test") == {
        "advert_removed": (Decimal(12), 1),
        "rubbish_hauled": (Decimal("2.0"), 4),
    }
    assert store.totals(connection, "test", date(2023, 6, 3), date(2023, 6, 3)) == {
        "rubbish_hauled": (Decimal("1.0"), 2)
    }


def test_the_vocabulary_is_seeded_once_and_follows_its_names(connection: Connection) -> None:
    assert {kind.code for kind in kinds.shipped()} <= store.kinds(connection).keys()
    own = WorkKind("tree_planted", "植树", "Tree planted", "株")
    store.put_kinds(connection, [own, WorkKind("errand", "代办", "Errand", "次")])
    kinds.seed(connection)
    known = store.kinds(connection)
    assert known["tree_planted"] == own
    assert known["errand"].name == "为民代办"
    for kind in kinds.shipped():
        assert kinds.find(known, kind.code) == kinds.find(known, kind.name) == kind


# --- files

HEAD = "client_id,kind,quantity,unit,occurred_on,place_name,lon,lat,note,report_ids"
ROW = "w1,advert_removed,12,条,2023-06-18,新区东路,109.481,36.611,,r-1;r-2"


def table(folder: Path, *rows: str, head: str = HEAD) -> Path:
    path = folder / "works.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_a_file_is_stored_once_with_its_links(
    connection: Connection, district: Jurisdiction, tmp_path: Path
) -> None:
    ids = add_reports(connection, district, "r-1", "r-2")
    path = table(tmp_path, ROW, f"w2,垃圾清运,0.5,,2023年6月1日,,,,,{ids[0]}")
    done = loading.import_file(connection, district, path, datum="wgs84")
    assert (done.created, done.known) == (2, 0)
    done = loading.import_file(connection, district, path, datum="wgs84")
    assert (done.created, done.known) == (0, 2)
    first, second = store.works(connection, "test")
    assert set(first.report_ids) == set(ids)
    assert (second.kind, second.quantity, second.report_ids) == ("rubbish_hauled", Decimal("0.5"), (ids[0],))


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("advert_removed", "", "kind"),
        ("advert_removed", "dancing", "kind"),
        (",12,", ",,", "quantity"),
        (",12,", ",1_2,", "quantity"),
        (",12,", ",１２,", "quantity"),
        (",12,", ",-3,", "quantity"),
        (",12,", ",1e3,", "quantity"),
        ("2023-06-18", "18/06/2023", "occurred_on"),
        ("2023-06-18", "2023-02-30", "occurred_on"),
        ("2023-06-18", "", "occurred_on"),
        ("109.481", "abc", "lon"),
        ("109.481", "", "lon"),
        ("r-2", "r-9", "report_ids"),
        (",条,", ",kg,", "unit"),
        ("新区东路", "a,b", None),
    ],
)
def test_a_bad_row_refuses_the_file(
    connection: Connection, district: Jurisdiction, tmp_path: Path, old: str, new: str, field: str | None
) -> None:
    add_reports(connection, district, "r-1", "r-2")
    path = table(tmp_path, "w0,errand,1,,2023-06-18,,,,,", ROW.replace(old, new, 1))
    savepoint = connection.begin_nested()
    with pytest.raises(BadFile) as caught:
        loading.import_file(connection, district, path, datum="wgs84")
    savepoint.rollback()
    assert f"row 3, {field}" in caught.value.message if field else "row 3:" in caught.value.message
    assert store.works(connection, "test") == []


def test_coordinates_need_a_datum_and_columns_a_heading(
    connection: Connection, district: Jurisdiction, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        loading.import_file(connection, district, table(tmp_path, ROW))
    assert caught.value.field == "datum"
    with pytest.raises(BadFile) as missing:
        loading.import_file(connection, district, table(tmp_path, "1", head="quantity"))
    assert missing.value.field == "kind"
