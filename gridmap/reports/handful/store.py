"""The one statement that stores a handful of reports: their keys, their rows, what they add to the counts."""

from __future__ import annotations

from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection

from gridmap.database.journeys import one_journey
from gridmap.database.sessions import first_words
from gridmap.reports.store import CHANNEL

# As areas.store.lock_areas, which every loading of an edition waits for.
HOLD = "SELECT pg_advisory_xact_lock_shared(hashtextextended('areas:' || %(jurisdiction)s::text, 0))"

# The rows come as JSON: sixteen of them are written in 30 µs, as arrays of columns in 1.5 ms.
STORE = """
    WITH given AS MATERIALIZED (
        SELECT * FROM json_to_recordset(%(reports)s::json) AS r (
            id uuid, occurred_at timestamptz, recorded_at timestamptz, client_id text, body text,
            sent_by text, category text, description text, lon float8, lat float8, datum text,
            accuracy_m float8, x float8, y float8, named_code text, method text, grid bigint,
            community bigint, compound bigint, building bigint, edge_distance_m float8, candidates jsonb,
            needs_review boolean)
    ), claimed AS (
        INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256, sent_by)
        SELECT %(jurisdiction)s, client_id, id, occurred_at, decode(body, 'hex'), sent_by FROM given
        ON CONFLICT DO NOTHING RETURNING 1
    ), stored AS (
        INSERT INTO report (id, occurred_at, recorded_at, jurisdiction, client_id, category, description, lon,
                            lat, datum, accuracy_m, geom, named_code, method, grid_version, community_version,
                            compound_version, building_version, edge_distance_m, candidates, needs_review)
        SELECT id, occurred_at, recorded_at, %(jurisdiction)s, client_id, category, description, lon,
               lat, datum, accuracy_m, ST_SetSRID(ST_MakePoint(x, y), 4326), named_code, method, grid,
               community, compound, building, edge_distance_m, candidates, needs_review
        FROM given
    ), counted AS (
        INSERT INTO report_delta (jurisdiction, month, grid_version, community_version, category, method,
                                  cell_x, cell_y, reports, near_edge)
        SELECT %(jurisdiction)s, d.* FROM json_to_recordset(%(deltas)s::json) AS d (
            month date, grid bigint, community bigint, category text, method text, cell_x integer,
            cell_y integer, reports integer, near_edge integer)
    )
    SELECT (SELECT count(*) FROM claimed), count(*), coalesce(max(id), 0),
           pg_notify(%(channel)s, %(jurisdiction)s)
    FROM edition WHERE jurisdiction = %(jurisdiction)s
    """


class Stored(NamedTuple):
    """What the statement found: whether the transaction may be committed is for the caller to say."""

    claimed: int  # client ids that were free
    signature: tuple[int, int]  # of the editions that are held still now: areas.store.signature


def store(
    connection: Connection, jurisdiction: str, reports: list[dict[str, Any]], deltas: list[dict[str, Any]]
) -> Stored:
    """Hold the editions still, then store reports and deltas, whose members are named as in STORE. Opens a
    writing transaction that is not opened yet.

    Client ids are claimed in the order given: sort by them, so that two handfuls wait for each other in turn.
    """
    values = {
        "jurisdiction": jurisdiction,
        "channel": CHANNEL,
        "reports": orjson.dumps(reports).decode(),
        "deltas": orjson.dumps(deltas).decode(),
    }
    *_, row = one_journey(connection, [*first_words(), (HOLD, values), (STORE, values)])
    assert row is not None
    return Stored(row[0], (row[1], row[2]))
