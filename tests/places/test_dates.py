"""Places whose file says from when to when they are there, and exports that load back as they are."""

from __future__ import annotations

import datetime as dt
import json
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadFile, Conflict
from gridmap.places import loading, store
from gridmap.places.exporting import export_places
from gridmap.places.model import Place

HEAD = "code,kind,name,lon,lat,capacity,valid_from,valid_to"
LATER = date(2023, 6, 1)
Days = tuple[date | None, date | None]


def row(begin: object = "", end: object = "", *, capacity: int = 5, code: str = "p1") -> str:
    return f"{code},停车,中环停车场,109.48,36.61,{capacity},{begin},{end}"


@pytest.fixture
def load(connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path):
    """load(*rows, head=…, **options) -> "added" | "changed" | "unchanged" of a file of one place."""

    def loaded(*rows: str, head: str = HEAD, **options: Any) -> str:
        path = tmp_path / "p.csv"
        path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
        done = loading.import_file(connection, jurisdiction, path, datum="wgs84", **options)
        return " ".join(word for word in ("added", "changed", "unchanged", "closed") if getattr(done, word))

    return loaded


def stored(connection: Connection, code: str = "p1") -> list[Place]:
    return store.versions(connection, "test", ["parking"])[("parking", code)]


def days(connection: Connection, code: str = "p1") -> list[Days]:
    return [(place.valid_from, place.valid_to) for place in stored(connection, code)]


@pytest.mark.parametrize(
    ("begin", "end"),
    [("", ""), ("2023-06-01", ""), ("", "2023-07-01"), ("2023-06-01", "2023-07-01"), ("2022-01-01", "")],
)
def test_a_row_says_its_own_days(load, connection: Connection, begin: str, end: str) -> None:
    assert load(row(begin, end)) == "added"
    expected = tuple(date.fromisoformat(text) if text else None for text in (begin, end))
    assert days(connection) == [expected]
    assert stored(connection)[0].properties == {}
    assert load(row(begin, end)) == "unchanged"
    # days that the option gives are for rows without their own
    assert load(row(begin, end), valid_from=date(2022, 6, 1)) == "unchanged"
    assert load(row("2023-06-01", code="p2"), row("", code="p3"), valid_from=LATER) == "added"
    assert days(connection, "p2") == days(connection, "p3") == [(LATER, None)]


@pytest.mark.parametrize(
    "headings", [("启用日期", "停用日期"), ("起始日期", "截止日期"), ("Valid From", "VALID_TO")]
)
def test_headings_of_days(load, connection: Connection, headings: tuple[str, str]) -> None:
    head = HEAD.replace("valid_from,valid_to", ",".join(headings))
    assert load(row("2023-06-01", "2023-07-01"), head=head) == "added"
    assert days(connection) == [(LATER, date(2023, 7, 1))]
    assert stored(connection)[0].properties == {}


@pytest.mark.parametrize(
    ("begin", "end", "field"),
    [
        ("2023-02-30", "", "valid_from"),
        ("20230601", "", "valid_from"),
        ("2023-06-01T08:00", "", "valid_from"),
        ("soon", "", "valid_from"),
        ("", "01/07/2023", "valid_to"),
        ("2023-06-01", "2023-06-01", "valid_to"),
        ("2023-06-01", "2023-05-31", "valid_to"),
    ],
)
def test_wrong_days_are_refused_by_row_and_field(load, begin: str, end: str, field: str) -> None:
    with pytest.raises(BadFile, match=f"row 3, {field}: "):
        load(row(code="p2"), row(begin, end))


def test_an_end_before_the_beginning_that_the_option_gives_is_refused(load) -> None:
    with pytest.raises(BadFile, match=r"row 2, valid_to: .*give valid_from"):
        load(row("", "2023-05-01"), valid_from=LATER)


