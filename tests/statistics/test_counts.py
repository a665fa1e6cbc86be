"""Monthly counts: rollup and deltas say what the rows say, whatever is folded, cut or put out of order."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
import shapely
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.errors import BadInput, NotFound
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport
from gridmap.statistics import store as statistics
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.counts import store
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.counts.spans import pieces
from gridmap.statistics.counts.verifying import mend, verify
from gridmap.statistics.monthly import monthly
from gridmap.statistics.months import month_span

TOWN = Jurisdiction("town", "小城", "Town")
LATER = date(2023, 6, 15)
WEST, EAST = shapely.box(109.49, 36.24, 109.5, 36.26), shapely.box(109.5, 36.24, 109.51, 36.26)
NORTH, SOUTH = shapely.box(109.49, 36.25, 109.51, 36.26), shapely.box(109.49, 36.24, 109.51, 36.25)
BY_THE_ROWS = sa.text(
    """
    SELECT date_trunc('month', r.occurred_at AT TIME ZONE :zone)::date, v.code, r.category, count(*)
    FROM report r LEFT JOIN area_version v ON v.id = r.grid_version
    WHERE r.jurisdiction = :jurisdiction GROUP BY 1, 2, 3
    """
)


def load(connection, kind: str, shapes: dict[str, shapely.Polygon], valid_from=None, parent=None):
    return areas.add_edition(
        connection,
        TOWN.code,
        kind,
        [NewArea(code, code, shape, parent) for code, shape in shapes.items()],
        file_name="test",
        sha256="0" * 64,
        loaded_by="test",
        valid_from=valid_from,
    )


@pytest.fixture
def town(database):
    """Two grids west and east; from LATER on three, of which `a` is the north."""
    with database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
        load(connection, "community", {"c": shapely.union(WEST, EAST)})
        load(connection, "compound", {"k": shapely.box(109.492, 36.242, 109.496, 36.246)})
        load(connection, "grid", {"a": WEST, "b": EAST}, parent="c")
        load(connection, "grid", {"a": NORTH, "s": SOUTH}, valid_from=LATER, parent="c")
    return database


def report(
    n: int, lon: float | None, lat: float | None, day: date, category: str = "matter-06010"
) -> NewReport:
    return NewReport(
        category=category,
        description=f"上报 {n}",
        occurred_at=datetime(day.year, day.month, day.day, 3, tzinfo=UTC),
        client_id=f"r-{n}",
        lon=lon,
        lat=lat,
        datum=None if lon is None else "wgs84",
        named_area="k" if lon is None else None,
    )


def some(count: int, seed: int = 5, start: int = 0) -> list[NewReport]:
    """Reports of three months, on edges, outside and without a point among them."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(start, start + count):
        day = date(2023, 5, 1) + timedelta(days=int(rng.integers(0, 90)))
        category = ("matter-06010", "matter-06011", "local-dispute")[rng.integers(3)]
        lon, lat = rng.uniform(109.489, 109.511), rng.uniform(36.239, 36.261)
        kind = rng.integers(10)
        if kind == 0:
            made.append(report(n, None, None, day, category))
        elif kind == 1:
            made.append(report(n, 109.5, float(lat), day, category))
        elif kind == 2:
            made.append(report(n, float(lon), 36.25, day, category))
        else:
            made.append(report(n, float(lon), float(lat), day, category))
    return made


def by_rows(connection) -> Counter:
    rows = connection.execute(BY_THE_ROWS, {"zone": TOWN.time_zone, "jurisdiction": TOWN.code})
    return Counter({(row[0], row[1], row[2]): row[3] for row in rows})


def by_counts(connection) -> Counter:
    found = Counter()
    for category in store.categories(connection, TOWN.code):
        # as they are kept: what is masked of private ones is told by statistics.monthly
        rows = store.monthly(connection, TOWN.code, date(2023, 1, 1), date(2023, 12, 1), "grid", category)
        for month, code, _, reports in rows:
            found[month, code, category] += reports
    return found


