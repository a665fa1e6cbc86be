"""A month as known then, or re-cut: the same over REST, on the page, in files and on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import httpx
import pytest
from typer.testing import CliRunner

from gridmap.areas import store as areas
from gridmap.areas.model import NewArea
from gridmap.cli import app
from gridmap.reports import intake
from tests.faces.conftest import TOWN, Live, draft, populated, serving, square


@pytest.fixture(scope="module")
def own(make_settings) -> Iterator[Live]:
    with serving(populated(make_settings)) as live:
        yield live


@pytest.fixture
def client(own: Live) -> Iterator[httpx.Client]:
    with own.client() as client:
        yield client


@pytest.fixture(scope="module")
def later(own: Live) -> tuple[str, int]:
    """Two grids become one in July; before it a moment, after it twenty reports of June more."""
    database, moment = own.app.state.service.own, datetime.now(UTC)
    kept = [(row, column) for row in range(3) for column in range(4) if (row, column) not in ((0, 0), (0, 1))]
    grids = [NewArea(f"G{row}{column}", "格", square(column, row), f"C{row}") for row, column in kept]
    grids.append(NewArea("G0x", "合并格", square(0, 0, 2), "C0"))
    with database.writing() as connection:
        options = {"file_name": "f", "sha256": "0" * 64, "loaded_by": "t"}
        edition = areas.add_edition(
            connection, TOWN.code, "grid", grids, valid_from=date(2023, 7, 1), **options
        )
    late = [replace(draft(40), client_id=f"late-{number}") for number in range(20)]
    assert {outcome.status for outcome in intake.record(database, TOWN, late)} == {"created"}
    return moment.isoformat(), edition.id


def test_the_monthly_table_as_of(client, later) -> None:
    moment, _ = later
    now = client.get("/api/v1/stats/monthly").json()["items"]
    then = client.get("/api/v1/stats/monthly", params={"as_of": moment}).json()["items"]
    assert sum(row["count"] for row in now) == sum(row["count"] for row in then) + 20
    early = client.get("/api/v1/stats/monthly", params={"as_of": "2023-01-01"})
    assert early.json()["items"] == []


def test_moves_are_told(client, later) -> None:
    _, edition = later
    asked = {"month": "2023-06", "edition": edition}
    told = client.get("/api/v1/stats/moves", params=asked).json()
    assert {(row["code"], row["to_code"]) for row in told["items"]} == {("G00", "G0x"), ("G01", "G0x")}
    assert told["reports"] == told["stayed"] + sum(row["reports"] for row in told["items"])
    assert (told["edition"], told["valid_from"], told["next"]) == (edition, "2023-07-01", None)


def test_page_and_files_say_what_they_show(client, later) -> None:
    moment, edition = later
    asked = {"month": "2023-06", "as_of": moment, "lang": "en"}
    page = client.get("/maps/heat", params=asked).text
    assert "As known on 20" in page
    assert "as_of=" in page.split("/maps/heat?")[1], "the links go on with it"
    plain = client.get("/maps/heat", params={"month": "2023-06", "lang": "en"}).text
    assert "As known on 20" not in plain
    recut = client.get("/maps/heat", params={"month": "2023-06", "edition": edition, "lang": "en"}).text
    assert f"Re-cut to grid edition {edition} (from 2023-07-01)" in recut
    assert "G0x" in recut
    assert "G0x" not in plain
    options = {"month": "2023-06", "format": "geojson", "lang": "en"}
    file = client.get("/api/v1/exports/heatmap", params=options | {"edition": edition})
    assert f"edition-{edition}" in file.headers["content-disposition"]
    assert "G0x" in {feature["properties"]["code"] for feature in file.json()["features"]}
    assert any("Re-cut" in note for note in file.json()["notes"])
    then = client.get("/api/v1/exports/heatmap", params=options | {"as_of": moment}).json()
    now = client.get("/api/v1/exports/heatmap", params=options).json()
    count = [sum(f["properties"]["count"] for f in each["features"]) for each in (then, now)]
    assert count[0] < count[1]


@pytest.mark.parametrize(
    ("path", "query", "status", "field"),
    [
        ("/api/v1/stats/monthly", "as_of=yesterday", 422, "as_of"),
        ("/api/v1/stats/monthly", "as_of=2023-07-02T09:00:00", 422, "as_of"),
        ("/api/v1/stats/monthly", "as_of=2023-07-02&category=local-dispute", 422, "as_of"),
        ("/api/v1/exports/heatmap", "month=2023-06&edition=x", 422, "edition"),
        ("/api/v1/exports/heatmap", "month=2023-06&edition=99999", 404, "edition"),
        ("/api/v1/exports/heatmap", "month=2023-06&edition=1&category=local-dispute", 422, "edition"),
        ("/api/v1/exports/heatmap", "month=2023-06&as_of=2019-01-01", 404, "month"),
        ("/api/v1/stats/moves", "month=2023-06", 422, "edition"),
        ("/api/v1/stats/moves", "month=2023-06&edition=1", 422, "edition"),
        ("/api/v1/stats/moves", "month=June&edition=1", 422, "month"),
        ("/maps/heat", "as_of=never", 422, "as_of"),
    ],
)
def test_what_cannot_be_is_refused_by_name(client, own, later, path, query, status, field) -> None:
    with own.app.state.service.own.reading() as connection:
        known = areas.editions(connection, TOWN.code)
    wrong = next(e.id for e in known if e.kind == "compound")
    right = next(e.id for e in known if e.kind == "grid")
    of = right if "category" in query else wrong
    answer = client.get(f"{path}?{query.replace('edition=1', f'edition={of}')}")
    assert answer.status_code == status
    assert field in answer.text


def test_the_command_line_says_the_same(client, own, later, tmp_path, monkeypatch) -> None:
    moment, edition = later
    monkeypatch.setenv("GRIDMAP_DATABASE_URL", own.app.state.service.settings.database_url)
    told = CliRunner().invoke(
        app, ["stats", "moves", "--month", "2023-06", "--edition", str(edition), "--json"]
    )
    assert told.exit_code == 0, told.output
    asked = {"month": "2023-06", "edition": edition}
    assert json.loads(told.output) == client.get("/api/v1/stats/moves", params=asked).json()
    plain = CliRunner().invoke(app, ["stats", "moves", "--month", "2023-06", "--edition", str(edition)])
    assert "lie in another grid" in plain.output
    monthly = CliRunner().invoke(app, ["stats", "monthly", "--by", "category", "--as-of", moment])
    assert monthly.exit_code == 0, monthly.output
    out = tmp_path / "then"
    command = ["export", "heatmap", "--month", "2023-06", "--out", str(out), "--format", "csv"]
    made = CliRunner().invoke(app, [*command, "--as-of", moment, "--edition", str(edition)])
    assert made.exit_code != 0, "the edition was not known then"
    made = CliRunner().invoke(app, [*command, "--as-of", moment])
    assert made.exit_code == 0, made.output
    (path,) = out.iterdir()
    assert "as-of-20" in path.name
