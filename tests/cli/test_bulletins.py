"""`gridmap export bulletin` and `gridmap bulletin`: all files or none, published once, found again."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gridmap.cli.folders import write_all
from gridmap.errors import BadInput
from gridmap.settings import Settings
from tests.faces.conftest import populated

SUFFIXES = ("pdf", "html", "xlsx", "gpkg")


@pytest.fixture(scope="module")
def town(make_settings) -> Settings:
    return populated(make_settings)


@pytest.fixture(scope="module")
def june(town, tmp_path_factory) -> Path:
    """Exported and published, in a process of its own as people do."""
    out = tmp_path_factory.mktemp("exports") / "june"
    begun = command(out, "--publish")
    done = subprocess.run(begun, env=environment(town), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "published no. 1 of 2023-06" in done.stdout
    return out


def command(out: Path, *more: str) -> list[str]:
    program = [sys.executable, "-m", "gridmap", "export", "bulletin"]
    return [*program, "--month", "2023-06", "--out", str(out), *more]


def environment(settings: Settings) -> dict[str, str]:
    given = {"GRIDMAP_DATABASE_URL": str(settings.database_url), "GRIDMAP_DATA_DIR": str(settings.data_dir)}
    return {**os.environ, **given, "LC_ALL": "C.UTF-8", "COLUMNS": "200"}


def test_all_files_are_there_and_the_manifest_is_true(june) -> None:
    names = {f"bulletin-town-2023-06.{suffix}" for suffix in SUFFIXES}
    assert {path.name for path in june.iterdir()} == names | {"manifest.json"}
    assert [path for path in june.parent.iterdir() if path != june] == []
    for each in json.loads((june / "manifest.json").read_text("utf-8"))["files"]:
        assert hashlib.sha256((june / each["name"]).read_bytes()).hexdigest() == each["sha256"]


def test_it_is_listed_and_got_byte_for_byte(run, town, june, tmp_path) -> None:
    code, out, _ = run(town, "bulletin", "list")
    assert code == 0
    assert "2023-06" in out
    assert run(town, "bulletin", "get", "--month", "2023-06", "--out", "got")[0] == 0
    assert {p.name: p.read_bytes() for p in (tmp_path / "got").iterdir()} == {
        p.name: p.read_bytes() for p in june.iterdir()
    }


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("export", "bulletin", "--month", "2023-13", "--out", "x"), "2023-06"),
        (("export", "bulletin", "--month", "2099-01", "--out", "x"), "has not begun"),
        (("export", "bulletin", "--month", "2023-06", "--out", "x", "--lang", "fr"), "zh or en"),
        (("export", "bulletin", "--month", "2023-06", "--out", "/dev/null"), "--out"),
        (
            ("export", "bulletin", "--month", "2023-06", "--out", "x", "--publish", "--edition", "1"),
            "edition",
        ),
        (("bulletin", "get", "--month", "2023-05", "--out", "x"), "no bulletin of 2023-05"),
        (("bulletin", "get", "--month", "2023-06", "--number", "9", "--out", "x"), "no. 9"),
    ],
)
def test_what_cannot_be_is_refused(run, town, june, tmp_path, arguments, says) -> None:
    code, _, err = run(town, *arguments)
    assert code == 2
    assert says in err
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_cancels_and_leaves_nothing(town, tmp_path) -> None:
    out = tmp_path / "cancelled"
    process = subprocess.Popen(
        command(out, "--publish", "--lang", "en"),
        env=environment(town),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + 60
    while "_backend_agg" not in Path(f"/proc/{process.pid}/maps").read_text():  # it is about to draw
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=30)
    assert process.returncode != 0
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


# pybind11 asks NumPy its version while it loads a module, and makes an ImportError of what happens meanwhile;
# SciPy asks as well, and is loaded by then
LOADING = """
import signal
import scipy.ndimage
from numpy.lib import NumpyVersion
from gridmap.cli import main
NumpyVersion.__init__ = lambda *_: signal.raise_signal(signal.SIGINT)
main()
"""


def test_ctrl_c_while_a_compiled_module_loads_is_no_error(town, tmp_path) -> None:
    _, *arguments = command(tmp_path / "cancelled")
    program = [sys.executable, "-c", LOADING, *arguments[2:]]
    done = subprocess.run(program, env=environment(town), capture_output=True, text=True)
    assert done.returncode == 130, done.stderr
    assert done.stderr.strip() == ""
    assert list(tmp_path.iterdir()) == []


def test_a_folder_gets_all_files_or_none(tmp_path) -> None:
    out = tmp_path / "out"
    write_all(out, {"a": b"1", "b": b"2"})
    (out / "mine").write_bytes(b"kept")
    write_all(out, {"a": b"3", "b": b"4"})
    assert {p.name: p.read_bytes() for p in out.iterdir()} == {"a": b"3", "b": b"4", "mine": b"kept"}
    with pytest.raises(BadInput, match="cannot be written"):
        write_all(out, {"a": b"5", "sub/b": b"6"})
    assert (out / "a").read_bytes() == b"3"
    assert [p.name for p in tmp_path.iterdir()] == ["out"]
