"""A process of its own that reads one sheet of a workbook: `python workbook.py`, started by spreadsheet.py.

The reader lays a sheet out as a full rectangle, for XLS and ODS already on opening, so a file of a few
kilobytes with two cells in opposite corners asks for hundreds of gigabytes, and the allocation that fails
ends the process. A guard that looks at the file first would have to understand three formats exactly as
the reader does; so the sheet is read where a limit on memory holds and where dying harms nobody. Imports
nothing of gridmap, so that it starts quickly.

Standard input: JSON of [path, sheet or null, bytes of memory]. Standard output, JSON by lines: of each row
that is not empty [number from 1, texts or nulls up to its last cell, what is wrong with it or null], or one
{"field": …, "message": …} when the file is refused. Out of memory it ends by a signal or with NO_MEMORY.
"""

from __future__ import annotations

import datetime as dt
import json
import resource
import sys
from collections.abc import Iterator
from typing import Any

import python_calamine

NO_MEMORY = 4


def rows_of(path: str, sheet: str | None) -> Iterator[list[Any] | dict[str, str]]:
    """The lines of the answer."""
    try:
        with python_calamine.CalamineWorkbook.from_path(path) as book:
            names = book.sheet_names
            if sheet is not None and sheet not in names:
                listed = ", ".join(names)
                yield {"field": "sheet", "message": f"has no sheet {sheet!r}; it has {listed}"}
                return
            grid = book.get_sheet_by_name(sheet or names[0])
        left = [None] * grid.start[1] if grid.start else []
        for number, cells in enumerate(grid.iter_rows(), 1):  # from row 1 on, but from the first used column
            width = max((i for i, cell in enumerate(cells, 1) if cell not in ("", None)), default=0)
            if width:
                read = [_cell(cell) for cell in cells[:width]]
                problem = next((why for _, why in read if why), None)
                yield [number, [*left, *(text for text, _ in read)], problem]
    except (python_calamine.CalamineError, OSError, IndexError) as error:
        yield {"field": "file", "message": f"cannot be read as a spreadsheet: {error}"}


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


def main() -> None:
    path, sheet, memory = json.loads(sys.stdin.buffer.read())
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (memory if hard < 0 else min(memory, hard), hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        for line in rows_of(path, sheet):
            sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except MemoryError:
        sys.exit(NO_MEMORY)


if __name__ == "__main__":
    main()
