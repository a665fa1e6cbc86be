"""The package of a month: its manifest is true, its numbers are the digest's, its bytes always the same."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import zipfile
from datetime import date

import openpyxl
import pyogrio
import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.packing.making import package
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput, NotFound
from gridmap.statistics.digests.making import digest

JUNE = date(2023, 6, 1)
NAMES = [f"bulletin-610602006-2023-06.{suffix}" for suffix in ("pdf", "html", "xlsx", "gpkg")]


@pytest.fixture(scope="module")
def steps() -> list[tuple[int, int, str]]:
    return []


@pytest.fixture(scope="module")
def june(demo_database, steps):
    return package(demo_database, JURISDICTION, JUNE, progress=lambda *step: steps.append(step))


@pytest.fixture(scope="module")
def numbers(demo_database):
    return digest(demo_database, JURISDICTION, JUNE)


@pytest.fixture
def book(june):
    return openpyxl.load_workbook(io.BytesIO(june.files[NAMES[2]]))


@pytest.fixture
def layers(june, tmp_path):
    path = tmp_path / "bulletin.gpkg"
    path.write_bytes(june.files[NAMES[3]])
    return path


def test_the_manifest_is_true(june, book, layers) -> None:
    assert list(june.files) == [*NAMES, "manifest.json"]
    told = json.loads(june.files["manifest.json"])
    assert told == june.manifest
    for each in told["files"]:
        body = june.files[each["name"]]
        assert (each["bytes"], each["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert [each["name"] for each in told["files"]] == NAMES
    assert list(told["tables"].values()) == [sheet.max_row - 1 for sheet in book]
    assert told["layers"] == {
        name: pyogrio.read_info(layers, layer=name)["features"] for name, _ in pyogrio.list_layers(layers)
    }
    assert told["software"].startswith("gridmap ")
    assert told["edition"]["areas"] == 70
    assert told["reports"] == 786


def test_every_step_is_told_once_in_order(june, steps) -> None:
    assert [number for number, _, _ in steps] == list(range(1, len(steps) + 1))
    assert {of for _, of, _ in steps} == {len(steps)}
    assert steps[0][2] == "numbers"
    assert len(steps) == 13


def test_the_same_data_give_the_same_bytes(demo_database, june) -> None:
    again = package(demo_database, JURISDICTION, JUNE)
    assert {name for name in june.files if again.files[name] != june.files[name]} == set()


def test_no_file_says_when_it_was_made(june, layers, numbers) -> None:
    until = numbers.data_until
    with zipfile.ZipFile(io.BytesIO(june.files[NAMES[2]])) as workbook:
        assert {member.date_time for member in workbook.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert f"{until:%Y-%m-%dT%H:%M:%SZ}".encode() in workbook.read("docProps/core.xml")
    with sqlite3.connect(layers) as opened:
        changed = {row[0] for row in opened.execute("SELECT last_change FROM gpkg_contents")}
    assert changed == {f"{until:%Y-%m-%dT%H:%M:%S}.000Z"}


def test_numbers_are_numbers_under_a_frozen_heading(book, numbers, demo_database) -> None:
    assert [sheet.title for sheet in book] == [
        *("概况", "各网格", "热点", "类别", "点位周边", "时段", "工作台账", "方法与说明")
    ]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet["A1"].font.bold
        assert all(sheet.column_dimensions[cell.column_letter].width >= 8 for cell in sheet[1])
    grids = {row[0].value: row for row in book["各网格"].iter_rows(min_row=2)}
    assert all(row[0].data_type == "s" for row in grids.values()), "a code is no number"
    for each in numbers.figures:
        row = grids[each.code]
        assert row[3].data_type == row[4].data_type == "n"
        assert row[3].value == each.count
        assert row[4].value == pytest.approx(each.density, abs=0.001)
        assert row[8].value == each.on_last_month.before
    with demo_database.reading() as connection:
        counted = connection.scalar(
            sa.text(
                "SELECT count(*) FROM report WHERE jurisdiction = '610602006'"
                " AND occurred_at >= '2023-06-01+08' AND occurred_at < '2023-07-01+08'"
            )
        )
    summary = {row[0]: row[1] for row in book["概况"].iter_rows(min_row=2, values_only=True)}
    of_categories = sum(row[2] for row in book["类别"].iter_rows(2, values_only=True))
    assert summary["本月上报"] == counted == of_categories
    assert sum(row[4] + row[5] + row[6] for row in book["时段"].iter_rows(2, values_only=True)) == sum(
        int(rhythm.every.sum()) for rhythm in numbers.rhythms.values()
    )


def test_layers_carry_the_figures_on_their_grids(layers, numbers) -> None:
    grids = pyogrio.read_dataframe(layers, layer="grids")
    assert grids.crs.to_epsg() == 4326
    assert list(grids["reports"]) == [each.count for each in numbers.figures]
    assert [g.equals(d.geometry) for g, d in zip(grids.geometry, numbers.heat.grids, strict=True)]
    places = pyogrio.read_dataframe(layers, layer="places")
    near = {each.code: each.reports for each in numbers.places}
    told = {code: n for code, n in zip(places["code"], places["reports"], strict=True) if code in near}
    assert told == near
    outline = pyogrio.read_dataframe(layers, layer="outline")
    assert outline.geometry[0].equals(numbers.heat.outline)


def test_a_step_that_raises_ends_the_work(demo_database) -> None:
    def at_once(number: int, of: int, name: str) -> None:
        if name == "heat":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        package(demo_database, JURISDICTION, JUNE, progress=at_once)


def test_what_cannot_be_is_refused_first(demo_database) -> None:
    begun: list[object] = []
    for wrong, error in (
        ({"month": date(2199, 1, 1)}, BadInput),
        ({"lang": "fr"}, BadInput),
        ({"jurisdiction": Jurisdiction("bare", "空")}, NotFound),
    ):
        given = {"jurisdiction": JURISDICTION, "month": JUNE} | wrong
        with pytest.raises(error):
            package(demo_database, progress=lambda *step: begun.append(step), **given)
    assert {step[2] for step in begun} <= {"numbers"}


def test_a_month_without_reports_is_a_package_too(database) -> None:
    """Of a town with one grid and nothing else."""
    import shapely

    from gridmap.areas.model import NewArea

    town = Jurisdiction("town", "小镇", "Town")
    with database.writing() as connection:
        areas.add_jurisdiction(connection, town)
        grid = NewArea("1", "一", shapely.box(109.4, 36.6, 109.41, 36.61))
        source = {"file_name": "f", "sha256": "0" * 64, "loaded_by": "test", "valid_from": None}
        areas.add_edition(connection, "town", "grid", [grid], **source)
    made = package(database, town, JUNE, lang="en")
    assert made.manifest["reports"] == 0
    counts = made.manifest["layers"]
    assert [counts[name] for name in ("grids", "places", "piles", "outline")] == [1, 0, 0, 1]
    assert "bulletin-town-2023-06-en.pdf" in made.files
