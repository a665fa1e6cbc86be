"""The numbers come back as they went in, and no text becomes a formula."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pyogrio
import pytest
import shapely

from gridmap.errors import BadInput
from gridmap.maps.numbers import COLUMNS, heat_numbers
from tests.maps import sample

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1", " =1+1", "\ufeff=1+1", "\xa0@x"]
COUNTS = [0, 1, 2, 5, 9, 14, 30, 75, 0]


@pytest.fixture
def hostile():
    """A month whose nine grids carry formulas as names, and as the names of their communities."""
    heat = sample.heat()
    grids = [dataclasses.replace(g, name=f, community=f) for g, f in zip(heat.grids, FORMULAS, strict=True)]
    return dataclasses.replace(heat, grids=tuple(grids))


def test_csv_opens_in_excel_and_holds_the_numbers() -> None:
    body = heat_numbers(sample.heat(), "csv")
    assert body.startswith(b"\xef\xbb\xbf")
    table = list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    assert table[0] == [
        "编码",
        "网格",
        "社区",
        "件数",
        "上月件数",
        "较上月",
        "面积(平方公里)",
        "密度(件/平方公里)",
        "显著热点",
        "Gi* z 值",
        "q 值",
    ]
    assert [int(row[3]) for row in table[1:]] == COUNTS
    assert table[8][:6] == ["610602006003002", "上城社区第02网格", "上城社区", "75", "73", "2"]
    assert float(table[8][7]) == pytest.approx(75 / 0.63, abs=1e-3)


def test_csv_holds_no_formula(hostile) -> None:
    table = list(csv.reader(io.StringIO(heat_numbers(hostile, "csv").decode("utf-8-sig"), newline="")))
    assert [row[1:3] for row in table[1:]] == [[f"'{text}", f"'{text}"] for text in FORMULAS]


def test_xlsx_holds_the_numbers_and_their_notes() -> None:
    book = openpyxl.load_workbook(io.BytesIO(heat_numbers(sample.heat(), "xlsx")))
    sheet, about = book.worksheets
    assert [row[3] for row in sheet.iter_rows(min_row=2, values_only=True)] == COUNTS
    notes = "\n".join(f"{a} {b}" for a, b in about.iter_rows(values_only=True))
    assert "2023-06" in notes
    assert "示意数据" in notes


def test_xlsx_holds_no_formula(hostile) -> None:
    body = heat_numbers(hostile, "xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(body)).worksheets[0]
    assert {cell.data_type for row in sheet.iter_rows(min_row=2, max_col=3) for cell in row} == {"s"}
    assert sheet.cell(2, 2).value == "=1+1"
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        assert not any(b"<f>" in archive.read(name) for name in archive.namelist() if name.endswith(".xml"))


def test_geojson_carries_the_polygons_unrounded() -> None:
    found = json.loads(heat_numbers(sample.heat(), "geojson"))
    assert [f["properties"]["count"] for f in found["features"]] == COUNTS
    assert tuple(found["features"][0]["properties"]) == COLUMNS
    original = sample.heat().grids[4].geometry
    assert shapely.geometry.shape(found["features"][4]["geometry"]).equals(original)
    assert any("示意数据" in note for note in found["notes"])


def test_geopackage_carries_the_polygons_and_the_notes(tmp_path: Path) -> None:
    path = tmp_path / "heat.gpkg"
    path.write_bytes(heat_numbers(sample.heat(), "gpkg"))
    frame = pyogrio.read_dataframe(path, layer="heat")
    assert list(frame["count"]) == COUNTS
    assert frame.crs.to_epsg() == 4326
    assert frame.geometry.iloc[4].equals(sample.heat().grids[4].geometry)
    assert len(pyogrio.read_dataframe(path, layer="notes")) > 8


@pytest.mark.parametrize("format", ["xlsx", "csv", "gpkg", "geojson"])
def test_any_text_can_be_written(format: str) -> None:
    heat = sample.heat(name="{}\0\x1b\ud800\ufffe😀\"'<&")
    assert heat_numbers(heat, format)


@pytest.mark.parametrize("format", ["xlsx", "csv", "gpkg", "geojson"])
def test_no_grids_at_all_is_an_empty_table(format: str) -> None:
    assert heat_numbers(dataclasses.replace(sample.heat(), grids=()), format)


def test_another_format_is_refused() -> None:
    with pytest.raises(BadInput, match="format"):
        heat_numbers(sample.heat(), "ods")
