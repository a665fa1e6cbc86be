"""A month's cells, and which months had a report, as of a moment of recording."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.geometry.cells import LEVEL, cells
from gridmap.statistics import store
from gridmap.statistics.asof import store as asof
from gridmap.statistics.counts import store as counts
from gridmap.statistics.counts.spans import pieces
from gridmap.statistics.model import CellCounts
from gridmap.statistics.months import month_span
from gridmap.statistics.private.store import private


def month_cells(
    connection: Connection,
    jurisdiction: Jurisdiction,
    month: date,
    category: str | None,
    level: int,
    as_of: datetime | None = None,
    *,
    public: bool = False,
) -> CellCounts:
    """The cells of a month's located reports (of those recorded until `as_of`), by column and row.

    `public`: without private categories.
    """
    code = jurisdiction.code
    x, y, reports = store.cells(connection, code, month, month, category, level=level, public=public)
    found: list[tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]] = [(x, y, reports)]
    if as_of is not None:
        spans = pieces(month_span(jurisdiction, month), int(reports.sum()))
        but = private(connection, code) if public else ()
        for lon, lat in asof.late_points(connection, code, spans, category, as_of, but=but):
            late_x, late_y = (each >> (LEVEL - level) for each in cells(lon, lat))
            found.append((late_x, late_y, np.full(len(lon), -1, np.int64)))
    # in order, so that sums over them are the same to the last bit, however the server found them
    x, y, reports = (np.concatenate(columns) for columns in zip(*found, strict=True))
    key, which = np.unique(x.astype(np.int64) << 32 | y, return_inverse=True)
    total = np.bincount(which, weights=reports, minlength=len(key)).astype(np.int64)
    key, total = key[total != 0], total[total != 0]
    return CellCounts(level, (key >> 32).astype(np.int32), (key & 0xFFFFFFFF).astype(np.int32), total)


def months_with_reports(
    connection: Connection, jurisdiction: Jurisdiction, as_of: datetime | None = None
) -> tuple[date, date] | None:
    """First and last month with a report (of those recorded until `as_of`)."""
    found = [month for month, _ in counts.months(connection, jurisdiction.code)]
    if as_of is not None:
        spans = [(month, *month_span(jurisdiction, month)) for month in found]
        found = asof.months(connection, jurisdiction.code, spans, as_of)
    return (found[0], found[-1]) if found else None
