"""The README's commands are run as they stand, in both languages, and what it shows is there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from gridmap import demonstration
from gridmap.opening import open_gridmap

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def blocks(name: str) -> list[str]:
    """The sh blocks, in order, without make (the set-up and these tests themselves)."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    return [block for block in found if not block.startswith("make ")]


@pytest.mark.parametrize("name", READMES)
def test_its_commands_run(name: str, make_settings, live_service, tmp_path: Path) -> None:
    """On a fresh demonstration; `live_service` serves a database, and the command line uses the same."""
    settings = make_settings()
    with open_gridmap(settings) as database:
        demonstration.load(database)
    (tmp_path / "geodata").symlink_to(ROOT / "geodata")
    binaries = Path(sys.executable).parent
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").write_text(f'PATH="{binaries}:$PATH"\n')
    with live_service(settings) as url:
        script = "set -eux\n" + "\n".join(blocks(name)).replace("http://127.0.0.1:8000", url)
        environment = {**os.environ, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        environment["GRIDMAP_DATABASE_URL"] = settings.database_url
        done = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-2000:]
    assert '"placement"' in done.stdout
    made = {path.suffix for path in (tmp_path / "june").iterdir()}
    assert made == {".html", ".png", ".pdf", ".xlsx", ".csv", ".gpkg", ".geojson"}


def test_both_languages_run_the_same_commands() -> None:
    assert blocks(READMES[0]) == blocks(READMES[1])


@pytest.mark.parametrize("name", READMES)
def test_what_it_names_is_there(name: str) -> None:
    text = (ROOT / name).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        if "://" not in target:
            assert (ROOT / target).exists(), target
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"`?make ([a-z]+)", text)) <= targets
    variables = set(re.findall(r"GRIDMAP_[A-Z0-9_]+", text))
    fields = {f"GRIDMAP_{field.upper()}" for field in _settings_fields()}
    assert variables <= fields


def test_the_first_result_is_on_the_first_page() -> None:
    text = (ROOT / READMES[0]).read_text("utf-8")
    assert text[: text.index("make run")].count("\n") < 25


def test_curl_is_there_to_run_it() -> None:
    assert shutil.which("curl"), "the README's example needs curl"


def _settings_fields() -> list[str]:
    from gridmap.settings import Settings

    return list(Settings.model_fields)
