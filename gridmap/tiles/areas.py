"""Tiles of areas, made in memory from a sheet of the atlas: no database is asked.

PostGIS (ST_AsMVT) took 0.9 ms for the demonstration's grids at level 13, beside 0.6 ms of asking it; this
takes 0.3 ms. A test compares the two.
"""

from __future__ import annotations

import numpy as np
import shapely

from gridmap.areas.sheets import Sheet
from gridmap.geometry.vector_tile import EXTENT, Ints, layer, polygons, words
from gridmap.tiles.model import MOST_BYTES, Tile

BUFFER = 64  # units drawn beyond the tile, so that outlines do not show where tiles meet


def rows_in(sheet: Sheet, tile: Tile) -> Ints:
    """Rows of the sheet's versions whose boxes touch the tile or its rim."""
    across, rim = 1 << tile.z, BUFFER / EXTENT
    # 70 boxes are compared sooner than a tree is asked, 100,000 in a millisecond
    west, north, east, south = sheet.plane[1]
    return np.flatnonzero(
        (west <= (tile.x + 1 + rim) / across)
        & (east >= (tile.x - rim) / across)
        & (north <= (tile.y + 1 + rim) / across)
        & (south >= (tile.y - rim) / across)
    )


def area_tile(sheet: Sheet, kind: str, tile: Tile, rows: Ints) -> bytes:
    """These rows as a tile: one layer named by the kind, with AREA_FIELDS; without any no byte.

    Where it would be over MOST_BYTES the smallest areas are left out: there they are hardly dots.
    """
    while True:
        made = _layer(sheet, kind, tile, rows)
        if len(made) <= MOST_BYTES:
            return made
        most = int(len(rows) * 0.9 * MOST_BYTES / len(made))
        largest = np.argsort(-shapely.area(sheet.plane[0][rows]), kind="stable")
        rows = np.sort(rows[largest[:most]])


def _layer(sheet: Sheet, kind: str, tile: Tile, rows: Ints) -> bytes:
    if not len(rows):
        return b""
    shapes, seen = polygons(sheet.plane[0][rows], tile.z, tile.x, tile.y, BUFFER)
    shown = [sheet.versions[row] for row in rows[seen].tolist()]
    return layer(
        kind,
        shapes,
        {
            "code": words([each.code for each in shown]),
            "name": words([each.name for each in shown]),
            "parent": words([each.parent_code for each in shown]),
        },
    )
