"""Tiles of reports: cells with their counts, and from level POINTS_FROM the reports themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.geometry.cells import LEVEL
from gridmap.geometry.vector_tile import EXTENT, counts, layer, plane, points, uuids, words
from gridmap.statistics.months import month_span
from gridmap.statistics.store import cells
from gridmap.tiles import store
from gridmap.tiles.model import MOST_POINTS, POINTS_FROM, Tile

Whole = NDArray[np.integer[Any]]
FINER = 6  # 2^6 = 64 cells along a tile's side: 4 of its 256 pixels each


def report_tile(
    connection: Connection,
    owner: Jurisdiction,
    first_month: date,
    last_month: date,
    category: str | None,
    tile: Tile,
) -> bytes:
    """The located reports of some months (first days, both included) as a tile; without any no byte.

    From level POINTS_FROM a layer `reports` of points with REPORT_FIELDS, each in exactly one tile. Before
    it, and where there are more than MOST_POINTS in the tile and a hair around it, a layer `cells` of at
    most 64 × 64 points, each the middle of a square of the tile, with CELL_FIELDS. So no tile is over
    MOST_BYTES. Private categories are in none.
    """
    level = tile.z + FINER
    if tile.z >= POINTS_FROM:
        first, last = month_span(owner, first_month)[0], month_span(owner, last_month)[1]
        wanted = store.Wanted(owner.code, first, last, category, tile)
        found = store.points(connection, wanted)
        if found is None:
            return b""
        if len(found[0]) <= MOST_POINTS:
            return _points(*found, tile)
        if level > LEVEL:  # finer than the counts that are kept
            squares = store.cells(connection, wanted, EXTENT >> FINER)
            return _cells(squares["x"], squares["y"], squares["reports"]) if squares else b""
    west, north = tile.x << FINER, tile.y << FINER
    bounds = west, north, west + (1 << FINER), north + (1 << FINER)
    column, row, reports = cells(
        connection, owner.code, first_month, last_month, category, level=level, bounds=bounds, public=True
    )
    return _cells(column - west, row - north, reports)


def _points(categories: Sequence[str], found: store.Arrays, tile: Tile) -> bytes:
    ids, lonlat = found["id"], np.column_stack([found["lon"], found["lat"]])
    # rounded down: a report belongs to one tile alone, and clients drop what lies on the far edge
    units = (plane(lonlat) * (1 << tile.z) - (tile.x, tile.y)) * EXTENT
    x, y = np.floor(units).astype(np.int64).T
    high, low = ids.view(">u8").reshape(-1, 2).T
    order = np.lexsort([low, high])  # the same bytes from every worker
    rows = order[((x >= 0) & (x < EXTENT) & (y >= 0) & (y < EXTENT))[order]]
    shown = {
        "id": uuids(ids[rows].view(np.uint8).reshape(-1, 16)),
        "category": words([categories[row] for row in rows.tolist()]),
    }
    return layer("reports", points(x[rows], y[rows]), shown)


def _cells(column: Whole, row: Whole, reports: Whole) -> bytes:
    """Squares of the tile, numbered from its north-western one, each a point in its middle."""
    order = (row.astype("i8") << 32 | column).argsort()  # the same bytes from every worker
    side = EXTENT >> FINER
    x, y = (each.astype("i8")[order] * side + side // 2 for each in (column, row))
    return layer("cells", points(x, y), {"reports": counts(reports[order])})
