"""All SQL of tiles. Reads only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from gridmap.database.copying import as_sqlalchemy, driver_of
from gridmap.geometry.cells import corners
from gridmap.geometry.vector_tile import EXTENT
from gridmap.tiles.model import MOST_POINTS, Tile

# Units of the tile are rounded down: a report belongs to one tile alone, and clients drop what lies on the
# far edge. The box in degrees, a hair wider, is what the index on geom serves. OFFSET 0: the units are worked
# out once for a row. Sorted, so that every worker gives the same bytes.
REPORTS = """
    WITH inside AS MATERIALIZED (
        SELECT * FROM (
            SELECT r.id, r.category,
                   floor(((ST_X(r.geom) + 180) / 360 * %(across)s - %(x)s) * %(extent)s)::integer AS x,
                   floor(((1 - asinh(tan(radians(ST_Y(r.geom)))) / pi()) / 2 * %(across)s - %(y)s)
                         * %(extent)s)::integer AS y
            FROM report r
            WHERE r.jurisdiction = %(jurisdiction)s
              AND r.occurred_at >= %(first)s AND r.occurred_at < %(last)s
              AND (CAST(%(category)s AS text) IS NULL OR r.category = %(category)s)
              AND NOT r.category = ANY (ARRAY(
                  SELECT code FROM category
                  WHERE private AND coalesce(jurisdiction, %(jurisdiction)s) = %(jurisdiction)s))
              AND r.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
            OFFSET 0
        ) near
        WHERE x >= 0 AND x < %(extent)s AND y >= 0 AND y < %(extent)s
    )
    SELECT CASE WHEN (SELECT count(*) FROM inside) <= %(most)s THEN (
        SELECT ST_AsMVT(point, 'reports', %(extent)s, 'geom') FROM (
            SELECT ST_Point(x, y) AS geom, id::text, category FROM inside ORDER BY inside.id
        ) point
    ) ELSE (
        SELECT ST_AsMVT(cell, 'cells', %(extent)s, 'geom') FROM (
            SELECT ST_Point(x / %(side)s * %(side)s + %(side)s / 2,
                            y / %(side)s * %(side)s + %(side)s / 2) AS geom, count(*) AS reports
            FROM inside GROUP BY x / %(side)s, y / %(side)s ORDER BY y / %(side)s, x / %(side)s
        ) cell
    ) END
    """


def reports(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    category: str | None,
    tile: Tile,
    side: int,
) -> bytes:
    """Public reports of first <= occurred_at < last as a vector tile: a layer `reports`, or `cells`.

    Cells are squares of `side` units, each a point in its middle.
    """
    west, south, east, north = corners([tile.x], [tile.y], tile.z)[0].tolist()
    parameters = {
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
    }
    # never prepared: a plan for any month has all months in it, and took twice as long
    with as_sqlalchemy(connection, REPORTS):
        found = driver_of(connection).execute(REPORTS, parameters, prepare=False, binary=True).fetchone()
    return bytes(found[0]) if found and found[0] else b""
