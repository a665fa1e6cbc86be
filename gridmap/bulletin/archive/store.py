"""All SQL of published bulletins. They are added and read; the database refuses any change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.bulletin.archive.model import Bulletin
from gridmap.database import tables as t
from gridmap.database.turns import hold

_bulletin, _file = t.bulletin, t.bulletin_file


def moment(connection: Connection) -> datetime:
    """When the transaction began, by the server's clock."""
    return connection.execute(sa.select(sa.func.now())).scalar_one()


def one_at_a_time(connection: Connection) -> None:
    """Until the transaction ends, nobody else publishes."""
    hold(connection, "gridmap: bulletins")


def bulletins(connection: Connection, jurisdiction: str, *, month: date | None = None) -> list[Bulletin]:
    """Newest month first, in it the newest number first."""
    query = sa.select(_bulletin).where(_bulletin.c.jurisdiction == jurisdiction)
    if month is not None:
        query = query.where(_bulletin.c.month == month)
    query = query.order_by(_bulletin.c.month.desc(), _bulletin.c.lang.desc(), _bulletin.c.number.desc())
    return [Bulletin(**row) for row in connection.execute(query).mappings()]


def find(
    connection: Connection, jurisdiction: str, month: date, lang: str, number: int | None = None
) -> Bulletin | None:
    """The bulletin of a number, else the last."""
    query = sa.select(_bulletin).where(
        _bulletin.c.jurisdiction == jurisdiction, _bulletin.c.month == month, _bulletin.c.lang == lang
    )
    if number is not None:
        query = query.where(_bulletin.c.number == number)
    row = connection.execute(query.order_by(_bulletin.c.number.desc()).limit(1)).mappings().one_or_none()
    return None if row is None else Bulletin(**row)


def files(connection: Connection, bulletin: Bulletin) -> dict[str, bytes]:
    """Every file by its name, in the order of the manifest, the manifest last."""
    rows = connection.execute(sa.select(_file.c.name, _file.c.body).where(_file.c.bulletin_id == bulletin.id))
    found = {name: bytes(body) for name, body in rows}
    order = {each["name"]: at for at, each in enumerate(bulletin.manifest["files"])}
    return dict(sorted(found.items(), key=lambda item: order.get(item[0], len(order))))


def file(connection: Connection, bulletin: Bulletin, name: str) -> bytes | None:
    """One file's bytes."""
    query = sa.select(_file.c.body).where(_file.c.bulletin_id == bulletin.id, _file.c.name == name)
    return connection.scalar(query)


def sums(connection: Connection, bulletin: Bulletin) -> dict[str, str]:
    """The sha256 of every file by its name."""
    rows = connection.execute(
        sa.select(_file.c.name, _file.c.sha256).where(_file.c.bulletin_id == bulletin.id)
    )
    return {row[0]: row[1] for row in rows}


def add(
    connection: Connection, values: Mapping[str, Any], files: Mapping[str, tuple[str, bytes]]
) -> Bulletin:
    """A new bulletin with its files: name -> (sha256, bytes)."""
    row = connection.execute(_bulletin.insert().values(**values).returning(_bulletin)).mappings().one()
    made = Bulletin(**row)
    for name, (sha256, body) in files.items():
        connection.execute(_file.insert().values(bulletin_id=made.id, name=name, sha256=sha256, body=body))
    return made
