"""The month in numbers: every figure of a heat map can be traced to its rows by one query."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput, NotFound
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.statistics import store
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.heat import month_heat
from gridmap.statistics.monthly import monthly
from gridmap.statistics.months import month_span, next_month, parse_month
from gridmap.statistics.scales import make_scale

JUNE = date(2023, 6, 1)
MONTHS = [next_month(date(2022, 7, 1), n) for n in range(18)]


@pytest.mark.parametrize(
    "text", ["2023-13", "2023-6", "2023", "", "June", "2023-06-01", "٢٠٢٣-٠٦", "0000-01"]
)
def test_what_is_no_month_says_so(text) -> None:
    with pytest.raises(BadInput) as caught:
        parse_month(text)
    assert caught.value.field == "month"


@given(st.dates(date(1950, 1, 1), date(2050, 1, 1)), st.integers(-500, 500))
def test_months_forth_and_back(day, by) -> None:
    month = day.replace(day=1)
    assert next_month(next_month(month, by), -by) == month
    assert parse_month(f"{month:%Y-%m}") == month


def test_a_month_is_of_the_jurisdictions_zone() -> None:
    first, last = month_span(JURISDICTION, JUNE)
    assert (first.isoformat(), last.isoformat()) == ("2023-06-01T00:00:00+08:00", "2023-07-01T00:00:00+08:00")


@pytest.mark.parametrize("category", [None, "matter-09009", "local-teastall"])
def test_every_figure_is_traced_to_its_rows(demo_database: Database, category) -> None:
    heat = month_heat(demo_database, JURISDICTION, JUNE, category)
    rows = sa.text(
        "SELECT v.code, r.method, r.edge_distance_m FROM report r"
        " LEFT JOIN area_version v ON v.id = r.grid_version"
        " WHERE to_char(r.occurred_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') = '2023-06'"
        " AND (CAST(:category AS text) IS NULL OR r.category = :category)"
    )
    with demo_database.reading() as connection:
        found = connection.execute(rows, {"category": category}).all()
    assert heat.total == len(found) > 0
    counted = {g.code: g.count for g in heat.grids}
    assert len(counted) == 70
    for code, count in counted.items():
        assert count == sum(row.code == code for row in found)
    assert sum(counted.values()) + heat.outside == heat.total
    for method in ("outside", "nearest", "named"):
        assert getattr(heat, method) == sum(row.method == method for row in found)
    near = [
        row for row in found if row.edge_distance_m is not None and row.edge_distance_m < heat.near_edge_m
    ]
    assert heat.near_edge == len(near)
    assert heat.cells.reports.sum() == heat.total - heat.named


def test_the_months_add_up_to_everything(demo_database) -> None:
    with demo_database.reading() as connection:
        total = connection.scalar(sa.text("SELECT count(*) FROM report WHERE jurisdiction = '610602006'"))
        for by in ("grid", "community", "category"):
            counts = monthly(
                connection, JURISDICTION, first_month=date(2020, 1, 1), last_month=date(2030, 1, 1), by=by
            )
            assert sum(row.count for row in counts) == total
    by_month = [month_heat(demo_database, JURISDICTION, month).total for month in MONTHS]
    assert sum(by_month) == total
    assert all(by_month)


def test_the_month_before_is_the_month_before(demo_database) -> None:
    june, may = (month_heat(demo_database, JURISDICTION, m) for m in (JUNE, date(2023, 5, 1)))
    assert {g.code: g.previous for g in june.grids} == {g.code: g.count for g in may.grids}


def test_the_scale_stays_the_same_from_month_to_month(demo_database) -> None:
    for category in (None, "matter-09009"):
        scales = {month_heat(demo_database, JURISDICTION, month, category).scale for month in MONTHS[::4]}
        assert len(scales) == 1
    with demo_database.reading() as connection:
        assert store.scale(connection, JURISDICTION.code, None) is not None


def test_the_default_coordinate_is_named(demo_database) -> None:
    piles = [pile for month in MONTHS for pile in month_heat(demo_database, JURISDICTION, month).piles]
    with demo_database.reading() as connection:
        largest = connection.scalar(
            sa.text(
                "SELECT max(n) FROM (SELECT count(*) n FROM report WHERE geom IS NOT NULL"
                " GROUP BY date_trunc('month', occurred_at AT TIME ZONE 'Asia/Shanghai'), geom) piled"
            )
        )
    assert sorted(p.count for p in piles)[-1:] == ([largest] if largest >= 10 else [])


def test_bad_questions(demo_database) -> None:
    with demo_database.reading() as connection:
        span = {"first_month": JUNE, "last_month": JUNE}
        with pytest.raises(BadInput, match="no way to count"):
            monthly(connection, JURISDICTION, **span, by="street")
        with pytest.raises(BadInput, match="not a category"):
            monthly(connection, JURISDICTION, **span, category="matter-99999")
        with pytest.raises(BadInput, match="before"):
            monthly(connection, JURISDICTION, first_month=JUNE, last_month=date(2023, 5, 1))
    with pytest.raises(BadInput, match="not a category"):
        month_heat(demo_database, JURISDICTION, JUNE, "nothing")


def test_a_month_cut_in_two_by_an_edition_is_shown_on_the_later_grids(database) -> None:
    """Two grids become one in the middle of June: what lay in both is counted in the one."""
    here = Jurisdiction("cut", "改划", None)
    west, east = shapely.box(109.0, 36.0, 109.01, 36.01), shapely.box(109.01, 36.0, 109.02, 36.01)

    def load(connection, grids, valid_from=None) -> None:
        areas.add_edition(
            connection, "cut", "grid", grids, file_name="f", sha256="", loaded_by="t", valid_from=valid_from
        )

    with database.writing() as connection:
        areas.add_jurisdiction(connection, here)
        load(connection, [NewArea("w", "西", west), NewArea("e", "东", east)])
        load(connection, [NewArea("x", "并", shapely.union(west, east))], date(2023, 6, 16))
    noon = datetime(2023, 6, 1, 12, tzinfo=here.zone)
    drafts = [
        NewReport(
            "matter-06010", "", noon + timedelta(days=n), str(n), 109.005 + 0.01 * (n % 2), 36.005, "wgs84"
        )
        for n in range(30)
    ]
    assert {o.status for o in intake.record(database, here, drafts)} == {"created"}
    heat = month_heat(database, here, JUNE)
    assert [(g.code, g.count) for g in heat.grids] == [("x", 30)]


def test_a_month_is_cut_to_the_grids_it_is_shown_on(database, monkeypatch) -> None:
    """Grid `a` moves away in the middle of June and `b` is new: points count where they lie now."""
    here = Jurisdiction("moved", "搬迁", None)
    old, far, new = (shapely.box(109 + x, 36.0, 109 + x + 0.01, 36.01) for x in (0, 0.02, 0.04))
    with database.writing() as connection:
        areas.add_jurisdiction(connection, here)
        for grids, day in (
            ([NewArea("a", "甲", old), NewArea("gone", "撤", shapely.box(109.06, 36, 109.07, 36.01))], None),
            ([NewArea("a", "甲", far), NewArea("b", "乙", new)], date(2023, 6, 16)),
        ):
            areas.add_edition(
                connection, "moved", "grid", grids, file_name="f", sha256="", loaded_by="t", valid_from=day
            )
        areas.add_edition(
            connection,
            "moved",
            "compound",
            [NewArea("c", "小区", shapely.box(109.001, 36.001, 109.002, 36.002))],
            file_name="f",
            sha256="",
            loaded_by="t",
            valid_from=None,
        )
    first = datetime(2023, 6, 2, 12, tzinfo=here.zone)

    def at(lon: float | None, name: str | None = None) -> NewReport:
        where = {"lon": lon, "lat": 36.005, "datum": "wgs84"} if lon else {"named_area": name}
        return NewReport("matter-06010", "", first, f"{lon}{name}", **where)

    # in the old a; in the square of the new a (outside then); in b; 30 m beside b; in the grid that is gone;
    # and one without a point, in the old a by its compound's name: the new edition has an a
    drafts = [at(109.005), at(109.025), at(109.045), at(109.0397), at(109.065), at(None, "c")]
    outcomes = intake.record(database, here, drafts)
    assert [o.placement.method for o in outcomes] == [
        "covers",
        "outside",
        "outside",
        "outside",
        "covers",
        "named",
    ]
    heat = month_heat(database, here, JUNE)
    assert {g.code: g.count for g in heat.grids} == {"a": 2, "b": 2}
    assert (heat.total, heat.outside, heat.nearest, heat.named) == (6, 2, 1, 1)
    # once they are cut for good, no report is looked at
    recut(database, here, heat.edition)
    monkeypatch.delattr(store, "in_edition")
    again = month_heat(database, here, JUNE)
    assert [(g.code, g.count) for g in again.grids] == [(g.code, g.count) for g in heat.grids]
    assert (again.total, again.outside, again.nearest, again.named) == (6, 2, 1, 1)
    assert again.near_edge == heat.near_edge


def test_without_grids_or_reports(database) -> None:
    here = Jurisdiction("bare", "空街道", None)
    with database.writing() as connection:
        areas.add_jurisdiction(connection, here)
    with pytest.raises(NotFound, match="no grids"):
        month_heat(database, here, JUNE)
    with database.writing() as connection:
        grid = NewArea("g", "格", shapely.box(109, 36, 109.1, 36.1))
        areas.add_edition(
            connection, "bare", "grid", [grid], file_name="f", sha256="", loaded_by="t", valid_from=None
        )
    heat = month_heat(database, here, JUNE)
    assert (heat.total, heat.first_month, len(heat.cells.x)) == (0, None, 0)
    with database.reading() as connection:
        assert store.scale(connection, "bare", None) is None, "a scale of nothing must not be kept"


@given(st.lists(st.integers(1, 10**6), max_size=50), st.lists(st.floats(0.01, 1e6), max_size=50))
def test_scales_rise_and_reach_the_busiest(counts, densities) -> None:
    scale = make_scale(counts, densities)
    for limits in (scale.counts, scale.densities):
        assert list(limits) == sorted(set(limits))
        assert 3 <= len(limits) <= 6
    assert scale.counts[0] == 1
    if counts and max(counts) >= 5:
        assert scale.counts[-1] <= max(counts) < scale.counts[-1] * 2.5 + 1
    assert np.isfinite(scale.densities).all()
