"""Workbooks (XLSX, XLS, ODS): one sheet, read whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine

from gridmap.archives import check_size, check_zip
from gridmap.errors import BadFile
from gridmap.tabular.delimited import headings, make_row
from gridmap.tabular.model import Row, Table


def open_spreadsheet(path: Path, sheet: str | None, limit: int) -> Table:
    if path.suffix.lower() != ".xls":
        check_zip(path, limit)
    else:
        check_size(path, limit)
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            if sheet is not None and sheet not in book.sheet_names:
                raise BadFile(
                    f"{path.name} has no sheet {sheet!r}; it has {', '.join(book.sheet_names)}", field="sheet"
                )
            grid = book.get_sheet_by_name(sheet or book.sheet_names[0]).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        raise BadFile(f"{path.name} cannot be read as a spreadsheet: {error}", field="file") from error
    numbered = [
        (number, cells) for number, cells in enumerate(grid, 1) if any(c not in ("", None) for c in cells)
    ]
    if not numbered:
        raise BadFile(f"{path.name} has no rows", field="file")
    _, heading = numbered[0]
    width = max(i for i, cell in enumerate(heading, 1) if cell not in ("", None))
    fields = headings((_cell(cell)[0] or "" for cell in heading[:width]), path.name)
    return Table(fields, _spreadsheet_rows(numbered[1:], fields), "utf-8")


def _spreadsheet_rows(numbered: list[tuple[int, list[Any]]], fields: list[str]) -> Iterator[Row]:
    for number, cells in numbered:
        last = max(i for i, cell in enumerate(cells, 1) if cell not in ("", None))
        read = [_cell(cell) for cell in cells[: max(last, len(fields))]]
        problem = next((p for _, p in read if p), None)
        yield make_row(number, fields, [text for text, _ in read], problem)


def _cell(value: Any) -> tuple[str | None, str | None]:
    """Text of a cell, and what is wrong with it."""
    if value is None or value == "":
        return None, None
    if isinstance(value, bool):
        return ("true" if value else "false"), None
    if isinstance(value, float | int):
        if abs(value) >= 1e15 and float(value).is_integer():
            return (
                str(int(value)),
                f"the number {int(value)} has over 15 digits, which spreadsheets round; make the column text",
            )
        return (str(int(value)) if float(value).is_integer() else repr(value)), None
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" "), None
    return str(value), None
