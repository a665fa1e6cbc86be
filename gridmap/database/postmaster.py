"""Reading a PostgreSQL data folder from outside: does its server live, and where is the socket.

Standard library only, Linux (/proc). Starting and stopping is cluster.py's part.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A living server, as its pid file tells; `socket_dir` is known once it is ready."""

    pid: int
    socket_dir: Path | None
    ready: bool


def find_postmaster(data: Path) -> Postmaster | None:
    """The server of this data folder. `data`: the absolute path that it was started with."""
    pid_file = data / "postmaster.pid"
    pid = _first_number(pid_file)
    if pid is None or not _serves(pid, data):
        return None
    try:
        lines = pid_file.read_text().splitlines()
    except FileNotFoundError:
        return None
    ready = len(lines) >= 8 and lines[7].strip() == "ready"
    return Postmaster(pid, Path(lines[4]) if ready else None, ready)


def forget_stranger(lock_file: Path, data: Path) -> None:
    """Remove a killed server's lock file whose pid is now some other program's.

    PostgreSQL itself knows a dead pid from a living one, but takes a stranger of its own user for a server.
    """
    pid = _first_number(lock_file)
    if pid and is_alive(pid) and not _serves(pid, data):
        lock_file.unlink()


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie does not."""
    return bool(_command_line(pid))


def _serves(pid: int, data: Path) -> bool:
    command = _command_line(pid)
    return bool(command) and command[0].endswith(b"postgres") and os.fsencode(data) in command


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        return None


def _command_line(pid: int) -> list[bytes]:
    try:
        return [part for part in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") if part]
    except (FileNotFoundError, ProcessLookupError):
        return []
