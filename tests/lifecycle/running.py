"""A real `gridmap serve` as a child process, for the tests that end it in every way there is."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
GRIDMAP = (sys.executable, "-c", "from gridmap.cli import main; main()")


class Running:
    """One service on `data_dir` and a free port. `make=True`: started through the Makefile's own recipe.

    `terminal=True`: as the leader of a session on a terminal, whose other end is `self.terminal`.
    """

    def __init__(self, data_dir: Path, *, make: bool = False, terminal: bool = False, **variables: str):
        self.data_dir = data_dir
        self.port = free_port()
        self.terminal: int | None = None
        environment = {
            k: v for k, v in os.environ.items() if not k.startswith(("GRIDMAP_", "MAKE", "MFLAGS"))
        }
        environment |= {
            "GRIDMAP_DATA_DIR": str(data_dir),
            "GRIDMAP_PORT": str(self.port),
            "GRIDMAP_DEMONSTRATION": "false",
            "PYTHONUNBUFFERED": "1",
        }
        command = self._make_command() if make else [*GRIDMAP, "serve"]
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        if terminal:
            self.terminal, inner = pty.openpty()
            pipes = {
                "stdin": inner,
                "stdout": inner,
                "stderr": inner,
                "preexec_fn": lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
            }
        self.process = subprocess.Popen(
            command, cwd=REPOSITORY, env=environment | variables, text=True, start_new_session=True, **pipes
        )
        if terminal:
            os.close(inner)

    def _make_command(self) -> list[str]:
        """`make run` with this Python's gridmap, and no set-up: that would mend the .venv we run in."""
        programs = self.data_dir / "bin"
        programs.mkdir(exist_ok=True)
        (programs / "gridmap").write_text(f'#!/bin/sh\nexec {shlex.join(GRIDMAP)} "$@"\n')
        (programs / "gridmap").chmod(0o755)
        return ["make", "run", "SETUP=true", f"BIN={programs}"]

    def health(self) -> int | None:
        """Status of /healthz; None while nobody answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return None

    def wait_for(self, status: int) -> list[int]:
        """Ask /healthz until it says `status`. -> the different answers on the way, in their order."""
        answers: list[int] = []
        while self.process.poll() is None:
            answer = self.health()
            if answer is not None and answer not in answers[-1:]:
                answers.append(answer)
            if answer == status:
                return answers
            time.sleep(0.05)
        raise AssertionError(
            f"ended with {self.process.returncode} after {answers}: {self.process.communicate()}"
        )

    def end(self, number: int = signal.SIGTERM) -> int:
        """Signal the process we started, and nobody else. -> its exit code, once it has ended."""
        self.process.send_signal(number)
        return self.process.wait(60)

    def clean_up(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()
        if self.terminal is not None:
            with contextlib.suppress(OSError):
                os.close(self.terminal)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def processes_of(data_dir: Path) -> dict[int, str]:
    """Living processes that name the folder on their command line or stand in it (servers' children do)."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            standing = str(data_dir) in os.readlink(process / "cwd")
            if command and (str(data_dir) in command or standing):
                found[int(process.name)] = command
    return found


def session_of(service: Running) -> dict[int, str]:
    """Living processes of the session that the service leads, itself among them: pid -> command line."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            # after the name in brackets: state, parent, process group, session
            state, _, _, session = (process / "stat").read_text().rpartition(")")[2].split()[:4]
            if int(session) == service.process.pid and state != "Z":
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(process.name)] = command.decode(errors="replace").strip()
    return found


def workers_of(service: Running) -> set[int]:
    """The processes that serve, of a service with several."""
    return {pid for pid, command in session_of(service).items() if "spawn_main" in command}


def wait_until_gone(data_dir: Path, seconds: float = 20) -> dict[int, str]:
    """-> what is left of processes_of after waiting for them."""
    deadline = time.monotonic() + seconds
    while (left := processes_of(data_dir)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


@contextlib.contextmanager
def reachable_folder() -> Iterator[Path]:
    """A temporary folder open to the server's user, with nothing of it running afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-life-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for pid in processes_of(folder):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until_gone(folder)
        shutil.rmtree(folder, ignore_errors=True)
