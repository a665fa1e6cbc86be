"""Reports as files: all of them, as they were given, in whatever format; and back in the same."""

from __future__ import annotations

import csv
import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pyogrio
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput
from gridmap.opening import open_gridmap
from gridmap.reports import intake, store
from gridmap.reports.exporting import FIELDS, SUFFIXES, export_reports
from gridmap.reports.files import import_file
from gridmap.reports.model import NewReport
from gridmap.reports.reading import Reading
from gridmap.statistics.months import month_span, parse_month

TOWN = Jurisdiction("town", "城", None)


@pytest.fixture(scope="module")
def town(make_settings):
    """Reports in three datums, with words that a spreadsheet would run, one by a compound's name."""
    noon = datetime(2023, 6, 1, 12, tzinfo=TOWN.zone)
    words = ["=1+1", "杨家岭,“桥头”\n垃圾", '"', "", "@x", "'"]
    drafts = [
        NewReport(
            f"matter-{'06010' if n % 2 else '09010'}",
            words[n % 6],
            noon + timedelta(days=n),
            f"c-{n}",
            109.47 + n * 1e-4 / 3,
            36.62,
            ("wgs84", "gcj02", "cgcs2000")[n % 3],
            None if n % 4 else 12.5,
        )
        for n in range(50)
    ]
    drafts.append(NewReport("matter-06010", "按名", noon, "named", named_area="苑"))
    square = shapely.box(109.46, 36.61, 109.48, 36.63)
    with open_gridmap(make_settings()) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, TOWN)
            for kind, area in (
                ("grid", NewArea("g1", "格", square)),
                ("compound", NewArea("y1", "苑", square)),
            ):
                areas.add_edition(
                    connection, "town", kind, [area], file_name="f", sha256="", loaded_by="t", valid_from=None
                )
        assert {o.status for o in intake.record(database, TOWN, drafts)} == {"created"}
        yield database


def export(database: Database, out: Path, owner: Jurisdiction = TOWN, **options) -> int:
    with database.reading() as connection:
        return export_reports(connection, owner, out, format=out.suffix[1:], **options)


def rows_of(database: Database, owner: str) -> list[tuple]:
    query = sa.text(
        "SELECT r.client_id, category, description, r.occurred_at, lon, lat, datum, accuracy_m, method,"
        " edge_distance_m, named_code, CASE WHEN method <> 'named' THEN body_sha256 END"
        " FROM report r JOIN report_key k ON k.report_id = r.id"
        " WHERE r.jurisdiction = :owner ORDER BY 1"
    )
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(query, {"owner": owner})]


@pytest.mark.parametrize("format", ["csv", "ndjson"])
def test_a_file_loads_back_the_same(town, make_settings, tmp_path, format) -> None:
    out = tmp_path / f"reports.{format}"
    assert export(town, out) == 51
    with open_gridmap(make_settings()) as other:
        with other.writing() as connection:
            areas.add_jurisdiction(connection, TOWN)
            for kind in ("grid", "compound"):
                with town.reading() as there:
                    found = areas.areas(there, "town", kind=kind, day=TOWN.today())
                new = [NewArea(a.code, a.name, a.geometry) for a in found]
                areas.add_edition(
                    connection, "town", kind, new, file_name="f", sha256="", loaded_by="t", valid_from=None
                )
        summary = import_file(other, TOWN, out, Reading(), loaded_by="t")
        assert (summary.accepted, summary.rejected) == (51, 0), summary.first_rejected
        before, after = rows_of(town, "town"), rows_of(other, "town")
    if format == "csv":  # what could run in a spreadsheet has an apostrophe in front
        assert [row[2] for row in after] == [
            f"'{row[2]}" if row[2].startswith(("=", "@")) else row[2] for row in before
        ]
        before, after = ([row[:2] + row[3:-1] for row in rows] for rows in (before, after))
    assert after == before


def test_every_format_has_every_report(town, tmp_path) -> None:
    for format in SUFFIXES:
        assert export(town, tmp_path / f"r.{format}") == 51
    with (tmp_path / "r.csv").open(encoding="utf-8-sig", newline="") as stream:
        table = list(csv.DictReader(stream))
    lines = [json.loads(line) for line in (tmp_path / "r.ndjson").read_text().splitlines()]
    features = json.loads((tmp_path / "r.geojson").read_text())["features"]
    layer = pyogrio.read_dataframe(tmp_path / "r.gpkg")
    ids = [line["report_id"] for line in lines]
    assert len(set(ids)) == 51
    assert [row["report_id"] for row in table] == ids == list(layer["report_id"])
    assert [f["properties"] for f in features] == lines
    assert list(lines[0]) == list(FIELDS) == list(table[0])
    assert Counter(line["grid"] for line in lines) == {"g1": 51}
    by_id = {f["properties"]["client_id"]: f for f in features}
    assert by_id["named"]["geometry"] is None
    assert by_id["named"]["properties"]["compound"] == "y1"
    # GCJ-02 is some 480 m east of where it says
    assert by_id["c-1"]["properties"]["lon"] - by_id["c-1"]["geometry"]["coordinates"][0] > 0.004
    assert layer.crs.to_epsg() == 4326
    shown = layer[~layer.geometry.isna()]
    assert len(shown) == 50
    assert [[p.x, p.y] for p in shown.geometry] == [
        f["geometry"]["coordinates"] for f in features if f["geometry"]
    ]


def test_a_month_and_a_category_of_them(town, tmp_path) -> None:
    first, last = month_span(TOWN, parse_month("2023-07"))
    assert export(town, tmp_path / "july.ndjson", first=first, last=last) == 20
    some = export(town, tmp_path / "some.ndjson", first=first, last=last, category="matter-06010")
    lines = [json.loads(line) for line in (tmp_path / "some.ndjson").read_text().splitlines()]
    assert some == len(lines) == 10
    assert {(line["category"], line["occurred_at"][:7]) for line in lines} == {("matter-06010", "2023-07")}
    assert [line["occurred_at"] for line in lines] == sorted(line["occurred_at"] for line in lines)


@pytest.mark.parametrize("format", SUFFIXES)
def test_nothing_is_a_file_too(town, tmp_path, format) -> None:
    out = tmp_path / f"none.{format}"
    assert export(town, out, category="matter-09009") == 0
    if format in ("geojson", "gpkg"):
        assert len(pyogrio.read_dataframe(out)) == 0
    else:
        assert len(out.read_bytes().splitlines()) == (format == "csv")


@pytest.mark.parametrize("format", SUFFIXES)
def test_many_come_in_several_portions(demo_database, tmp_path, monkeypatch, format) -> None:
    monkeypatch.setattr(store, "STREAMED", 3_000)
    heard: list[int] = []
    written = export(demo_database, tmp_path / f"all.{format}", JURISDICTION, progress=heard.append)
    with demo_database.reading() as connection:
        assert written == heard[-1] == store.count(connection, JURISDICTION.code)
    assert len(heard) == -(-written // 3_000)
    if format in ("geojson", "gpkg"):
        assert len(pyogrio.read_dataframe(tmp_path / f"all.{format}")) == written


def test_an_unknown_format_is_refused(town, tmp_path) -> None:
    with pytest.raises(BadInput) as caught:
        export(town, tmp_path / "r.dwg")
    assert caught.value.field == "format"
    assert list(tmp_path.iterdir()) == []
