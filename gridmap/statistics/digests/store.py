"""The few rows of a month that its digest needs one by one: those in doubt, those of some categories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from gridmap.database import copying
from gridmap.database.copying import POSTGRES_EPOCH_US
from gridmap.statistics.model import Pile

Arrays = dict[str, NDArray[Any]]

# On a pile means on exactly its coordinate. Whole degrees are asked of what was given, in its own datum.
DOUBTFUL = """
    SELECT array_position(%(categories)s::text[], r.category) - 1, ST_X(r.geom), ST_Y(r.geom),
           (p.x IS NOT NULL)::int, (r.lon = floor(r.lon) AND r.lat = floor(r.lat))::int, r.needs_review::int
    FROM report r
    LEFT JOIN unnest(%(x)s::float8[], %(y)s::float8[]) p (x, y)
      ON p.x = ST_X(r.geom) AND p.y = ST_Y(r.geom)
    WHERE r.jurisdiction = %(jurisdiction)s AND r.occurred_at >= %(first)s AND r.occurred_at < %(last)s
      AND r.geom IS NOT NULL AND r.category = ANY(%(categories)s)
      AND (%(as_of)s::timestamptz IS NULL OR r.recorded_at <= %(as_of)s)
      AND (p.x IS NOT NULL OR r.needs_review OR (r.lon = floor(r.lon) AND r.lat = floor(r.lat)))
    """
RELATED = """
    SELECT array_position(%(categories)s::text[], category) - 1, ST_X(geom), ST_Y(geom), occurred_at
    FROM report
    WHERE jurisdiction = %(jurisdiction)s AND occurred_at >= %(first)s AND occurred_at < %(last)s
      AND geom IS NOT NULL AND category = ANY(%(categories)s)
      AND (%(as_of)s::timestamptz IS NULL OR recorded_at <= %(as_of)s)
    """


def doubtful(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    categories: Sequence[str],
    piles: Sequence[Pile],
    as_of: datetime | None = None,
) -> Arrays:
    """The located reports of a span in doubt: category (index), lon, lat (WGS-84), pile, whole_degree,
    uncertain (0 or 1). Piles are given; see statistics.doubts for the others. `as_of`: of those recorded
    until then."""
    given = _given(jurisdiction, span, categories, as_of)
    given |= {"x": [pile.lon for pile in piles], "y": [pile.lat for pile in piles]}
    types = {
        "category": "i4",
        "lon": "f8",
        "lat": "f8",
        "pile": "i4",
        "whole_degree": "i4",
        "uncertain": "i4",
    }
    found = copying.fetch_columns(connection, DOUBTFUL, given, types)
    # in one order, however the server found them: what is drawn of them is then the same to the byte
    order = np.lexsort([found[name] for name in reversed(("lon", "lat", *types))])
    return {name: column[order] for name, column in found.items()}


def related(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    categories: Sequence[str],
    as_of: datetime | None = None,
) -> Arrays:
    """Located reports of some categories: category (index), lon, lat (WGS-84), moment (datetime64 in UTC)."""
    types = {"category": "i4", "lon": "f8", "lat": "f8", "moment": "i8"}
    found = copying.fetch_columns(connection, RELATED, _given(jurisdiction, span, categories, as_of), types)
    return found | {"moment": (found["moment"] + POSTGRES_EPOCH_US).astype("datetime64[us]")}


def _given(
    jurisdiction: str, span: tuple[datetime, datetime], categories: Sequence[str], as_of: datetime | None
) -> dict[str, object]:
    return {
        "jurisdiction": jurisdiction,
        "first": span[0],
        "last": span[1],
        "categories": list(categories),
        "as_of": as_of,
    }
