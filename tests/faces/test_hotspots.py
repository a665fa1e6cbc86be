"""Hot spots and days over REST: ten planted clusters are found, and what is private or bad is said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import numpy as np
import pytest
import shapely

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.opening import open_gridmap
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from tests.faces.conftest import serving

SIDE, ACROSS, NOISE, PLANTED = 0.004, 30, 2.0, 6
WEST, SOUTH = 109.4, 36.5
# the middles of 3 × 3 squares
CLUSTERS = (*((c, r) for c in (4, 14, 24) for r in (4, 14, 24)), (9, 19))
LATTICE = Jurisdiction("lattice", "方格街道", "Lattice")
SECRET = "local-petition"


def square(column: int, row: int) -> shapely.Polygon:
    west, south = WEST + column * SIDE, SOUTH + row * SIDE
    return shapely.box(west, south, west + SIDE, south + SIDE)


def code(column: int, row: int) -> str:
    return f"{column:02d}-{row:02d}"


def draft(random: np.random.Generator, column: int, row: int, category: str = "matter-06011") -> NewReport:
    lon, lat = (
        WEST + (column + random.uniform(0.05, 0.95)) * SIDE,
        SOUTH + (row + random.uniform(0.05, 0.95)) * SIDE,
    )
    at = datetime(2023, 6, 1, tzinfo=UTC) + timedelta(minutes=int(random.integers(0, 40_000)))
    return NewReport(category, "x", at, lon=float(lon), lat=float(lat), datum="wgs84")


@pytest.fixture(scope="module")
def lattice(make_settings) -> Iterator[httpx.Client]:
    settings = make_settings(demonstration=False)
    grids = [NewArea(code(c, r), code(c, r), square(c, r)) for c in range(ACROSS) for r in range(ACROSS)]
    random = np.random.default_rng(20230601)
    counts = random.poisson(NOISE, (ACROSS, ACROSS))
    for column, row in CLUSTERS:
        counts[column - 1 : column + 2, row - 1 : row + 2] += PLANTED
    drafts = [draft(random, c, r) for c in range(ACROSS) for r in range(ACROSS) for _ in range(counts[c, r])]
    drafts += [draft(random, 5, 5, SECRET) for _ in range(20)] + [draft(random, 6, 6, SECRET)]
    drafts += [draft(random, 3, 3, "local-teastall") for _ in range(4)]
    with open_gridmap(settings) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, LATTICE)
            areas.add_edition(
                connection,
                LATTICE.code,
                "grid",
                grids,
                file_name="f",
                sha256="0",
                loaded_by="t",
                valid_from=None,
            )
        intake.record(database, LATTICE, drafts)
    with serving(settings) as live, live.client() as client:
        yield client


def asked(client: httpx.Client, path: str, **query: str) -> dict:
    answer = client.get(f"/api/v1/stats/{path}", params={"month": "2023-06", **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_ten_planted_clusters_are_found(lattice) -> None:
    found = asked(lattice, "hotspots", category="matter-06011")
    assert found["untested"] is None
    hot = {each["code"] for each in found["items"] if each["star"] == "hot"}
    for cluster in CLUSTERS:
        assert code(*cluster) in hot, f"the cluster at {cluster} was not found"
    near = {code(column + x, row + y) for column, row in CLUSTERS for x in range(-2, 3) for y in range(-2, 3)}
    assert len(hot - near) <= 0.05 * len(hot)
    assert found["parameters"]["permutations"] >= 9_999
    assert len(found["caveats"]) == 5


def test_every_number_hangs_together(lattice) -> None:
    found = asked(lattice, "hotspots", category="matter-06011")
    counted = asked(lattice, "monthly", category="matter-06011")["items"]
    told = {row["code"]: row["count"] for row in counted}
    tested = sum(each["tested_count"] for each in found["items"])
    assert sum(each["expected"] for each in found["items"]) == pytest.approx(tested)
    for each in found["items"]:
        assert each["count"] == told.get(each["code"], 0)
        assert each["density"] == pytest.approx(each["count"] / each["area_km2"])
        assert (each["star"] is None) == (each["q"] > 0.05)
        assert each["on_last_month"] is None, "May lies before the first report"


def test_the_page_stars_the_same_grids(lattice) -> None:
    found = asked(lattice, "hotspots", category="matter-06011")
    page = lattice.get("/maps/heat", params={"month": "2023-06", "category": "matter-06011"}).text
    assert page.count('"sign":"▲"') == sum(each["star"] == "hot" for each in found["items"])
    assert page.count('"sign":"▼"') == sum(each["star"] == "cold" for each in found["items"])


def test_a_tiny_month_is_not_tested(lattice) -> None:
    found = asked(lattice, "hotspots", category="local-teastall")
    assert (found["untested"], found["total"]) == ("few_reports", 4)
    assert {each["z"] for each in found["items"]} == {None}
    page = lattice.get("/maps/heat", params={"month": "2023-06", "category": "local-teastall"}).text
    assert "未检验：可检验的上报不足 10 件" in page


def test_a_private_category_is_not_tested_and_its_counts_are_masked(lattice) -> None:
    found = asked(lattice, "hotspots", category=SECRET)
    assert (found["untested"], found["total"]) == ("private", 21)
    for key in ("z", "p", "q", "star", "expected", "surplus", "tested_count"):
        assert {each[key] for each in found["items"]} == {None}
    masked = {each["code"] for each in found["items"] if each["masked"]}
    assert {"05-05", "06-06"} <= masked
    rows = asked(lattice, "monthly", category=SECRET)["items"]
    assert {row["code"] for row in rows if row["masked"]} - {None} == masked
    known = {each["code"]: each for each in lattice.get("/api/v1/categories").json()["items"]}
    assert [known[each]["private"] for each in (SECRET, "matter-06011")] == [True, False]


def test_days_add_up_to_the_month(lattice) -> None:
    days = asked(lattice, "daily", category="matter-06011")
    assert days["days"] == 30
    told = {row["code"]: row["count"] for row in asked(lattice, "monthly", category="matter-06011")["items"]}
    assert {each["code"]: sum(each["counts"]) for each in days["items"] if each["code"]} == told


@pytest.mark.parametrize(
    ("path", "query", "field"),
    [
        ("hotspots", {"include": "pile,rumour"}, "include"),
        ("hotspots", {"month": "2023-6"}, "month"),
        ("daily", {"category": SECRET}, "category"),
        ("daily", {"category": "nothing"}, "category"),
    ],
)
def test_what_is_wrong_is_named(lattice, path, query, field) -> None:
    answer = lattice.get(f"/api/v1/stats/{path}", params={"month": "2023-06"} | query)
    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == [field]


def test_tiles_hold_no_private_place(lattice) -> None:
    for z, x, y in ((0, 0, 0), (8, 205, 99), (16, 52688, 25617)):
        assert (
            lattice.get(f"/api/v1/tiles/reports/{z}/{x}/{y}.mvt", params={"category": SECRET}).content == b""
        )


def test_a_page_carries_its_doubts_on(lattice) -> None:
    page = lattice.get("/maps/heat", params={"month": "2023-06", "include": "uncertain,pile"}).text
    assert "include=pile%2Cuncertain" in page
    assert page.count(" checked>") == 3, "two doubts and the view"
    assert lattice.get("/maps/heat", params={"include": "x"}).status_code == 422
