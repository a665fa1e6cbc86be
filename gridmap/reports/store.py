"""All SQL of the reports domain. Never commits; intake.py decides what is written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql

from gridmap.database import tables as t
from gridmap.errors import NotFound
from gridmap.reports.counting import NO_CELL, Deltas
from gridmap.reports.model import AreaRef, Category, Placement, Report

report = t.report
PLACED_KINDS = ("grid", "community", "compound", "building")
# the order in which intake copies rows in
COLUMNS = tuple(column.name for column in report.columns)


def add_categories(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Add categories that are not there yet, by jurisdiction and code."""
    if rows:
        connection.execute(postgresql.insert(t.category).on_conflict_do_nothing(), rows)


def categories(connection: Connection, jurisdiction: str) -> list[Category]:
    """The categories of a jurisdiction: those known everywhere and its own, by code."""
    c = t.category.c
    rows = connection.execute(
        sa.select(c.code, c.kind, c.name, c.name_en, c.standard, c.provisional)
        .where(sa.or_(c.jurisdiction.is_(None), c.jurisdiction == jurisdiction))
        .order_by(c.code.collate("C"))
    )
    return [Category(*row) for row in rows]


def make_months(connection: Connection, months: Iterable[date]) -> None:
    """Make the monthly partitions (UTC) that these first days of months need, where missing.

    Made apart and then attached, which readers and writers of other months need not wait for; CREATE …
    PARTITION OF would lock the whole table.
    """
    missing = [m for m in sorted(set(months)) if not _exists(connection, _partition(m))]
    if not missing:
        return
    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended("report months", 0))))
    for first in missing:
        name = _partition(first)
        if _exists(connection, name):  # another process was faster
            continue
        following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
        # DDL takes no parameters; both parts are dates that we formatted
        connection.execute(sa.text(f"CREATE TABLE {name} (LIKE report INCLUDING ALL)"))
        connection.execute(
            sa.text(
                f"ALTER TABLE report ATTACH PARTITION {name}"
                f" FOR VALUES FROM ('{first} 00:00+00') TO ('{following} 00:00+00')"
            )
        )


def _partition(first: date) -> str:
    return f"report_{first:%Y_%m}"


def _exists(connection: Connection, partition: str) -> bool:
    # asks the catalogue's rows: to_regclass would answer from a cache that misses what others just made
    found = sa.text(
        "SELECT 1 FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid"
        " WHERE inhparent = 'report'::regclass AND relname = :name"
    )
    return connection.scalar(found, {"name": partition}) is not None


def claim_keys(
    connection: Connection, jurisdiction: str, keys: Sequence[tuple[str, UUID, datetime, bytes]]
) -> set[str]:
    """Claim (client id, report id, occurred_at, body hash) rows; -> the client ids that were free."""
    c = t.report_key.c
    rows = connection.execute(
        sa.text(
            "INSERT INTO report_key (jurisdiction, client_id, report_id, occurred_at, body_sha256)"
            " SELECT :jurisdiction, * FROM unnest(:clients ::text[], :ids ::uuid[],"
            " :times ::timestamptz[], :hashes ::bytea[])"
            " ON CONFLICT DO NOTHING RETURNING client_id"
        ).columns(c.client_id),
        {
            "jurisdiction": jurisdiction,
            "clients": [key[0] for key in keys],
            "ids": [key[1] for key in keys],
            "times": [key[2] for key in keys],
            "hashes": [key[3] for key in keys],
        },
    )
    return set(rows.scalars())


def keys(
    connection: Connection, jurisdiction: str, client_ids: Sequence[str]
) -> dict[str, tuple[UUID, datetime, bytes]]:
    """client id -> (report id, occurred_at, body hash) of those that are stored."""
    c = t.report_key.c
    rows = connection.execute(
        sa.select(c.client_id, c.report_id, c.occurred_at, c.body_sha256).where(
            c.jurisdiction == jurisdiction,
            c.client_id == sa.any_(sa.literal(list(client_ids), sa.ARRAY(sa.Text))),
        )
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


def copy_reports(connection: Connection, rows: Iterable[tuple[Any, ...]]) -> None:
    """COPY rows in the order of COLUMNS; geometry as hex EWKB."""
    driver = connection.connection.driver_connection
    assert driver is not None
    names = ", ".join(COLUMNS)
    with driver.cursor().copy(f"COPY report ({names}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


DELTA_COLUMNS = (
    *("jurisdiction", "month", "grid_version", "community_version", "category", "method"),
    *("cell_x", "cell_y", "reports", "near_edge"),
)
CHANNEL = "gridmap_reports"  # NOTIFY, with the jurisdiction: its reports have changed


def add_deltas(connection: Connection, jurisdiction: str, deltas: Deltas) -> None:
    """Append what this transaction adds to the monthly counts, and tell who listens once it is committed."""
    driver = connection.connection.driver_connection
    assert driver is not None
    months = deltas.month.astype("datetime64[D]").tolist()
    cells = [
        tuple(None if value == NO_CELL else value for value in column.tolist())
        for column in (deltas.cell_x, deltas.cell_y)
    ]
    rows = zip(
        months,
        deltas.grid_version.tolist(),
        deltas.community_version.tolist(),
        deltas.category.tolist(),
        [t.METHODS[m] for m in deltas.method.tolist()],
        *cells,
        deltas.reports.tolist(),
        deltas.near_edge.tolist(),
        strict=True,
    )
    with driver.cursor().copy(f"COPY report_delta ({', '.join(DELTA_COLUMNS)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row((jurisdiction, *row))
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, jurisdiction)))