def test_days_of_geojson_and_workbooks(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    told = {"code": "p1", "kind": "parking", "name": "场", "启用日期": "2023-06-01", "valid_to": None}
    point = {"type": "Point", "coordinates": [109.48, 36.61]}
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": told, "geometry": point}))
    loading.import_file(connection, jurisdiction, path)
    assert days(connection) == [(LATER, None)]
    assert stored(connection)[0].properties == {}
    told["valid_to"] = "2023-06-00"
    path.write_text(json.dumps({"type": "Feature", "properties": told, "geometry": point}))
    with pytest.raises(BadFile, match="row 1, valid_to"):
        loading.import_file(connection, jurisdiction, path)
    book = openpyxl.Workbook()
    book.active.append(["编号", "类型", "名称", "经度", "纬度", "启用日期", "停用日期"])
    book.active.append(["p2", "停车", "场", 109.48, 36.61, LATER, dt.datetime(2023, 7, 1)])
    book.save(tmp_path / "p.xlsx")
    loading.import_file(connection, jurisdiction, tmp_path / "p.xlsx", datum="wgs84")
    assert days(connection, "p2") == [(LATER, date(2023, 7, 1))]


def test_other_days_of_the_same_place_correct_them(load, connection: Connection) -> None:
    load(row())
    assert load(row("2022-01-01")) == "changed"
    assert days(connection) == [(date(2022, 1, 1), None)]
    assert load(row("", "2024-01-01")) == "changed"
    assert days(connection) == [(date(2022, 1, 1), date(2024, 1, 1))]
    assert load(row("2021-01-01", "2999-01-01")) == "changed"
    assert days(connection) == [(date(2021, 1, 1), date(2999, 1, 1))]
    # a file without a column of ends says nothing of the end; an empty cell says that there is none
    short = row().removesuffix(",,")
    assert load(short, head=HEAD.removesuffix(",valid_from,valid_to")) == "unchanged"
    assert load(row()) == "changed"
    assert days(connection) == [(date(2021, 1, 1), None)]
    with pytest.raises(Conflict):
        load(row("", "2020-01-01"))


def test_a_changed_place_begins_anew_on_its_own_day(load, connection: Connection) -> None:
    load(row())
    assert load(row("2023-06-01", capacity=9)) == "changed"
    assert days(connection) == [(None, LATER), (LATER, None)]
    assert load(row("2023-06-01", capacity=8)) == "changed"  # the same first day: a correction
    assert [place.capacity for place in stored(connection)] == [5, 8]
    assert load(row("", "2023-06-01")) == "unchanged"  # the version that was
    for begin in ("2023-01-01", "2022-01-01"):
        with pytest.raises(Conflict, match="version from 2023-06-01"):
            load(row(begin, capacity=7))
    assert load(row("2023-06-01", "2023-07-01", capacity=8)) == "changed"
    assert load(row("2023-08-01", capacity=8)) == "changed"
    assert days(connection) == [
        (None, LATER),
        (LATER, date(2023, 7, 1)),
        (date(2023, 8, 1), None),
    ]


def test_what_a_spreadsheet_must_not_run_comes_back_as_it_was(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    told = {"code": "p1", "kind": "parking", "name": "=1+1", "address": "'90s", "@id": "-x"}
    point = {"type": "Point", "coordinates": [109.48, 36.61]}
    path = tmp_path / "p.geojson"
    path.write_text(json.dumps({"type": "Feature", "properties": told, "geometry": point}))
    loading.import_file(connection, jurisdiction, path)
    for ending in ("csv", "xlsx", "geojson"):
        out = tmp_path / f"out.{ending}"
        export_places(stored(connection), out, format=ending)
        done = loading.import_file(connection, jurisdiction, out, datum=None if ending[0] == "g" else "wgs84")
        assert (done.changed, done.unchanged) == (0, 1), ending
    assert (stored(connection)[0].name, stored(connection)[0].properties) == ("=1+1", {"@id": "-x"})


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_an_export_of_a_day_gone_by_loads_back(
    load, connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path, ending: str
) -> None:
    load(row(), row("2022-01-01", "2024-01-01", code="p2"), row("2022-01-01", code="p3"))
    load(row("2023-06-01", capacity=9), row("2023-06-01", capacity=9, code="p3"))
    out = tmp_path / f"out.{ending}"
    found = store.places(connection, "test", day=date(2023, 1, 1))
    export_places(found, out, format=ending)
    datum = None if ending == "geojson" else "wgs84"
    done = loading.import_file(connection, jurisdiction, out, datum=datum)
    assert (done.added, done.changed, done.unchanged) == (0, 0, 3)
