"""Batches of one import on their way into the tables, in one transaction of the caller's.

What is cheaper done once is done at the end: months that are new are indexed, the counts appended, and piles
looked for only where there can be some.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.months import Months
from gridmap.reports import intake, store
from gridmap.reports.counting import Tally
from gridmap.settings import Settings

SLOTS = 1 << 20


class Bulk:
    """The import that an open transaction is about. What `finish` has not seen is not counted."""

    def __init__(self, connection: Connection, jurisdiction: Jurisdiction, settings: Settings):
        self.import_id = store.next_import_id(connection)
        self._connection = connection
        self._jurisdiction = jurisdiction
        self._settings = settings
        self._months = Months(connection)
        self._tally = Tally()
        self._heaps = Heaps()

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
        new = recorded.status == intake.CREATED
        self._heaps.add(prepared.batch.lon[new], prepared.batch.lat[new])
        if self._tally.due():
            intake.append_counts(self._connection, self._jurisdiction, self._tally)
        return recorded

    def finish(self) -> None:
        intake.append_counts(self._connection, self._jurisdiction, self._tally)
        self._months.attach()

    def piles(self) -> list[tuple[float, float, int]]:
        """(lon, lat, rows) of coordinates as given on which a pile of the stored rows lies."""
        least = self._settings.pile_size
        if self._heaps.highest < least:
            return []
        return store.piles_of_import(self._connection, self._jurisdiction.code, self.import_id, least)


class Heaps:
    """How many rows at most lie on one coordinate: counted under a hash, in 4 MB whatever their number."""

    def __init__(self) -> None:
        self._count = np.zeros(SLOTS, np.uint32)

    def add(self, lon: NDArray[np.float64], lat: NDArray[np.float64]) -> None:
        """Count n coordinates; NaN is none."""
        given = ~np.isnan(lon)
        # + 0.0: −0.0 is the same place. Fibonacci hashing (Knuth, TAOCP 3, 6.4), once for each number
        x, y = ((values[given] + 0.0).view(np.uint64) for values in (lon, lat))
        golden = np.uint64(0x9E3779B97F4A7C15)
        slot = ((x * golden ^ y) * golden) >> np.uint64(64 - SLOTS.bit_length() + 1)
        np.add.at(self._count, slot, 1)

    @property
    def highest(self) -> int:
        """Never less than there truly are on any one coordinate; more where two share a slot."""
        return int(self._count.max())
