"""Counts and points as of a moment of recording, by SQL: those of now, less what was recorded after it.

The rollups know a report's month, not when it came in. What came in later is known by its rows, which are
few as a rule and found by the index of ids, so that a month to which nothing was added costs what it costs
now. That counts less late rows are the rows of then, a test proves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import TIMESTAMP

from gridmap.areas.model import Jurisdiction
from gridmap.database import copying
from gridmap.database import tables as t

Span = tuple[datetime, datetime]

# An id begins with the millisecond in which it was made, shortly before its report was recorded: a batch is
# placed in between. So the index of ids knows the newest rows, however many there are.
PLACED_WITHIN = timedelta(minutes=10)


def id_of(moment: datetime) -> UUID:
    """The least id that can be made at a moment."""
    return UUID(int=max(0, int(moment.timestamp() * 1000)) << 80)


def counted(
    jurisdiction: Jurisdiction, span: Span, as_of: datetime | None, *, cut: int = 0, near_edge_m: float = 0.0
) -> sa.FromClause:
    """`report_counts` of a jurisdiction, months and a cut (see there) as they were known; None: as they are.

    `span`: the first moment of the first month and that after the last. `near_edge` of what was recorded
    later is by `near_edge_m`.
    """
    if as_of is None:
        return t.report_counts
    c, r = t.report_counts.c, t.report.c
    near: Any = r.edge_distance_m < near_edge_m
    grid, community, method, source = r.grid_version, r.community_version, r.method, sa.select(r.id)
    if cut:
        cuts = t.report_cut.c
        # the counts of a cut know communities, which nobody asks of a cut month by month
        grid, method, near = cuts.grid_version, cuts.method, cuts.near_edge
        join = sa.and_(cuts.report_id == r.id, cuts.occurred_at == r.occurred_at)
        source = source.select_from(t.report.join(t.report_cut, join)).where(cuts.cut == cut)
    month = sa.func.date_trunc("month", sa.func.timezone(jurisdiction.time_zone, r.occurred_at))
    keys = (
        sa.literal(jurisdiction.code).label("jurisdiction"),
        sa.literal(cut, sa.BigInteger).label("cut"),
        month.cast(sa.Date).label("month"),
        sa.func.coalesce(grid, 0).label("grid_version"),
        sa.func.coalesce(community, 0).label("community_version"),
        r.category,
        method.label("method"),
    )
    late = (
        source.with_only_columns(
            *keys,
            (-sa.func.count()).label("reports"),
            (-sa.func.count().filter(near)).label("near_edge"),
        )
        .where(*_late(jurisdiction.code, span, as_of))
        .group_by(*(sa.text(str(number)) for number in range(3, 8)))
    )
    first, last = (moment.astimezone(jurisdiction.zone).date() for moment in span)
    kept = sa.select(*(c[key.name] for key in keys), c.reports, c.near_edge).where(
        c.jurisdiction == jurisdiction.code, c.cut == cut, c.month >= first, c.month < last
    )
    return sa.union_all(kept, late).subquery("report_counts")


def months(
    connection: Connection,
    jurisdiction: str,
    spans: Sequence[tuple[date, datetime, datetime]],
    as_of: datetime,
) -> list[date]:
    """Which months (first day, first moment, that of the next) had a report that was known, in order."""
    if not spans:
        return []
    names, firsts, lasts = zip(*spans, strict=True)
    given = {
        "jurisdiction": jurisdiction,
        "months": list(names),
        "firsts": list(firsts),
        "lasts": list(lasts),
        "as_of": as_of,
        "before": id_of(as_of + timedelta(milliseconds=1)),
    }
    return list(connection.scalars(MONTHS, given))


# each month is left as soon as one such report is found in it
MONTHS = sa.text(
    """
    SELECT m.month
    FROM unnest(CAST(:months AS date[]), CAST(:firsts AS timestamptz[]), CAST(:lasts AS timestamptz[]))
         m (month, first, last)
    CROSS JOIN LATERAL (
        SELECT FROM report r
        WHERE r.jurisdiction = :jurisdiction AND r.occurred_at >= m.first AND r.occurred_at < m.last
          AND r.recorded_at <= :as_of AND r.id < :before
        LIMIT 1
    ) known
    ORDER BY 1
    """
)


POINTS = """
    SELECT ST_X(geom), ST_Y(geom) FROM report
    WHERE jurisdiction = %(jurisdiction)s AND occurred_at >= %(first)s AND occurred_at < %(last)s
      AND recorded_at > %(as_of)s AND id >= %(since)s AND geom IS NOT NULL
      AND (%(category)s::text IS NULL OR category = %(category)s) AND category <> ALL(%(but)s::text[])
    """


def late_points(
    connection: Connection,
    jurisdiction: str,
    spans: Iterator[Span],
    category: str | None,
    as_of: datetime,
    *,
    but: Sequence[str] = (),
) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """(lon, lat) in WGS-84 of the located reports of each span that were recorded after a moment.

    `but`: categories that are left out.
    """
    given: dict[str, Any] = {"jurisdiction": jurisdiction, "category": category, "as_of": as_of}
    given |= {"since": id_of(as_of - PLACED_WITHIN), "but": list(but)}
    for first, last in spans:
        asked = given | {"first": first, "last": last}
        found = copying.fetch_columns(connection, POINTS, asked, {"lon": "f8", "lat": "f8"})
        yield found["lon"], found["lat"]


def newest_report(
    connection: Connection, jurisdiction: str, span: Span, as_of: datetime | None = None
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
    """The same of work records from `year` to `day`, places of some kinds on it, editions begun by then."""
    work, place, past, edition = t.work.c, t.place.c, t.place_past.c, t.edition.c
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
        sa.select(sa.func.max(past.recorded_at)).where(
            past.jurisdiction == jurisdiction,
            past.kind.in_(place_kinds),
            past.valid.contains(sa.literal(day, sa.Date)),
            past.recorded_at <= until,
            past.until > until,
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


def _late(jurisdiction: str, span: Span, as_of: datetime) -> list[sa.ColumnElement[bool]]:
    c = t.report.c
    return [
        c.jurisdiction == jurisdiction,
        c.occurred_at >= span[0],
        c.occurred_at < span[1],
        c.recorded_at > as_of,
        c.id >= id_of(as_of - PLACED_WITHIN),
    ]
