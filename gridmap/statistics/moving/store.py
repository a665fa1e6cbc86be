"""SQL of what moved: the grid a report was placed in beside the one it lies in. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.statistics.store import CUT

NAMED_MOVES = """
    SELECT moved.was, moved.code, moved.reports,
           (SELECT min(v.name) FROM area_version v
            WHERE v.jurisdiction = :jurisdiction AND v.kind = 'grid' AND v.code = moved.was),
           (SELECT v.name FROM area_version v WHERE v.edition_id = :edition AND v.code = moved.code)
    FROM moved
    ORDER BY moved.was COLLATE "C" NULLS LAST, moved.code COLLATE "C" NULLS LAST
    """
JUDGED = """
    , moved AS (
        SELECT was, code, count(*) AS reports FROM cut WHERE category <> ALL (:but) GROUP BY 1, 2
    )
    """
KEPT = """
    WITH moved AS (
        SELECT placed.code AS was, lies.code, count(*) AS reports
        FROM report r JOIN report_cut c ON c.report_id = r.id AND c.occurred_at = r.occurred_at
        LEFT JOIN area_version placed ON placed.id = r.grid_version
        LEFT JOIN area_version lies ON lies.id = c.grid_version
        WHERE r.jurisdiction = :jurisdiction AND r.occurred_at >= :first AND r.occurred_at < :last
          AND c.cut = :edition AND c.occurred_at >= :first AND c.occurred_at < :last
          AND (CAST(:category AS text) IS NULL OR r.category = :category) AND r.category <> ALL (:but)
        GROUP BY 1, 2
    )
    """
MOVES_JUDGED, MOVES_KEPT = sa.text(CUT + JUDGED + NAMED_MOVES), sa.text(KEPT + NAMED_MOVES)


class Moved(NamedTuple):
    """Reports that were placed in a grid of one code and lie, in an edition, in one of another, or the same;
    None: in no grid."""

    code: str | None
    to_code: str | None
    reports: int
    name: str | None
    to_name: str | None


def moves(
    connection: Connection,
    jurisdiction: Jurisdiction,
    edition: int,
    span: tuple[datetime, datetime],
    category: str | None,
    *,
    but: Sequence[str],
    kept: bool,
    tolerance_m: float,
) -> list[Moved]:
    """A span's reports by the grid they were placed in and that of an edition, without some categories.

    `kept`: all of them were cut to it, and the cuts say where they lie; else each is judged.
    """
    given = {
        "jurisdiction": jurisdiction.code,
        "zone": jurisdiction.time_zone,
        "edition": edition,
        "first": span[0],
        "last": span[1],
        "category": category,
        "but": list(but),
        "tolerance_m": tolerance_m,
        "near_edge_m": 0.0,
        "as_of": None,
    }
    query = MOVES_KEPT if kept else MOVES_JUDGED
    asked = {name: value for name, value in given.items() if name in query.compile().params}
    return [Moved(*row) for row in connection.execute(query, asked)]
