"""The months to come are there before their first report, and whoever is busy with one is not waited for."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, date, datetime
from uuid import uuid4

import numpy as np
import pytest
import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database import copying
from gridmap.database.months import Months, attach_month, make_ahead, make_months, month_exists, open_month
from gridmap.database.sessions import Database
from gridmap.faces.background import next_months
from gridmap.reports import store as reports

MONTHS = [date(2031, 11, 1), date(2031, 12, 1), date(2032, 1, 1), date(2032, 2, 1)]


def there(database: Database, months: list[date]) -> list[bool]:
    with database.reading() as connection:
        return [month_exists(connection, month) for month in months]


def test_this_month_and_the_next_three_are_there_at_the_opening(database):
    today = datetime.now(UTC).date()
    number = today.year * 12 + today.month - 1
    months = [date((number + n) // 12, (number + n) % 12 + 1, 1) for n in range(-1, 5)]
    assert there(database, months) == [False, True, True, True, True, False]
    next_months(database)
    assert there(database, months) == [False, True, True, True, True, False]


def test_ahead_goes_over_the_end_of_the_year(database):
    with database.writing() as connection:
        make_ahead(connection, date(2031, 11, 30))
    assert there(database, MONTHS) == [True] * 4


def test_a_month_that_another_is_making_is_left_to_it(database):
    with database.writing() as other:
        open_month(other, MONTHS[1])
        with database.writing() as connection:
            make_ahead(connection, MONTHS[0])
        assert there(database, MONTHS) == [True, False, True, True]
        attach_month(other, MONTHS[1])
    assert there(database, MONTHS) == [True] * 4


DECEMBER, JANUARY = date(2030, 12, 1), date(2031, 1, 1)
WAITING = """
    SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'
"""
INDEXES = "SELECT count(*) FROM pg_indexes WHERE tablename = :table"


def columns(rows: int) -> dict[str, copying.Column]:
    """Reports named instead of located, as short as they can be."""
    one = np.zeros(rows, np.int8)
    words = {"jurisdiction": "j", "client_id": "c", "category": "k", "description": "", "named_code": "n"}
    columns = {name: copying.words(one, [text]) for name, text in words.items()}
    ids = np.frombuffer(b"".join(uuid4().bytes for _ in range(rows)), np.uint8).reshape(-1, 16)
    return columns | {
        "id": copying.fixed(ids),
        "recorded_at": copying.times(np.zeros(rows, np.int64)),
        "method": copying.words(one, ["named"]),
        "needs_review": copying.booleans(np.zeros(rows, bool)),
    }


def copied(connection: Connection, months: Months, moments: list[datetime]) -> None:
    occurred = np.array([moment.timestamp() * 1e6 for moment in moments], np.int64)
    reports.copy_reports(
        connection, columns(len(moments)) | {"occurred_at": copying.times(occurred)}, occurred, months
    )


def per_table(connection: Connection) -> dict[str, int]:
    query = "SELECT tableoid::regclass::text, count(*) FROM report GROUP BY 1"
    return dict(connection.execute(sa.text(query)).all())


def test_a_month_is_filled_without_indexes_and_then_attached_with_all(database):
    with database.writing() as connection:
        make_months(connection, [DECEMBER])
    with database.writing() as connection:
        months = Months(connection)
        for _ in range(2):
            copied(
                connection, months, [datetime(2030, 12, 31, 23, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)]
            )
        assert per_table(connection) == {"report_2030_12": 2}
        assert connection.scalar(sa.text(INDEXES), {"table": "report_2031_01"}) == 0
        months.attach()
        assert per_table(connection) == {"report_2030_12": 2, "report_2031_01": 2}
    with database.reading() as connection:
        indexes = [
            connection.scalar(sa.text(INDEXES), {"table": table})
            for table in ("report_2030_12", "report_2031_01")
        ]
        assert indexes[0] == indexes[1] > 0
        contradicting = "SELECT count(*) FROM ONLY report_2031_01 WHERE occurred_at < '2031-01-01 00:00+00'"
        assert connection.scalar(sa.text(contradicting)) == 0


def test_a_row_of_another_month_is_refused_at_the_end(database):
    """The bounds are checked when a month is attached: nothing that was put into the wrong table can stay."""
    late = np.array([datetime(2031, 2, 1, tzinfo=UTC).timestamp() * 1e6], np.int64)
    with database.writing() as connection:
        open_month(connection, JANUARY)
        row = columns(1) | {"occurred_at": copying.times(late)}
        copying.copy_rows(connection, "report_2031_01", row)
        with pytest.raises(sa.exc.IntegrityError):
            attach_month(connection, JANUARY)
        connection.rollback()
    assert there(database, [JANUARY]) == [False]


@pytest.mark.parametrize("first_ends_well", [True, False])
def test_two_that_want_the_same_month_share_it(database, first_ends_well):
    """The second waits for the first: then the month is there, or is made by the second."""
    moment, begun = datetime(2031, 1, 5, tzinfo=UTC), threading.Event()

    def second() -> None:
        with database.writing() as connection:
            months = Months(connection)
            begun.set()
            copied(connection, months, [moment])
            months.attach()

    class Ends(Exception): ...

    with ThreadPoolExecutor(1) as pool:
        with suppress(Ends), database.writing() as connection:
            months = Months(connection)
            copied(connection, months, [moment, moment])
            other = pool.submit(second)
            begun.wait(20)
            with database.reading() as watching:
                deadline = time.monotonic() + 10
                while not watching.execute(sa.text(WAITING)).first() and time.monotonic() < deadline:
                    watching.rollback()
                assert not other.done()
            months.attach()
            if not first_ends_well:
                raise Ends
        other.result(30)
    with database.reading() as connection:
        assert per_table(connection) == {"report_2031_01": 3 if first_ends_well else 1}
