"""What is vendored is what the manifest says, with its licence beside it."""

from __future__ import annotations

import hashlib
import json

import pytest

from gridmap.maps.lettering import MISSING, fitted, printable, width_mm
from gridmap.maps.page import ASSETS

MANIFEST = json.loads((ASSETS / "MANIFEST.json").read_text(encoding="utf-8"))["files"]
OUR_OWN = {"gridmap", "README.md", "MANIFEST.json", "build_font.py", "write_manifest.py", "__pycache__"}


def test_every_vendored_file_is_listed() -> None:
    found = {p.relative_to(ASSETS).as_posix() for p in ASSETS.rglob("*") if p.is_file()}
    vendored = {name for name in found if name.split("/")[0] not in OUR_OWN}
    assert vendored == {entry["file"] for entry in MANIFEST}


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_as_listed(entry: dict[str, str]) -> None:
    assert hashlib.sha256((ASSETS / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]
    assert all(entry[key] for key in ("name", "version", "licence", "origin"))
    assert len((ASSETS / entry["licence_file"]).read_text(encoding="utf-8")) > 500


def test_versions_are_those_in_the_files() -> None:
    versions = {entry["name"]: entry["version"] for entry in MANIFEST}
    assert f'version="{versions["Leaflet"]}"' in (ASSETS / "leaflet/leaflet.js").read_text()
    assert f"jQuery v{versions['jQuery']}" in (ASSETS / "jquery/jquery.min.js").read_text()


def test_the_font_holds_gb2312_and_common_rare_names() -> None:
    characters = bytes(b for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF) for b in (high, low))
    text = characters.decode("gb2312", "ignore")
    assert len(text) == 6763
    assert MISSING not in printable(text)
    assert printable("玥府 喆园 埇桥 ¥") == "玥府 喆园 埇桥 ¥"


def test_what_the_font_lacks_is_marked() -> None:
    assert printable("好\U0001f600\ud800苑\n二\x07期") == "好〓〓苑 二期"


def test_long_names_are_cut_to_their_room() -> None:
    cut = fitted("很长很长的网格名称" * 5, 8, 30)
    assert cut.endswith("…")
    assert width_mm(cut, 8) <= 30
    assert fitted("短", 8, 30) == "短"
