"""The chain of hashes under a history, and the signed checkpoints over all chains. Pure.

Each move is hashed together with the hash before it, so that an edit, a deletion or another order shows in
every later hash of its case. A checkpoint signs the ends of all chains that changed since the checkpoint
before, and that checkpoint: a tail cut off below it, or a whole chain taken away, shows there. What came
after the last checkpoint is as safe as its own chain, and a copy of the checkpoint kept elsewhere is safer
than this database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from gridmap.cases.model import Move

START = bytes(32)  # what stands before the first move, and before the first checkpoint


def canonical(value: Any) -> bytes:
    """The one way in which a value is written before it is hashed: JSON in UTF-8, members sorted, no blanks.

    Raises TypeError for a float, whose text another version might write otherwise.
    """
    _refuse_floats(value)
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("numbers with decimals are written as text in a history")
    if isinstance(value, dict):
        for each in value.values():
            _refuse_floats(each)
    elif isinstance(value, list | tuple):
        for each in value:
            _refuse_floats(each)


def move_hash(case: UUID, jurisdiction: str, move: Move, previous: bytes) -> bytes:
    """sha256 of a move and the hash before it."""
    said = {
        "case": str(case),
        "jurisdiction": jurisdiction,
        "seq": move.seq,
        "move": move.move,
        "source": move.source,
        "target": move.target,
        "actor": move.actor,
        "at": instant(move.at),
        "reason": move.reason,
        "details": dict(move.details),
        "previous": previous.hex(),
    }
    return hashlib.sha256(canonical(said)).digest()


def instant(moment: datetime) -> str:
    """UTC with microseconds, always written alike."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a case's chain."""

    case: UUID
    seq: int
    hash: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What is signed. `heads`: hash over the ends that changed; `cases`: how many chains there are in all."""

    jurisdiction: str
    number: int  # from 1, without gaps
    day: date
    made_at: datetime
    cases: int
    heads: bytes
    previous: bytes  # hash of the checkpoint before

    def text(self) -> bytes:
        return canonical(
            {
                "jurisdiction": self.jurisdiction,
                "number": self.number,
                "day": self.day.isoformat(),
                "made_at": instant(self.made_at),
                "cases": self.cases,
                "heads": self.heads.hex(),
                "previous": self.previous.hex(),
            }
        )

    def hash(self) -> bytes:
        return hashlib.sha256(self.text()).digest()


@dataclass(frozen=True, slots=True)
class Signed:
    """A checkpoint with its signature and the public key (32 bytes) that it verifies with."""

    checkpoint: Checkpoint
    public_key: bytes
    signature: bytes

    def line(self) -> str:
        """One line of JSON to keep elsewhere, for `verify(against=…)`."""
        own = {"public_key": self.public_key.hex(), "signature": self.signature.hex()}
        return json.dumps(json.loads(self.checkpoint.text()) | own, sort_keys=True)


def heads_hash(heads: Sequence[Head]) -> bytes:
    """sha256 over ends of chains, in the order of their cases."""
    rows = [[str(head.case), head.seq, head.hash.hex()] for head in sorted(heads, key=lambda h: h.case.bytes)]
    return hashlib.sha256(canonical(rows)).digest()


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is not as it was written: `what` is one of edited, missing, order, cut, dropped, forged,
    state; `case` None: a checkpoint."""

    what: str
    case: UUID | None
    seq: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """A move as it is stored, with its hashes."""

    move: Move
    previous: bytes
    hash: bytes


def chain_faults(case: UUID, jurisdiction: str, links: Sequence[Link]) -> list[Fault]:
    """What is wrong within one chain, given by seq."""
    faults = []
    before, expected = START, 1
    for link in links:
        seq = link.move.seq
        if seq != expected:
            faults.append(Fault("missing", case, expected, f"move {expected} is missing"))
        elif link.previous != before:
            faults.append(Fault("order", case, seq, f"move {seq} does not follow move {seq - 1}"))
        if move_hash(case, jurisdiction, link.move, link.previous) != link.hash:
            faults.append(Fault("edited", case, seq, f"move {seq} is not what was written"))
        before, expected = link.hash, seq + 1
    return faults


def head_faults(
    heads: Sequence[Head], chains: Mapping[UUID, Mapping[int, bytes]], number: int
) -> list[Fault]:
    """What the ends in a checkpoint say of chains (case -> seq -> hash) that is no longer so."""
    faults = []
    for head in heads:
        chain = chains.get(head.case)
        if not chain:
            text = f"the case of checkpoint {number} is gone"
            faults.append(Fault("dropped", head.case, None, text))
        elif head.seq not in chain:
            text = f"checkpoint {number} saw {head.seq} moves, there are {max(chain)}"
            faults.append(Fault("cut", head.case, head.seq, text))
        elif chain[head.seq] != head.hash:
            text = f"move {head.seq} is not the one of checkpoint {number}"
            faults.append(Fault("edited", head.case, head.seq, text))
    return faults
