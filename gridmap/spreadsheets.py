"""Tables for spreadsheets (CSV, XLSX) in which no text of a user's ever becomes a formula.

A spreadsheet runs a cell that begins with = + - @ (or their full-width forms) as a formula, also from CSV.
In CSV such a text gets an apostrophe in front, which spreadsheets show as text; in XLSX the cell is typed as
text instead and keeps its exact content. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import openpyxl
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

# A formula's first character, also behind what a spreadsheet trims or does not show; or a control character
_RISKY = re.compile("[\\s\ufeff\u200b-\u200f\u2060]*[-=+@＝＋－＠]|[\t\r\n]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these
_CELL_LIMIT = 32_767  # characters that a cell of a workbook can hold


def as_text(text: str) -> str:
    """A text for a cell of a CSV file, harmless in any spreadsheet.

    >>> as_text("=1+1"), as_text("杨家岭"), as_text(" @SUM(A1)")
    ("'=1+1", '杨家岭', "' @SUM(A1)")
    """
    return f"'{text}" if _RISKY.match(text) else text


def from_text(text: str) -> str:
    """What a text of a CSV file was before `as_text`.

    >>> from_text("'=1+1"), from_text("'s avonds"), from_text("杨家岭")
    ('=1+1', "'s avonds", '杨家岭')
    """
    return text[1:] if text.startswith("'") and as_text(text[1:]) == text else text


def writable(text: str) -> str:
    """Without what neither XML nor UTF-8 can hold: control characters and lone surrogates become U+FFFD."""
    return _UNPRINTABLE.sub("\ufffd", text)


def csv_bytes(fields: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV table as UTF-8 with BOM, which spreadsheets in China need to recognise UTF-8."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow([as_text(field) for field in fields])
    for row in rows:
        writer.writerow([as_text(value) if isinstance(value, str) else value for value in row])
    return stream.getvalue().encode("utf-8-sig", "replace")


def xlsx_bytes(fields: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str) -> bytes:
    """A workbook of one sheet with a bold, frozen heading. `title` names the sheet (31 characters)."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    heading = [text_cell(sheet, field) for field in fields]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def text_cell(sheet: Any, text: str) -> Any:
    """A cell typed as text, whatever the text begins with."""
    cell = WriteOnlyCell(sheet, value=None)
    set_text(cell, text)
    return cell


def set_text(cell: Any, text: str) -> None:
    """Put a text into a cell of openpyxl so that it is text and never a formula or an error."""
    cell.value = writable(text)[:_CELL_LIMIT]
    cell.data_type = "s"
    cell.quotePrefix = _RISKY.match(text) is not None


def _cell(sheet: Any, value: Any) -> Any:
    if isinstance(value, str):
        return text_cell(sheet, value)
    if value is None or isinstance(value, bool | int | float | Decimal | dt.date):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a spreadsheet")
