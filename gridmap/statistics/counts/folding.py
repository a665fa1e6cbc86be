"""Folding the deltas of committed transactions into the rollup of monthly counts.

Intake appends deltas, so that reports of one busy grid do not queue for one row; whoever reads adds rollup
and deltas. The fewer deltas, the faster that is: the service folds every minute, an import when it is done.
"""

from __future__ import annotations

from gridmap.database.sessions import Database
from gridmap.statistics.counts import store


def fold(database: Database) -> int | None:
    """Fold in a transaction of its own; -> how many deltas, or None while another process does it."""
    with database.reading() as connection:
        if not store.waiting(connection):
            return 0
    with database.writing() as connection:
        return store.fold(connection)
