"""The few rows of a month that its digest needs one by one: those in doubt, those of some categories."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import TIMESTAMP

from gridmap.database import copying
from gridmap.database import tables as t
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
      AND (p.x IS NOT NULL OR r.needs_review OR (r.lon = floor(r.lon) AND r.lat = floor(r.lat)))
    """
RELATED = """
    SELECT array_position(%(categories)s::text[], category) - 1, ST_X(geom), ST_Y(geom), occurred_at
    FROM report
    WHERE jurisdiction = %(jurisdiction)s AND occurred_at >= %(first)s AND occurred_at < %(last)s
      AND geom IS NOT NULL AND category = ANY(%(categories)s)
    """


def doubtful(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    categories: Sequence[str],
    piles: Sequence[Pile],
) -> Arrays:
    """The located reports of a span in doubt: category (index), lon, lat (WGS-84), pile, whole_degree,
    uncertain (0 or 1). Piles are given; see statistics.doubts for the others."""
    given = _given(jurisdiction, span, categories)
    given |= {"x": [pile.lon for pile in piles], "y": [pile.lat for pile in piles]}
    types = {
        "category": "i4",
        "lon": "f8",
        "lat": "f8",
        "pile": "i4",
        "whole_degree": "i4",
        "uncertain": "i4",
    }
    return copying.fetch_columns(connection, DOUBTFUL, given, types)


def related(
    connection: Connection, jurisdiction: str, span: tuple[datetime, datetime], categories: Sequence[str]
) -> Arrays:
    """Located reports of some categories: category (index), lon, lat (WGS-84), moment (datetime64 in UTC)."""
    types = {"category": "i4", "lon": "f8", "lat": "f8", "moment": "i8"}
    found = copying.fetch_columns(connection, RELATED, _given(jurisdiction, span, categories), types)
    return found | {"moment": (found["moment"] + POSTGRES_EPOCH_US).astype("datetime64[us]")}


# An id begins with the millisecond in which it was made, shortly before its report was recorded: a batch is
# placed in between. So the index of ids knows the newest rows, however many there are.
PLACED_WITHIN = timedelta(minutes=10)


def newest_report(
    connection: Connection, jurisdiction: str, span: tuple[datetime, datetime], as_of: datetime | None = None
) -> datetime | None:
    """When the newest report of a span was recorded (of those recorded until `as_of`); None without any."""
    c = t.report.c
    mine = [c.jurisdiction == jurisdiction, c.occurred_at >= span[0], c.occurred_at < span[1]]
    if as_of is not None:
        mine += [c.recorded_at <= as_of, c.id < id_of(as_of + timedelta(milliseconds=1))]
    last = connection.scalar(sa.select(c.id).where(*mine).order_by(c.id.desc()).limit(1))
    if last is None:
        return None
    since = UUID(int=max(0, last.int - (int(PLACED_WITHIN.total_seconds() * 1000) << 80)))
    newest: datetime = connection.execute(
        sa.select(sa.func.max(c.recorded_at)).where(*mine, c.id >= since)
    ).scalar_one()
    return newest


def newest_other(
    connection: Connection,
    jurisdiction: str,
    year: date,
    day: date,
    place_kinds: Sequence[str],
    as_of: datetime | None = None,
) -> datetime | None:
    """The same of work records from `year` to `day`, places of some kinds on `day`, and editions begun by it."""
    work, place, edition = t.work.c, t.place.c, t.edition.c
    until = sa.literal(as_of or datetime.max.replace(tzinfo=UTC), TIMESTAMP(timezone=True))
    queries = (
        sa.select(sa.func.max(work.recorded_at).label("newest")).where(
            work.jurisdiction == jurisdiction, work.occurred_on.between(year, day), work.recorded_at <= until
        ),
        sa.select(sa.func.max(place.recorded_at)).where(
            place.jurisdiction == jurisdiction,
            place.kind.in_(place_kinds),
            place.valid.contains(sa.literal(day, sa.Date)),
            place.recorded_at <= until,
        ),
        sa.select(sa.func.max(edition.recorded_at)).where(
            edition.jurisdiction == jurisdiction,
            sa.func.coalesce(edition.valid_from, day) <= day,
            edition.recorded_at <= until,
        ),
    )
    each = sa.union_all(*queries).subquery()
    newest: datetime | None = connection.scalar(sa.select(sa.func.max(each.c.newest)))
    return newest


def id_of(moment: datetime) -> UUID:
    """The least id that a report recorded at a moment can have, had it been made just then."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def _given(
    jurisdiction: str, span: tuple[datetime, datetime], categories: Sequence[str]
) -> dict[str, object]:
    return {"jurisdiction": jurisdiction, "first": span[0], "last": span[1], "categories": list(categories)}
