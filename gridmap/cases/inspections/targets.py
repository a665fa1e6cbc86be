"""Where what is inspected lies: a building or place by a point inside, placed as a report there would be."""

from __future__ import annotations

from datetime import date

import numpy as np
from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas
from gridmap.cases.inspections import store
from gridmap.cases.inspections.model import PLACED, Target


def targets(
    connection: Connection, jurisdiction: str, atlas: Atlas, kind: str, day: date, code: str | None = None
) -> dict[str, Target]:
    """Code -> the building or place, of all that there are on a day, or of the one that is asked for."""
    rows = store.whereabouts(connection, jurisdiction, kind, day, code)
    lon, lat = np.array([row[2:] for row in rows], dtype=float).reshape(-1, 2).T
    placed = atlas.place(lon, lat, [day] * len(rows), distances=False)
    ids = {of: getattr(placed, of).tolist() for of in PLACED}
    found = {}
    for number, (code, name, x, y) in enumerate(rows):
        areas = {of: atlas.by_id[ids[of][number]] for of in PLACED if ids[of][number]}
        found[code] = Target(kind, code, name, (x, y), areas)
    return found
