"""All SQL of tiles. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from numpy.typing import NDArray
from psycopg import sql
from sqlalchemy import Connection

from gridmap.database.copying import fetch_arrays
from gridmap.geometry.cells import corners
from gridmap.geometry.vector_tile import EXTENT
from gridmap.tiles.model import MOST_POINTS, Tile

# the box in degrees, a hair wider than the tile, is what the index on geom serves
NEAR = sql.SQL(
    """
    SELECT r.id, r.category, ST_X(r.geom) AS lon, ST_Y(r.geom) AS lat FROM report r
    WHERE r.jurisdiction = %(jurisdiction)s
      AND r.occurred_at >= %(first)s AND r.occurred_at < %(last)s
      AND (CAST(%(category)s AS text) IS NULL OR r.category = %(category)s)
      AND NOT r.category = ANY (ARRAY(
          SELECT code FROM category
          WHERE private AND coalesce(jurisdiction, %(jurisdiction)s) = %(jurisdiction)s))
      AND r.geom && ST_MakeEnvelope(%(west)s, %(south)s, %(east)s, %(north)s, 4326)
    """
)
POINTS = (
    sql.SQL(
        """
    SELECT string_agg(category, ' '), array_agg(id), array_agg(lon), array_agg(lat)
    FROM ({near} LIMIT %(most)s + 1) near HAVING count(*) > 0
    """
    )
    .format(near=NEAR)
    .as_string()
)
# OFFSET 0: the units are worked out once for a row
CELLS = (
    sql.SQL(
        """
    SELECT '', array_agg(x), array_agg(y), array_agg(reports) FROM (
        SELECT x / %(side)s AS x, y / %(side)s AS y, count(*) AS reports FROM (
            SELECT floor(((lon + 180) / 360 * %(across)s - %(x)s) * %(extent)s)::bigint AS x,
                   floor(((1 - asinh(tan(radians(lat))) / pi()) / 2 * %(across)s - %(y)s)
                         * %(extent)s)::bigint AS y
            FROM ({near}) near OFFSET 0
        ) units
        WHERE x >= 0 AND x < %(extent)s AND y >= 0 AND y < %(extent)s GROUP BY 1, 2
    ) cell HAVING count(*) > 0
    """
    )
    .format(near=NEAR)
    .as_string()
)
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The public reports of first <= occurred_at < last in a tile, and perhaps a hair beyond it."""

    jurisdiction: str
    first: datetime
    last: datetime
    category: str | None
    tile: Tile

    def asked(self) -> dict[str, Any]:
        """The parameters of NEAR."""
        west, south, east, north = corners([self.tile.x], [self.tile.y], self.tile.z)[0].tolist()
        box = {"west": west, "south": south, "east": east, "north": north}
        span = {"jurisdiction": self.jurisdiction, "first": self.first, "last": self.last}
        return {**span, "category": self.category, **box}


def points(connection: Connection, wanted: Wanted) -> tuple[list[str], Arrays] | None:
    """The category of each, and `id` (16 bytes), `lon`, `lat`, in no order; None where there is none.

    Of more than MOST_POINTS one more than that.
    """
    asked = wanted.asked() | {"most": MOST_POINTS}
    found = fetch_arrays(connection, POINTS, asked, {"id": "S16", "lon": "f8", "lat": "f8"})
    if not found:
        return None
    ((categories, arrays),) = found.items()
    return categories.split(" "), arrays


def cells(connection: Connection, wanted: Wanted, side: int) -> Arrays | None:
    """`x`, `y` and `reports` of the tile's squares of `side` units that hold any; None where none does."""
    asked = wanted.asked() | {"side": side, "extent": EXTENT}
    asked |= {"across": 1 << wanted.tile.z, "x": wanted.tile.x, "y": wanted.tile.y}
    return fetch_arrays(connection, CELLS, asked, {"x": "i8", "y": "i8", "reports": "i8"}).get("")
