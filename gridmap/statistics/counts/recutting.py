"""Cutting stored reports to another edition of the grids than that of their own day.

A report keeps its placement for good. A cut says beside it where the report lies in the grids of one
edition: its point is located there (covers, on a shared edge the smallest code, else the nearest within the
tolerance); one without a point keeps its grid where the edition has one of that code. The counts of a cut are
appended in the same transaction, a month at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from gridmap.areas import store as areas
from gridmap.areas.model import Edition, Jurisdiction
from gridmap.database.sessions import Database
from gridmap.reports.counting import counted, summed
from gridmap.reports.cutting import lie
from gridmap.reports.intake import held_atlas
from gridmap.reports.store import add_deltas, hold_cuts
from gridmap.statistics.counts import store
from gridmap.statistics.counts.spans import pieces
from gridmap.statistics.months import month_span
from gridmap.tabular import read_ahead


@dataclass(frozen=True, slots=True)
class Recut:
    """What was cut: how many reports, and how many of them lie in a grid of another code than before."""

    edition: Edition
    months: int
    reports: int
    moved: int


def recut(
    database: Database,
    jurisdiction: Jurisdiction,
    edition: int,
    *,
    first: date | None = None,
    last: date | None = None,
    progress: Callable[[int], None] = lambda reports: None,
) -> Recut:
    """Cut the reports of all months, or of those from `first` to `last` (first days), to an edition of grids.

    Each month is one transaction that replaces an earlier cut of it. `progress` hears how many reports are
    done. Raises NotFound(field="edition"), BadInput where it is not one of grids.
    """
    with database.reading() as connection:
        chosen = areas.choose_edition(areas.editions(connection, jurisdiction.code), edition)
        months = store.months(connection, jurisdiction.code)
    done = moved = 0
    wanted = [m for m in months if (first is None or m[0] >= first) and (last is None or m[0] <= last)]
    for month, reports in wanted:
        cut, elsewhere = _cut_month(database, jurisdiction, chosen, month, reports)
        done, moved = done + cut, moved + elsewhere
        progress(done)
    return Recut(chosen, len(wanted), done, moved)


def _cut_month(
    database: Database, jurisdiction: Jurisdiction, edition: Edition, month: date, reports: int
) -> tuple[int, int]:
    span = month_span(jurisdiction, month)
    done = moved = 0
    with database.writing() as connection, database.reading() as source:
        atlas = held_atlas(connection, jurisdiction, database.settings)
        atlas = replace(atlas, sheets={kind: atlas.sheets[kind] for kind in ("grid", "community")})
        hold_cuts(connection, jurisdiction.code, month, cutting=True)
        known = store.categories(connection, jurisdiction.code)
        stored = store.stored(source, jurisdiction.code, pieces(span, reports), known)
        # the next reports are read and located while the server deletes and copies
        with read_ahead((rows, lie(rows, edition, atlas)) for rows in stored) as located:
            store.forget_cut(connection, jurisdiction.code, edition.id, month, span)
            for rows, lies in located:
                near_edge = lies.edge_distance_m < database.settings.near_edge_m
                store.copy_cut(connection, edition.id, rows, lies.grid, lies.method, near_edge)
                deltas = counted(
                    month=np.full(len(lies.grid), np.datetime64(month, "M")),
                    grid_version=lies.grid,
                    community_version=lies.community,
                    category=rows["category"].astype(np.int64),
                    method=lies.method,
                    lon=np.full(len(lies.grid), np.nan),  # the cells are those of the rows themselves
                    lat=np.full(len(lies.grid), np.nan),
                    near_edge=near_edge,
                )
                add_deltas(connection, jurisdiction.code, summed([deltas]), known, cut=edition.id)
                done += len(lies.grid)
                moved += lies.moved
    return done, moved
