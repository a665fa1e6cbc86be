"""The SQL that judges placements. Reads only; knows nothing of the index that placed them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database import tables as t

ROWS_AT_ONCE = 500

# Distances here are those of the ellipsoid, in process those of a projection whose scale is 1.0003 off at
# its zone's rim: within a thousandth of the tolerance the stored placement has the benefit of the doubt.
SLACK = 0.001
SLACK_M = 0.001

# An edge is straight in degrees; as a geodesic it would bulge, over 100 m by a tenth of a millimetre.
LONGEST_EDGE_DEGREES = 0.001

# Two grids that hold equal parts of a compound tie, whatever the last digits of the areas.
SAME_SHARE = 1 - 1e-6

DIFFERING = sa.text(
    """
    WITH placed AS (
        SELECT id, occurred_at, geom, named_code, method, grid_version, community_version, compound_version,
               building_version, (occurred_at AT TIME ZONE :zone)::date AS day
        FROM report
        WHERE jurisdiction = :jurisdiction AND occurred_at >= :first AND occurred_at < :last
    ), judged AS (
        SELECT r.id, r.occurred_at,
               r.method, r.grid_version, r.community_version, r.compound_version, r.building_version,
               CASE WHEN r.geom IS NULL THEN 'named' WHEN held.id IS NOT NULL THEN 'covers'
                    WHEN near.id IS NOT NULL THEN 'nearest' ELSE 'outside' END AS true_method,
               grid.id AS true_grid, coalesce(parent.id, around.id) AS true_community,
               coalesce(compound.id, of_building.id,
                        CASE named.kind WHEN 'compound' THEN named.id END) AS true_compound,
               coalesce(building.id, CASE named.kind WHEN 'building' THEN named.id END) AS true_building
        FROM placed r
        LEFT JOIN LATERAL (
            SELECT v.id, v.parent_code FROM area_version v
            WHERE v.jurisdiction = :jurisdiction AND v.kind = 'grid' AND v.valid @> r.day
              AND ST_Covers(v.geom, r.geom)
            ORDER BY v.code COLLATE "C" LIMIT 1
        ) held ON true
        LEFT JOIN LATERAL (
            SELECT c.id, c.parent_code FROM (
                SELECT v.id, v.code, v.parent_code, d.metres, min(d.metres) OVER () AS least
                FROM area_version v CROSS JOIN LATERAL (
                    SELECT ST_Distance(ST_Segmentize(v.geom, :longest)::geography,
                                       r.geom::geography) AS metres
                ) d
                WHERE held.id IS NULL AND r.geom IS NOT NULL
                  AND v.jurisdiction = :jurisdiction AND v.kind = 'grid' AND v.valid @> r.day
                  AND v.geom && ST_Expand(r.geom, :reach / greatest(0.01, cosd(ST_Y(r.geom))), :reach)
            ) c
            WHERE c.metres <= :tolerance + CASE r.method WHEN 'nearest' THEN :slack ELSE -:slack END
            ORDER BY c.metres > c.least + :slack, c.id IS DISTINCT FROM r.grid_version, c.metres,
                     c.code COLLATE "C"
            LIMIT 1
        ) near ON true
        LEFT JOIN LATERAL (
            SELECT v.id, v.kind, v.parent_code, v.geom FROM area_version v
            WHERE r.geom IS NULL AND v.jurisdiction = :jurisdiction AND v.kind IN ('compound', 'building')
              AND v.code = r.named_code AND v.valid @> r.day
            ORDER BY (v.kind = 'building') = (r.building_version IS NULL) LIMIT 1
        ) named ON true
        LEFT JOIN LATERAL (
            SELECT s.id, s.parent_code FROM (
                SELECT v.id, v.code, v.parent_code, p.part, max(p.part) OVER () AS most
                FROM area_version v CROSS JOIN LATERAL (
                    SELECT ST_Area(ST_Intersection(v.geom, named.geom)::geography) AS part
                ) p
                WHERE v.jurisdiction = :jurisdiction AND v.kind = 'grid' AND v.valid @> r.day
                  AND ST_Intersects(v.geom, named.geom)
            ) s
            WHERE s.part > 0
            ORDER BY s.part < s.most * :same, s.id IS DISTINCT FROM r.grid_version, s.part DESC,
                     s.code COLLATE "C"
            LIMIT 1
        ) share ON true
        CROSS JOIN LATERAL (
            SELECT coalesce(held.id, near.id, share.id) AS id,
                   coalesce(held.parent_code, near.parent_code, share.parent_code) AS parent_code
        ) grid
        LEFT JOIN area_version parent
            ON parent.jurisdiction = :jurisdiction AND parent.kind = 'community'
           AND parent.code = grid.parent_code AND parent.valid @> r.day
        LEFT JOIN LATERAL (
            SELECT v.id FROM area_version v
            WHERE parent.id IS NULL
              AND v.jurisdiction = :jurisdiction AND v.kind = 'community' AND v.valid @> r.day
              AND ST_Covers(v.geom, r.geom)
            ORDER BY v.code COLLATE "C" LIMIT 1
        ) around ON true
        LEFT JOIN LATERAL (
            SELECT v.id FROM area_version v
            WHERE v.jurisdiction = :jurisdiction AND v.kind = 'compound' AND v.valid @> r.day
              AND ST_Covers(v.geom, r.geom)
            ORDER BY v.code COLLATE "C" LIMIT 1
        ) compound ON true
        LEFT JOIN LATERAL (
            SELECT v.id FROM area_version v
            WHERE v.jurisdiction = :jurisdiction AND v.kind = 'building' AND v.valid @> r.day
              AND ST_Covers(v.geom, r.geom)
            ORDER BY v.code COLLATE "C" LIMIT 1
        ) building ON true
        LEFT JOIN area_version of_building
            ON named.kind = 'building' AND of_building.jurisdiction = :jurisdiction
           AND of_building.kind = 'compound' AND of_building.code = named.parent_code
           AND of_building.valid @> r.day
    )
    SELECT j.id, j.occurred_at,
           j.method,
           nullif(concat(sg.code, '/', sg.edition_id), '/'),
           nullif(concat(sm.code, '/', sm.edition_id), '/'),
           nullif(concat(sc.code, '/', sc.edition_id), '/'),
           nullif(concat(sb.code, '/', sb.edition_id), '/'),
           j.true_method,
           nullif(concat(tg.code, '/', tg.edition_id), '/'),
           nullif(concat(tm.code, '/', tm.edition_id), '/'),
           nullif(concat(tc.code, '/', tc.edition_id), '/'),
           nullif(concat(tb.code, '/', tb.edition_id), '/')
    FROM judged j
    LEFT JOIN area_version sg ON sg.id = j.grid_version
    LEFT JOIN area_version sm ON sm.id = j.community_version
    LEFT JOIN area_version sc ON sc.id = j.compound_version
    LEFT JOIN area_version sb ON sb.id = j.building_version
    LEFT JOIN area_version tg ON tg.id = j.true_grid
    LEFT JOIN area_version tm ON tm.id = j.true_community
    LEFT JOIN area_version tc ON tc.id = j.true_compound
    LEFT JOIN area_version tb ON tb.id = j.true_building
    WHERE (j.method, j.grid_version, j.community_version, j.compound_version, j.building_version)
          IS DISTINCT FROM
          (j.true_method, j.true_grid, j.true_community, j.true_compound, j.true_building)
    ORDER BY j.occurred_at, j.id
    """
)


def span(connection: Connection, jurisdiction: Jurisdiction) -> tuple[datetime, datetime] | None:
    """When the first and the last of its reports occurred; None without any."""
    c = t.report.c
    first, last = connection.execute(
        sa.select(sa.func.min(c.occurred_at), sa.func.max(c.occurred_at)).where(
            c.jurisdiction == jurisdiction.code
        )
    ).one()
    return None if first is None else (first, last)


def differing(
    connection: Connection,
    jurisdiction: Jurisdiction,
    first: datetime,
    last: datetime,
    nearest_tolerance_m: float,
) -> Iterator[sa.Row[*tuple[Any, ...]]]:
    """(id, occurred_at, method and four areas as stored, the same as judged) of first <= occurred_at < last
    where they differ, in order of time. An area is code/edition. Streamed: few rows are in memory at once.
    """
    slack = SLACK * nearest_tolerance_m + SLACK_M
    values = {
        "jurisdiction": jurisdiction.code,
        "zone": jurisdiction.time_zone,
        "first": first,
        "last": last,
        "tolerance": nearest_tolerance_m,
        "slack": slack,
        # degrees of latitude that surely hold tolerance and slack; a degree is 110.57 km and more
        "reach": (nearest_tolerance_m + slack) / 110_000,
        "longest": LONGEST_EDGE_DEGREES,
        "same": SAME_SHARE,
    }
    yield from connection.execution_options(yield_per=ROWS_AT_ONCE).execute(DIFFERING, values)
