"""The two commands' front: make's list, the recipes' form, what the set-up says where it is stuck."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
MAKEFILE = (REPOSITORY / "Makefile").read_text()
TARGETS = re.findall(r"^([a-z]+):", MAKEFILE, re.MULTILINE)


def run_make(*arguments: str) -> str:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=REPOSITORY,
        env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def test_make_alone_lists_every_target():
    listed = re.findall(r"^make (\S+) +\S", run_make(), re.MULTILINE)
    assert listed == TARGETS
    assert {"help", "run", "test", "check", "bench", "ordeal", "clean", "lock"} <= set(listed)


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "help"])
def test_no_shell_stands_between_make_and_the_last_program(target):
    assert run_make("-n", target).replace("\\\n", "").splitlines()[-1].startswith("exec ")


def test_tests_leave_out_the_ordeal_and_only_that():
    assert '-m pytest -m "not ordeal"' in run_make("-n", "test")
    assert "-m pytest -m ordeal" in run_make("-n", "ordeal")


def test_ci_runs_exactly_make_test():
    lines = (REPOSITORY / ".ci" / "run").read_text().splitlines()
    assert lines[1:] == ["set -euo pipefail", 'cd "$(dirname "$0")/.."', "exec make test"]


def test_the_lock_names_no_host_and_hashes_everything():
    lock = (REPOSITORY / "requirements.lock").read_text()
    assert "://" not in lock
    assert not re.search(r"^--", lock, re.MULTILINE)
    for requirement in re.split(r"\n(?=\S)", lock.strip()):
        assert "--hash=sha256:" in requirement, requirement.splitlines()[0]


@pytest.fixture
def bare_machine(tmp_path) -> Path:
    """A copy of what the set-up reads, and a PATH without pdftoppm, apt-get, sudo; `uid` says who we are."""
    for name in ("requirements.lock", "pyproject.toml", "scripts/setup.sh"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in (
        "bash",
        "cat",
        "dirname",
        "env",
        "flock",
        "grep",
        "mktemp",
        "python3",
        "rm",
        "sha256sum",
        "tail",
        "touch",
    ):
        (programs / name).symlink_to(shutil.which(name))
    answer(tmp_path, "id", "echo 1000")
    return tmp_path


def answer(machine: Path, program: str, script: str) -> None:
    path = machine / "bin" / program
    path.unlink(missing_ok=True)  # else the script would be written through the link, into the real program
    path.write_text(f"#!{shutil.which('bash')}\n{script}\n")
    path.chmod(0o755)


def set_up(machine: Path, purpose: str, chromium: str = "/chromium") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [machine / "scripts" / "setup.sh", purpose],
        env={"PATH": str(machine / "bin"), "GRIDMAP_CHROMIUM": chromium, "GRIDMAP_PG_BINDIR": "/pg"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_without_apt_it_names_what_is_missing(bare_machine):
    done = set_up(bare_machine, "test")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "poppler-utils" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_without_sudo_it_says_the_exact_command(bare_machine):
    answer(bare_machine, "apt-get", "exit 99")
    done = set_up(bare_machine, "test")
    assert done.returncode == 1
    assert re.search(
        r"run as root: +apt-get update && apt-get install -y --no-install-recommends .*poppler-utils",
        done.stderr,
    )
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif("ubuntu" in Path("/etc/os-release").read_text(), reason="Ubuntu has no headless shell")
def test_a_whole_chromium_does_only_where_there_is_no_headless_shell_to_install(bare_machine):
    answer(bare_machine, "python3", "exit 1")  # it ends with what is missing
    answer(bare_machine, "google-chrome", "")
    answer(bare_machine, "apt-get", "exit 99")
    assert "chromium-headless-shell" in set_up(bare_machine, "test", chromium="").stderr
    answer(bare_machine, "chromium-headless-shell", "")
    assert "chromium" not in set_up(bare_machine, "test", chromium="").stderr
    (bare_machine / "bin" / "chromium-headless-shell").unlink()
    (bare_machine / "bin" / "apt-get").unlink()
    assert "chromium" not in set_up(bare_machine, "test", chromium="").stderr


def test_a_sudo_that_wants_a_password_nobody_can_type_is_not_asked(bare_machine):
    answer(bare_machine, "apt-get", "exit 99")
    answer(bare_machine, "sudo", '[ "$1" != -n ] && echo asked; exit 1')
    done = set_up(bare_machine, "test")
    assert done.returncode == 1
    assert "sudo asks for a password" in done.stderr
    assert "asked" not in done.stdout


def test_with_sudo_it_installs_what_is_missing_and_only_that(bare_machine):
    log = bare_machine / "log"
    answer(bare_machine, "sudo", f'[ "$1" = -n ] || {{ echo "$*" >>{log}; "$@"; }}')
    answer(
        bare_machine,
        "apt-get",
        f'case "$*" in *install*) printf "#!/bin/sh\\n" >{bare_machine}/bin/pdftoppm;'
        f" {shutil.which('chmod')} 755 {bare_machine}/bin/pdftoppm; esac",
    )
    answer(bare_machine, "python3", "exit 0")  # every question is answered yes, and nothing is made
    (bare_machine / ".venv" / "bin").mkdir(parents=True)
    answer(bare_machine / ".venv", "python", "exit 0")
    first, second = set_up(bare_machine, "test"), set_up(bare_machine, "test")
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    update, install = log.read_text().splitlines()
    assert update == "env DEBIAN_FRONTEND=noninteractive apt-get -q update"
    assert "apt-get install -y --no-install-recommends poppler-utils -q" in install
    assert second.stdout == ""


def test_a_failed_installation_shows_why_and_what_to_do(bare_machine):
    answer(bare_machine, "sudo", '[ "$1" = -n ] || "$@"')
    answer(bare_machine, "apt-get", 'echo "E: no network here"; exit 100')
    done = set_up(bare_machine, "test")
    assert done.returncode == 1
    assert "E: no network here" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("gridmap: apt-get could not install")


def test_without_a_python_that_suits_it_says_so(bare_machine):
    answer(bare_machine, "python3", "exit 1")
    done = set_up(bare_machine, "venv")
    assert done.returncode == 1
    assert "python3-venv" in done.stderr or "python3.11-venv" in done.stderr


def test_a_pip_without_a_network_is_said_and_leaves_no_ready_mark(bare_machine):
    answer(bare_machine, "pip", '[ "$2" = pip ] && echo "ERROR: no network here" && exit 1; exit 0')
    mkdir, cp = shutil.which("mkdir"), shutil.which("cp")
    answer(
        bare_machine,
        "python3",
        f'[ "$2" != venv ] || {{ {mkdir} -p .venv/bin; {cp} bin/pip .venv/bin/python; }}',
    )
    done = set_up(bare_machine, "venv")
    assert done.returncode == 1
    assert "ERROR: no network here" in done.stderr
    assert "pip could not install" in done.stderr
    assert not (bare_machine / ".venv" / "ready").exists()
