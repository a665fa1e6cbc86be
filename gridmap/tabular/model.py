"""Values of a table that is being read, and the error of a file whose rows are refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gridmap.errors import RowsRefused
from gridmap.text import printable

WHOLE_LIMIT = 256 << 20  # bytes of a file that must be read whole (GeoJSON, unpacked spreadsheet)
BLOCK = 10_000  # rows
PIECE = 1_000  # rows that are taken apart at once: their lists and dicts stay in the processor's cache
LINE_LIMIT = 1 << 20  # characters of one line; without it a file without line ends is one huge line


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows, by columns.

    `numbers`: what a spreadsheet shows beside a row: the heading of a table is row 1; in NDJSON it is the
    line, in GeoJSON the feature (from 1). `columns`: field -> texts without surrounding blanks, None where
    empty. `problems`: place in the block -> why that row cannot be used at all (ragged, unreadable).
    """

    numbers: Sequence[int]
    columns: dict[str, list[str | None]]
    problems: dict[int, str]

    def __len__(self) -> int:
        return len(self.numbers)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a block."""

    number: int
    values: dict[str, str | None]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """An open table. `blocks` (and so `rows`) can be walked once."""

    fields: list[str]
    blocks: Iterator[Block]
    encoding: str

    @property
    def rows(self) -> Iterator[Row]:
        for block in self.blocks:
            for place, number in enumerate(block.numbers):
                values = {field: column[place] for field, column in block.columns.items()}
                yield Row(number, values, block.problems.get(place))


def joined(pieces: Iterable[Block]) -> Iterator[Block]:
    """Blocks of BLOCK rows or a little more, of pieces with the same fields."""
    walk = iter(pieces)
    for first in walk:
        numbers, problems = list(first.numbers), dict(first.problems)
        columns = first.columns
        while len(numbers) < BLOCK and (piece := next(walk, None)) is not None:
            problems.update((len(numbers) + place, problem) for place, problem in piece.problems.items())
            numbers.extend(piece.numbers)
            for field, values in piece.columns.items():
                columns[field].extend(values)
        yield Block(numbers, columns, problems)


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why one row of a file was refused; `field` None: the row as a whole."""

    number: int
    field: str | None
    message: str

    def __str__(self) -> str:
        return f"row {self.number}" + (f", {self.field}" if self.field else "") + f": {self.message}"


def refused_rows(file_name: str, problems: Sequence[RowProblem], *, shown: int = 20) -> RowsRefused:
    """The error of an all-or-nothing file: every problem by its row, the first `shown` in full."""
    lines = [printable(str(problem)) for problem in problems[:shown]]
    if len(problems) > shown:
        lines.append(f"… and {len(problems) - shown} more")
    rows = len({problem.number for problem in problems})
    head = f"{rows} row{'s' if rows != 1 else ''} of {file_name} cannot be used; nothing was written"
    told = tuple((problem.number, problem.field, problem.message) for problem in problems)
    return RowsRefused("\n  ".join([head, *lines]), field="file", rows=told)
