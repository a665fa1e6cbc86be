"""Workbooks (XLSX, XLS, ODS): one sheet, read whole, in a process of its own (see workbook.py for why)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from gridmap.archives import check_size, check_zip
from gridmap.errors import BadFile, TooLarge
from gridmap.tabular import workbook
from gridmap.tabular.delimited import headings, make_block
from gridmap.tabular.model import Block, Table

MEMORY = 1536 << 20  # bytes for reading a sheet: what the largest unpacked workbook (WHOLE_LIMIT) can need

Numbered = tuple[int, list[str | None], str | None]  # row, texts up to its last cell, what is wrong with it


def open_spreadsheet(path: Path, sheet: str | None, limit: int) -> Table:
    """One sheet of a workbook. `limit`: bytes, unpacked. Empty rows are left out.

    Raises BadFile (field "file" or "sheet"); TooLarge(field="file") for a workbook that is too large, or
    whose cells lie so far apart that the sheet they span does not fit into MEMORY.
    """
    if path.suffix.lower() != ".xls":
        check_zip(path, limit)
    else:
        check_size(path, limit)
    numbered = _read_apart(path, sheet)
    if not numbered:
        raise BadFile(f"{path.name} has no rows", field="file")
    _, heading, _ = numbered[0]
    fields = headings((cell or "" for cell in heading), path.name)
    return Table(fields, iter([_block(numbered[1:], fields)]), "utf-8")


def _block(numbered: list[Numbered], fields: list[str]) -> Block:
    return make_block(
        [number for number, _, _ in numbered],
        fields,
        [[*cells, *[None] * (len(fields) - len(cells))] for _, cells, _ in numbered],
        {place: problem for place, (_, _, problem) in enumerate(numbered) if problem},
    )


def _read_apart(path: Path, sheet: str | None) -> list[Numbered]:
    with subprocess.Popen(
        [sys.executable, "-I", workbook.__file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None
        try:
            with reader.stdin as stdin:
                stdin.write(json.dumps([str(path), sheet, MEMORY]).encode())
            lines = list(reader.stdout)
        except BaseException:
            reader.kill()
            raise
    if reader.returncode < 0 or reader.returncode == workbook.NO_MEMORY:
        raise TooLarge(
            f"{path.name} spans more cells than {MEMORY >> 20:,} MiB can hold; "
            "delete stray cells far below or right of the table, or save it as CSV",
            field="file",
        )
    if reader.returncode != 0:
        raise BadFile(f"{path.name} cannot be read as a spreadsheet; save it again or as CSV", field="file")
    read = [json.loads(line) for line in lines]
    if read and isinstance(read[0], dict):
        raise BadFile(f"{path.name} {read[0]['message']}", field=read[0]["field"])
    return [(number, cells, problem) for number, cells, problem in read]
