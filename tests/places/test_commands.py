"""`gridmap places …`, `works …` and `backdrop …` as they are typed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction
from gridmap.cli import app
from gridmap.database.sessions import Database
from gridmap.errors import BadFile, BadInput
from gridmap.places import store as stored

RUN = CliRunner()
DEMONSTRATION = Path(__file__).parents[2] / "geodata" / "district" / "places.csv"
PLACES = """code,kind,name,lon,lat,capacity,opening_hours
m1,night_market,[b]大剧院夜市[/b],109.4781,36.6112,85,Fr-Su 18:00-02:00
p1,停车,中环停车场,109.48,36.61,120,
"""
WORKS = """client_id,kind,quantity,unit,occurred_on,place_name
w1,advert_removed,12,条,2023-06-18,新区东路
w2,rubbish_hauled,0.5,t,2023-07-01,
"""


@pytest.fixture
def district(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    assert database.settings.database_url
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database.settings.database_url)
    with database.writing() as connection:
        store.add_jurisdiction(connection, Jurisdiction("test", "测试街道"))
    return database


def run(*words: object) -> str:
    result = RUN.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_places(district: Database, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(PLACES, encoding="gb18030")
    words = ("places", "import", file, "--datum", "gcj02")
    assert "2 added" in run(*words)
    assert json.loads(run(*words, "--json")) == {
        "file": "places.csv",
        "added": 0,
        "changed": 0,
        "unchanged": 2,
        "closed": 0,
    }
    assert "[b]大剧院夜市[/b]" in run("places", "list")
    open_then = json.loads(run("places", "list", "--open-at", "2023-06-17T01:00", "--json"))
    assert [place["code"] for place in open_then] == ["m1"]
    out = tmp_path / "out.geojson"
    run("places", "export", "--out", out, "--kind", "parking")
    assert [f["properties"]["code"] for f in json.loads(out.read_text())["features"]] == ["p1"]
    with pytest.raises(BadInput):
        run("places", "import", file)
    file.write_text(PLACES.replace("120", "-1"), encoding="utf-8")
    with pytest.raises(BadFile, match="row 3, capacity"):
        run(*words)


@pytest.mark.parametrize("ending", ["csv", "xlsx", "geojson"])
def test_an_export_is_the_same_places(district: Database, tmp_path: Path, ending: str) -> None:
    original = ("places", "import", DEMONSTRATION, "--datum", "wgs84", "--json")
    count = json.loads(run(*original))["added"]
    assert count == 100
    unchanged = {"added": 0, "changed": 0, "unchanged": count, "closed": 0}
    out = tmp_path / f"p.{ending}"
    run("places", "export", "--out", out)
    datum = () if ending == "geojson" else ("--datum", "wgs84")
    back = json.loads(run("places", "import", out, *datum, "--json"))
    assert back == {"file": out.name} | unchanged
    assert json.loads(run(*original)) == {"file": "places.csv"} | unchanged
    assert json.loads(run("places", "import", out, *datum, "--json", "--replace")) == back
    with district.reading() as connection:
        found = stored.places(connection, "test", day=date(2023, 6, 1))
    assert {key for place in found for key in place.properties} == {"vehicle", "note"}


def test_the_ending_says_the_format_of_an_export(district: Database, tmp_path: Path) -> None:
    file = tmp_path / "places.csv"
    file.write_text(PLACES, encoding="utf-8")
    run("places", "import", file, "--datum", "wgs84")
    out = tmp_path / "out.csv"
    run("places", "export", "--out", out)
    assert out.read_text("utf-8-sig").startswith("code,kind,")
    run("places", "export", "--out", out, "--format", "csv")
    for name, words, field in (
        ("out.csv", ("--format", "geojson"), "out"),
        ("out.xls", (), "out"),
        ("out.csv", ("--format", "pdf"), "format"),
    ):
        with pytest.raises(BadInput) as caught:
            run("places", "export", "--out", tmp_path / name, *words)
        assert caught.value.field == field


def test_works(district: Database, tmp_path: Path) -> None:
    file = tmp_path / "works.csv"
    file.write_text(WORKS, encoding="utf-8")
    assert "2 new" in run("works", "import", file)
    assert json.loads(run("works", "import", file, "--json")) == {
        "file": "works.csv",
        "created": 0,
        "known": 2,
    }
    listed = json.loads(run("works", "list", "--json", "--last", "2023-06-30"))
    assert [(work["kind"], work["quantity"], work["unit"]) for work in listed] == [
        ("advert_removed", "12", "条")
    ]
    totals = json.loads(run("works", "list", "--totals", "--kind", "垃圾清运", "--json"))
    assert [(total["quantity"], total["records"]) for total in totals] == [("0.5", 1)]
    assert "advert_removed" in run("works", "list")


def test_a_refused_file_of_works_leaves_nothing(district: Database, tmp_path: Path) -> None:
    file = tmp_path / "works.csv"
    file.write_text(WORKS.replace("rubbish_hauled", "nonsense"), encoding="utf-8")
    with pytest.raises(BadFile, match="row 3, kind"):
        run("works", "import", file)
    assert json.loads(run("works", "list", "--json")) == []


def test_backdrop(district: Database, tmp_path: Path) -> None:
    file = tmp_path / "b.geojson"
    line = {"type": "LineString", "coordinates": [[109.4, 36.6], [109.5, 36.7]]}
    file.write_text(json.dumps({"type": "Feature", "properties": {"kind": "river"}, "geometry": line}))
    assert "1 lines" in run("backdrop", "import", file)
