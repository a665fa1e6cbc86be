"""The migrations make what tables.py says, and the database itself keeps the rules."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import shapely
import sqlalchemy as sa
from alembic import command
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection

from gridmap.areas import store
from gridmap.areas.model import Jurisdiction, NewArea
from gridmap.database import migrations
from gridmap.database import tables as t
from gridmap.database.sessions import Database, make_engine
from gridmap.errors import DatabaseUnavailable

SQUARE = shapely.box(109.4, 36.6, 109.5, 36.7)
BOW_TIE = shapely.Polygon([(109, 36), (110, 37), (110, 36), (109, 37)])


def an_edition(connection: Connection, jurisdiction: Jurisdiction, geometry=SQUARE, **changes):
    area = NewArea("1", "一", geometry)
    arguments = {"file_name": "f", "sha256": "0" * 64, "loaded_by": "test", "valid_from": None}
    return store.add_edition(connection, jurisdiction.code, "grid", [area], **arguments | changes)


def test_tables_and_migrations_say_the_same(shared_database: Database) -> None:
    with shared_database.engine.begin() as connection:
        command.check(migrations.config(connection))


def test_the_queue_is_as_procrastinate_wants_it() -> None:
    """When this fails, a migration of ours has to bring what came after (see 0006)."""
    known = "03.04.00_50_post_add_retry_failed_job_procedure.sql"
    there = Path(SchemaManager.get_migrations_path()).glob("*.sql")
    assert max(script.name for script in there) == known


@pytest.mark.parametrize("table", ["bulletin", "bulletin_file"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {}", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_published_bulletins_are_kept(connection, jurisdiction, table, statement) -> None:
    row = {"jurisdiction": "test", "month": date(2023, 6, 1), "lang": "zh", "number": 1, "software": "x"}
    moment = datetime(2023, 7, 1, tzinfo=UTC)
    row |= {"published_at": moment, "as_of": moment, "published_by": "x", "manifest": {}}
    id_ = connection.execute(t.bulletin.insert().values(**row).returning(t.bulletin.c.id)).scalar_one()
    file = {"bulletin_id": id_, "name": "a", "body": b"a", "sha256": hashlib.sha256(b"a").hexdigest()}
    connection.execute(t.bulletin_file.insert().values(**file))
    with pytest.raises(sa.exc.IntegrityError, match="sha256"), connection.begin_nested():
        connection.execute(t.bulletin_file.insert().values(**file | {"name": "b", "body": b"b"}))
    change = {"bulletin": "number = 2", "bulletin_file": "name = 'b'"}[table]
    with pytest.raises(sa.exc.IntegrityError, match="rows are kept"):
        connection.execute(sa.text(statement.format(table, change)))


def test_upgrading_twice_changes_nothing(shared_database: Database) -> None:
    migrations.upgrade(shared_database.engine)


@pytest.mark.parametrize(
    ("geometry", "constraint"),
    [(BOW_TIE, "geom"), (shapely.Point(109.4, 36.6), "geom"), (shapely.Polygon(), "geom")],
    ids=["bow-tie", "point", "empty"],
)
def test_only_valid_polygons_are_stored(connection, jurisdiction, geometry, constraint) -> None:
    with pytest.raises(sa.exc.IntegrityError, match=f"ck_area_version_{constraint}"):
        an_edition(connection, jurisdiction, geometry)


def test_another_srid_is_refused(connection, jurisdiction) -> None:
    an_edition(connection, jurisdiction)
    with pytest.raises(sa.exc.DBAPIError, match="SRID"):
        connection.execute(
            sa.text(
                "INSERT INTO place (jurisdiction, kind, code, name, geom, valid) VALUES"
                " ('test', 'parking', 'p', 'p', ST_SetSRID(ST_MakePoint(1, 1), 3857), daterange(NULL, NULL))"
            )
        )


def test_versions_of_an_area_never_overlap(connection, jurisdiction) -> None:
    edition = an_edition(connection, jurisdiction)
    row = connection.execute(sa.select(t.area_version)).mappings().one()
    copy = {k: v for k, v in row.items() if k not in ("id", "recorded_at")}
    with pytest.raises(sa.exc.IntegrityError, match="ex_area_version_valid"):
        connection.execute(t.area_version.insert().values(**copy))
    assert edition.valid_from is None


def test_a_version_is_of_its_own_area_and_edition(connection, jurisdiction) -> None:
    an_edition(connection, jurisdiction)
    row = dict(connection.execute(sa.select(t.area_version)).mappings().one())
    free = connection.execute(
        t.area.insert().values(jurisdiction="test", kind="grid", code="2").returning(t.area.c.id)
    ).scalar_one()
    copy = {k: v for k, v in row.items() if k not in ("id", "recorded_at")} | {"area_id": free}
    for wrong in ({}, {"code": "2", "kind": "building"}, {"code": "2", "edition_id": 0}):
        with pytest.raises(sa.exc.IntegrityError, match="fk_area_version"), connection.begin_nested():
            connection.execute(t.area_version.insert().values(**copy | wrong))
    connection.execute(t.area_version.insert().values(**copy | {"code": "2"}))


@pytest.mark.parametrize(
    "statement", ["UPDATE area SET code = 'x'", "DELETE FROM edition", "UPDATE edition SET valid_from = NULL"]
)
def test_areas_and_editions_are_kept(connection, jurisdiction, statement) -> None:
    an_edition(connection, jurisdiction)
    with pytest.raises(sa.exc.IntegrityError, match="rows are kept"):
        connection.execute(sa.text(statement))


def test_an_own_category_cannot_shadow_a_shipped_one(connection, jurisdiction) -> None:
    for code, owner in (("local-teastall", "test"), ("local-own-x", None)):
        row = {"jurisdiction": owner, "code": code, "kind": "local", "name": "x"}
        with pytest.raises(sa.exc.IntegrityError, match="ck_category_own"), connection.begin_nested():
            connection.execute(t.category.insert().values(**row))


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM area_version",
        "UPDATE area_version SET name = 'other'",
        "UPDATE area_version SET geom = ST_Translate(geom, 1, 0)",
        "UPDATE area_version SET valid = daterange('2023-01-01', NULL)",
        "TRUNCATE area_version",
    ],
)
def test_boundaries_are_kept(connection, jurisdiction, statement) -> None:
    an_edition(connection, jurisdiction)
    with pytest.raises(sa.exc.IntegrityError, match="boundaries are kept"):
        connection.execute(sa.text(statement))


def test_a_code_is_unique_per_jurisdiction_and_kind(connection, jurisdiction) -> None:
    an_edition(connection, jurisdiction)
    with pytest.raises(sa.exc.IntegrityError, match="uq_area"):
        connection.execute(t.area.insert().values(jurisdiction="test", kind="grid", code="1"))


def test_reading_cannot_write(shared_database: Database) -> None:
    with (
        shared_database.reading() as connection,
        pytest.raises(sa.exc.InternalError, match="read-only transaction"),
    ):
        store.add_jurisdiction(connection, Jurisdiction("x", "x"))


@pytest.mark.parametrize("url", ["nonsense", "sqlite:///x.db", "mysql://localhost/x"])
def test_only_postgresql_urls(url: str) -> None:
    with pytest.raises(DatabaseUnavailable, match="GRIDMAP_DATABASE_URL"):
        make_engine(url)
