"""`gridmap demo --nation`: thousands of grids through the loading of files, and reports spread over them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas import store
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.generated.loading import Made, add_reports
from gridmap.generated.nation import DIGITS, add_nation
from gridmap.geometry.cells import LEVEL, cells
from gridmap.maps.heat import heat_page
from gridmap.opening import open_gridmap
from gridmap.statistics import shown
from gridmap.statistics.heat import month_heat
from gridmap.statistics.monthly import monthly
from gridmap.tiles.areas import area_tile, rows_in
from gridmap.tiles.model import Tile
from tests.recount import contradictions

GRIDS = 2_000
ROWS = 5_000


@pytest.fixture(scope="module")
def nation(make_settings) -> Iterator[tuple[Database, Jurisdiction]]:
    with open_gridmap(make_settings()) as database:
        yield database, add_nation(database, GRIDS)


@pytest.fixture(scope="module")
def reported(nation) -> tuple[Database, Jurisdiction, Made]:
    """With reports in it."""
    database, owner = nation
    return database, owner, add_reports(database, owner, ROWS, months=3)


def areas_of(database: Database, owner: Jurisdiction, kind: str):
    with database.reading() as connection:
        return store.areas(connection, owner.code, kind=kind, day=owner.today())


def test_a_tile_of_too_many_grids_leaves_out_the_smallest(nation, monkeypatch) -> None:
    database, owner = nation
    with database.reading() as connection:
        sheet = current_atlas(connection, owner.code).sheet("grid", owner.today())
    west, south, east, north = sheet.bounds
    z = 5
    x, y = (int(each[0]) >> LEVEL - z for each in cells([(west + east) / 2], [(south + north) / 2]))
    tile = Tile(z, x, y)
    rows = rows_in(sheet, tile)
    whole = area_tile(sheet, "grid", tile, rows)
    most = len(whole) // 3
    monkeypatch.setattr("gridmap.tiles.areas.MOST_BYTES", most)
    made = area_tile(sheet, "grid", tile, rows)
    assert most / 2 < len(made) <= most
    size = dict(zip((v.code for v in sheet.versions), shapely.area(sheet.plane[0]), strict=True))
    drawn = {code for code in size if code.encode() in whole}
    kept = {code for code in drawn if code.encode() in made}
    assert 0 < len(kept) < len(drawn)
    assert min(size[code] for code in kept) >= max(size[code] for code in drawn - kept)


def test_it_has_every_kind_and_they_are_one_another(nation) -> None:
    database, owner = nation
    kinds = {kind: areas_of(database, owner, kind) for kind in DIGITS}
    assert len(kinds["grid"]) == GRIDS
    assert len(kinds["community"]) == -(-GRIDS // 14)
    grids = np.array([area.geometry for area in kinds["grid"]])
    for kind in ("community", "subdistrict"):
        whole = shapely.union_all([area.geometry for area in kinds[kind]])
        assert shapely.equals(whole, shapely.coverage_union_all(grids))
    codes = {area.code for area in kinds["community"]}
    assert {grid.parent_code for grid in kinds["grid"]} == codes
    assert {c.parent_code for c in kinds["community"]} == {s.code for s in kinds["subdistrict"]}


def test_the_same_again_adds_nothing(nation) -> None:
    database, owner = nation
    assert add_nation(database, GRIDS) == owner
    with database.reading() as connection:
        assert [e.kind for e in store.editions(connection, owner.code)] == sorted(DIGITS)


def test_a_load_that_was_cut_short_goes_on(nation) -> None:
    database, _ = nation

    def cut(step: int, steps: int, name: str) -> None:
        if step == steps:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_nation(database, 300, cut)
    owner = add_nation(database, 300)
    assert len(areas_of(database, owner, "grid")) == 300


def test_reports_lie_in_its_grids_as_sql_says(reported) -> None:
    database, owner, made = reported
    assert made.added == ROWS
    assert made.methods["covers"] > 0.95 * ROWS
    assert add_reports(database, owner, ROWS, months=3).known == ROWS
    judged = """
        SELECT count(*), count(DISTINCT r.grid_version) FROM report r JOIN LATERAL (
            SELECT id FROM area_version v
            WHERE v.kind = 'grid' AND v.jurisdiction = r.jurisdiction AND ST_Covers(v.geom, r.geom)
            ORDER BY v.code COLLATE "C" LIMIT 1
        ) judged ON judged.id = r.grid_version AND r.method = 'covers'
        WHERE r.jurisdiction = :owner
    """
    with database.reading() as connection:
        agreed, grids = connection.execute(sa.text(judged), {"owner": owner.code}).one()
        assert agreed == made.methods["covers"]
        assert grids > GRIDS / 2
        assert contradictions(connection) == {}


@pytest.mark.parametrize(
    ("most", "kind", "digits"), [(3_000, "grid", 15), (500, "community", 12), (50, "subdistrict", 9)]
)
def test_a_month_is_shown_on_as_few_areas_as_a_map_can_hold(
    reported, monkeypatch, most, kind, digits
) -> None:
    database, owner, _ = reported
    monkeypatch.setattr(shown, "AREAS_DRAWN", most)
    heat = month_heat(database, owner, date(2023, 11, 1))
    assert heat.kind == kind
    assert {area.code for area in heat.grids} == {a.code for a in areas_of(database, owner, kind)}
    with database.reading() as connection:
        months = (date(2023, 11, 1), date(2023, 11, 1))
        by_grid = monthly(connection, owner, first_month=months[0], last_month=months[1])
    expected: Counter[str] = Counter()
    for row in by_grid:
        if row.code is not None:
            expected[row.code[:digits]] += row.count
    assert {area.code: area.count for area in heat.grids if area.count} == expected
    assert heat.total == sum(expected.values()) + heat.outside
    page = heat_page(heat, assets="/static/vendor/")
    name = {"grid": "网格", "community": "社区", "subdistrict": "街道"}[kind]
    assert f"每{name}上报件数" in page
    assert (f"本图按{name}合计" in page) is (kind != "grid")


def test_too_many_areas_of_the_widest_kind_are_shown_all_the_same(reported, monkeypatch) -> None:
    database, owner, _ = reported
    monkeypatch.setattr(shown, "AREAS_DRAWN", 1)
    assert month_heat(database, owner, date(2023, 11, 1)).kind == "subdistrict"


@pytest.mark.parametrize("grids", [0, 1_000_001])
def test_numbers_that_cannot_be(nation, grids) -> None:
    with pytest.raises(BadInput) as caught:
        add_nation(nation[0], grids)
    assert caught.value.field == "nation"


def test_no_reports_where_no_grids_are(nation) -> None:
    database, _ = nation
    bare = Jurisdiction("bare", "空", "Bare")
    with database.writing() as connection:
        store.add_jurisdiction(connection, bare)
    with pytest.raises(NotFound):
        add_reports(database, bare, 10)
