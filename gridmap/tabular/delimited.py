"""CSV and TSV, streamed."""

from __future__ import annotations

import csv
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

from gridmap.errors import BadFile
from gridmap.tabular.encodings import lines, open_text
from gridmap.tabular.model import Row, Table


def open_delimited(path: Path, encoding: str, delimiter: str | None) -> Table:
    stream = open_text(path, encoding)
    try:
        read = lines(stream, path.name, encoding)
        first = next(read, "")
        chosen = delimiter or _delimiter(first)
        reader = csv.reader(itertools.chain([first], read), delimiter=chosen, strict=True)
        try:
            heading = next(reader)
        except (csv.Error, StopIteration) as error:
            raise BadFile(f"the heading of {path.name} cannot be read: {error}", field="file") from error
        fields = headings(heading, path.name)
    except BaseException:
        stream.close()
        raise
    return Table(fields, _delimited_rows(stream, reader, fields), encoding)


def _delimiter(heading: str) -> str:
    outside = re.sub(r'"[^"]*"', "", heading)
    return max(",;\t|", key=outside.count)


def _delimited_rows(stream: IO[str], reader: Iterator[list[str]], fields: list[str]) -> Iterator[Row]:
    with stream:
        for number in itertools.count(2):
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(number, {}, f"cannot be read ({error}); look for a quote that is left open")
                continue
            if cells:
                yield make_row(number, fields, cells)


def make_row(number: int, fields: list[str], cells: Sequence[str | None], problem: str | None = None) -> Row:
    if len(cells) != len(fields):
        problem = f"has {len(cells)} values where the heading has {len(fields)}"
    values = {
        field: (cell.strip() or None) if cell else None for field, cell in zip(fields, cells, strict=False)
    }
    return Row(number, values, problem)


def headings(heading: Iterable[str], name: str) -> list[str]:
    fields = [cell.strip() or f"column {i}" for i, cell in enumerate(heading, 1)]
    doubled = sorted({field for field in fields if fields.count(field) > 1}) if len(fields) < 1000 else []
    if doubled:
        raise BadFile(f"{name} has the heading {doubled[0]!r} more than once", field="file")
    if len(fields) >= 1000:
        raise BadFile(f"{name} has {len(fields):,} columns; that is no table of ours", field="file")
    return fields
