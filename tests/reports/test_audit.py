"""The audit finds a placement that SQL does not find, whatever is wrong with it, and nothing else."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
import shapely
import sqlalchemy as sa

from gridmap.areas.model import NewArea
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.errors import BadInput
from gridmap.reports import intake
from gridmap.reports.audit import Difference, audit
from tests.reports.conftest import EVENING, TOWN, draft, grids, load

report = t.report


@pytest.fixture
def placed(town: Database) -> Database:
    """A thousand reports of three months inside, on edges, near and far, and some by name; two editions."""
    with town.writing() as connection:
        wide = NewArea("S0", "S0格", shapely.box(109.47, 36.60, 109.49, 36.61), "S")
        load(connection, "grid", [wide, *(g for g in grids() if g.code[0] == "N")], date(2023, 7, 10))
        tower = NewArea("B1", "塔楼", shapely.box(109.4785, 36.6025, 109.479, 36.603), "C1")
        load(connection, "building", [tower])
    random = np.random.default_rng(7)
    lon = np.concatenate([random.uniform(109.465, 109.505, 900), np.repeat(109.48, 50), [109.4785] * 20])
    lat = np.concatenate(
        [random.uniform(36.595, 36.625, 900), random.uniform(36.6, 36.62, 50), [36.6027] * 20]
    )
    drafts = [
        draft(x, y, client_id=f"{n}", occurred_at=EVENING + timedelta(days=n % 60))
        for n, (x, y) in enumerate(zip(lon.tolist(), lat.tolist(), strict=True))
    ]
    drafts += [
        draft(None, None, named_area=name, client_id=f"{name}{n}", occurred_at=EVENING + timedelta(days=n))
        for n in (0, 30)
        for name in ("河边小区", "塔楼")
    ]
    outcomes = intake.record(town, TOWN, drafts)
    assert {outcome.status for outcome in outcomes} == {"created"}
    assert {outcome.placement.method for outcome in outcomes} == {"covers", "nearest", "outside", "named"}
    return town


def corrupt(database: Database, where: sa.ColumnElement[bool], **values: object):
    """Change one stored placement behind gridmap's back; -> its id."""
    with database.writing() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # past the triggers
        id_ = connection.scalars(sa.select(report.c.id).where(where).order_by(report.c.id).limit(1)).one()
        connection.execute(report.update().where(report.c.id == id_).values(**values))
    return id_


def version(database: Database, kind: str, code: str) -> int:
    v = t.area_version.c
    with database.reading() as connection:
        return connection.scalars(
            sa.select(v.id).where(v.kind == kind, v.code == code).order_by(v.id).limit(1)
        ).one()


def differences(database: Database, *days: date | None) -> list[Difference]:
    return list(audit(database, TOWN, *days))


def test_what_was_placed_is_what_sql_finds(placed) -> None:
    assert differences(placed) == []


def test_an_empty_district_has_no_differences(town) -> None:
    assert differences(town) == []


CORRUPTED = {
    "another grid": ("covers", "grid_version", "N2", "grid"),
    "another community": ("covers", "community_version", "N", "community"),
    "a compound": ("outside", "compound_version", "C1", "compound"),
    "a building": ("covers", "building_version", "B1", "building"),
    "the nearest, but another": ("nearest", "grid_version", "N1", "grid"),
    "a named one in another grid": ("named", "grid_version", "S2", "grid"),
}


@pytest.mark.parametrize(("method", "column", "code", "kind"), CORRUPTED.values(), ids=CORRUPTED)
def test_a_corrupted_placement_is_found(placed, method, column, code, kind) -> None:
    other = version(placed, kind, code)
    id_ = corrupt(
        placed,
        sa.and_(report.c.method == method, report.c[column].is_distinct_from(other)),
        **{column: other},
    )
    (found,) = differences(placed)
    assert found.id == id_
    assert getattr(found.stored, kind).split("/")[0] == code
    assert getattr(found.stored, kind) != getattr(found.judged, kind)
    assert found.stored.method == found.judged.method == method


@pytest.mark.parametrize(("stored", "claimed"), [("covers", "nearest"), ("nearest", "covers")])
def test_a_corrupted_method_is_found(placed, stored, claimed) -> None:
    id_ = corrupt(placed, report.c.method == stored, method=claimed)
    (found,) = differences(placed)
    assert (found.id, found.stored.method, found.judged.method) == (id_, claimed, stored)


def test_a_version_of_another_day_is_found(placed) -> None:
    """The right code, but the boundary that ended before the report's day."""
    old = version(placed, "grid", "N0")
    late = sa.and_(report.c.method == "covers", report.c.occurred_at > EVENING + timedelta(days=40))
    code = (
        sa.select(t.area_version.c.code).where(t.area_version.c.id == report.c.grid_version).scalar_subquery()
    )
    id_ = corrupt(placed, sa.and_(late, code == "N0"), grid_version=old)
    (found,) = differences(placed)
    assert found.id == id_
    assert found.stored.grid.split("/")[0] == found.judged.grid.split("/")[0] == "N0"


def test_only_the_days_asked_for_are_judged(placed) -> None:
    day = EVENING.date() + timedelta(days=20)
    start = EVENING.replace(hour=0, minute=0) + timedelta(days=20)
    of_day = sa.and_(report.c.occurred_at >= start, report.c.occurred_at < start + timedelta(days=1))
    corrupt(placed, sa.and_(of_day, report.c.method == "covers"), method="nearest")
    assert len(differences(placed, day, day)) == 1
    assert len(differences(placed, day)) == len(differences(placed, None, day)) == 1
    assert differences(placed, day + timedelta(days=1)) == []
    assert differences(placed, None, day - timedelta(days=1)) == []
    with pytest.raises(BadInput, match="since"):
        differences(placed, day, day - timedelta(days=1))
