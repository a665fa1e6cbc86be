"""The SQL of checkpoints, and of histories as a verification reads them. Never commits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row

from gridmap.cases.ledger import Checkpoint, Head, Link, Signed
from gridmap.cases.store import link_of
from gridmap.database import tables as t
from gridmap.database.turns import hold


class File(NamedTuple):
    """What is held of a case."""

    state: str
    seq: int
    head: bytes
    waiting_for: list[str]
    recipients: list[str]
    merged_into: UUID | None


def lock(connection: Connection, jurisdiction: str) -> None:
    """Until this transaction ends nobody else makes a checkpoint of the jurisdiction."""
    hold(connection, f"checkpoint:{jurisdiction}")


def _signed(row: Row[Any]) -> Signed:
    made = Checkpoint(
        row.jurisdiction,
        row.number,
        row.day,
        row.made_at,
        row.cases,
        bytes(row.heads),
        bytes(row.previous),
    )
    return Signed(made, bytes(row.public_key), bytes(row.signature))


def last(connection: Connection, jurisdiction: str) -> Signed | None:
    """The newest checkpoint."""
    c = t.case_checkpoint.c
    query = sa.select(t.case_checkpoint).where(c.jurisdiction == jurisdiction)
    row = connection.execute(query.order_by(c.number.desc()).limit(1)).one_or_none()
    return None if row is None else _signed(row)


def checkpoints(connection: Connection, jurisdiction: str) -> list[Signed]:
    """All, in order."""
    c = t.case_checkpoint.c
    query = sa.select(t.case_checkpoint).where(c.jurisdiction == jurisdiction).order_by(c.number)
    return [_signed(row) for row in connection.execute(query)]


CHANGED = sa.text(
    """
    SELECT m.case_id, m.seq, m.hash
    FROM (SELECT DISTINCT ON (case_id) case_id, seq, hash FROM case_move
          WHERE jurisdiction = :jurisdiction ORDER BY case_id, seq DESC) m
    LEFT JOIN (SELECT case_id, max(seq) AS seq FROM case_checkpoint_head
               WHERE jurisdiction = :jurisdiction GROUP BY case_id) h USING (case_id)
    WHERE h.seq IS NULL OR h.seq < m.seq
    ORDER BY m.case_id
    """
)


def changed_heads(connection: Connection, jurisdiction: str) -> list[Head]:
    """The ends of chains that are longer than at their last checkpoint, by case."""
    rows = connection.execute(CHANGED, {"jurisdiction": jurisdiction})
    return [Head(row.case_id, row.seq, bytes(row.hash)) for row in rows]


def count(connection: Connection, jurisdiction: str) -> int:
    """How many histories there are."""
    c = t.case_move.c
    query = sa.select(sa.func.count()).where(c.jurisdiction == jurisdiction, c.seq == 1)
    return connection.execute(query).scalar_one()


def add(connection: Connection, sealed: Signed, heads: Sequence[Head]) -> None:
    """Record a checkpoint and the ends that it covers."""
    made = sealed.checkpoint
    names = ("jurisdiction", "number", "day", "made_at", "cases", "heads", "previous")
    row = {name: getattr(made, name) for name in names}
    own = {"public_key": sealed.public_key, "signature": sealed.signature}
    connection.execute(t.case_checkpoint.insert().values(**row, **own))
    key = {"jurisdiction": made.jurisdiction, "number": made.number}
    rows = [key | {"case_id": head.case, "seq": head.seq, "hash": head.hash} for head in heads]
    connection.execute(t.case_checkpoint_head.insert(), rows)


def heads(connection: Connection, jurisdiction: str) -> dict[int, list[Head]]:
    """Number of a checkpoint -> the ends that it covers."""
    c = t.case_checkpoint_head.c
    found: dict[int, list[Head]] = {}
    query = sa.select(c.number, c.case_id, c.seq, c.hash).where(c.jurisdiction == jurisdiction)
    for row in connection.execute(query.order_by(c.number, c.case_id)):
        found.setdefault(row.number, []).append(Head(row.case_id, row.seq, bytes(row.hash)))
    return found


def cases(connection: Connection, jurisdiction: str) -> list[UUID]:
    """Every case that has a line or a history, in order."""
    file, move = t.case_file.c, t.case_move.c
    query = sa.union(
        sa.select(file.id).where(file.jurisdiction == jurisdiction),
        sa.select(move.case_id).where(move.jurisdiction == jurisdiction),
    )
    return sorted(connection.execute(query).scalars())


def chains(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, list[Link]]:
    """Case -> its moves as they are stored, by seq."""
    c = t.case_move.c
    found: dict[UUID, list[Link]] = {id_: [] for id_ in ids}
    query = sa.select(t.case_move).where(c.case_id.in_(ids)).order_by(c.case_id, c.seq)
    for row in connection.execute(query):
        found[row.case_id].append(link_of(row))
    return found


def files(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, File]:
    """Case -> what is held of it."""
    c = t.case_file.c
    names = ("id", "state", "seq", "head", "waiting_for", "recipients", "merged_into")
    return {
        row.id: File(
            row.state,
            row.seq,
            bytes(row.head),
            list(row.waiting_for),
            list(row.recipients),
            row.merged_into,
        )
        for row in connection.execute(sa.select(*(c[name] for name in names)).where(c.id.in_(ids)))
    }
