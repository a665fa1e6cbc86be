"""Reports and work records: the published figures, each in its period, and the planted difficulties."""

from collections import Counter
from datetime import date, datetime
from decimal import Decimal

import numpy as np
import pytest
import shapely

from gridmap.geometry.datums import to_wgs84

YEAR = (date(2023, 1, 1), date(2023, 12, 31))
SINCE_JULY = (date(2022, 7, 1), date(2023, 12, 31))
FIGURES = {
    "dispute_settled": ("28", YEAR),
    "case_settled": ("19", YEAR),
    "stability_case": ("18", YEAR),
    "illegal_building_demolished": ("119", SINCE_JULY),
    "illegal_building_stopped": ("36", SINCE_JULY),
    "notice_board_replaced": ("26", YEAR),
    "poster_renewed": ("20000", YEAR),
    "advert_removed": ("8900", YEAR),
    "corridor_cleaned": ("1650", YEAR),
    "rubbish_corner_cleared": ("100", YEAR),
    "rubbish_hauled": ("21", YEAR),
    "greenery_trimmed": ("20000", YEAR),
    "pile_tidied": ("366", YEAR),
    "film_showing": ("72", YEAR),
    "volunteer_day": ("50", YEAR),
    "festival_event": ("30", YEAR),
    "culture_event": ("10", YEAR),
    "performance": ("8", YEAR),
    "job_fair": ("3", YEAR),
    "job_found": ("12", YEAR),
    "errand": ("200", YEAR),
    "counter_matter": ("2100", YEAR),
}
OUTCOMES = {
    "dispute_settled": {"local-dispute"},
    "case_settled": {"local-petition"},
    "stability_case": {"local-stability"},
    "illegal_building_demolished": {"matter-06001", "matter-08016"},
    "illegal_building_stopped": {"matter-06001", "matter-08016"},
}
METRES = np.array([89_000.0, 111_000.0])


