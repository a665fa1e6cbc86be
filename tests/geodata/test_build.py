"""The committed files are what the seeded generator writes, all of them marked, and not too large."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
DISTRICT = ROOT / "geodata" / "district"
FILES = {
    "subdistrict.geojson",
    "communities.geojson",
    "grids.geojson",
    "compounds.geojson",
    "buildings.geojson",
    "backdrop.geojson",
    "places.csv",
    "parties.csv",
    "people.csv",
    "duties.csv",
    "reports.csv",
    "works.csv",
}


def test_rebuilding_gives_the_committed_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "geodata.build", str(tmp_path)], cwd=ROOT, check=True)
    assert {path.name for path in tmp_path.iterdir()} == FILES == {path.name for path in DISTRICT.iterdir()}
    changed = [
        name for name in sorted(FILES) if (tmp_path / name).read_bytes() != (DISTRICT / name).read_bytes()
    ]
    assert not changed


def test_every_file_and_feature_is_marked() -> None:
    for path in DISTRICT.glob("*.geojson"):
        collection = json.loads(path.read_text(encoding="utf-8"))
        assert "示意数据" in collection["note"], path.name
        assert {one["properties"]["note"] for one in collection["features"]} == {"示意数据"}, path.name


def test_every_row_is_marked(table) -> None:
    for stem in ("places", "parties", "people", "duties", "reports", "works"):
        assert {row["note"] for row in table(stem)} == {"示意数据"}, stem


def test_the_whole_stays_under_six_megabytes() -> None:
    assert sum(path.stat().st_size for path in DISTRICT.iterdir()) < 6_000_000
