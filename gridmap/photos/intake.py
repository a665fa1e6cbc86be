"""How a photo gets in: the report is looked for, the picture developed, and both become one row or none.

The same client id with the same bytes is known, with others a conflict, as with reports; a client id is of
one report, so whoever may not see the report learns nothing of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from gridmap.database.sessions import Database
from gridmap.errors import Conflict
from gridmap.photos import store
from gridmap.photos.developing import develop
from gridmap.photos.model import NewPhoto, Outcome, Photo
from gridmap.reports import store as reports
from gridmap.reports.intake import new_ids
from gridmap.text import check_text


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a photo would go: its report's time, and its number among the report's."""

    occurred_at: datetime
    number: int


def add(database: Database, jurisdiction: str, sent: NewPhoto) -> Outcome:
    """Store a photo; it comes back when it is committed. To decode it takes a second or two, and 0.4 GB.

    Raises NotFound for a report that there is not (or is not to be seen), Conflict(field="client_id") when
    other bytes came under it, Conflict when the report has PHOTOS_MOST, and as `develop`.
    """
    sent = replace(sent, client_id=check_text(sent.client_id, "client_id", most=128, least=1, lines=False))
    digest = hashlib.sha256(sent.body).digest()
    with database.reading() as connection:  # what need not be decoded is not
        place = _place(connection, jurisdiction, sent, digest)
    if isinstance(place, Photo):
        return Outcome("known", place)
    made = develop(sent.body)
    with database.writing() as connection:
        store.take_turn(connection, sent.report_id)
        place = _place(connection, jurisdiction, sent, digest)
        if isinstance(place, Photo):  # by another sending of it meanwhile
            return Outcome("known", place)
        photo = store.insert(
            connection, jurisdiction, new_ids(1)[0], place.occurred_at, place.number, sent, digest, made
        )
    return Outcome("created", photo)


def _place(connection: Connection, jurisdiction: str, sent: NewPhoto, digest: bytes) -> Photo | _Place:
    """The same photo where it is stored already, else where it goes."""
    occurred_at = reports.get(connection, jurisdiction, sent.report_id).occurred_at
    there = store.sent(connection, sent.report_id, occurred_at)
    if (known := there.get(sent.client_id)) is not None:
        if known.sha256 != digest:
            text = "another photo of this report has this client_id; send a new id"
            raise Conflict(text, field="client_id")
        return known.photo
    if len(there) >= store.PHOTOS_MOST:
        raise Conflict(f"the report has {store.PHOTOS_MOST} photos, and may have no more")
    return _Place(occurred_at, len(there) + 1)
