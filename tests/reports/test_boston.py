"""Real reports of a real city: Boston's rows and their damaged variants, on Boston's neighbourhoods."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
import shapely

from gridmap.areas import loading
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.reports import store
from gridmap.reports.files import Summary, import_file
from gridmap.reports.reading import Reading

BOSTON = Jurisdiction("boston", "Boston", "Boston", "America/New_York")
CITY_HALL = (-71.0587, 42.3594)
RAGGED = 101004113615  # the row of the damaged .tsv that has a cell too many


@pytest.fixture
def boston(database: Database, shared_data: Path) -> Database:
    with database.writing() as connection:
        areas.add_jurisdiction(connection, BOSTON)
        loading.import_file(
            connection,
            BOSTON,
            shared_data / "boston" / "neighbourhoods.geojson",
            kind="grid",
            code_field="name",
            name_field="name",
            loaded_by="test",
        )
    return database


def load(boston: Database, path: Path, *, rejects: Path | None = None, **reading) -> Summary:
    return import_file(
        boston, BOSTON, path, Reading(datum="wgs84", **reading), loaded_by="test", rejects=rejects
    )


def test_every_row_with_a_polygon_gets_it(boston, shared_data) -> None:
    summary = load(boston, shared_data / "boston" / "boston311-100.csv")
    assert (summary.rows, summary.accepted, summary.rejected) == (100, 100, 0)
    with boston.reading() as connection:
        grids = areas.areas(connection, BOSTON.code, kind="grid", day=BOSTON.today())
        found = store.reports(connection, BOSTON.code, limit=200)
    for report in found:
        at = shapely.Point(report.lon, report.lat)
        covering = min((g.code for g in grids if shapely.covers(g.geometry, at)), default=None)
        placed = report.placement.grid.code if report.placement.method == "covers" else None
        assert placed == covering
    assert sum(r.placement.method == "covers" for r in found) > 90


def test_the_default_coordinate_is_flagged(boston, shared_data) -> None:
    summary = load(boston, shared_data / "boston" / "boston311-100.csv")
    assert summary.piles == [(*CITY_HALL, 19)]


def test_the_planted_duplicates_are_found(boston, shared_data) -> None:
    summary = load(boston, shared_data / "boston" / "boston311-100-20dupes-random.csv")
    assert (summary.accepted, summary.known, summary.rejected) == (80, 20, 0)


def test_the_ragged_row_is_refused_by_its_number(boston, shared_data, tmp_path) -> None:
    path = shared_data / "boston" / "boston311-100-bad.tsv"
    summary = load(boston, path, rejects=tmp_path / "rejected.csv")
    number = next(
        n for n, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line.startswith(str(RAGGED))
    )
    assert (summary.accepted, summary.rejected) == (99, 1)
    assert [r.number for r in summary.first_rejected] == [number]
    with (tmp_path / "rejected.csv").open(encoding="utf-8-sig", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert row["rejected_row"] == str(number)


@pytest.mark.parametrize(
    "name", ["boston311-100-untrimmed.jsonl", "boston311-dmy-100.csv", "boston311-100.csv"]
)
def test_variants_say_the_same(boston, shared_data, name) -> None:
    load(boston, shared_data / "boston" / "boston311-100.csv")
    again = load(boston, shared_data / "boston" / name)
    assert (again.accepted, again.known, again.rejected) == (0, 100, 0)


def test_names_outside_ascii_are_kept(boston, shared_data) -> None:
    summary = load(boston, shared_data / "boston" / "boston311-100-with-nonascii.csv")
    assert summary.accepted == 100


def test_the_citys_own_words_become_its_categories_when_told(boston, shared_data) -> None:
    path = shared_data / "boston" / "boston311-100.csv"
    told = load(boston, path, columns={"category": "type"}, add_categories=True)
    with path.open(encoding="utf-8", newline="") as stream:
        words = {row["type"] for row in csv.DictReader(stream)}
    assert set(told.new_categories) == words
    assert told.accepted == 100


def test_months_are_the_citys_own(boston, shared_data) -> None:
    load(boston, shared_data / "boston" / "boston311-100.csv")
    with boston.reading() as connection:
        newest = store.reports(connection, BOSTON.code, limit=1)[0]
    assert newest.occurred_at.utcoffset() is not None
    assert newest.occurred_at.astimezone(BOSTON.zone).utcoffset().total_seconds() == -5 * 3600
