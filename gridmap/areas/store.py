"""All SQL of the areas domain: jurisdictions, editions, dated boundaries. Never commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects.postgresql import Range

from gridmap.areas.model import AREA_KINDS, AreaVersion, Edition, Jurisdiction, NewArea
from gridmap.database import tables as t
from gridmap.database.turns import hold
from gridmap.errors import BadInput, Conflict, NotFound

CHANNEL = "gridmap_areas"  # NOTIFY with the jurisdiction's code when an edition or jurisdiction comes
BATCH = 500

version = t.area_version
VERSION_COLUMNS = (
    version.c.id,
    version.c.kind,
    version.c.code,
    version.c.name,
    version.c.parent_code,
    version.c.properties,
    version.c.geom,
    version.c.edition_id,
    sa.func.lower(version.c.valid, type_=sa.Date),
    sa.func.upper(version.c.valid, type_=sa.Date),
)


def add_jurisdiction(connection: Connection, jurisdiction: Jurisdiction) -> None:
    """Raises Conflict when its code is taken."""
    if connection.scalar(sa.select(t.jurisdiction.c.code).where(t.jurisdiction.c.code == jurisdiction.code)):
        raise Conflict(f"there is a jurisdiction {jurisdiction.code} already", field="jurisdiction")
    connection.execute(
        t.jurisdiction.insert().values(
            code=jurisdiction.code,
            name=jurisdiction.name,
            name_en=jurisdiction.name_en,
            time_zone=jurisdiction.time_zone,
            illustrative=jurisdiction.illustrative,
        )
    )
    _notify(connection, jurisdiction.code)


def jurisdictions(connection: Connection) -> list[Jurisdiction]:
    """All of them, by code."""
    columns = t.jurisdiction.c
    rows = connection.execute(
        sa.select(
            columns.code, columns.name, columns.name_en, columns.time_zone, columns.illustrative
        ).order_by(columns.code)
    )
    return [Jurisdiction(*row) for row in rows]


def jurisdiction(connection: Connection, code: str | None = None) -> Jurisdiction:
    """The one with this code; without a code the only one there is.

    Raises NotFound when it is unknown, BadInput(field="jurisdiction") when several make a code necessary.
    """
    return choose_jurisdiction(jurisdictions(connection), code)


def choose_jurisdiction(known: Sequence[Jurisdiction], code: str | None) -> Jurisdiction:
    """`jurisdiction` for a caller who holds the list already."""
    codes = ", ".join(each.code for each in known)
    if not known:
        raise NotFound("there is no jurisdiction yet; run `gridmap init`", field="jurisdiction")
    if code is None:
        if len(known) > 1:
            raise BadInput(f"name one of {codes}", field="jurisdiction")
        return known[0]
    for each in known:
        if each.code == code:
            return each
    raise NotFound(f"{code!r} is not known; there are {codes}", field="jurisdiction")


def editions(
    connection: Connection, jurisdiction: str, kind: str | None = None, *, as_of: datetime | None = None
) -> list[Edition]:
    """Editions by kind and start, the first (valid from the beginning) first.

    `as_of`: of those recorded until then.
    """
    c = t.edition.c
    query = (
        sa.select(
            c.id,
            c.jurisdiction,
            c.kind,
            c.file_name,
            c.sha256,
            c.loaded_by,
            c.recorded_at,
            c.valid_from,
            c.area_count,
        )
        .where(c.jurisdiction == jurisdiction)
        .order_by(c.kind, c.valid_from.nulls_first(), c.id)
    )
    if kind is not None:
        query = query.where(c.kind == kind)
    if as_of is not None:
        query = query.where(c.recorded_at <= as_of)
    return [Edition(*row) for row in connection.execute(query)]


def choose_edition(known: Sequence[Edition], wanted: int) -> Edition:
    """The edition of grids with this id. Raises NotFound(field="edition"), BadInput for another kind's."""
    for each in known:
        if each.id == wanted:
            if each.kind != "grid":
                raise BadInput(f"edition {wanted} is one of {each.kind}; give one of grids", field="edition")
            return each
    grids = ", ".join(str(each.id) for each in known if each.kind == "grid")
    raise NotFound(f"there is no edition {wanted}; of grids there are {grids or 'none'}", field="edition")


