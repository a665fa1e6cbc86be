"""Proving the monthly counts: every month is counted anew from its rows and compared.

The counts near an edge are those of the setting GRIDMAP_NEAR_EDGE_M at the time of intake: after a change of
it, `mend` once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.geometry.cells import cells
from gridmap.settings import Settings
from gridmap.statistics.counts import store
from gridmap.statistics.counts.recutting import recut
from gridmap.statistics.counts.spans import pieces
from gridmap.statistics.months import month_span, next_month

CELL = ("category", "x", "y", "grid", "community")  # what the reports of a cell are told apart by


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a month's counts are off by; nothing when they are right. `cells` differ by so many reports."""

    month: date
    reports: int  # by the rows
    differences: tuple[store.Difference, ...]
    cells: int

    @property
    def right(self) -> bool:
        return not self.differences and not self.cells


def verify(connection: Connection, jurisdiction: Jurisdiction, settings: Settings) -> Iterator[Verdict]:
    """Each month that has a report or a count, in order, as this transaction sees it."""
    known = store.categories(connection, jurisdiction.code)
    cuts = store.cuts(connection, jurisdiction.code)
    for month, counted in _months(connection, jurisdiction):
        span = month_span(jurisdiction, month)
        differences = [
            difference
            for cut in (0, *cuts)
            for difference in store.recount(
                connection, jurisdiction.code, month, span, settings.near_edge_m, cut
            )
        ]
        told, reports = cells_told(connection, jurisdiction, month, known, counted)
        kept = store.cells_kept(connection, jurisdiction.code, month, known)
        yield Verdict(month, reports, tuple(differences), _apart(kept, told))


def mend(database: Database, jurisdiction: Jurisdiction, verdict: Verdict) -> None:
    """Count a month that differs anew from its rows, and keep that; a cut that differs is cut again.

    Who stores reports waits meanwhile.
    """
    month, code = verdict.month, jurisdiction.code
    cuts = {difference.cut for difference in verdict.differences}
    if verdict.cells or 0 in cuts:
        with database.writing() as connection:
            span = month_span(jurisdiction, month)
            store.replace_counts(connection, code, month, span, database.settings.near_edge_m)
            known = store.categories(connection, code)
            told, _ = cells_told(connection, jurisdiction, month, known, verdict.reports)
            store.replace_cells(connection, code, month, told, known)
    for cut in sorted(cuts - {0}):
        recut(database, jurisdiction, cut, first=month, last=month)


def cells_told(
    connection: Connection, jurisdiction: Jurisdiction, month: date, known: tuple[str, ...], about: int
) -> tuple[store.Arrays, int]:
    """The cells of a month by its rows (arrays as `store.cells_kept`), and how many reports it has.

    `about` so many are expected; they are read in pieces accordingly.
    """
    span = month_span(jurisdiction, month)
    total = 0
    found: list[NDArray[np.int64]] = [np.empty((0, len(CELL) + 1), np.int64)]
    for rows in store.stored(connection, jurisdiction.code, pieces(span, about), known):
        total += len(rows["id"])
        located = ~np.isnan(rows["lon"])
        x, y = cells(rows["lon"][located], rows["lat"][located])
        areas = [rows[name][located] for name in ("grid", "community")]
        keys, count = np.unique(
            np.column_stack([rows["category"][located], x, y, *areas]), axis=0, return_counts=True
        )
        found.append(np.column_stack([keys, count]).astype(np.int64))
    return _summed(np.concatenate(found)), total


def _summed(rows: NDArray[np.int64]) -> store.Arrays:
    """Rows of CELL and reports with those of one cell added up, and none of 0."""
    keys, which = np.unique(rows[:, :-1], axis=0, return_inverse=True)
    reports = np.bincount(which, weights=rows[:, -1], minlength=len(keys)).astype(np.int64)
    some = reports != 0
    return dict(zip(CELL, keys[some].T, strict=True)) | {"reports": reports[some]}


def _apart(kept: store.Arrays, told: store.Arrays) -> int:
    """How many reports lie in other cells than is kept."""
    rows = [
        np.column_stack([*(each[name].astype(np.int64) for name in CELL), sign * each["reports"]])
        for each, sign in ((kept, 1), (told, -1))
    ]
    return int(np.abs(_summed(np.concatenate(rows))["reports"]).sum())


def _months(connection: Connection, jurisdiction: Jurisdiction) -> list[tuple[date, int]]:
    """Every month that has a row or a count, and its reports by the counts."""
    found = dict(store.months(connection, jurisdiction.code))
    if span := store.stored_months(connection, jurisdiction.code):
        first, last = (moment.astimezone(jurisdiction.zone).date().replace(day=1) for moment in span)
        while first <= last:
            found.setdefault(first, 0)
            first = next_month(first)
    return sorted(found.items())
