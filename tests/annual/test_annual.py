"""The year's figures come back as they were published, each from its rows and by its own query."""

from __future__ import annotations

import csv
import io
import json
from datetime import date
from decimal import Decimal

import pytest

from gridmap.annual.deriving import annual
from gridmap.annual.model import SUMS, Figure, Sum, Year, wanted
from gridmap.annual.store import ROWS
from gridmap.annual.writing import FIELDS, annual_files, period, shown
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput

# key -> (value, whether the published report says "over")
PUBLISHED = {
    "grids": (70, False),
    "levels": (4, False),
    "grid_chiefs": (38, False),
    "building_chiefs": (239, False),
    "unit_chiefs": (377, False),
    "party_branches": (28, False),
    "compound_stations": (7, False),
    "errands": (200, True),
    "rest_stops": (2, False),
    "counter_matters": (2_100, True),
    "morning_markets": (3, False),
    "night_markets": (3, False),
    "trunk_markets": (2, False),
    "day_care": (2, False),
    "driver_homes": (1, False),
    "festival_events": (30, True),
    "volunteer_days": (50, True),
    "job_fairs": (3, False),
    "jobs_found": (12, False),
    "film_showings": (72, False),
    "culture_events": (10, False),
    "performances": (8, False),
    "disputes_found": (31, False),
    "disputes_settled": (28, False),
    "disputes_in_hand": (3, False),
    "cases_assigned": (19, False),
    "cases_settled": (19, False),
    "stability_cases": (18, False),
    "notice_boards": (26, False),
    "posters": (20_000, True),
    "adverts": (8_900, True),
    "corridors": (1_650, False),
    "rubbish_corners": (100, True),
    "rubbish_hauled": (21, False),
    "greenery": (20_000, True),
    "piles": (366, False),
    "demolished": (119, False),
    "stopped": (36, False),
}
NOT_KNOWN = {"petitions_above"}


@pytest.fixture(scope="module")
def year(demo) -> Year:
    return annual(demo, JURISDICTION, 2023)


@pytest.fixture(scope="module")
def figures(year) -> dict[str, Figure]:
    return {figure.wanted.key: figure for figure in year.figures}


def test_every_published_figure_is_derived_or_said_not_to_be(figures) -> None:
    derived = {
        key: (figure.value, figure.over) for key, figure in figures.items() if figure.value is not None
    }
    spaces = derived.pop("parking_spaces")
    assert spaces[0] > 2_000
    assert spaces[1]
    assert derived == PUBLISHED
    assert {key for key, figure in figures.items() if figure.value is None} == NOT_KNOWN
    assert all(figures[key].why_not for key in NOT_KNOWN)


def test_its_query_says_the_same_again(demo, figures) -> None:
    for figure in figures.values():
        if figure.value is not None:
            value, rows = demo.exec_driver_sql(figure.query).one()
            assert (Decimal(value), rows) == (figure.value, figure.rows) == (figure.value, len(figure.table))


def test_periods(figures) -> None:
    assert period(figures["adverts"]) == "2023"
    assert period(figures["demolished"]) == "2022-07/2023-12"
    assert (figures["stopped"].first, figures["stopped"].last) == (date(2022, 7, 1), date(2023, 12, 31))
    days = [
        dict(zip(figures["stopped"].columns, row, strict=True))["occurred_on"]
        for row in figures["stopped"].table
    ]
    assert date(2022, 7, 1) <= min(days) < date(2023, 1, 1)


def test_sums_hold_and_a_wrong_one_is_seen(year, figures) -> None:
    assert len(year.sums) == len(SUMS)
    assert all(one.holds for one in year.sums)
    assert not Sum(figures["disputes_found"], (figures["disputes_settled"],)).holds


def test_another_year_counts_its_own_rows_and_says_no_over(demo) -> None:
    before = {figure.wanted.key: figure for figure in annual(demo, JURISDICTION, 2022).figures}
    assert before["adverts"].value == 0
    assert not any(figure.over for figure in before.values())
    assert 0 < before["demolished"].value < 119


def test_the_list_is_sound() -> None:
    listed = wanted()
    assert len({one.key for one in listed}) == len(listed)
    assert {one.counts for one in listed} == ROWS.keys() | {"nothing"}


def test_files(year) -> None:
    files = annual_files(year)
    rows = json.loads(files["annual.json"])
    assert [tuple(row) for row in rows] == [FIELDS] * len(year.figures)
    by_key = {row["key"]: row for row in rows}
    assert by_key["adverts"] | {"query": ""} == {
        "key": "adverts",
        "label": "清理野广告",
        "value": 8_900,
        "unit": "条",
        "over": True,
        "period": "2023",
        "rows": 168,
        "query": "",
    }
    assert by_key["petitions_above"]["value"] is None
    assert "无法由系统数据得出" in by_key["petitions_above"]["query"]
    assert "示例" not in files["rows/grid_chiefs.csv"].decode("utf-8-sig")  # people are counted, not named
    table = list(csv.DictReader(io.StringIO(files["annual.csv"].decode("utf-8-sig"))))
    assert [row["key"] for row in table] == [row["key"] for row in rows]
    assert {row["over"] for row in table} == {"true", "false"}
    page = files["annual.html"].decode()
    assert "8,900余条" in page
    assert "示意数据" in page
    for row in rows:
        link = f"rows/{row['key']}.csv"
        assert (link in files) == (row["value"] is not None) == (f'href="{link}"' in page)
        if link in files:
            assert files[link].decode("utf-8-sig").count("\r\n") == row["rows"] + 1
    assert annual_files(year) == files


def test_english(year, figures) -> None:
    assert shown(figures["rubbish_hauled"], "en") == "21 t"
    assert shown(figures["posters"], "en") == "over 20,000 m²"
    assert "Illegal adverts removed" in annual_files(year, "en")["annual.html"].decode()


def test_bad_input_is_named(demo, year) -> None:
    with pytest.raises(BadInput, match="1990 to 2100") as refused:
        annual(demo, JURISDICTION, 23)
    assert refused.value.field == "year"
    with pytest.raises(BadInput, match="zh or en"):
        annual_files(year, "fr")


def test_a_jurisdiction_without_anything_has_noughts(connection, jurisdiction) -> None:
    found = annual(connection, jurisdiction, 2023)
    assert {figure.value for figure in found.figures} == {None, Decimal(0)}
    assert all(one.holds for one in found.sums)