@pytest.fixture(scope="module")
def reports(table) -> dict[str, dict[str, str]]:
    rows = table("reports")
    found = {row["client_id"]: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.fixture(scope="module")
def located(reports) -> tuple[list[dict[str, str]], np.ndarray]:
    """Rows with a coordinate, and their WGS-84 lon/lat (n, 2)."""
    rows = [row for row in reports.values() if row["lon"]]
    lonlat = np.empty((len(rows), 2))
    for datum in {row["datum"] for row in rows}:
        own = [k for k, row in enumerate(rows) if row["datum"] == datum]
        lon, lat = ([float(rows[k][axis]) for k in own] for axis in ("lon", "lat"))
        lonlat[own] = np.stack(to_wgs84(lon, lat, datum), axis=-1)
    return rows, lonlat


@pytest.mark.parametrize("kind", FIGURES)
def test_totals_and_periods(table, kind) -> None:
    total, (first, last) = FIGURES[kind]
    rows = [row for row in table("works") if row["kind"] == kind]
    assert sum(Decimal(row["quantity"]) for row in rows) == Decimal(total)
    assert all(Decimal(row["quantity"]) > 0 for row in rows)
    assert first <= min(date.fromisoformat(row["occurred_on"]) for row in rows)
    assert max(date.fromisoformat(row["occurred_on"]) for row in rows) <= last


def test_no_other_kind_of_work(table) -> None:
    assert {row["kind"] for row in table("works")} == FIGURES.keys()


@pytest.mark.parametrize("kind", OUTCOMES)
def test_an_outcome_is_one_record_for_one_report(table, reports, kind) -> None:
    rows = [row for row in table("works") if row["kind"] == kind]
    assert all(row["quantity"] == "1" for row in rows)
    ids = [row["report_ids"] for row in rows]
    assert len(set(ids)) == len(ids)
    assert {reports[one]["category"] for one in ids} <= OUTCOMES[kind]
    for row in rows:
        seen = datetime.fromisoformat(reports[row["report_ids"]]["occurred_at"]).date()
        assert seen <= date.fromisoformat(row["occurred_on"])


def test_no_report_is_both_demolished_and_stopped(table) -> None:
    ids = [row["report_ids"] for row in table("works") if row["kind"].startswith("illegal_building")]
    assert len(set(ids)) == 119 + 36


def test_every_linked_report_is_there(table, reports) -> None:
    linked = [one for row in table("works") for one in row["report_ids"].split(";") if one]
    assert set(linked) <= reports.keys()
    assert len(linked) > 400


@pytest.mark.parametrize(
    ("category", "count"), [("local-dispute", 31), ("local-petition", 19), ("local-stability", 18)]
)
def test_counted_reports_fall_into_2023(reports, category, count) -> None:
    rows = [row for row in reports.values() if row["category"] == category]
    assert len(rows) == count
    assert {row["occurred_at"][:4] for row in rows} == {"2023"}


def test_three_disputes_are_in_hand(table, reports) -> None:
    settled = {row["report_ids"] for row in table("works") if row["kind"] == "dispute_settled"}
    disputes = {one for one, row in reports.items() if row["category"] == "local-dispute"}
    assert len(disputes - settled) == 3


def test_about_twelve_thousand_in_eighteen_months(reports) -> None:
    assert 11_500 < len(reports) < 12_500
    months = Counter(row["occurred_at"][:7] for row in reports.values())
    assert len(months) == 18
    assert (min(months), max(months)) == ("2022-07", "2023-12")
    assert min(months.values()) > 250
    assert all(row["occurred_at"].endswith("+08:00") for row in reports.values())
    assert all(one.startswith(f"demo-{row['occurred_at'][:7]}-") for one, row in reports.items())


def test_datums_and_accuracies(reports) -> None:
    datums = Counter(row["datum"] for row in reports.values())
    assert 0.13 < datums["gcj02"] / len(reports) < 0.17
    assert 0.02 < datums["bd09"] / len(reports) < 0.06
    assert sum(bool(row["accuracy_m"]) for row in reports.values()) > 0.5 * len(reports)


def test_rows_without_a_coordinate_name_a_compound(reports, areas) -> None:
    known = {
        text for code, (properties, _) in areas("compounds").items() for text in (code, properties["name"])
    }
    bare = [row for row in reports.values() if not row["lon"]]
    assert len(bare) == 120
    assert all(row["named_area"] in known and not row["lat"] and not row["datum"] for row in bare)
    assert not any(row["named_area"] for row in reports.values() if row["lon"])


def test_some_lie_outside_some_of_them_near(located, areas) -> None:
    _, lonlat = located
    whole = shapely.transform(areas("subdistrict")["610602006"][1], lambda xy: xy * METRES)
    away = shapely.distance(whole, shapely.points(lonlat * METRES))
    assert 0.013 < (away > 0).mean() < 0.017
    assert ((away > 0) & (away < 48)).sum() > 50
    assert (away > 60).sum() > 80


def test_some_lie_within_metres_of_an_edge(located, areas) -> None:
    _, lonlat = located
    edges = shapely.union_all([polygon.exterior for _, polygon in areas("grids").values()])
    edges = shapely.transform(edges, lambda xy: xy * METRES)
    shapely.prepare(edges)
    assert shapely.dwithin(edges, shapely.points(lonlat * METRES), 4.5).sum() > 60


def test_one_pile_on_a_default_coordinate(reports) -> None:
    spots = Counter((row["lon"], row["lat"]) for row in reports.values() if row["lon"])
    (place, count), (_, next_count) = spots.most_common(2)
    assert (place, count) == (("109.48", "36.62"), 26)
    assert next_count == 1


def test_markets_have_their_reports_in_their_hours(reports) -> None:
    late = [
        row for row in reports.values() if row["category"] == "matter-09002" and "夜市" in row["description"]
    ]
    assert late
    assert all(row["occurred_at"][11:13] in ("00", "01", "02") for row in late)
    tea = [row["occurred_at"][5:7] for row in reports.values() if row["category"] == "local-teastall"]
    assert sum(month in ("06", "07", "08") for month in tea) > 0.6 * len(tea)