def wrong(database) -> list:
    with database.reading() as connection:
        return [v for v in verify(connection, TOWN, database.settings) if not v.right]


def test_counts_are_the_rows_before_and_after_folding(town) -> None:
    record(town, TOWN, some(300))
    with town.reading() as connection:
        before = by_counts(connection)
        assert before == by_rows(connection)
        assert sum(before.values()) == 300
    assert fold(town) > 0
    assert fold(town) == 0
    record(town, TOWN, some(200, seed=6, start=300))
    with town.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM report_count")) > 0
        assert store.waiting(connection)
        assert by_counts(connection) == by_rows(connection)
        assert months_with_reports(connection, TOWN) == (date(2023, 5, 1), date(2023, 7, 1))
    assert wrong(town) == []


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.integers(0, 30) | st.sampled_from(["fold", "cut"]), min_size=1, max_size=7),
    st.integers(0, 2**31),
)
def test_any_order_of_intake_folding_and_cutting(town, steps, seed) -> None:
    with town.writing() as connection:
        connection.exec_driver_sql("TRUNCATE report_key, report_delta, report_count, report_cell, report_cut")
        connection.exec_driver_sql("DELETE FROM report")
        edition = areas.editions(connection, TOWN.code, "grid")[0].id
    done = cut = 0
    for step in steps:
        if step == "fold":
            fold(town)
        elif step == "cut":
            recut(town, TOWN, edition)
            cut = done
        else:
            record(town, TOWN, some(step, seed=seed, start=done))
            done += step
    with town.reading() as connection:
        assert by_counts(connection) == by_rows(connection)
        assert sum(reports for _, reports in store.months(connection, TOWN.code, edition)) == cut
    assert wrong(town) == []


def test_cross_is_months_by_grids_by_categories(town) -> None:
    record(town, TOWN, some(300))
    fold(town)
    record(town, TOWN, some(50, seed=9, start=300))
    with town.reading() as connection:
        found = store.cross(connection, TOWN.code, date(2023, 1, 1), date(2023, 12, 1))
        codes = {v.id: v.code for v in areas.versions(connection, TOWN.code, "grid")} | {0: None}
        told = Counter()
        for month, grid, category, count in zip(
            found.month.astype("datetime64[D]").tolist(),
            found.grid_version.tolist(),
            found.category.tolist(),
            found.reports.tolist(),
            strict=True,
        ):
            told[month, codes[grid], found.categories[category]] += count
        assert told == by_rows(connection)


def test_readers_and_writers_beside_a_fold(town) -> None:
    """A reader always sees all that is committed, once: while folds and intakes go on."""
    stop, seen, failures = threading.Event(), [], []

    def read() -> None:
        while not stop.is_set():
            with town.reading() as connection:
                counted = sum(reports for _, reports in store.months(connection, TOWN.code))
                rows = connection.scalar(sa.text("SELECT count(*) FROM report"))
            seen.append(counted)
            if counted != rows:
                failures.append((counted, rows))

    def folding() -> None:
        while not stop.is_set():
            fold(town)

    threads = [threading.Thread(target=work) for work in (read, folding, folding)]
    for thread in threads:
        thread.start()
    for part in range(15):
        record(town, TOWN, some(40, seed=part, start=40 * part))
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert max(seen) > 0
    assert wrong(town) == []


def test_verify_finds_each_kind_of_error_and_mend_mends_it(town) -> None:
    record(town, TOWN, some(200))
    fold(town)
    for damage in (
        "UPDATE report_count SET reports = reports + 1 WHERE month = '2023-06-01'",
        "UPDATE report_count SET near_edge = near_edge + 1 WHERE month = '2023-06-01'",
        "DELETE FROM report_count WHERE month = '2023-06-01'",
        "UPDATE report_cell SET cell_x = cell_x + 7 WHERE month = '2023-06-01'",
        "DELETE FROM report_cell WHERE month = '2023-06-01'",
        "DELETE FROM report WHERE occurred_at >= '2023-06-05+00' AND occurred_at < '2023-06-10+00'",
        (
            "INSERT INTO report_delta SELECT jurisdiction, cut, month, grid_version, community_version,"
            " category, method, NULL, NULL, 3, 0 FROM report_count WHERE month = '2023-06-01' LIMIT 1"
        ),
    ):
        with town.writing() as connection:
            assert connection.exec_driver_sql(damage).rowcount > 0
        (verdict,) = wrong(town)
        assert verdict.month == date(2023, 6, 1), damage
        mend(town, TOWN, verdict)
        assert wrong(town) == [], damage


