"""The months to come are there before their first report, and whoever is busy with one is not waited for."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gridmap.database.months import attach_month, make_ahead, month_exists, open_month
from gridmap.database.sessions import Database
from gridmap.faces.background import next_months

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
