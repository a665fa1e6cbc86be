"""Under row-level security the plans still use an index, at a size at which it matters."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import ClassVar

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa

from gridmap.cases import store as cases
from gridmap.database.asker import Asker
from gridmap.database.months import make_months
from gridmap.database.sessions import Database
from gridmap.geometry.cells import LEVEL, cells
from gridmap.opening import open_gridmap
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Person
from gridmap.reports import store as reports
from gridmap.tiles import store as tiles
from gridmap.tiles.model import Tile
from tests.faces.conftest import SIDE, SOUTH, WEST, populate

MEMBER = Asker("town", "account:member", frozenset({"member"}), "member")
OFFICE = Asker("town", "account:office", frozenset({"office"}))
FIRST, LAST = datetime(2023, 6, 1, tzinfo=UTC), datetime(2023, 7, 1, tzinfo=UTC)
PER_GRID = 5_000
# the middle of each grid, strewn around; half a month in June, half in July
STREWN = sa.text(
    """
    INSERT INTO report (id, occurred_at, recorded_at, jurisdiction, client_id, category, description, lon,
                        lat, datum, geom, method, grid_version, community_version, needs_review)
    SELECT gen_random_uuid(), :first + n * interval '12 minutes', now(), 'town', 's' || v.id || '-' || n,
           'matter-06011', '', ST_X(p), ST_Y(p), 'wgs84', p, 'covers', v.id, m.id, false
    FROM area_version v JOIN area_version m ON m.code = v.parent_code AND m.jurisdiction = 'town'
    CROSS JOIN generate_series(0, :per_grid - 1) n
    CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(
        ST_XMin(v.geom) + (n % 97 + 0.5) / 97 * :side,
        ST_YMin(v.geom) + (n % 89 + 0.5) / 89 * :side), 4326) p) at
    WHERE v.kind = 'grid' AND v.jurisdiction = 'town'
    """
)
CASES = """
    INSERT INTO case_file (id, jurisdiction, category, private, geom, grid_version, community_version,
                           occurred_at, opened_at, changed_at, state, seq, head, waiting_for, recipients)
    SELECT id, jurisdiction, category, false, geom, grid_version, community_version, occurred_at, occurred_at,
           occurred_at, 'dispatched', 1, '',
           ARRAY['party:' || grid_version || '-' || row_number() OVER () % 99], '{}'
    FROM report WHERE occurred_at < '2023-06-20' AND client_id LIKE 's%'
    """


@pytest.fixture(scope="module")
def crowded(make_settings):
    with open_gridmap(make_settings()) as database:
        populate(database)
        with database.writing() as connection:
            make_months(connection, [date(2023, 6, 1), date(2023, 7, 1)])
            connection.execute(STREWN, {"first": FIRST, "per_grid": PER_GRID, "side": SIDE})
            connection.execute(sa.text(CASES))
            people.put_persons(connection, "town", [Person("member", "示例")], "test")
            duty = NewDuty("member", "grid_member", "grid", "G00", None, date(2023, 1, 1))
            people.begin(connection, "town", [duty], "test")
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("ANALYZE"))
        yield database


class Explained(psycopg.Cursor):
    """Asks for the plan of each query before it sends it."""

    plans: ClassVar[list[dict]] = []

    def execute(self, query, params=None, **how):
        super().execute(f"EXPLAIN (FORMAT JSON) {query}", params, prepare=False)
        self.plans.append(self.fetchone()[0][0]["Plan"])
        return super().execute(query, params, **how)


def plans(database: Database, asker: Asker, ask: Callable[[sa.Connection], object]) -> list[dict]:
    """The plan of every query that `ask` sends for somebody."""
    Explained.plans.clear()
    with database.asked_by(asker).reading() as connection:
        driver = connection.connection.driver_connection
        driver.cursor_factory = Explained
        try:
            ask(connection)
        finally:
            driver.cursor_factory = psycopg.Cursor
    return list(Explained.plans)


def indexes(plan: dict) -> set[str]:
    found = {plan["Index Name"]} if "Index Name" in plan else set()
    return found.union(*(indexes(each) for each in plan.get("Plans", ())))


def scans(plan: dict, of: str) -> bool:
    """Whether a table of reports or cases is read from end to end."""
    here = plan["Node Type"] == "Seq Scan" and plan["Relation Name"].startswith(of)
    return here or any(scans(each, of) for each in plan.get("Plans", ()))


@pytest.mark.parametrize("asker", [MEMBER, OFFICE], ids=["member", "office"])
def test_the_reports_of_a_grid_are_found_by_an_index(crowded, asker) -> None:
    def ask(connection) -> None:
        found = reports.reports(connection, "town", first=FIRST, last=LAST, grid="G00", limit=100)
        assert len(found) == 100

    (plan,) = plans(crowded, asker, ask)
    assert not scans(plan, "report")
    assert any("grid_version" in name or "jurisdiction" in name for name in indexes(plan))


@pytest.mark.parametrize("asker", [MEMBER, OFFICE], ids=["member", "office"])
def test_a_tile_is_found_by_the_index_of_places(crowded, asker) -> None:
    (x,), (y,) = (v.tolist() for v in cells(np.array([WEST + SIDE / 2]), np.array([SOUTH + SIDE / 2])))
    tile = Tile(17, x >> LEVEL - 17, y >> LEVEL - 17)

    def ask(connection) -> None:
        assert tiles.points(connection, tiles.Wanted("town", FIRST, LAST, None, tile))

    (plan,) = plans(crowded, asker, ask)
    assert not scans(plan, "report")
    assert any("geom" in name for name in indexes(plan))


@pytest.mark.parametrize("asker", [MEMBER, OFFICE], ids=["member", "office"])
@pytest.mark.parametrize(
    "wanted", [{"grid": "G00"}, {"recipients": ("party:1-1",)}], ids=["grid", "recipient"]
)
def test_the_cases_of_an_inbox_are_found_by_an_index(crowded, asker, wanted) -> None:
    def ask(connection) -> None:
        cases.cases(connection, "town", cases.Filter(**wanted), limit=50)

    (plan,) = plans(crowded, asker, ask)
    assert not scans(plan, "case_file")


def test_sight_is_worked_out_once_for_a_query(crowded) -> None:
    """Not for each row: it is an InitPlan."""

    def ask(connection) -> None:
        reports.reports(connection, "town", first=FIRST, last=LAST, grid="G00", limit=100)

    (plan,) = plans(crowded, MEMBER, ask)
    assert "InitPlan" in json.dumps(plan)
    filters = [each for each in _filters(plan) if "community_version" in each]
    assert filters
    assert all("sight()" not in each and "private_categories()" not in each for each in filters)


def _filters(plan: dict) -> list[str]:
    return [plan.get("Filter", ""), *(f for each in plan.get("Plans", ()) for f in _filters(each))]
