"""All SQL of the statistics domain. Reads reports; writes only the scales that are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from gridmap.database import tables as t
from gridmap.statistics.model import Pile, Scale

report = t.report
version = t.area_version

# (code, name) of what a report is counted under
GROUPS = {"grid": "grid_version", "community": "community_version", "category": None}


def monthly(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    time_zone: str,
    by: str,
    category: str | None = None,
) -> list[tuple[datetime, str | None, str | None, int]]:
    """(first moment of the month, code, name, reports), by month and code; code None: in no area."""
    month = sa.func.date_trunc("month", sa.func.timezone(time_zone, report.c.occurred_at)).label("month")
    if column := GROUPS[by]:
        code, name = version.c.code, version.c.name
        source: Any = report.outerjoin(version, version.c.id == report.c[column])
    else:
        code, name = report.c.category, t.category.c.name
        source = report.outerjoin(
            t.category,
            sa.and_(
                t.category.c.code == report.c.category,
                sa.func.coalesce(t.category.c.jurisdiction, report.c.jurisdiction) == report.c.jurisdiction,
            ),
        )
    query = (
        sa.select(month, code, sa.func.min(name), sa.func.count())
        .select_from(source)
        .where(*_where(jurisdiction, first, last, category))
        .group_by(month, code)
        .order_by(month, code.collate("C"))
    )
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def counts_in_edition(
    connection: Connection,
    jurisdiction: str,
    edition: int,
    first: datetime,
    last: datetime,
    category: str | None = None,
) -> dict[str, int]:
    """grid code -> reports, cut to one edition: what was placed on another is placed anew by its point."""
    placed = version.alias("placed")
    other = version.alias("other")
    anew = (
        sa.select(other.c.code)
        .where(
            placed.c.edition_id != edition,
            other.c.edition_id == edition,
            sa.func.ST_Covers(other.c.geom, report.c.geom),
        )
        .order_by(other.c.code.collate("C"))
        .limit(1)
        .lateral("anew")
    )
    code = sa.func.coalesce(anew.c.code, placed.c.code).label("code")
    query = (
        sa.select(code, sa.func.count())
        .select_from(report.join(placed, placed.c.id == report.c.grid_version).outerjoin(anew, sa.true()))
        .where(*_where(jurisdiction, first, last, category))
        .group_by(code)
    )
    return {row[0]: row[1] for row in connection.execute(query)}


def totals(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    category: str | None,
    near_edge_m: float,
) -> dict[str, int]:
    """total, outside, nearest, named, near_edge of a span of time."""
    method = report.c.method
    counted = {
        "total": sa.func.count(),
        "outside": sa.func.count().filter(method == "outside"),
        "nearest": sa.func.count().filter(method == "nearest"),
        "named": sa.func.count().filter(method == "named"),
        "near_edge": sa.func.count().filter(report.c.edge_distance_m < near_edge_m),
    }
    query = sa.select(*(value.label(name) for name, value in counted.items())).where(
        *_where(jurisdiction, first, last, category)
    )
    return dict(connection.execute(query).mappings().one())


def piles(
    connection: Connection,
    jurisdiction: str,
    first: datetime,
    last: datetime,
    category: str | None,
    least: int,
) -> tuple[Pile, ...]:
    """Coordinates on which at least so many reports of the span lie exactly, most first; WGS-84."""
    x, y = sa.func.ST_X(report.c.geom), sa.func.ST_Y(report.c.geom)
    rows = connection.execute(
        sa.select(x, y, sa.func.count())
        .where(*_where(jurisdiction, first, last, category), report.c.geom.is_not(None))
        .group_by(x, y)
        .having(sa.func.count() >= least)
        .order_by(sa.func.count().desc(), x, y)
    )
    return tuple(Pile(row[0], row[1], row[2]) for row in rows)


def points(
    connection: Connection, jurisdiction: str, first: datetime, last: datetime, category: str | None
) -> np.ndarray:
    """(n, 2) lon, lat in WGS-84 of the located reports of a span, in order of time."""
    rows = connection.execute(
        sa.select(sa.func.ST_X(report.c.geom), sa.func.ST_Y(report.c.geom))
        .where(*_where(jurisdiction, first, last, category), report.c.geom.is_not(None))
        .order_by(report.c.occurred_at, report.c.id)
    )
    found = [tuple(row) for row in rows]
    return np.array(found, dtype=np.float64).reshape(len(found), 2)


def first_and_last(connection: Connection, jurisdiction: str) -> tuple[datetime, datetime] | None:
    """When the first and the last report occurred; None without any."""
    c = report.c.occurred_at
    row = connection.execute(
        sa.select(sa.func.min(c), sa.func.max(c)).where(report.c.jurisdiction == jurisdiction)
    ).one()
    return None if row[0] is None else (row[0], row[1])


def scale(connection: Connection, jurisdiction: str, category: str | None) -> Scale | None:
    c = t.heat_scale.c
    row = connection.execute(
        sa.select(c.counts, c.densities).where(c.jurisdiction == jurisdiction, c.category == (category or ""))
    ).one_or_none()
    return None if row is None else Scale(tuple(row[0]), tuple(row[1]))


def keep_scale(connection: Connection, jurisdiction: str, category: str | None, scale: Scale) -> None:
    """Keep a scale unless one is kept already."""
    connection.execute(
        postgresql.insert(t.heat_scale)
        .values(
            jurisdiction=jurisdiction,
            category=category or "",
            counts=list(scale.counts),
            densities=list(scale.densities),
        )
        .on_conflict_do_nothing()
    )


def forget_scale(connection: Connection, jurisdiction: str, category: str | None) -> None:
    c = t.heat_scale.c
    connection.execute(
        t.heat_scale.delete().where(c.jurisdiction == jurisdiction, c.category == (category or ""))
    )


def _where(
    jurisdiction: str, first: datetime, last: datetime, category: str | None
) -> list[sa.ColumnElement[bool]]:
    c = report.c
    conditions = [c.jurisdiction == jurisdiction, c.occurred_at >= first, c.occurred_at < last]
    return conditions if category is None else [*conditions, c.category == category]