def next_import_id(connection: Connection) -> int:
    """The id that the rows of a file carry; the import itself is recorded when they are in."""
    return connection.execute(
        sa.select(sa.func.nextval(sa.func.pg_get_serial_sequence("report_import", "id")))
    ).scalar_one()


def add_import(connection: Connection, **values: Any) -> None:
    """Record that a file was read, by whom, and what became of its rows."""
    connection.execute(t.report_import.insert().values(**values))


def piles_of_import(
    connection: Connection, jurisdiction: str, import_id: int, least: int
) -> list[tuple[float, float, int]]:
    """(lon, lat, rows) of coordinates as given on which at least so many rows of one file lie."""
    c = report.c
    rows = connection.execute(
        sa.select(c.lon, c.lat, sa.func.count())
        .where(c.jurisdiction == jurisdiction, c.import_id == import_id, c.lon.is_not(None))
        .group_by(c.lon, c.lat)
        .having(sa.func.count() >= least)
        .order_by(sa.func.count().desc(), c.lon, c.lat)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def get(connection: Connection, jurisdiction: str, id_: UUID) -> Report:
    """One report. Raises NotFound."""
    row = connection.execute(_select(jurisdiction).where(report.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound("there is no such report", field="id")
    return _report(row)


def by_ids(
    connection: Connection, jurisdiction: str, ids: Sequence[tuple[UUID, datetime]]
) -> dict[UUID, Report]:
    """id -> report, of (id, occurred_at) pairs; the time spares looking into every month."""
    if not ids:
        return {}
    pairs = sa.tuple_(report.c.id, report.c.occurred_at).in_(ids)
    return {row.id: _report(row) for row in connection.execute(_select(jurisdiction).where(pairs))}


def reports(
    connection: Connection,
    jurisdiction: str,
    *,
    first: datetime | None = None,
    last: datetime | None = None,
    category: str | None = None,
    grid: str | None = None,
    community: str | None = None,
    method: str | None = None,
    needs_review: bool | None = None,
    limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[Report]:
    """Reports, newest first, of first <= occurred_at < last.

    `after` is the (occurred_at, id) that the page before ended with.
    """
    c = report.c
    query = _select(jurisdiction).order_by(c.occurred_at.desc(), c.id.desc()).limit(limit)
    if first is not None:
        query = query.where(c.occurred_at >= first)
    if last is not None:
        query = query.where(c.occurred_at < last)
    for column, value in ((c.category, category), (c.method, method), (c.needs_review, needs_review)):
        if value is not None:
            query = query.where(column == value)
    for kind, code in (("grid", grid), ("community", community)):
        if code is not None:
            query = query.where(c[f"{kind}_version"].in_(_version_ids(jurisdiction, kind, code)))
    if after is not None:
        query = query.where(sa.tuple_(c.occurred_at, c.id) < sa.tuple_(*after))
    return [_report(row) for row in connection.execute(query)]


def count(connection: Connection, jurisdiction: str) -> int:
    return connection.execute(
        sa.select(sa.func.count()).select_from(report).where(report.c.jurisdiction == jurisdiction)
    ).scalar_one()


def _version_ids(jurisdiction: str, kind: str, code: str) -> sa.Select[Any]:
    v = t.area_version.c
    return sa.select(v.id).where(v.jurisdiction == jurisdiction, v.kind == kind, v.code == code)


def _select(jurisdiction: str) -> sa.Select[Any]:
    """Every column of a report, and code and name of the four areas it lies in."""
    c = report.c
    columns: list[Any] = [
        *(c[name] for name in ("id", "client_id", "category", "description", "occurred_at", "recorded_at")),
        *(c[name] for name in ("lon", "lat", "datum", "accuracy_m", "method", "edge_distance_m")),
        c.candidates,
        c.needs_review,
        sa.func.ST_X(c.geom).label("x"),
        sa.func.ST_Y(c.geom).label("y"),
    ]
    source: Any = report
    for kind in PLACED_KINDS:
        alias = t.area_version.alias(kind)
        source = source.outerjoin(alias, alias.c.id == c[f"{kind}_version"])
        columns += [alias.c.code.label(f"{kind}_code"), alias.c.name.label(f"{kind}_name")]
    return sa.select(*columns).select_from(source).where(c.jurisdiction == jurisdiction)


def _report(row: Row[*tuple[Any, ...]]) -> Report:
    areas = {
        kind: AreaRef(code, getattr(row, f"{kind}_name")) if (code := getattr(row, f"{kind}_code")) else None
        for kind in PLACED_KINDS
    }
    return Report(
        row.id,
        row.client_id,
        row.category,
        row.description,
        row.occurred_at,
        row.recorded_at,
        row.lon,
        row.lat,
        row.datum,
        row.accuracy_m,
        None if row.x is None else (row.x, row.y),
        Placement(
            method=row.method,
            edge_distance_m=row.edge_distance_m,
            candidates=tuple((code, p) for code, p in row.candidates or ()),
            **areas,
        ),
        row.needs_review,
    )
