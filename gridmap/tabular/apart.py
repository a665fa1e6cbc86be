"""A large table is read by a process of its own.

Taking a file apart into texts is the slowest step of an import, and pure Python: a thread would only take
turns with the one that checks the rows.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from gridmap.errors import BadFile
from gridmap.tabular.model import Block
from gridmap.tabular.reading import open_table

LARGE = 8 << 20  # bytes; reading less takes no longer than the process to start


@dataclass(frozen=True, slots=True)
class Source:
    """What `open_table` is to open, its encoding found out before."""

    path: Path
    encoding: str
    sheet: str | None
    limit: int

    def blocks(self) -> Iterator[Block]:
        return open_table(self.path, encoding=self.encoding, sheet=self.sheet, limit=self.limit).blocks


@contextmanager
def read_apart(source: Source, large: int = LARGE) -> Iterator[Iterator[Block]]:
    """The blocks of a file, by a process where it has `large` bytes or more.

    What reading raises is raised to whoever walks them. When the block ends before they do, so does the
    process.
    """
    if source.path.stat().st_size < large:
        yield source.blocks()
        return
    # a program of its own rather than multiprocessing, which would import the caller's main module again
    command = [sys.executable, "-P", "-m", "gridmap.tabular"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield _received(process, source)
        finally:
            process.kill()


def _received(process: subprocess.Popen[bytes], source: Source) -> Iterator[Block]:
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        with process.stdin as asked:
            pickle.dump(source, asked)
        while (item := pickle.load(process.stdout)) is not None:  # written by our own program
            if isinstance(item, BaseException):
                raise item
            yield item
    except (EOFError, BrokenPipeError, pickle.UnpicklingError):
        raise BadFile(
            f"{source.path.name} was read by a process that ended before its last row; is memory short?",
            field="file",
        ) from None


def send() -> None:
    """Read the source that standard input names; write its blocks, then None, or what was raised."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # of the terminal: whoever asked hears it too, and ends us
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # should anything print
    source: Source = pickle.load(sys.stdin.buffer)
    # A block is lists of texts: looking for cycles, or for what was sent before, finds nothing and is a
    # quarter of the work.
    gc.disable()
    pickler = pickle.Pickler(out, pickle.HIGHEST_PROTOCOL)
    pickler.fast = True
    try:
        try:
            for block in source.blocks():
                pickler.dump(block)
            pickler.dump(None)
        except BrokenPipeError:
            raise
        except Exception as error:
            pickler.dump(error)
        out.flush()
    except BrokenPipeError:  # nobody reads any more
        os._exit(0)
