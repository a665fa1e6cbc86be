"""The README's commands are run as they stand, in both languages, and what it shows is there."""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gridmap.settings import Settings
from tests.signing_in import bearer

ROOT = Path(__file__).parents[1]
READMES = ("README.md", "README.zh-CN.md")


def blocks(name: str) -> list[str]:
    """The sh blocks, in order, without make (the set-up and these tests themselves)."""
    found = re.findall(r"```sh\n(.*?)```", (ROOT / name).read_text("utf-8"), re.DOTALL)
    return [block for block in found if not block.startswith("make ")]


@pytest.fixture
def home() -> Iterator[Path]:
    """A newcomer's home that PostgreSQL's user can reach, with the checkout's folders in it."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-readme-"))
    folder.chmod(0o755)
    (folder / "geodata").symlink_to(ROOT / "geodata")
    (folder / ".venv" / "bin").mkdir(parents=True)
    (folder / ".venv" / "bin" / "activate").write_text(f'PATH="{Path(sys.executable).parent}:$PATH"\n')
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_its_commands_run(live_service, home: Path) -> None:
    """As a newcomer types them, on private servers: the demonstration's, then that of one's own district.

    Those of one language: the other's are the same, see below.
    """
    demonstration = Settings(data_dir=home / "demonstration")
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
    environment |= {"HOME": str(home), "LC_ALL": "C.UTF-8", "GRIDMAP_DATA_DIR": str(demonstration.data_dir)}
    with live_service(demonstration) as url:
        script = "set -eux\n" + "\n".join(blocks(READMES[0])).replace("http://127.0.0.1:8000", url)
        done = subprocess.run(
            ["bash", "-c", script], cwd=home, env=environment, capture_output=True, text=True, timeout=300
        )
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-2000:]
    assert '"placement"' in done.stdout
    assert "rejected" not in {path.suffixes[-2][1:] for path in home.iterdir() if len(path.suffixes) > 1}
    made = {path.suffix for path in (home / "june").iterdir()}
    assert made == {".html", ".png", ".pdf", ".xlsx", ".csv", ".gpkg", ".geojson"}
    tls = {"tls_cert": home / "tls" / "gridmap.crt", "tls_key": home / "tls" / "gridmap.key"}
    office = ssl.create_default_context(cafile=home / "tls" / "office.crt")  # as a phone that trusts it
    with live_service(Settings(data_dir=home / "gridmap-mine", **tls)) as url:
        assert url.startswith("https://")
        assert httpx.get(f"{url}/api/v1/jurisdictions", verify=office).status_code == 401
        known = bearer((home / "token").read_text().strip())  # nothing else is in the file
        served = httpx.get(f"{url}/api/v1/jurisdictions", headers=known, verify=office).json()["items"]
        assert [each["code"] for each in served] == ["practice"]
        page = httpx.get(f"{url}/", verify=office).text
        assert "练习街道" in page
        assert "示意数据" not in re.sub(r"<script.*?</script>", "", page, flags=re.DOTALL)


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
    fields = {f"GRIDMAP_{field.upper()}" for field in Settings.model_fields}
    assert variables <= fields


def test_the_first_result_is_on_the_first_page() -> None:
    text = (ROOT / READMES[0]).read_text("utf-8")
    assert text[: text.index("make run")].count("\n") < 25


def test_what_its_commands_call_is_there() -> None:
    for program in ("curl", "openssl"):
        assert shutil.which(program), f"the README's commands need {program}"
