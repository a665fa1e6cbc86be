"""The figures of a month's map, area by area: per building, and against last month and last year."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.statistics.cuts import by_code, cut_to
from gridmap.statistics.figures import GridFigures, figures
from gridmap.statistics.left_out import index_of
from gridmap.statistics.model import MonthHeat
from gridmap.statistics.months import last_day, next_month
from gridmap.statistics.private.hiding import hidden
from gridmap.statistics.shown import shown_on


def month_figures(database: Database, jurisdiction: Jurisdiction, heat: MonthHeat) -> tuple[GridFigures, ...]:
    """Of each area of `heat`, in its order; None where masked, and before the jurisdiction's first report."""
    year, last_month = next_month(heat.month, -12), next_month(heat.month, -1)
    first = heat.first_month or heat.month
    with database.reading() as connection:
        houses = buildings_in(connection, jurisdiction, heat)
        year_before = _counts(connection, database, jurisdiction, heat, year) if first <= year else None
    return figures(
        [grid.code for grid in heat.grids],
        [grid.count for grid in heat.grids],
        [grid.area_km2 for grid in heat.grids],
        buildings=houses,
        last_month=[grid.previous for grid in heat.grids] if first <= last_month else None,
        last_year=year_before,
    )


def buildings_in(connection: Connection, jurisdiction: Jurisdiction, heat: MonthHeat) -> list[int] | None:
    """How many buildings stood in each area of `heat` on the month's last day; None where none is known."""
    day = last_day(heat.month)
    houses = areas.areas(connection, jurisdiction.code, kind="building", day=day, as_of=heat.as_of)
    if not houses:
        return None
    inside = [house.geometry.representative_point() for house in houses]
    held = index_of(heat.grids, len(inside)).covers([p.x for p in inside], [p.y for p in inside])
    found: list[int] = np.bincount(held[held >= 0], minlength=len(heat.grids)).tolist()
    return found


def _counts(
    connection: Connection, database: Database, jurisdiction: Jurisdiction, heat: MonthHeat, month: date
) -> Sequence[int | None] | None:
    """Another month cut to the areas of `heat`, masked as on its own map."""
    shown = shown_on(
        connection, jurisdiction.code, last_day(heat.month), as_of=heat.as_of, edition=heat.recut
    )
    if shown is None:
        return None
    category = heat.category.code if heat.category else None
    cut = cut_to(connection, database, jurisdiction, shown.edition, month, category, as_of=heat.as_of)
    counted = by_code(cut)
    by_area = shown.summed(counted)
    away: frozenset[str | None] = frozenset()
    if heat.private and category:
        away = hidden(connection, jurisdiction, month, category).among(shown, counted)
    return [None if grid.code in away else by_area[grid.code] for grid in heat.grids]
