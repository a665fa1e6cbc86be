"""Tiles of reports: cells with their counts, and from level POINTS_FROM the reports themselves."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.geometry.vector_tile import EXTENT, counts, layer, points
from gridmap.statistics.monthly import month_span
from gridmap.statistics.store import cells
from gridmap.tiles import store
from gridmap.tiles.model import POINTS_FROM, Tile

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
    it, and where there are more than MOST_POINTS, a layer `cells` of at most 64 × 64 points, each the middle
    of a square of the tile, with CELL_FIELDS. So no tile is over MOST_BYTES. Private categories are in none.
    """
    if tile.z >= POINTS_FROM:
        first, last = month_span(owner, first_month)[0], month_span(owner, last_month)[1]
        return store.reports(connection, owner.code, first, last, category, tile, EXTENT >> FINER)
    west, north = tile.x << FINER, tile.y << FINER
    column, row, reports = cells(
        connection,
        owner.code,
        first_month,
        last_month,
        category,
        level=tile.z + FINER,
        bounds=(west, north, west + (1 << FINER), north + (1 << FINER)),
        public=True,
    )
    order = (row.astype("i8") << 32 | column).argsort()  # the same bytes from every worker
    side = EXTENT >> FINER
    x, y = ((v.astype("i8")[order] * side + side // 2) for v in (column - west, row - north))
    return layer("cells", points(x, y), {"reports": counts(reports[order])})
