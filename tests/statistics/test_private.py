"""Private categories: what is hidden of them, and that no published table gives it back."""

from __future__ import annotations

import csv
import io
import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database.sessions import Database
from gridmap.errors import BadInput
from gridmap.maps.exports import FORMATS, heat_file
from gridmap.reports import intake
from gridmap.reports.model import NewReport
from gridmap.statistics.digests.making import digest
from gridmap.statistics.heat import month_heat
from gridmap.statistics.monthly import by_grid_and_category, monthly
from gridmap.statistics.private.hiding import hide

MONTH = date(2023, 6, 1)
MINIMUM = 3
PRIVATE = "local-dispute"


def masses(draw) -> tuple[dict, dict]:
    """(reports by grid and community, the community of each grid): a small district, small numbers."""
    homes = {f"g{at}": draw(st.sampled_from(["a", "b", "c"])) for at in range(draw(st.integers(1, 5)))}
    counted = {(grid, home): draw(st.integers(0, 5)) for grid, home in homes.items()}
    return counted | {(None, None): draw(st.integers(0, 3))}, homes


@settings(max_examples=60)
@given(data=st.data())
def test_what_is_shown_leaves_every_small_count_open(data) -> None:
    """Every district with the same published tables is looked at: a hidden one has several values."""
    counted, homes = masses(data.draw)
    known = {grid: frozenset({home}) for grid, home in homes.items()}
    told = hide(counted, known, minimum=MINIMUM)
    grids = [*homes, None]
    home_of = {**homes, None: None}
    total = sum(counted.values())
    if total > 9:
        return
    shown_grids = {grid: told.by_grid.get(grid, 0) for grid in grids if grid not in told.grids}
    groups = set(home_of.values())
    shown_groups = {g: told.by_community.get(g, 0) for g in groups if g not in told.communities}
    possible: dict = {grid: set() for grid in told.grids}
    for values in itertools.product(range(total + 1), repeat=len(told.grids)):
        world = shown_grids | dict(zip(possible, values, strict=True))
        if sum(world.values()) != total:
            continue
        sums = Counter()
        for grid, value in world.items():
            sums[home_of[grid]] += value
        if all(sums[group] == value for group, value in shown_groups.items()):
            for grid, value in zip(possible, values, strict=True):
                possible[grid].add(value)
    lone = len(groups) == 1 and len(grids) == 1
    for grid in possible:
        count = told.by_grid.get(grid, 0)
        if 0 < count < MINIMUM and not lone:
            assert len(possible[grid]) > 1, (counted, homes, told)
            if told.grids != frozenset(grids):  # else the total itself may be too small for it
                assert {1, MINIMUM - 1} <= possible[grid], (counted, homes, told)
    assert all(not 0 < value < MINIMUM for value in shown_grids.values())
    if len(groups) > 1:
        assert all(not 0 < value < MINIMUM for value in shown_groups.values())


def test_a_grid_that_changed_its_community_hides_the_month() -> None:
    known = {"x": frozenset({"a", "b"}), "y": frozenset({"b"})}
    told = hide({("x", "a"): 9, ("x", "b"): 9, ("y", "b"): 9}, known)
    assert told.grids == {"x", "y", None}
    assert told.communities == {"a", "b", None}
    assert not hide({}, known).grids


SIDE = 0.01
OWNER = Jurisdiction("quiet", "静街道", "Quiet")
# (community, grid) -> reports of the private category
COUNTS = {"A": (0, 2, 9, 20), "B": (1, 0, 0, 1), "C": (8, 12, 0, 30)}


def square(column: int, row: int) -> shapely.Polygon:
    west, south = 109.46 + column * SIDE, 36.6 + row * SIDE
    return shapely.box(west, south, west + SIDE, south + SIDE)


def load(database: Database, owner: Jurisdiction = OWNER) -> None:
    rows = list(COUNTS)
    grids = [
        NewArea(f"{name}{column}", f"{name}社区第{column}网格", square(column, row), name)
        for row, name in enumerate(rows)
        for column in range(4)
    ]
    communities = [
        NewArea(name, f"{name}社区", shapely.union_all([square(c, row) for c in range(4)]))
        for row, name in enumerate(rows)
    ]
    file = {"file_name": "f", "sha256": "0" * 64, "loaded_by": "tests", "valid_from": None}
    with database.writing() as connection:
        areas.add_jurisdiction(connection, owner)
        areas.add_edition(connection, owner.code, "community", communities, **file)
        areas.add_edition(connection, owner.code, "grid", grids, **file)
    reports = []
    for row, name in enumerate(rows):
        for column, count in enumerate(COUNTS[name]):
            for number in range(count + 1):  # and one of a public category
                point = square(column, row).centroid
                reports.append(
                    NewReport(
                        category=PRIVATE if number < count else "matter-06010",
                        description="x",
                        occurred_at=datetime(2023, 6, 2, 2, tzinfo=UTC) + timedelta(minutes=len(reports)),
                        lon=point.x + number * 1e-6,
                        lat=point.y,
                        datum="wgs84",
                    )
                )
    assert {o.status for o in intake.record(database, owner, reports)} == {"created"}


