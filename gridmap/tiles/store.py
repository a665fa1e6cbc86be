"""All SQL of tiles. Reads only."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.geometry.cells import corners
from gridmap.geometry.vector_tile import EXTENT
from gridmap.tiles.model import MOST_POINTS, Tile

# Units of the tile are rounded down: a report belongs to one tile alone, and clients drop what lies on the
# far edge. The box in degrees, a hair wider, is what the index on geom serves.
REPORTS = sa.text(
    """
    WITH inside AS MATERIALIZED (
        SELECT r.id, r.category, unit.x, unit.y
        FROM report r CROSS JOIN LATERAL (
            SELECT floor(((ST_X(r.geom) + 180) / 360 * :across - :x) * :extent)::integer AS x,
                   floor(((1 - asinh(tan(radians(ST_Y(r.geom)))) / pi()) / 2 * :across - :y)
                         * :extent)::integer AS y
        ) unit
        WHERE r.jurisdiction = :jurisdiction AND r.occurred_at >= :first AND r.occurred_at < :last
          AND (CAST(:category AS text) IS NULL OR r.category = :category)
          AND r.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326)
          AND unit.x >= 0 AND unit.x < :extent AND unit.y >= 0 AND unit.y < :extent
    )
    SELECT CASE WHEN (SELECT count(*) FROM inside) <= :most THEN (
        SELECT ST_AsMVT(point, 'reports', :extent, 'geom' ORDER BY point.id COLLATE "C") FROM (
            SELECT ST_Point(x, y) AS geom, id::text, category FROM inside
        ) point
    ) ELSE (
        SELECT ST_AsMVT(cell, 'cells', :extent, 'geom' ORDER BY cell.geom) FROM (
            SELECT ST_Point(x / :side * :side + :side / 2, y / :side * :side + :side / 2) AS geom,
                   count(*) AS reports
            FROM inside GROUP BY x / :side, y / :side
        ) cell
    ) END
    """
)


def reports(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    category: str | None,
    tile: Tile,
    side: int,
) -> bytes:
    """Reports of first <= occurred_at < last as a vector tile: a layer `reports`, or `cells` if too many.

    Cells are squares of `side` units, each a point in its middle.
    """
    west, south, east, north = corners([tile.x], [tile.y], tile.z)[0].tolist()
    found = connection.execute(
        REPORTS,
        {
            "jurisdiction": jurisdiction,
            "first": first,
            "last": last,
            "category": category,
            "across": 1 << tile.z,
            "x": tile.x,
            "y": tile.y,
            "extent": EXTENT,
            "side": side,
            "most": MOST_POINTS,
            "west": west,
            "south": south,
            "east": east,
            "north": north,
        },
    ).scalar_one()
    return bytes(found or b"")
