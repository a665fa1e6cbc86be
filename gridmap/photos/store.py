"""All SQL of the photos domain. Never commits.

Pictures are kept in PostgreSQL, not as files beside it. A photo and its report are then one transaction, one
backup and one replica, and the same row-level security decides who sees either: no path, no signed address,
no sweeping up after a crash between two stores. What it costs: a picture takes about 0.4 MB, so a subdistrict
with ten thousand photos a year adds 4 GB, outside the rows that lists read (TOAST, not compressed again).

Whoever reads a picture reads it through its report: every query joins `report`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from gridmap.database import tables as t
from gridmap.database.tables import PHOTOS_MOST as PHOTOS_MOST
from gridmap.database.turns import hold
from gridmap.errors import NotFound
from gridmap.photos.model import NewPhoto, Photo, Print

photo, report = t.photo, t.report
COLUMNS = (
    photo.c.id,
    photo.c.width,
    photo.c.height,
    sa.func.octet_length(photo.c.body).label("bytes"),  # known without fetching the body
    photo.c.recorded_at,
)
SEEN = photo.join(
    report, sa.and_(report.c.id == photo.c.report_id, report.c.occurred_at == photo.c.occurred_at)
)


class Sent(NamedTuple):
    """A stored photo, and the sum of the file that it came as."""

    photo: Photo
    sha256: bytes


def take_turn(connection: Connection, report_id: UUID) -> None:
    """Wait until no other transaction adds photos to the report; ours lasts until it ends."""
    hold(connection, f"photos of {report_id}")


def sent(connection: Connection, report_id: UUID, occurred_at: datetime) -> dict[str, Sent]:
    """client id -> photo, of a report."""
    query = _of(report_id, occurred_at, *COLUMNS, photo.c.client_id, photo.c.sent_sha256)
    return {row.client_id: Sent(_photo(row), row.sent_sha256) for row in connection.execute(query)}


def photos(connection: Connection, report_id: UUID, occurred_at: datetime) -> list[Photo]:
    """The photos of a report in the order in which they came."""
    return [_photo(row) for row in connection.execute(_of(report_id, occurred_at, *COLUMNS))]


def _of(report_id: UUID, occurred_at: datetime, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(*columns)
        .select_from(SEEN)
        .where(photo.c.report_id == report_id, photo.c.occurred_at == occurred_at)
        .order_by(photo.c.number)
    )


def picture(connection: Connection, jurisdiction: str, id_: UUID, size: Literal["full", "small"]) -> bytes:
    """JPEG. Raises NotFound."""
    column = photo.c.body if size == "full" else photo.c.small
    query = sa.select(column).select_from(SEEN)
    body = connection.scalar(query.where(photo.c.id == id_, photo.c.jurisdiction == jurisdiction))
    if body is None:
        raise NotFound("there is no such photo", field="id")
    return bytes(body)


def insert(
    connection: Connection,
    jurisdiction: str,
    id_: UUID,
    occurred_at: datetime,
    number: int,
    sent: NewPhoto,
    sha256: bytes,
    made: Print,
) -> Photo:
    """Store a photo; `occurred_at` is its report's, `sha256` of the file as it was sent."""
    statement = photo.insert().values(
        id=id_,
        jurisdiction=jurisdiction,
        report_id=sent.report_id,
        occurred_at=occurred_at,
        number=number,
        client_id=sent.client_id,
        sent_sha256=sha256,
        sent_by=sent.sent_by,
        width=made.width,
        height=made.height,
        body=made.body,
        small=made.small,
    )
    return _photo(connection.execute(statement.returning(*COLUMNS)).one())


def _photo(row: Row[Any]) -> Photo:
    return Photo(row.id, row.width, row.height, row.bytes, row.recorded_at)
