"""All SQL of tiles. Reads only."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.areas.store import check_kind
from gridmap.tiles.model import Tile

EXTENT = 4096  # units along a tile's side
BUFFER = 64  # units drawn beyond it, so that outlines do not show where tiles meet

# the search box carries the buffer, and is turned to degrees once, so that the index on geom serves
AREAS = sa.text(
    """
    WITH tile AS (
        SELECT ST_TileEnvelope(:z, :x, :y) AS box,
               ST_Transform(ST_TileEnvelope(:z, :x, :y, margin => :buffer / :extent ::float8), 4326) AS wide
    ), feature AS (
        SELECT ST_AsMVTGeom(ST_Transform(v.geom, 3857), tile.box, :extent, :buffer) AS geom,
               v.code, v.name, v.parent_code AS parent
        FROM area_version v, tile
        WHERE v.jurisdiction = :jurisdiction AND v.kind = :kind AND v.valid @> CAST(:day AS date)
          AND v.geom && tile.wide
        ORDER BY v.code COLLATE "C"
    )
    SELECT ST_AsMVT(feature, :kind, :extent, 'geom') FROM feature WHERE geom IS NOT NULL
    """
)


def areas(connection: Connection, jurisdiction: str, kind: str, day: date, tile: Tile) -> bytes:
    """The areas of a kind valid on `day` as a vector tile: one layer named by the kind, with AREA_FIELDS.

    Coordinates are the tile's (EXTENT along its side, clipped BUFFER beyond). Empty where no area lies: a
    tile without layers. Raises BadInput for the kind.
    """
    check_kind(kind)
    found = connection.execute(
        AREAS,
        {
            "z": tile.z,
            "x": tile.x,
            "y": tile.y,
            "buffer": BUFFER,
            "extent": EXTENT,
            "jurisdiction": jurisdiction,
            "kind": kind,
            "day": day,
        },
    ).scalar_one()
    return bytes(found)