def test_recut_says_what_sql_says_and_verifies(town) -> None:
    record(town, TOWN, some(400))
    fold(town)
    with town.reading() as connection:
        editions = {e.valid_from: e.id for e in areas.editions(connection, TOWN.code, "grid")}
    for edition in editions.values():
        done = recut(town, TOWN, edition)
        assert (done.reports, done.months) == (400, 3)
        assert done.moved > 0
        with town.reading() as connection:
            for month in (date(2023, 5, 1), date(2023, 6, 1), date(2023, 7, 1)):
                told = Counter()
                for row in statistics.in_edition(
                    connection,
                    TOWN,
                    edition,
                    *month_span(TOWN, month),
                    None,
                    tolerance_m=town.settings.nearest_tolerance_m,
                    near_edge_m=town.settings.near_edge_m,
                ):
                    told[row.code] += row.reports
                kept = {
                    row.code: row.count
                    for row in monthly(connection, TOWN, first_month=month, last_month=month, edition=edition)
                }
                assert kept == dict(told)
    assert wrong(town) == []
    with town.reading() as connection:
        assert by_counts(connection) == by_rows(connection), "their own placements stay as they are"


def test_recut_again_replaces_and_follows_new_reports(town) -> None:
    record(town, TOWN, some(100))
    with town.reading() as connection:
        edition = areas.editions(connection, TOWN.code, "grid")[-1].id
    recut(town, TOWN, edition)
    recut(town, TOWN, edition)
    record(town, TOWN, some(60, seed=8, start=100))
    assert recut(town, TOWN, edition, first=date(2023, 6, 1), last=date(2023, 6, 1)).months == 1
    recut(town, TOWN, edition)
    with town.reading() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM report_cut")) == 160
        assert sum(reports for _, reports in store.months(connection, TOWN.code, edition)) == 160
    assert wrong(town) == []


def test_verify_finds_a_wrong_cut(town) -> None:
    record(town, TOWN, some(100))
    with town.reading() as connection:
        edition = areas.editions(connection, TOWN.code, "grid")[-1].id
    recut(town, TOWN, edition)
    with town.writing() as connection:
        connection.exec_driver_sql(
            "DELETE FROM report_cut WHERE report_id = (SELECT report_id FROM report_cut LIMIT 1)"
        )
    (verdict,) = wrong(town)
    assert {difference.cut for difference in verdict.differences} == {edition}
    mend(town, TOWN, verdict)
    assert wrong(town) == []


def test_recut_refuses_by_name(town) -> None:
    with town.reading() as connection:
        compounds = areas.editions(connection, TOWN.code, "compound")[0].id
    with pytest.raises(BadInput, match="is one of compound") as refused:
        recut(town, TOWN, compounds)
    assert refused.value.field == "edition"
    with pytest.raises(NotFound, match="no edition 999999"):
        recut(town, TOWN, 999_999)


@given(
    st.integers(0, 2_000_000),
    st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    st.integers(1, 10**12),
)
def test_pieces_are_the_whole_span_without_a_gap(reports, first, microseconds) -> None:
    start = first.replace(tzinfo=UTC)
    whole = (start, start + timedelta(microseconds=microseconds))
    found = list(pieces(whole, reports))
    assert found[0][0] == whole[0]
    assert found[-1][1] == whole[1]
    assert all(a[1] == b[0] for a, b in pairwise(found))
    assert all(a <= b for a, b in found)
    assert len(found) <= 7
