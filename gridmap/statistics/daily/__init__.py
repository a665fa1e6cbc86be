"""A month day by day: how many reports each area of its map had on each day. Read by rows, for one month."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, NotFound
from gridmap.reports.categories import vocabulary
from gridmap.statistics.daily import store
from gridmap.statistics.monthly import last_day, month_span
from gridmap.statistics.private.store import private
from gridmap.statistics.shown import shown_on
from gridmap.statistics.store import codes


@dataclass(frozen=True, slots=True)
class Daily:
    """Reports of a month's `days` days by the area of its map that they were placed in, only of areas that
    had any; `elsewhere` those in none of them. Days are those of the jurisdiction's time zone."""

    month: date
    days: int
    counts: Mapping[str, tuple[int, ...]]  # by code, in its order
    elsewhere: tuple[int, ...]


def daily(database: Database, jurisdiction: Jurisdiction, month: date, category: str | None = None) -> Daily:
    """A month day by day, as placed on the day.

    Raises NotFound without grids, BadInput for a category not known, or private: a grid's day is people.
    """
    days, code = last_day(month).day, jurisdiction.code
    with database.reading() as connection:
        if category is not None:
            vocabulary(connection, code).check(category)
            if category in private(connection, code):
                raise BadInput(f"{category} is private and not shown day by day", field="category")
        shown = shown_on(connection, code, last_day(month))
        if shown is None:
            raise NotFound(f"{code} has no grids in {month:%Y-%m}; import them", field="month")
        rows = store.by_day(
            connection, code, month_span(jurisdiction, month), jurisdiction.time_zone, category
        )
        named = codes(connection, rows["grid"])
    place = {area.code: at for at, area in enumerate(shown.areas)}
    of_grid = shown.of_grid or {grid: grid for grid in named.values()}
    row = np.array(
        [place.get(of_grid.get(named.get(v, ""), ""), -1) for v in rows["grid"].tolist()], np.int64
    )
    table = np.zeros((len(place) + 1, days), np.int64)  # the last row: elsewhere
    np.add.at(table, (row, rows["day"] - 1), rows["reports"])
    told = {area.code: tuple(table[at].tolist()) for at, area in enumerate(shown.areas) if table[at].any()}
    return Daily(month, days, told, tuple(table[-1].tolist()))
