"""Checkpoints over all histories, and proving that nothing was changed since: edit, delete, reorder, a tail
cut off, a chain dropped, a checkpoint forged, a case that is not what its history says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.audit import store
from gridmap.cases.ledger import (
    START,
    Checkpoint,
    Fault,
    Head,
    Link,
    Signed,
    chain_faults,
    head_faults,
    heads_hash,
)
from gridmap.cases.model import Standing
from gridmap.cases.signing import public_of, signed
from gridmap.cases.workflow import apply

CASES_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Audit:
    """What a verification saw. `covered`: moves that a checkpoint covers, of `moves`."""

    cases: int
    moves: int
    covered: int
    checkpoints: int
    keys: tuple[str, ...]  # public keys in hexadecimal; one, unless it was changed
    faults: tuple[Fault, ...]


def checkpoint(
    connection: Connection, jurisdiction: Jurisdiction, key: Ed25519PrivateKey, now: datetime
) -> Signed | None:
    """Sign the ends of all chains that changed since the last checkpoint; None when none did.

    One at a time per jurisdiction.
    """
    store.lock(connection, jurisdiction.code)
    last = store.last(connection, jurisdiction.code)
    heads = store.changed_heads(connection, jurisdiction.code)
    if not heads:
        return None
    made = Checkpoint(
        jurisdiction.code,
        last.checkpoint.number + 1 if last else 1,
        now.astimezone(jurisdiction.zone).date(),
        now.astimezone(UTC),
        store.count(connection, jurisdiction.code),
        heads_hash(heads),
        last.checkpoint.hash() if last else START,
    )
    sealed = Signed(made, public_of(key), key.sign(made.text()))
    store.add(connection, sealed, heads)
    return sealed


def verify(
    connection: Connection,
    jurisdiction: Jurisdiction,
    *,
    against: Sequence[Signed] = (),
    keys: Collection[bytes] = (),
) -> Audit:
    """Go through every history and every checkpoint, as this transaction sees them.

    `against` are checkpoints that were kept elsewhere: each must still be there as it was. `keys`: the public
    keys that all must be signed with; any, if none are given.
    """
    faults: list[Fault] = []
    sealed = store.checkpoints(connection, jurisdiction.code)
    heads = store.heads(connection, jurisdiction.code)
    faults += _checkpoint_faults(sealed, heads)
    faults += _kept_faults(sealed, [e for e in against if e.checkpoint.jurisdiction == jurisdiction.code])
    faults += _foreign_faults(sealed, keys)
    by_case: dict[UUID, list[tuple[int, Head]]] = {}
    for number, some in heads.items():
        for head in some:
            by_case.setdefault(head.case, []).append((number, head))
    cases = moves = covered = 0
    for ids in _batches(store.cases(connection, jurisdiction.code)):
        chains = store.chains(connection, ids)
        files = store.files(connection, ids)
        for id_ in ids:
            links = chains[id_]
            cases, moves = cases + 1, moves + len(links)
            faults += chain_faults(id_, jurisdiction.code, links)
            hashes = {link.move.seq: link.hash for link in links}
            sure = 0
            for number, head in by_case.pop(id_, []):
                faults += head_faults([head], {id_: hashes}, number)
                sure = max(sure, head.seq)
            covered += sum(seq <= sure for seq in hashes)
            faults += _state_faults(id_, links, files.get(id_))
    for missing in by_case.values():
        number, head = missing[-1]
        faults += head_faults([head], {}, number)
    signers = tuple(dict.fromkeys(each.public_key.hex() for each in sealed))
    return Audit(cases, moves, covered, len(sealed), signers, tuple(faults))


def _batches(ids: Sequence[UUID]) -> Iterator[Sequence[UUID]]:
    for start in range(0, len(ids), CASES_AT_ONCE):
        yield ids[start : start + CASES_AT_ONCE]


def _checkpoint_faults(sealed: Sequence[Signed], heads: Mapping[int, Sequence[Head]]) -> Iterator[Fault]:
    previous, expected = START, 1
    for each in sealed:
        made = each.checkpoint
        if made.number != expected:
            yield Fault("missing", None, expected, f"checkpoint {expected} is missing")
        elif made.previous != previous:
            yield Fault(
                "order", None, made.number, f"checkpoint {made.number} does not follow the one before"
            )
        if not signed(each.public_key, made.text(), each.signature):
            yield Fault("forged", None, made.number, f"checkpoint {made.number} was not signed like this")
        if heads_hash(heads.get(made.number, ())) != made.heads:
            yield Fault("forged", None, made.number, f"checkpoint {made.number} does not have its own ends")
        previous, expected = made.hash(), made.number + 1


def _kept_faults(sealed: Sequence[Signed], against: Sequence[Signed]) -> Iterator[Fault]:
    there = {each.checkpoint.number: each for each in sealed}
    for kept in against:
        number = kept.checkpoint.number
        if not signed(kept.public_key, kept.checkpoint.text(), kept.signature):
            yield Fault("forged", None, number, f"the kept checkpoint {number} was not signed like this")
        elif number not in there:
            yield Fault("cut", None, number, f"checkpoint {number}, kept elsewhere, is gone")
        elif there[number].checkpoint != kept.checkpoint or there[number].public_key != kept.public_key:
            yield Fault("edited", None, number, f"checkpoint {number} is not the one that was kept")


def _foreign_faults(sealed: Sequence[Signed], keys: Collection[bytes]) -> Iterator[Fault]:
    for each in sealed:
        if keys and each.public_key not in keys:
            text = f"checkpoint {each.checkpoint.number} is signed with another key, {each.public_key.hex()}"
            yield Fault("forged", None, each.checkpoint.number, text)


def _state_faults(id_: UUID, links: Sequence[Link], file: store.File | None) -> Iterator[Fault]:
    if file is None:
        yield Fault("state", id_, None, "there is a history and no case")
        return
    if not links:
        yield Fault("missing", id_, 1, "there is a case and no history")
        return
    standing = Standing()
    try:
        for link in links:
            standing = apply(standing, link.move)
    except (KeyError, TypeError, ValueError, IndexError):  # edited beyond what can be read, told already
        return
    true = store.File(
        standing.state,
        standing.seq,
        links[-1].hash,
        list(standing.waiting_for),
        sorted(standing.recipients),
        standing.merged_into,
    )
    if true != file._replace(recipients=sorted(file.recipients)):
        text = f"the case is held as {file.state} after {file.seq} moves, its history says {standing.state}"
        yield Fault("state", id_, None, f"{text} after {standing.seq}")
