"""What moved from which grid to which between a month as it was placed and as it is re-cut to an edition.

Of public categories only: between two neighbours few move, and a table of private ones would tell of each in
which part of its grid it lies (statistics.masking: publish one of two tables).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Edition, Jurisdiction
from gridmap.reports.categories import vocabulary
from gridmap.settings import Settings
from gridmap.statistics import store as statistics
from gridmap.statistics.months import month_span
from gridmap.statistics.moving import store
from gridmap.statistics.moving.store import Moved
from gridmap.statistics.private.hiding import refuse_second
from gridmap.statistics.private.store import private


@dataclass(frozen=True, slots=True)
class Moves:
    """A month's reports of public categories. `moved` are those that lie in a grid of another code than they
    were placed in (None: in no grid), by both codes; the others, `stayed`, keep their code, whatever became
    of its boundary."""

    month: date
    edition: Edition
    moved: tuple[Moved, ...]
    stayed: int

    @property
    def reports(self) -> int:
        return self.stayed + sum(row.reports for row in self.moved)


def moves(
    connection: Connection,
    settings: Settings,
    jurisdiction: Jurisdiction,
    month: date,
    edition: int,
    category: str | None = None,
) -> Moves:
    """What moved in a month (its first day) between its own grids and those of an edition.

    Raises NotFound(field="edition"), BadInput where it is not one of grids, and for a category that is not
    known, or private.
    """
    code, span = jurisdiction.code, month_span(jurisdiction, month)
    chosen = areas.choose_edition(areas.editions(connection, code), edition)
    hidden = private(connection, code)
    if category is not None:
        vocabulary(connection, code).check(category)
        if category in hidden:
            refuse_second(category, edition, None)
    there, cut = (
        sum(row.reports for _, row in statistics.as_placed(connection, jurisdiction, span, category, cut=of))
        for of in (0, edition)
    )
    rows = store.moves(
        connection,
        jurisdiction,
        edition,
        span,
        category,
        but=hidden,
        kept=cut == there,
        tolerance_m=settings.nearest_tolerance_m,
    )
    moved = tuple(row for row in rows if row.code != row.to_code)
    return Moves(month, chosen, moved, sum(row.reports for row in rows if row.code == row.to_code))
