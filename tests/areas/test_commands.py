"""`gridmap areas …` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction
from gridmap.cli import app
from gridmap.database.sessions import Database
from gridmap.errors import AreasRefused, BadInput

RUN = CliRunner()
GRIDS = [[[109.48, 36.61], [109.482, 36.61], [109.482, 36.612], [109.48, 36.612], [109.48, 36.61]]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "grids.geojson"
    feature = {
        "type": "Feature",
        "properties": {"code": "610602006001001", "name": "[red]一号[/red]"},
        "geometry": {"type": "Polygon", "coordinates": GRIDS},
    }
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    return path


@pytest.fixture
def district(database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with the jurisdiction `test`, and the environment that leads to it."""
    assert database.settings.database_url
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", database.settings.database_url)
    with database.writing() as connection:
        store.add_jurisdiction(connection, Jurisdiction("test", "测试街道"))
    return database


def run(*words: object) -> str:
    result = RUN.invoke(app, [str(word) for word in words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_check_needs_no_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    said = run("areas", "check", file, "--code-rule", "cn-grid")
    assert "1 accepted" in said
    assert "[red]一号[/red]" in said  # a name is no markup
    report = json.loads(run("areas", "check", file, "--json"))
    assert report["passed"] is True


def test_check_of_many_files_is_a_table_and_fails_if_one_does(file: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.geojson"
    bad.write_text('{"type": "featurecollection"}')
    result = RUN.invoke(app, ["areas", "check", str(file), str(bad)])
    assert result.exit_code == 1
    assert "accepted" in result.output
    assert "refused" in result.output
    documents = json.loads(RUN.invoke(app, ["areas", "check", str(file), str(bad), "--json"]).output)
    assert [document["passed"] for document in documents] == [True, False]
    with pytest.raises(AreasRefused):
        RUN.invoke(app, ["areas", "check", str(bad)], catch_exceptions=False)


def test_import_list_export(district: Database, file: Path, tmp_path: Path) -> None:
    words = ("areas", "import", file, "--jurisdiction", "test", "--kind", "grid")
    assert "1 areas of kind grid" in run(*words)
    assert "already loaded as edition" in run(*words)
    assert json.loads(run(*words, "--json"))["added"] is False
    (edition,) = json.loads(run("areas", "list", "--json"))
    assert (edition["kind"], edition["areas"], edition["valid_from"]) == ("grid", 1, None)
    out = tmp_path / "out.geojson"
    run("areas", "export", "--kind", "grid", "--out", out)
    (feature,) = json.loads(out.read_text())["features"]
    assert feature["geometry"]["coordinates"] == GRIDS
    with pytest.raises(BadInput):
        run("areas", "export", "--kind", "community", "--out", out)


def test_a_bad_day_is_named(district: Database, file: Path) -> None:
    with pytest.raises(BadInput) as caught:
        run("areas", "import", file, "--kind", "grid", "--valid-from", "01/06/2023")
    assert caught.value.field == "valid_from"
