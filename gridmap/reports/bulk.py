"""Batches of one import on their way into the tables, in one transaction of the caller's.

What is cheaper done once is done at the end: months that are new are indexed, and reports that are counted
alike are one row of the counts.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.months import Months
from gridmap.reports import intake, store
from gridmap.reports.counting import Deltas, Tally
from gridmap.settings import Settings


class Bulk:
    """An import that is under way; `bulk` opens and ends it."""

    def __init__(self, connection: Connection, jurisdiction: Jurisdiction, settings: Settings):
        self.import_id = store.next_import_id(connection)
        self._connection = connection
        self._jurisdiction = jurisdiction
        self._settings = settings
        self._months = Months(connection)
        self._tally = Tally()

    def store(self, prepared: intake.Prepared) -> intake.Recorded:
        """As intake.store_batch."""
        recorded = intake.store_batch(
            self._connection,
            self._jurisdiction,
            prepared,
            settings=self._settings,
            import_id=self.import_id,
            months=self._months,
            tally=self._tally,
        )
        self._append(self._tally.overflow())
        return recorded

    def end(self) -> None:
        self._append(self._tally.take())
        self._months.attach()

    def _append(self, deltas: Deltas | None) -> None:
        if deltas is not None:
            store.add_deltas(self._connection, self._jurisdiction.code, deltas, self._tally.categories)


@contextmanager
def bulk(connection: Connection, jurisdiction: Jurisdiction, settings: Settings) -> Iterator[Bulk]:
    """One import. When the block ends without an error its reports are counted and its months in place."""
    under_way = Bulk(connection, jurisdiction, settings)
    yield under_way
    under_way.end()
