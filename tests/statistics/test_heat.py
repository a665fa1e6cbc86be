"""A month's heat map from its counts is the one that its reports, read one by one, would give."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.geometry.cells import LEVEL, cells, centres, corners
from gridmap.geometry.density import bandwidth_for, level_for
from gridmap.geometry.intensity import intensity
from gridmap.maps.facts import notes
from gridmap.opening import open_gridmap
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.statistics import store
from gridmap.statistics.heat import month_heat
from gridmap.statistics.left_out import surfaces
from gridmap.statistics.model import CellCounts
from gridmap.statistics.months import month_span, next_month
from gridmap.statistics.piles import around, suspects

JUNE = date(2023, 6, 1)
MONTHS = [next_month(date(2022, 7, 1), n) for n in range(18)]
POINTS = sa.text(
    "SELECT ST_X(geom), ST_Y(geom) FROM report WHERE jurisdiction = :here AND geom IS NOT NULL"
    " AND occurred_at >= :first AND occurred_at < :last"
    " AND (CAST(:category AS text) IS NULL OR category = :category)"
)


def points(
    database: Database, month: date, category: str | None = None, here: Jurisdiction = JURISDICTION
) -> np.ndarray:
    first, last = month_span(here, month)
    with database.reading() as connection:
        asked = {"here": here.code, "first": first, "last": last, "category": category}
        return np.array([tuple(row) for row in connection.execute(POINTS, asked)])


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("category", [None, "matter-09010"])
def test_the_counts_are_those_of_every_report_cut_anew(demo_database, month, category) -> None:
    """`in_edition` looks at each report; the page takes what was counted when they came in."""
    settings = demo_database.settings
    heat = month_heat(demo_database, JURISDICTION, month, category)
    with demo_database.reading() as connection:
        every = store.in_edition(
            connection,
            JURISDICTION,
            heat.edition,
            *month_span(JURISDICTION, month),
            category,
            tolerance_m=settings.nearest_tolerance_m,
            near_edge_m=settings.near_edge_m,
        )
        assert all(
            of in (heat.edition, None)
            for of, _ in store.as_placed(connection, JURISDICTION, month_span(JURISDICTION, month), category)
        )
    by_code: Counter[str | None] = Counter()
    for row in every:
        by_code[row.code] += row.reports
    assert {g.code: g.count for g in heat.grids if g.count} == {c: n for c, n in by_code.items() if c}
    assert heat.total == sum(row.reports for row in every)
    assert heat.outside == sum(row.reports for row in every if row.code is None)
    assert heat.nearest == sum(row.reports for row in every if row.method == "nearest")
    assert heat.named == sum(row.reports for row in every if row.method == "named")
    assert heat.near_edge == sum(row.near_edge for row in every)


@pytest.fixture(scope="module")
def piled(make_settings) -> Iterator[tuple[Database, Jurisdiction]]:
    """Two kinds of reports around a square's middle and on its default coordinates, over two months."""
    here = Jurisdiction("piled", "堆积", None)
    draw = np.random.default_rng(5)
    where = draw.normal((109.01, 36.01), 0.0004, (600, 2)).tolist()
    for lon, lat, count in ((109.01, 36.01, 45), (109.005, 36.005, 24), (109.0050001, 36.005, 21)):
        where += [(lon, lat)] * count
    first = datetime(2023, 5, 31, 12, tzinfo=here.zone)
    drafts = [
        NewReport(
            f"matter-{'06010' if n % 3 else '09010'}",
            "",
            first + timedelta(hours=n % 24),
            str(n),
            lon,
            lat,
            "wgs84",
        )
        for n, (lon, lat) in enumerate(where)
    ]
    with open_gridmap(make_settings()) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, here)
            grid = NewArea("g", "格", shapely.box(109, 36, 109.02, 36.02))
            areas.add_edition(
                connection, "piled", "grid", [grid], file_name="f", sha256="", loaded_by="t", valid_from=None
            )
        assert {o.status for o in intake.record(database, here, drafts)} == {"created"}
        yield database, here


@pytest.mark.parametrize("month", [JUNE, next_month(JUNE, -1)])
@pytest.mark.parametrize("category", [None, "matter-09010"])
def test_the_piles_are_those_of_every_coordinate(piled, month, category) -> None:
    database, here = piled
    counts = Counter(map(tuple, points(database, month, category, here).tolist()))
    expected = {at: n for at, n in counts.items() if n >= 5}
    assert expected
    small = Database(database.engine, database.settings.model_copy(update={"pile_size": 5}))
    found = month_heat(small, here, month, category).piles
    assert {(p.lon, p.lat): p.count for p in found} == expected
    assert [p.count for p in found] == sorted(expected.values(), reverse=True)


