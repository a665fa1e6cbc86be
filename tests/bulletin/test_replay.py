"""Bulletins archived through a year of change are found byte for byte, and their numbers made again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.making import package
from gridmap.bulletin.packing.model import Package
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.statistics.digests.making import digest
from gridmap.statistics.digests.model import Digest
from tests.replaying import HERE, plain, tell

# a month before all changes, those that are back-dated over, and the last
PRINTED = (2, 6, 10, 12)

Made = dict[date, tuple[Package, Digest]]


@pytest.fixture(scope="module")
def archive(make_settings) -> Iterator[tuple[Database, Made]]:
    made: Made = {}
    with open_gridmap(make_settings()) as database:

        def print_it(month: date) -> None:
            if month.month in PRINTED:
                told = package(database, HERE, month)
                with database.writing() as connection:
                    publish(connection, told, "test")
                made[month] = told, digest(database, HERE, month, as_of=told.read_at)

        tell(database, print_it)
        yield database, made


def test_every_bulletin_is_found_byte_for_byte(archive) -> None:
    database, made = archive
    assert [month.month for month in made] == list(PRINTED)
    with database.reading() as connection:
        assert len(store.bulletins(connection, HERE.code)) == len(PRINTED)
        for month, (told, _) in made.items():
            found = store.find(connection, HERE.code, month, "zh")
            assert found is not None
            assert store.files(connection, found) == told.files


def test_its_numbers_are_made_again_as_of_then_and_differ_now(archive) -> None:
    database, made = archive
    for month, (_, published) in made.items():
        with database.reading() as connection:
            found = store.find(connection, HERE.code, month, "zh")
        assert found is not None
        assert plain(digest(database, HERE, month, as_of=found.as_of)) == plain(published)
        assert digest(database, HERE, month).heat.total > published.heat.total


def test_what_came_in_later_makes_another_number_and_keeps_the_first(archive) -> None:
    database, made = archive
    month = next(iter(made))
    told, _ = made[month]
    again = package(database, HERE, month)
    with database.writing() as connection:
        bulletin, new = publish(connection, again, "test")
        assert (bulletin.number, new) == (2, True)
        assert publish(connection, again, "test") == (bulletin, False)
        first = store.find(connection, HERE.code, month, "zh", number=1)
        assert first is not None
        assert store.files(connection, first) == told.files
