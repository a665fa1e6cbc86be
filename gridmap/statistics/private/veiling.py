"""A month's map of a private category as it may be shown: small counts masked, no place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import numpy as np
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.statistics.model import NO_DOUBT, CellCounts, MonthHeat
from gridmap.statistics.private.hiding import hidden
from gridmap.statistics.shown import Shown


def veiled(
    connection: Connection,
    jurisdiction: Jurisdiction,
    heat: MonthHeat,
    shown: Shown,
    by_code: Mapping[str, int],
    previous: Mapping[str, int],
) -> MonthHeat:
    """`heat` without what is hidden; `by_code` and `previous` are both months cut to the map's grids.

    The month before is hidden as on its own map. Totals of the district stay: of all, and by the ways of
    placement but "outside", which is a place.
    """
    assert heat.category is not None
    code, earlier = heat.category.code, (heat.month - timedelta(days=1)).replace(day=1)
    now = hidden(connection, jurisdiction, heat.month, code).among(shown, by_code)
    before = hidden(connection, jurisdiction, earlier, code).among(shown, previous)
    nothing = np.zeros(0, np.int32)
    return replace(
        heat,
        grids=tuple(
            replace(
                grid,
                count=None if grid.code in now else grid.count,
                previous=None if grid.code in before else grid.previous,
            )
            for grid in heat.grids
        ),
        outside=None if None in now else heat.outside,
        cells=CellCounts(heat.cells.level, nothing, nothing, nothing.astype(np.int64)),
        piles=(),
        doubtful=NO_DOUBT,
        doubtful_in=nothing.astype(np.int64),
        private=True,
    )
