"""Writing files of one kind together: into a folder come all of them or none, and never half of one."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gridmap.errors import BadInput


def check_folder(out: Path) -> None:
    """Make the folder above `out` where it is missing. Raises BadInput unless `out` is or can be a folder."""
    try:
        if out.exists() and not out.is_dir():
            raise NotADirectoryError(0, "there is a file of that name")
        out.resolve().parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be a folder: {error.strerror}", field="--out") from None


def write_all(out: Path, files: Mapping[str, bytes]) -> None:
    """Put all files into `out`, made where missing, in place of those of the same names.

    They are written beside it first. Into a new or empty folder they come by one rename; into another one by
    one each, which Ctrl-C waits for; the last name comes last, so that where it is new, all are.
    """
    check_folder(out)
    target = out.resolve()
    unfinished = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.parent))
    try:
        unfinished.chmod(0o755)
        for name, body in files.items():
            _write(unfinished / name, body)
        if not target.exists() or not any(target.iterdir()):
            unfinished.replace(target)
            return
        with _undisturbed():
            for name in files:
                (unfinished / name).replace(target / name)
    except OSError as error:
        raise BadInput(f"{out} cannot be written: {error.strerror}", field="--out") from None
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _write(path: Path, body: bytes) -> None:
    with path.open("wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Inside, Ctrl-C waits."""
    waiting = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, waiting)
