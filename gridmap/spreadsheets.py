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
import unicodedata
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from gridmap.archives import pack

if TYPE_CHECKING:  # a third of a second, which those who write no workbook need not wait for
    import openpyxl

# A formula's first character, also behind what a spreadsheet trims or does not show; or a control character
_RISKY = re.compile("[\\s\ufeff\u200b-\u200f\u2060]*[-=+@＝＋－＠]|[\t\r\n]")
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # no XML may hold these
_CELL_LIMIT = 32_767  # characters that a cell of a workbook can hold
_WIDTHS = 8, 60  # of a column in characters, least and most
_MODIFIED = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook; `rows` hold texts, numbers, days and None."""

    title: str
    fields: Sequence[str]
    rows: Sequence[Sequence[Any]]


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
    book = _workbook()
    _add(book, title, fields, rows)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def workbook_bytes(sheets: Iterable[Sheet], *, moment: dt.datetime) -> bytes:
    """A workbook of several sheets, each with a bold, frozen heading and columns as wide as what they hold.

    `moment` (UTC) is what it names as the time of its making: the same sheets give the same bytes.
    """
    book = _workbook()
    book.properties.creator = "gridmap"
    for sheet in sheets:
        _add(book, sheet.title, sheet.fields, sheet.rows, _widths(sheet))
    stream = io.BytesIO()
    book.save(stream)
    # openpyxl writes the present into the properties, and zipfile into the directory
    told = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(stream) as made:
        files = {name: made.read(name) for name in made.namelist()}
    files["docProps/core.xml"] = _MODIFIED.sub(rb"\g<1>" + told, files["docProps/core.xml"])
    return pack(files, compressed=True)


def _workbook() -> openpyxl.Workbook:
    import openpyxl

    return openpyxl.Workbook(write_only=True)


def _add(
    book: openpyxl.Workbook,
    title: str,
    fields: Sequence[str],
    rows: Iterable[Sequence[Any]],
    widths: Sequence[float] = (),
) -> None:
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    sheet = book.create_sheet(re.sub(r"[\\/*?:\[\]]", " ", title)[:31])
    sheet.freeze_panes = "A2"
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    heading = [text_cell(sheet, field) for field in fields]
    for cell in heading:
        cell.font = Font(bold=True)
    sheet.append(heading)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])


def _widths(sheet: Sheet) -> list[float]:
    """Of the columns, by their longest text; a wide character counts as two."""
    columns = zip(*(map(_breadth, row) for row in (sheet.fields, *sheet.rows)), strict=True)
    least, most = _WIDTHS
    return [min(max(max(column) + 2, least), most) for column in columns]


def _breadth(value: Any) -> int:
    text = "" if value is None else str(value)
    return len(text) + sum(unicodedata.east_asian_width(character) in "WF" for character in text)


def text_cell(sheet: Any, text: str) -> Any:
    """A cell typed as text, whatever the text begins with."""
    from openpyxl.cell import WriteOnlyCell

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
