"""A small town with reports, in a database of its own; each test takes reports that no other has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import UUID

import pytest

from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.reports import store as reports
from tests.faces.conftest import TOWN, populate


@pytest.fixture(scope="module")
def town(make_settings) -> Iterator[Database]:
    with open_gridmap(make_settings(demonstration=False)) as database:
        populate(database)
        yield database


@pytest.fixture(scope="module")
def next_report(town: Database) -> Callable[[], UUID]:
    """Id of a report without photos."""
    with town.reading() as connection:
        ids = iter([report.id for report in reports.reports(connection, TOWN.code)])
    return lambda: next(ids)


@pytest.fixture
def report(next_report: Callable[[], UUID]) -> UUID:
    return next_report()
