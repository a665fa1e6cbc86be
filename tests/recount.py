"""What must hold of stored reports whatever happened to those who stored them, asked in plain SQL."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Connection

# A row for each count that differs from what the reports say: kept − counted, by all that is counted under.
MISCOUNTED = """
    SELECT jurisdiction, month, grid_version, community_version, category, method,
           sum(reports) AS too_many, sum(near_edge) AS too_many_near
    FROM (
        SELECT jurisdiction, month, grid_version, community_version, category, method, reports, near_edge
        FROM report_delta WHERE cut = 0
        UNION ALL
        SELECT jurisdiction, month, grid_version, community_version, category, method, reports, near_edge
        FROM report_count WHERE cut = 0
        UNION ALL
        SELECT r.jurisdiction, date_trunc('month', r.occurred_at AT TIME ZONE j.time_zone)::date,
               coalesce(r.grid_version, 0), coalesce(r.community_version, 0), r.category, r.method,
               -1, -coalesce(r.edge_distance_m < 5, false)::int
        FROM report r JOIN jurisdiction j ON j.code = r.jurisdiction
    ) both_sides
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(reports) <> 0 OR sum(near_edge) <> 0
"""
# The same of the cells: 19 m squares of the web Mercator plane, level 21.
MISPLACED_CELLS = """
    SELECT jurisdiction, month, category, cell_x, cell_y, sum(reports) AS too_many
    FROM (
        SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_delta
        WHERE cell_x IS NOT NULL
        UNION ALL
        SELECT jurisdiction, month, category, cell_x, cell_y, reports FROM report_cell
        UNION ALL
        SELECT r.jurisdiction, date_trunc('month', r.occurred_at AT TIME ZONE j.time_zone)::date, r.category,
               least(floor((ST_X(geom) + 180) / 360 * 2097152), 2097151)::int,
               floor((1 - asinh(tan(radians(greatest(least(ST_Y(geom), 85.05), -85.05)))) / pi()) / 2
                     * 2097152)::int, -1
        FROM report r JOIN jurisdiction j ON j.code = r.jurisdiction WHERE geom IS NOT NULL
    ) both_sides
    GROUP BY 1, 2, 3, 4, 5 HAVING sum(reports) <> 0
"""
# Keys without their report, reports without their key.
UNPAIRED = """
    SELECT k.jurisdiction, k.client_id, r.jurisdiction, r.client_id
    FROM report_key k
    FULL JOIN report r ON r.id = k.report_id AND r.occurred_at = k.occurred_at
         AND r.jurisdiction = k.jurisdiction AND r.client_id = k.client_id
    WHERE k.client_id IS NULL OR r.client_id IS NULL
"""
# Tables of a month that were made and never became a part of `report`.
ORPHANS = """
    SELECT relname FROM pg_class WHERE relname ~ '^report_[0-9]{4}_[0-9]{2}$'
    AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = pg_class.oid)
"""
QUESTIONS = {
    "counts": MISCOUNTED,
    "cells": MISPLACED_CELLS,
    "keys": UNPAIRED,
    "months": ORPHANS,
}


def contradictions(connection: Connection) -> dict[str, list[tuple]]:
    """What does not hold, with some rows of each; empty when all does."""
    found = {}
    for name, question in QUESTIONS.items():
        rows = connection.execute(sa.text(question)).fetchmany(3)
        if rows:
            found[name] = [tuple(row) for row in rows]
    return found