@pytest.fixture(scope="module")
def quiet(make_settings):
    from gridmap.opening import open_gridmap

    with open_gridmap(make_settings(demonstration=False)) as database:
        load(database)
        yield database


# B holds two reports: all of it goes, and with it the smallest of the others, A.
HIDDEN = {"A0", "A1", "A2", "A3", "B0", "B1", "B2", "B3"}


def test_every_table_hides_the_same(quiet: Database) -> None:
    heat = month_heat(quiet, OWNER, MONTH, PRIVATE)
    with quiet.reading() as connection:
        span = {"first_month": MONTH, "last_month": MONTH}
        grids = monthly(connection, OWNER, **span, category=PRIVATE, by="grid")
        communities = monthly(connection, OWNER, **span, category=PRIVATE, by="community")
        of_district = monthly(connection, OWNER, **span, category=PRIVATE, by="category")
        table = [row for row in by_grid_and_category(connection, OWNER, **span) if row[2] == PRIVATE]
        with pytest.raises(BadInput, match="private"):
            monthly(connection, OWNER, **span, category=PRIVATE, edition=1)
    hidden = {grid.code for grid in heat.grids if grid.count is None}
    assert {row.code for row in grids if row.count is None} - {None} == hidden
    assert {row[1] for row in table if row[3] is None} - {None} == hidden
    assert {row.code for row in communities if row.count is None} - {None} == {"A", "B"}
    assert hidden == HIDDEN
    assert {row.code: row.count for row in grids if row.count} == {"C0": 8, "C1": 12, "C3": 30}
    assert [row.count for row in of_district] == [sum(map(sum, COUNTS.values()))] == [heat.total]


def test_no_file_holds_a_hidden_number(quiet: Database) -> None:
    heat = month_heat(quiet, OWNER, MONTH, PRIVATE)
    assert heat.private
    assert not len(heat.cells.reports)
    assert not heat.piles
    made = {format: heat_file(heat, format, "zh").body for format in FORMATS}
    rows = list(csv.DictReader(io.StringIO(made["csv"].decode("utf-8-sig"))))
    for row in rows:
        away = row["编码"] in HIDDEN
        assert (row["件数"] == "不公布") == (row["较上月"] == "不公布") == away
        assert (row["密度(件/平方公里)"] == "不公布") == away
    page = made["html"].decode()
    assert "不公布" in page
    assert 'value="density"' not in page
    assert '"surface":null' in page


def test_the_month_after_hides_the_month_before(quiet: Database) -> None:
    after = month_heat(quiet, OWNER, date(2023, 7, 1), PRIVATE)
    assert {grid.code for grid in after.grids if grid.previous is None} == HIDDEN
    assert {grid.count for grid in after.grids} == {0}


def test_all_categories_stay_whole(quiet: Database) -> None:
    heat = month_heat(quiet, OWNER, MONTH)
    assert [grid.count for grid in heat.grids] == [n + 1 for row in COUNTS.values() for n in row]


def test_a_digest_holds_public_counts_by_grid(quiet: Database) -> None:
    told = digest(quiet, OWNER, MONTH)
    assert [each.count for each in told.figures] == [grid.count for grid in told.heat.grids] == [1] * 12
    assert told.heat.cells.reports.sum() == 12
    assert told.private_left_out == sum(map(sum, COUNTS.values())) == told.heat.total - 12
    (private,) = [each for each in told.categories if each.category.code == PRIVATE]
    assert (private.count, private.hot, private.untested) == (83, (), "private")


def test_another_cut_of_the_month_is_hidden_whole(quiet: Database) -> None:
    """New grids from the last day of the month: the map is a second table of the same reports."""
    owner = Jurisdiction("quiet2", "静街道二", "Quiet 2")
    load(quiet, owner)
    halves = [
        NewArea(f"{name}0", f"{name}", shapely.union_all([square(c, row) for c in range(4)]), name)
        for row, name in enumerate(COUNTS)
    ]
    with quiet.writing() as connection:
        areas.add_edition(
            connection,
            owner.code,
            "grid",
            halves,
            file_name="g",
            sha256="1" * 64,
            loaded_by="tests",
            valid_from=date(2023, 6, 30),
        )
    heat = month_heat(quiet, owner, MONTH, PRIVATE)
    assert {grid.count for grid in heat.grids} == {None}
    assert heat.outside is None
    assert heat.total == 83
