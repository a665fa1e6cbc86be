"""No text of a user's becomes a formula, in CSV or in a workbook."""

from __future__ import annotations

import csv
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.spreadsheets import as_text, csv_bytes, xlsx_bytes

PAYLOADS = [
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1",
    " =1+1",
    "＝1+1",
    "＠A",
    "\n=1",
    "\ufeff=1",
    "\u200b\u2003=1",
    '=HYPERLINK("x")',
]


@pytest.mark.parametrize("text", PAYLOADS)
def test_csv_begins_no_cell_with_a_formula(text: str) -> None:
    row = list(csv.reader(io.StringIO(csv_bytes(["a"], [[text]]).decode("utf-8-sig"), newline="")))[1]
    assert row == [f"'{text}"]


def test_csv_keeps_numbers_and_harmless_text() -> None:
    table = csv_bytes(["名称", "count"], [["杨家岭 -1", -3], ["a=b", 2.5], [None, None]]).decode("utf-8-sig")
    assert table.splitlines() == ["名称,count", "杨家岭 -1,-3", "a=b,2.5", ","]


@pytest.mark.parametrize("text", PAYLOADS)
def test_workbook_cells_are_typed_as_text_and_keep_their_words(text: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes([text], [[text], [-1.5]], title="a/b:c")))
    heading, first, second = (row[0] for row in book.active.iter_rows())
    assert heading.data_type == "s"
    assert first.data_type == "s"
    assert first.value.strip() == text.strip()
    assert (second.data_type, second.value) == ("n", -1.5)


@given(st.text(max_size=50))
def test_no_text_begins_a_formula(text: str) -> None:
    assert not as_text(text).lstrip(" \u2003\u200b\ufeff").startswith(tuple("=+-@＝＋－＠"))


def test_unprintable_characters_do_not_break_a_workbook() -> None:
    book = openpyxl.load_workbook(io.BytesIO(xlsx_bytes(["a"], [["x\x00\x01\ud800y"]], title="t")))
    assert book.active["A2"].value == "x\ufffd\ufffd\ufffdy"