@pytest.mark.parametrize("month", MONTHS[::4])
def test_the_surface_is_that_of_the_points(demo_database, month) -> None:
    """Nowhere off by more than two hundredths of its peak, and by five thousandths on average."""
    heat = month_heat(demo_database, JURISDICTION, month, include=("whole_degree", "uncertain"))
    from_cells, difference = surfaces(heat)
    where = points(demo_database, month)
    for pile in heat.piles:
        where = where[(where != (pile.lon, pile.lat)).any(axis=1)]
    from_points = intensity(*where.T, from_cells.ground)
    assert difference.left_out == sum(pile.count for pile in heat.piles)
    peak = from_points.per_km2.max()
    off = np.abs(from_cells.per_km2 - from_points.per_km2)
    assert off.max() < 0.02 * peak
    assert off[from_points.per_km2 > 0.1 * peak].mean() < 0.005 * peak
    assert from_cells.per_km2.sum() == pytest.approx(from_points.per_km2.sum(), rel=2e-3)


@pytest.mark.parametrize("wide", [0.01, 0.2, 3.0])
@pytest.mark.parametrize("lat", [0.0, 36.6, 52.0])
def test_cells_are_fine_enough_for_the_surface(wide, lat) -> None:
    outline = shapely.box(109 - wide, lat - wide, 109 + wide, lat + wide)
    bandwidth = bandwidth_for(outline)
    level = level_for(bandwidth, lat)
    side = 40_075_017 * np.cos(np.radians(lat)) / 2**level
    assert level == LEVEL or bandwidth / 12 < side <= bandwidth / 6
    assert side < bandwidth / 5


def test_corners_enclose_what_the_cell_holds() -> None:
    draw = np.random.default_rng(3)
    lon, lat = draw.uniform(-180, 180, 10_000), draw.uniform(-85, 85, 10_000)
    for level in (LEVEL, 16):
        x, y = (v >> (LEVEL - level) for v in cells(lon, lat))
        west, south, east, north = corners(x, y, level).T
        assert ((west < lon) & (lon < east) & (south < lat) & (lat < north)).all()
        assert np.allclose(centres(x, y, level), ((west + east) / 2, (south + north) / 2), atol=1e-5)


def test_where_too_much_would_be_read_what_stands_out_is_looked_into() -> None:
    x, y = (v.ravel().astype(np.int32) for v in np.meshgrid(np.arange(100), np.arange(100)))
    reports = np.full(10_000, 50, np.int64)
    reports[4_242] = 900
    reports[(x >= 20) & (x < 30) & (y >= 20) & (y < 30)] = 800  # a hot spot: its cells are alike
    counted = CellCounts(LEVEL, x, y, reports)
    assert len(suspects(counted, 10, 10**9)) == 10_000
    assert set(suspects(counted, 100, 10**9)) == set(np.flatnonzero(reports > 50))
    few = suspects(counted, 10, 5_000)
    assert few[0] == 4_242
    assert reports[few].sum() <= 5_000
    assert suspects(counted, 10, 1).tolist() == [4_242]
    assert around(counted)[4_242] == 50
    assert around(counted)[0] == 50 * 3 / 8


def test_a_page_says_when_not_every_pile_was_looked_for(piled, monkeypatch) -> None:
    database, here = piled
    whole = month_heat(database, here, JUNE)
    assert whole.all_piles
    assert not any("突出" in note for note in notes(whole, "zh"))
    monkeypatch.setattr("gridmap.statistics.piles.READ_MOST", 30)
    part = month_heat(database, here, JUNE)
    assert not part.all_piles
    assert len(part.piles) == 1
    assert set(part.piles) < set(whole.piles)
    assert any("突出" in note for note in notes(part, "zh"))


@pytest.mark.parametrize("most", [1, 10_000])
def test_a_report_that_an_edition_did_not_judge_is_cut_to_it(database, monkeypatch, most) -> None:
    """A grid for ground where reports lay outside all: the counts of then are not those of the new grids."""
    monkeypatch.setattr(store, "EARLY_MOST", most)
    here = Jurisdiction("late", "后补", None)
    old, new = (shapely.box(109 + x, 36.0, 109 + x + 0.01, 36.01) for x in (0, 0.02))

    def load(grids, valid_from) -> None:
        with database.writing() as connection:
            areas.add_edition(
                connection,
                "late",
                "grid",
                grids,
                file_name="f",
                sha256="",
                loaded_by="t",
                valid_from=valid_from,
            )

    with database.writing() as connection:
        areas.add_jurisdiction(connection, here)
    load([NewArea("a", "甲", old)], None)
    noon = datetime(2023, 6, 2, 12, tzinfo=here.zone)
    drafts = [
        NewReport("matter-06010", "", noon + timedelta(hours=n), f"{n}", 109.025, 36.005, "wgs84")
        for n in range(3)
    ]
    assert {o.placement.method for o in intake.record(database, here, drafts)} == {"outside"}
    assert month_heat(database, here, JUNE).outside == 3
    load([NewArea("a", "甲", old), NewArea("b", "乙", new)], date(2023, 6, 1))
    heat = month_heat(database, here, JUNE)
    assert ({g.code: g.count for g in heat.grids}, heat.outside) == ({"a": 0, "b": 3}, 0)
