"""SQL of private categories: a month's counts by grid and community, and the grids there were. Reads only."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy import Connection

PRIVATE = sa.text(
    """
    SELECT code FROM category
    WHERE private AND coalesce(jurisdiction, :jurisdiction) = :jurisdiction
    ORDER BY code COLLATE "C"
    """
)
PLACED = sa.text(
    """
    SELECT g.code, m.code, sum(c.reports)::bigint
    FROM report_counts c
    LEFT JOIN area_version g ON g.id = c.grid_version
    LEFT JOIN area_version m ON m.id = c.community_version
    WHERE c.jurisdiction = :jurisdiction AND c.cut = 0 AND c.month = :month AND c.category = :category
    GROUP BY 1, 2 HAVING sum(c.reports) <> 0
    """
)
GRIDS = sa.text(
    """
    SELECT code, array_agg(DISTINCT parent_code)
    FROM area_version
    WHERE jurisdiction = :jurisdiction AND kind = 'grid'
      AND valid && daterange(:month, (:month + interval '1 month')::date)
    GROUP BY code
    """
)
NAMES = sa.text(
    """
    SELECT DISTINCT ON (code) code, name
    FROM area_version
    WHERE jurisdiction = :jurisdiction AND kind = :kind AND code = ANY(:codes)
    ORDER BY code, lower(valid) NULLS FIRST
    """
)


def private(connection: Connection, jurisdiction: str) -> tuple[str, ...]:
    """The private categories of a jurisdiction, by code."""
    return tuple(connection.scalars(PRIVATE, {"jurisdiction": jurisdiction}))


def placed(
    connection: Connection, jurisdiction: str, month: date, category: str
) -> dict[tuple[str | None, str | None], int]:
    """A month's reports of a category by the (grid, community) that they were placed in; None: in none."""
    given = {"jurisdiction": jurisdiction, "month": month, "category": category}
    return {(row[0], row[1]): row[2] for row in connection.execute(PLACED, given)}


def grids(connection: Connection, jurisdiction: str, month: date) -> dict[str, frozenset[str | None]]:
    """Every grid of a month, with the communities that it belonged to."""
    rows = connection.execute(GRIDS, {"jurisdiction": jurisdiction, "month": month})
    return {row[0]: frozenset(row[1]) for row in rows}


def names(connection: Connection, jurisdiction: str, kind: str, codes: list[str]) -> dict[str, str]:
    """The names of areas of a kind, by code."""
    given = {"jurisdiction": jurisdiction, "kind": kind, "codes": codes}
    return {row[0]: row[1] for row in connection.execute(NAMES, given)}
