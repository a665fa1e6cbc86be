"""Files come in as the role that only adds; the months for them are made in their owner's name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from gridmap.database import roles
from gridmap.database.months import attach_month, open_month
from gridmap.database.sessions import Database
from gridmap.demonstration import JURISDICTION
from gridmap.generated.loading import add_reports
from gridmap.opening import open_gridmap
from gridmap.reports.files import import_file
from gridmap.reports.reading import Reading
from gridmap.works import loading as works
from tests.database.seeing import refused

MONTH = date(1999, 3, 1)
REPORTS = """client_id,category,description,occurred_at,lon,lat
old,matter-06011,桥头有垃圾,1999-03-05 10:00,109.4858,36.6208
new,matter-06011,桥头有垃圾,2023-06-05 10:00,109.4858,36.6208
own,扫雪,路口有冰,2023-06-05 11:00,109.4858,36.6208
"""
WORKS = "client_id,kind,quantity,occurred_on,lon,lat\nw,advert_removed,12,2023-06-18,109.4858,36.6208\n"
COUNT = "SELECT count(*) FROM {} WHERE jurisdiction = :code"


@pytest.fixture
def district(make_settings, demonstrated: str) -> Iterator[Database]:
    with open_gridmap(make_settings(template=demonstrated)) as database:
        yield database


def load_reports(database: Database, folder: Path) -> int:
    path = folder / "reports.csv"
    path.write_text(REPORTS, encoding="utf-8")
    reading = Reading(datum="wgs84", add_categories=True)
    return import_file(database, JURISDICTION, path, reading, loaded_by="test").accepted


def load_works(database: Database, folder: Path) -> int:
    path = folder / "works.csv"
    path.write_text(WORKS, encoding="utf-8")
    with database.adding.writing() as connection:
        return works.import_file(connection, JURISDICTION, path, datum="wgs84").created


def make_up(database: Database, folder: Path) -> int:
    return add_reports(database, JURISDICTION, 60, months=2, until=MONTH).added


def on_owner(database: Database, statement: str) -> None:
    with database.writing() as connection:
        connection.execute(sa.text(statement))


@pytest.mark.parametrize("policies", ["BYPASSRLS", "NOBYPASSRLS"])  # the latter where nobody is a superuser
@pytest.mark.parametrize(
    ("load", "table", "key", "rows"),
    [
        (load_reports, "report", "report_key", 3),
        (make_up, "report", "report_key", 60),
        (load_works, "work", "work", 1),
    ],
)
def test_loaders_add_by_their_right_to_add(
    district: Database, tmp_path, load, table: str, key: str, rows: int, policies: str
) -> None:
    count, who = sa.text(COUNT.format(table)), {"code": JURISDICTION.code}
    with district.reading() as connection:
        before = connection.scalar(count, who)
    on_owner(district, f"ALTER ROLE {roles.LOADER} {policies}")
    try:
        on_owner(district, f"REVOKE INSERT ON {key} FROM {roles.LOADER}")
        with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
            load(district, tmp_path)
        on_owner(district, f"GRANT INSERT ON {key} TO {roles.LOADER}")
        assert load(district, tmp_path) == rows
    finally:
        on_owner(district, f"ALTER ROLE {roles.LOADER} BYPASSRLS")
    assert load(district, tmp_path) == 0
    with district.reading() as connection:
        assert connection.scalar(count, who) == before + rows


def test_a_month_is_filled_by_who_adds_until_it_is_there(district: Database) -> None:
    as_sent = "INSERT INTO report_1999_03 SELECT * FROM report LIMIT 0"
    with district.adding.writing() as connection:
        assert open_month(connection, MONTH)
        connection.execute(sa.text(as_sent))
        for statement in ("DELETE FROM report_1999_03", "UPDATE report_1999_03 SET description = ''"):
            refused(connection, statement)
        refused(connection, "DROP TABLE report_1999_03", "must be owner")
        attach_month(connection, MONTH)
        refused(connection, as_sent)
        refused(connection, "SELECT * FROM report_1999_03")
        refused(connection, "ALTER TABLE report DETACH PARTITION report_1999_03", "must be owner")
    with district.served.writing() as connection:
        refused(connection, "SELECT open_report_month('1998-03-01')")
        refused(connection, "SELECT attach_report_month('1999-03-01')")
