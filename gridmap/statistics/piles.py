"""Where to look for piles (many reports on exactly one coordinate) without reading a month's reports.

Only a cell that holds as many reports as a pile can hold one. Where such cells hold more reports than may be
read, those are looked into that stand out most from the cells around them.
"""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.geometry.cells import corners
from gridmap.statistics import store
from gridmap.statistics.model import CellCounts, Pile

# Reports of a month that are read, 0.1 s of the database. The surface hardly shows what is passed over for
# it: a cell that holds twice what those around it hold adds 0.4 % to the surface there.
READ_MOST = 30_000


def piles(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    category: str | None,
    counted: CellCounts,
    least: int,
    *,
    as_of: datetime | None = None,
    public: bool = False,
) -> tuple[tuple[Pile, ...], bool]:
    """Coordinates on which at least `least` reports of the span lie exactly, most first; and whether all.

    `counted` are the cells of that span and category, of what was recorded until `as_of`, without private
    ones if `public`. All piles are found while the cells that can hold one have at most READ_MOST reports
    together.
    """
    chosen = suspects(counted, least, READ_MOST)
    boxes = corners(counted.x[chosen], counted.y[chosen], counted.level)
    found = store.piles(connection, jurisdiction, *span, category, least, boxes, as_of=as_of, public=public)
    return found, len(chosen) == np.count_nonzero(counted.reports >= least)


def suspects(counted: CellCounts, least: int, read_most: int) -> NDArray[np.intp]:
    """Which cells to look into for piles of at least `least`, the one that stands out most first."""
    able = np.flatnonzero(counted.reports >= least)
    if counted.reports[able].sum() <= read_most:
        return able
    excess = counted.reports[able] - around(counted)[able]
    able = able[np.argsort(-excess, kind="stable")]
    read = np.cumsum(counted.reports[able])
    return able[(read <= read_most) | (np.arange(len(able)) == 0)]


def around(counted: CellCounts) -> NDArray[np.float64]:
    """The mean of the eight cells around each, of which those that are not there hold nothing."""
    key = counted.x.astype(np.int64) << 32 | counted.y
    order = np.argsort(key)
    key, reports = key[order], counted.reports[order]
    total = -reports
    for east in (-1, 0, 1):
        for south in (-1, 0, 1):
            wanted = key + (east << 32) + south
            at = np.minimum(np.searchsorted(key, wanted), len(key) - 1)
            total = total + np.where(key[at] == wanted, reports[at], 0)
    mean = np.empty(len(key))
    mean[order] = total / 8
    return mean
