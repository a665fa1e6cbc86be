"""Opening gridmap: the database, migrated, with the shipped vocabularies and the next months in it.

The command line, the service, notebooks and tests all come in here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from gridmap.database.months import make_ahead
from gridmap.database.sessions import Database, open_database
from gridmap.people import posts
from gridmap.reports import categories
from gridmap.settings import Settings
from gridmap.works import kinds


@contextmanager
def open_gridmap(settings: Settings) -> Iterator[Database]:
    """A database ready for use. Raises DatabaseUnavailable saying what to do."""
    with open_database(settings) as database:
        with database.writing() as connection:
            categories.seed(connection)
            kinds.seed(connection)
            posts.seed(connection)
        with database.writing() as connection:
            make_ahead(connection, datetime.now(UTC).date())
        yield database