def add_edition(
    connection: Connection,
    jurisdiction: str,
    kind: str,
    areas: Iterable[NewArea],
    *,
    file_name: str,
    sha256: str,
    loaded_by: str,
    valid_from: date | None,
) -> Edition:
    """Store one edition whole and end, on `valid_from`, whatever of its kind was valid before.

    The first edition of a kind is valid from the beginning, whatever day was given (the returned edition
    says so). Nothing is deleted. Raises BadInput when a later one has no day, Conflict when its day is not
    after every earlier edition's.
    """
    lock_areas(connection, jurisdiction)
    areas = list(areas)
    earlier = editions(connection, jurisdiction, kind)
    valid_from = _start(earlier[-1], kind, valid_from) if earlier else None
    edition_id = connection.execute(
        t.edition.insert()
        .values(
            jurisdiction=jurisdiction,
            kind=kind,
            file_name=file_name,
            sha256=sha256,
            loaded_by=loaded_by,
            valid_from=valid_from,
            area_count=len(areas),
        )
        .returning(t.edition.c.id)
    ).scalar_one()
    if valid_from is not None:
        connection.execute(
            version.update()
            .where(version.c.jurisdiction == jurisdiction, version.c.kind == kind)
            .where(sa.func.upper_inf(version.c.valid))
            .values(
                valid=sa.func.daterange(sa.func.lower(version.c.valid), valid_from), superseded_by=edition_id
            )
        )
    _insert_versions(connection, jurisdiction, kind, areas, edition_id, valid_from)
    _notify(connection, jurisdiction)
    return next(e for e in editions(connection, jurisdiction, kind) if e.id == edition_id)


def _insert_versions(
    connection: Connection,
    jurisdiction: str,
    kind: str,
    areas: Sequence[NewArea],
    edition_id: int,
    valid_from: date | None,
) -> None:
    ids = _area_ids(connection, jurisdiction, kind, [area.code for area in areas])
    for start in range(0, len(areas), BATCH):
        connection.execute(
            version.insert(),
            [
                {
                    "area_id": ids[area.code],
                    "edition_id": edition_id,
                    "jurisdiction": jurisdiction,
                    "kind": kind,
                    "code": area.code,
                    "name": area.name,
                    "parent_code": area.parent_code,
                    "properties": area.properties,
                    "geom": area.geometry,
                    "valid": Range(valid_from, None),
                }
                for area in areas[start : start + BATCH]
            ],
        )


def _start(before: Edition, kind: str, valid_from: date | None) -> date:
    if valid_from is None:
        raise BadInput(
            f"there is an edition of {kind} already; say from which day this one is valid", field="valid_from"
        )
    if before.valid_from is not None and valid_from <= before.valid_from:
        raise Conflict(
            f"the edition before is valid from {before.valid_from}; give a later day", field="valid_from"
        )
    return valid_from


def _area_ids(connection: Connection, jurisdiction: str, kind: str, codes: list[str]) -> dict[str, int]:
    """Lasting ids of these codes, made where they are new."""
    c = t.area.c
    mine = sa.and_(c.jurisdiction == jurisdiction, c.kind == kind)
    known = {code: id_ for id_, code in connection.execute(sa.select(c.id, c.code).where(mine))}
    new = [
        {"jurisdiction": jurisdiction, "kind": kind, "code": code}
        for code in dict.fromkeys(codes)
        if code not in known
    ]
    if new:
        connection.execute(t.area.insert(), new)
        known = {code: id_ for id_, code in connection.execute(sa.select(c.id, c.code).where(mine))}
    return known


def areas(
    connection: Connection,
    jurisdiction: str,
    *,
    day: date,
    kind: str | None = None,
    as_of: datetime | None = None,
) -> list[AreaVersion]:
    """Boundaries valid on `day`, by kind and code; `as_of`: as known before any edition recorded later."""
    query = _versions(jurisdiction, kind, day, as_of).order_by(
        version.c.kind.collate("C"), version.c.code.collate("C")
    )
    return [_version(row) for row in connection.execute(query)]


def parents(
    connection: Connection, jurisdiction: str, kind: str, day: date, as_of: datetime | None = None
) -> dict[str, str | None]:
    """The parent's code of every area of a kind valid on `day`, by its own; no boundary is read."""
    query = _versions(jurisdiction, kind, day, as_of)
    return dict(connection.execute(query.with_only_columns(version.c.code, version.c.parent_code)).all())


