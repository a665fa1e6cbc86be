"""All SQL of the places domain. Never commits.

A place changes by versions: the old one ends on the day the new one begins. One that is given anew for the
very day it began is a correction and overwritten. What a row said before is kept by a trigger (place_past).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects.postgresql import Range

from gridmap.database import tables as t
from gridmap.database.turns import hold
from gridmap.errors import Conflict
from gridmap.places.hours import is_open
from gridmap.places.model import NewPlace, Place, check_kind

place = t.place
_FIELDS = ("name", "name_en", "capacity", "opening_hours", "service_radius_m", "address", "properties")
_COLUMNS = (
    *(place.c.id, place.c.kind, place.c.code, place.c.name, place.c.name_en, place.c.geom),
    *(place.c.capacity, place.c.opening_hours, place.c.service_radius_m, place.c.address),
    *(place.c.properties, place.c.valid),
)


def places(
    connection: Connection,
    jurisdiction: str,
    *,
    day: date,
    kinds: Collection[str] | None = None,
    bbox: tuple[float, float, float, float] | None = None,
    open_at: datetime | None = None,
    limit: int | None = None,
    after: tuple[str, str] | None = None,
    as_of: datetime | None = None,
) -> list[Place]:
    """Places valid on `day`, by kind and code.

    `bbox` is west, south, east, north in degrees and keeps what touches it. `open_at` (aware) keeps what
    has opening hours and is open then, by the jurisdiction's clocks. `after` is the (kind, code) that the
    page before ended with. `as_of`: as was known at that moment of recording. Raises BadInput for an unknown
    kind or a naive time.
    """
    c = _known(jurisdiction, as_of).c
    query = (
        sa.select(*(c[column.name] for column in _COLUMNS))
        .where(c.jurisdiction == jurisdiction)
        .where(c.valid.contains(sa.literal(day, sa.Date)))
        .order_by(c.kind.collate("C"), c.code.collate("C"))
    )
    if kinds is not None:
        query = query.where(c.kind.in_([check_kind(kind) for kind in kinds]))
    if bbox is not None:
        query = query.where(sa.func.ST_Intersects(c.geom, sa.func.ST_MakeEnvelope(*bbox, 4326)))
    if after is not None:
        query = query.where(sa.tuple_(c.kind.collate("C"), c.code.collate("C")) > sa.tuple_(*after))
    if open_at is None:
        return [_place(row) for row in connection.execute(query.limit(limit))]
    zone = _zone(connection, jurisdiction)
    found: list[Place] = []
    for row in connection.execute(query.where(c.opening_hours.is_not(None))):
        if len(found) == limit:
            break
        if is_open(row.opening_hours, open_at, zone):
            found.append(_place(row))
    return found


def versions(
    connection: Connection, jurisdiction: str, kinds: Collection[str]
) -> dict[tuple[str, str], list[Place]]:
    """(kind, code) -> every version there ever was, the earliest first."""
    c = place.c
    query = _select(jurisdiction).where(c.kind.in_(kinds)).order_by(sa.func.lower(c.valid).nulls_first())
    found: dict[tuple[str, str], list[Place]] = {}
    for row in connection.execute(query):
        found.setdefault((row.kind, row.code), []).append(_place(row))
    return found


def begin(
    connection: Connection,
    jurisdiction: str,
    new: NewPlace,
    valid_from: date | None,
    valid_to: date | None = None,
) -> None:
    """Insert a place, or a version of one, valid from a day (None: always) until another (None: open)."""
    values = _values(new) | {"jurisdiction": jurisdiction, "kind": new.kind, "code": new.code}
    connection.execute(place.insert().values(**values, valid=Range(valid_from, valid_to)))


def overwrite(
    connection: Connection, old: Place, new: NewPlace, valid_from: date | None, valid_to: date | None
) -> None:
    """Correct a version, its values and its period."""
    values = _values(new) | {"valid": Range(valid_from, valid_to)}
    connection.execute(place.update().where(place.c.id == old.id).values(**values))


def end(connection: Connection, old: Place, day: date) -> None:
    """Close a version: `day` is the first on which it is not valid. Raises Conflict if it begins later."""
    if old.valid_from is not None and old.valid_from >= day:
        raise Conflict(
            f"{old.kind} {old.code} has a version from {old.valid_from} on; give a later day",
            field="valid_from",
        )
    connection.execute(place.update().where(place.c.id == old.id).values(valid=Range(old.valid_from, day)))


def lock(connection: Connection, jurisdiction: str) -> None:
    """Hold the jurisdiction's places still until the transaction ends."""
    hold(connection, f"places:{jurisdiction}")


def kinds_present(connection: Connection, jurisdiction: str) -> set[str]:
    """Kinds of which there was ever a place."""
    query = sa.select(place.c.kind).where(place.c.jurisdiction == jurisdiction).distinct()
    return set(connection.execute(query).scalars())


def _values(new: NewPlace) -> dict[str, Any]:
    return {name: getattr(new, name) for name in _FIELDS} | {"geom": new.geometry}


def _known(jurisdiction: str, as_of: datetime | None) -> sa.FromClause:
    """The rows of all places, or those that were known at a moment."""
    if as_of is None:
        return place
    columns = (*_COLUMNS, place.c.jurisdiction)
    past = t.place_past.c
    before = sa.select(*(past[column.name] for column in columns)).where(
        past.jurisdiction == jurisdiction, past.recorded_at <= as_of, past.until > as_of
    )
    still = sa.select(*columns).where(place.c.jurisdiction == jurisdiction, place.c.recorded_at <= as_of)
    return sa.union_all(before, still).subquery("place")


def _select(jurisdiction: str) -> sa.Select[Any]:
    return sa.select(*_COLUMNS).where(place.c.jurisdiction == jurisdiction)


def _zone(connection: Connection, jurisdiction: str) -> ZoneInfo:
    c = t.jurisdiction.c
    name = connection.execute(sa.select(c.time_zone).where(c.code == jurisdiction)).scalar_one()
    return ZoneInfo(name)


def _place(row: Row[Any]) -> Place:
    fields = {name: getattr(row, name) for name in ("id", "kind", "code", *_FIELDS)}
    return Place(**fields, geometry=row.geom, valid_from=row.valid.lower, valid_to=row.valid.upper)
