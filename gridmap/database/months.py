"""The monthly partitions (UTC) of the table of reports: made ahead, or when first needed; for good.

They are tables of the owner's. Two functions of migration 0019 make them for the role that only adds, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from datetime import date

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.database.turns import hold

MONTHS_AHEAD = 3
AHEAD_LOCK_TIMEOUT = "1s"


def make_ahead(connection: Connection, today: date) -> None:
    """Make the month of `today` (UTC) and the next MONTHS_AHEAD, so that no report waits for that.

    In a transaction of its own. A month that another transaction is about, a long import perhaps, is left to
    that: waiting for it would hold up the start of the service.
    """
    connection.execute(sa.text(f"SET LOCAL lock_timeout = '{AHEAD_LOCK_TIMEOUT}'"))
    month = today.replace(day=1)
    for _ in range(MONTHS_AHEAD + 1):
        with suppress(sa.exc.OperationalError), connection.begin_nested():
            make_months(connection, [month])
        month = _following(month)


def make_months(connection: Connection, months: Iterable[date]) -> None:
    """Make the monthly partitions (UTC) that these first days of months need, where missing."""
    for month in sorted(set(months)):
        if open_month(connection, month):
            attach_month(connection, month)


def open_month(connection: Connection, month: date) -> bool:
    """Make the table of a month that is missing, apart: without an index, and not yet a part of `report`.

    -> False when it is there. Another transaction that wants the same month waits for this one.
    """
    if month_exists(connection, month):
        return False
    hold(connection, _partition(month))
    if month_exists(connection, month):  # another process was faster
        return False
    connection.execute(sa.select(sa.func.open_report_month(month)))
    return True


def attach_month(connection: Connection, month: date) -> None:
    """Index the table of a month, make it a part of `report`, and count the statistics that plans go by.

    Readers and writers of other months need not wait for that; CREATE … PARTITION OF would lock all.
    """
    connection.execute(sa.select(sa.func.attach_report_month(month)))


def month_exists(connection: Connection, month: date) -> bool:
    # asks the catalogue's rows: to_regclass would answer from a cache that misses what others just made
    found = sa.text(
        "SELECT 1 FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = 'report'::regclass AND relname = :name"
    )
    return connection.scalar(found, {"name": _partition(month)}) is not None


def _following(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _partition(month: date) -> str:
    return f"report_{month:%Y_%m}"


class Months:
    """Which months of `report` a long transaction may copy into, made as they are needed.

    A month that is missing is filled without indexes and attached at the end: building an index over all rows
    costs a fraction of growing it row by row.
    """

    def __init__(self, connection: Connection):
        self._connection = connection
        self._there: set[date] = set()
        self._new: list[date] = []

    def tables(self, months: NDArray[np.datetime64]) -> list[tuple[str, NDArray[np.bool_]]]:
        """(table, which rows) to copy n rows into; `months` are datetime64[M] in UTC."""
        apart = np.zeros(len(months), bool)
        tables = []
        for each in np.unique(months):
            month: date = each.astype("datetime64[D]").item()
            if month not in self._there and month not in self._new:
                if open_month(self._connection, month):
                    self._new.append(month)
                else:
                    self._there.add(month)
            if month in self._new:
                mine = months == each
                apart |= mine
                tables.append((_partition(month), mine))
        return [("report", ~apart), *tables] if not apart.all() else tables

    def attach(self) -> None:
        for month in sorted(self._new):
            attach_month(self._connection, month)
        self._new.clear()