def area(connection: Connection, jurisdiction: str, kind: str, code: str, day: date) -> AreaVersion:
    """The boundary of one area on `day`. Raises BadInput for the kind, NotFound for the code."""
    check_kind(kind)
    row = connection.execute(_versions(jurisdiction, kind, day).where(version.c.code == code)).one_or_none()
    if row is None:
        raise NotFound(f"no {kind} {code!r} on {day}", field="code")
    return _version(row)


def covering(
    connection: Connection, jurisdiction: str, kind: str, lon: float, lat: float, day: date
) -> AreaVersion | None:
    """The area that covers a WGS-84 point, decided by PostGIS; on a shared edge the smallest code."""
    point = sa.func.ST_SetSRID(sa.func.ST_MakePoint(lon, lat), 4326)
    row = connection.execute(
        _versions(jurisdiction, kind, day)
        .where(sa.func.ST_Covers(version.c.geom, point))
        .order_by(version.c.code.collate("C"))
        .limit(1)
    ).one_or_none()
    return None if row is None else _version(row)


def versions(connection: Connection, jurisdiction: str, kind: str) -> list[AreaVersion]:
    """Every boundary of a kind that ever was, by code and start; what an atlas is made of."""
    query = (
        sa.select(*VERSION_COLUMNS)
        .where(version.c.jurisdiction == jurisdiction, version.c.kind == kind)
        .order_by(version.c.code.collate("C"), sa.func.lower(version.c.valid).nulls_first())
    )
    return [_version(row) for row in connection.execute(query)]


def changes(connection: Connection, edition: Edition) -> tuple[int, int, int]:
    """(replaced, new, ended): codes that an edition gave another boundary, brought, and left out."""
    v = version.c
    mine = set(connection.scalars(sa.select(v.code).where(v.edition_id == edition.id)))
    ended = set(connection.scalars(sa.select(v.code).where(v.superseded_by == edition.id)))
    return len(mine & ended), len(mine - ended), len(ended - mine)


def lock_areas(connection: Connection, jurisdiction: str, *, shared: bool = False) -> None:
    """Hold the jurisdiction's editions still until the transaction ends.

    Whoever loads an edition waits for those who place reports (shared), and they for the loading.
    """
    hold(connection, f"areas:{jurisdiction}", shared=shared)


def signature(connection: Connection, jurisdiction: str) -> tuple[int, int]:
    """Changes whenever the jurisdiction gains an edition: (how many, the latest id)."""
    c = t.edition.c
    row = connection.execute(
        sa.select(sa.func.count(), sa.func.coalesce(sa.func.max(c.id), 0)).where(
            c.jurisdiction == jurisdiction
        )
    ).one()
    return (row[0], row[1])


def check_kind(kind: str) -> None:
    """Raise BadInput(field="kind") unless it is a kind of area."""
    if kind not in AREA_KINDS:
        raise BadInput(f"{kind!r} is not a kind of area; there are {', '.join(AREA_KINDS)}", field="kind")


def _versions(
    jurisdiction: str, kind: str | None, day: date, as_of: datetime | None = None
) -> sa.Select[Any]:
    query = sa.select(*VERSION_COLUMNS).where(version.c.jurisdiction == jurisdiction)
    if kind is not None:
        check_kind(kind)
        query = query.where(version.c.kind == kind)
    if as_of is None:
        return query.where(version.c.valid.contains(sa.literal(day, sa.Date)))
    # what an edition recorded later has ended went on, as far as was known
    edition, begin, end = t.edition.c, sa.func.lower(version.c.valid), sa.func.upper(version.c.valid)
    known = sa.select(edition.id).where(edition.jurisdiction == jurisdiction, edition.recorded_at <= as_of)
    return query.where(
        version.c.edition_id.in_(known),
        sa.func.coalesce(begin, day) <= day,
        sa.or_(sa.func.upper_inf(version.c.valid), end > day, version.c.superseded_by.not_in(known)),
    )


def _version(row: Row[*tuple[Any, ...]]) -> AreaVersion:
    return AreaVersion(*row)


def _notify(connection: Connection, jurisdiction: str) -> None:
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, jurisdiction)))
