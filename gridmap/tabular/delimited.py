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
from gridmap.tabular.model import PIECE, Block, Table, joined


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
    return Table(fields, joined(_pieces(stream, reader, fields)), encoding)


def _delimiter(heading: str) -> str:
    outside = re.sub(r'"[^"]*"', "", heading)
    return max(",;\t|", key=outside.count)


def _pieces(stream: IO[str], reader: Iterator[list[str]], fields: list[str]) -> Iterator[Block]:
    with stream:
        number = 2
        while True:
            records: list[Sequence[str | None]] = []
            unreadable: dict[int, str] = {}
            while len(records) < PIECE:
                try:
                    before = len(records)
                    records.extend(
                        itertools.islice(reader, PIECE - before)
                    )  # keeps what came before an error
                except csv.Error as error:
                    unreadable[len(records)] = f"cannot be read ({error}); look for a quote that is left open"
                    records.append(())
                    continue
                if len(records) < PIECE:
                    break
            if records:
                yield make_block(range(number, number + len(records)), fields, records, unreadable)
            number += len(records)
            if len(records) < PIECE:
                return


def make_block(
    numbers: Sequence[int],
    fields: list[str],
    records: Sequence[Sequence[str | None]],
    problems: dict[int, str] | None = None,
) -> Block:
    """Rows of cells by columns. Rows without a cell are left out unless something is said of them."""
    problems = dict(problems or {})
    width = len(fields)
    if problems or any(len(cells) != width for cells in records):
        kept = [place for place, cells in enumerate(records) if cells or place in problems]
        told = {at: problems[place] for at, place in enumerate(kept) if place in problems}
        numbers = [numbers[place] for place in kept]
        records = [records[place] for place in kept]
        for at, cells in enumerate(records):
            if len(cells) != width and at not in told:
                told[at] = f"has {len(cells)} values where the heading has {width}"
        records = [[*cells[:width], *[None] * (width - len(cells))] for cells in records]
        problems = told
    columns = zip(*records, strict=True) if records else ([] for _ in fields)
    return Block(
        numbers,
        {
            f: [(c.strip() or None) if c else None for c in column]
            for f, column in zip(fields, columns, strict=True)
        },
        problems,
    )


def headings(heading: Iterable[str], name: str) -> list[str]:
    fields = [cell.strip() or f"column {i}" for i, cell in enumerate(heading, 1)]
    doubled = sorted({field for field in fields if fields.count(field) > 1}) if len(fields) < 1000 else []
    if doubled:
        raise BadFile(f"{name} has the heading {doubled[0]!r} more than once", field="file")
    if len(fields) >= 1000:
        raise BadFile(f"{name} has {len(fields):,} columns; that is no table of ours", field="file")
    return fields
