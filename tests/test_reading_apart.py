"""A process of its own reads the same blocks, raises the same errors, and ends with whoever asked."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from gridmap.errors import BadFile
from gridmap.tabular import Source, read_apart
from gridmap.tabular.model import LINE_LIMIT

ROWS = 25_000


@pytest.fixture(scope="module", params=["csv", "ndjson"])
def source(request, tmp_path_factory) -> Source:
    path: Path = tmp_path_factory.mktemp("apart") / f"rows.{request.param}"
    with path.open("w", encoding="utf-8") as out:
        if request.param == "csv":
            out.write("number,words\n")
        for n in range(ROWS):
            out.write(
                f"{n},第{n}件\n" if request.param == "csv" else f'{{"number": {n}, "words": "第{n}件"}}\n'
            )
    return Source(path, "utf-8", None, 1 << 30)


def children() -> set[int]:
    return set(map(int, Path(f"/proc/self/task/{os.getpid()}/children").read_text().split()))


def test_same_blocks(source) -> None:
    with read_apart(source, large=0) as blocks:
        assert list(blocks) == list(source.blocks())


def test_a_small_file_needs_no_process(source) -> None:
    before = children()
    with read_apart(source) as blocks:
        next(blocks)
        assert children() == before


def test_an_error_is_raised_where_the_rows_end(tmp_path) -> None:
    path = tmp_path / "long.csv"
    path.write_text("number\n" + "1\n" * ROWS + "9" * (LINE_LIMIT + 1) + "\n")
    with read_apart(Source(path, "utf-8", None, 1 << 30), large=0) as blocks, pytest.raises(BadFile) as told:
        assert sum(map(len, blocks)) < 0
    assert told.value.field == "file"


def test_the_process_ends_with_the_block(source) -> None:
    before = children()
    with read_apart(source, large=0) as blocks:
        next(blocks)
        assert len(children() - before) == 1
    assert children() == before


def test_a_process_that_dies_is_told(source) -> None:
    before = children()
    with read_apart(source, large=0) as blocks:
        next(blocks)
        (process,) = children() - before
        os.kill(process, signal.SIGKILL)
        time.sleep(0.1)
        with pytest.raises(BadFile, match="memory"):
            list(blocks)
