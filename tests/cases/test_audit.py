"""Checkpoints, and each manipulation of a history by somebody who can switch the triggers off."""

from __future__ import annotations

import stat
from datetime import timedelta

import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gridmap.cases.audit import checkpoint, verify
from gridmap.cases.audit.kept import keep, kept_in, read_kept
from gridmap.cases.intake import collect
from gridmap.cases.ledger import START as BEGINNING
from gridmap.cases.ledger import move_hash
from gridmap.cases.moving import make
from gridmap.cases.signing import FILE, public_of, signing_key
from gridmap.cases.store import histories
from gridmap.errors import BadFile, BadInput
from gridmap.settings import Settings
from tests.cases.conftest import CHIEF, MEMBER, OFFICE, START, send

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
STEPS = (("file", OFFICE), ("dispatch", OFFICE), ("acknowledge", CHIEF))
NIGHT = START + timedelta(hours=12)


@pytest.fixture
def written(connection, district, settings):
    """Three cases with four moves each, and a checkpoint."""
    references = send(connection, district, settings, *["matter-06010"] * 3)
    cases = collect(connection, district, [[r] for r in references], MEMBER, at=START)
    for case in cases:
        for hours, (move, actor) in enumerate(STEPS, 1):
            at = START + timedelta(hours=hours)
            make(connection, district, settings, case, move, actor, reason="因为", at=at)
    sealed = checkpoint(connection, district, KEY, NIGHT)
    assert sealed is not None
    return cases, sealed


def tamper(connection, *statements: str, **values) -> None:
    """Run statements as somebody who owns the tables."""
    connection.execute(sa.text("SET LOCAL session_replication_role = replica"))
    for statement in statements:
        assert connection.execute(sa.text(statement), values).rowcount
    connection.execute(sa.text("SET LOCAL session_replication_role = origin"))


def faults(connection, district, **given) -> set[str]:
    return {fault.what for fault in verify(connection, district, **given).faults}


def test_what_is_as_written_verifies(written, connection, district, settings) -> None:
    cases, sealed = written
    found = verify(connection, district, against=[sealed])
    assert (found.cases, found.moves, found.covered, found.checkpoints) == (3, 12, 12, 1)
    assert found.faults == ()
    assert found.keys == (public_of(KEY).hex(),)
    answered = {"finding": "done"}
    make(connection, district, settings, cases[0], "answer", CHIEF, reason="好了", details=answered, at=NIGHT)
    assert checkpoint(connection, district, KEY, NIGHT) is not None
    assert checkpoint(connection, district, KEY, NIGHT) is None  # nothing has changed since
    again = verify(connection, district, against=[sealed])
    assert (again.moves, again.covered, again.checkpoints, again.faults) == (13, 13, 2, ())


def test_an_edited_move(written, connection, district) -> None:
    cases, _ = written
    tamper(connection, "UPDATE case_move SET reason = '别的' WHERE case_id = :id AND seq = 2", id=cases[0])
    (fault,) = verify(connection, district).faults
    assert (fault.what, fault.case, fault.seq) == ("edited", cases[0], 2)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE case_move SET at = at + interval '1 microsecond' WHERE seq = 2",
        "UPDATE case_move SET actor = 'x' WHERE seq = 2",
        "UPDATE case_move SET details = details || '{\"x\": 1}' WHERE seq = 2",
        "UPDATE case_move SET target = 'closed' WHERE seq = 2",
    ],
)
def test_any_column_of_a_move(written, connection, district, statement) -> None:
    tamper(connection, statement)
    assert faults(connection, district) == {"edited"}


def test_an_edited_move_hashed_anew(written, connection, district) -> None:
    """The hash of the move fits again; the next move tells."""
    cases, _ = written
    tamper(connection, "UPDATE case_move SET reason = '别的' WHERE case_id = :id AND seq = 2", id=cases[0])
    link = histories(connection, [cases[0]])[cases[0]][1]
    new = move_hash(cases[0], district.code, link.move, link.previous)
    tamper(connection, "UPDATE case_move SET hash = :h WHERE case_id = :id AND seq = 2", id=cases[0], h=new)
    assert faults(connection, district) == {"order"}


def test_a_whole_chain_hashed_anew(written, connection, district) -> None:
    """Only the checkpoint tells."""
    cases, _ = written
    tamper(connection, "UPDATE case_move SET reason = '别的' WHERE case_id = :id AND seq = 2", id=cases[0])
    rehash(connection, district, cases[0])
    assert faults(connection, district) == {"edited"}
    assert all("checkpoint 1" in fault.text for fault in verify(connection, district).faults)


def rehash(connection, district, case) -> None:
    """Make a chain of a case's moves that fits in itself, and in what is held of it."""
    before = BEGINNING
    statement = "UPDATE case_move SET previous = :p, hash = :h WHERE case_id = :id AND seq = :seq"
    for link in histories(connection, [case])[case]:
        new = move_hash(case, district.code, link.move, before)
        tamper(connection, statement, id=case, seq=link.move.seq, p=before, h=new)
        before = new
    tamper(connection, "UPDATE case_file SET head = :h WHERE id = :id", id=case, h=before)


def test_a_deleted_move(written, connection, district) -> None:
    tamper(connection, "DELETE FROM case_move WHERE case_id = :id AND seq = 2", id=written[0][0])
    assert "missing" in faults(connection, district)


def test_moves_in_another_order(written, connection, district) -> None:
    tamper(
        connection,
        "UPDATE case_move SET seq = 99 WHERE case_id = :id AND seq = 2",
        "UPDATE case_move SET seq = 2 WHERE case_id = :id AND seq = 3",
        "UPDATE case_move SET seq = 3 WHERE case_id = :id AND seq = 99",
        id=written[0][0],
    )
    assert {"order", "edited"} <= faults(connection, district)


def test_a_tail_cut_off(written, connection, district) -> None:
    """With what is held of the case put right, so that only the checkpoint tells."""
    case = written[0][0]
    third = histories(connection, [case])[case][2]
    tamper(
        connection,
        "DELETE FROM case_move WHERE case_id = :id AND seq = 4",
        "UPDATE case_file SET seq = 3, head = :head, state = 'dispatched' WHERE id = :id",
        id=case,
        head=third.hash,
    )
    assert faults(connection, district) == {"cut"}


def test_a_chain_dropped(written, connection, district) -> None:
    tamper(
        connection,
        "DELETE FROM case_notice WHERE case_id = :id",
        "DELETE FROM case_report WHERE case_id = :id",
        "DELETE FROM case_move WHERE case_id = :id",
        "DELETE FROM case_file WHERE id = :id",
        id=written[0][0],
    )
    (fault,) = verify(connection, district).faults
    assert (fault.what, fault.case) == ("dropped", written[0][0])


def test_a_state_that_no_move_made(written, connection, district) -> None:
    tamper(connection, "UPDATE case_file SET state = 'closed' WHERE id = :id", id=written[0][0])
    assert faults(connection, district) == {"state"}
    tamper(connection, "UPDATE case_file SET waiting_for = '{}' WHERE id = :id", id=written[0][1])
    assert len(verify(connection, district).faults) == 2


def test_a_checkpoint_made_to_fit(written, connection, district) -> None:
    """The ends in it changed: the hash that was signed tells; the hash too: the signature does."""
    tamper(connection, "UPDATE case_checkpoint_head SET seq = 3 WHERE case_id = :id", id=written[0][0])
    assert "forged" in faults(connection, district)


def test_a_checkpoint_signed_by_nobody(written, connection, district) -> None:
    tamper(connection, "UPDATE case_checkpoint SET cases = 2")
    assert faults(connection, district) == {"forged"}


def test_a_checkpoint_signed_by_another(written, connection, district) -> None:
    """Whoever has the database but not the key: another key is seen, and a line kept elsewhere tells."""
    _, sealed = written
    other = Ed25519PrivateKey.generate()
    tamper(
        connection,
        "UPDATE case_checkpoint SET public_key = :key, signature = :signature",
        key=public_of(other),
        signature=other.sign(sealed.checkpoint.text()),
    )
    assert verify(connection, district).keys == (public_of(other).hex(),)
    assert faults(connection, district, keys=[public_of(KEY)]) == {"forged"}
    assert faults(connection, district, keys=[public_of(other), public_of(KEY)]) == set()
    assert faults(connection, district, against=[sealed]) == {"edited"}


def test_a_checkpoint_taken_away_is_told_by_a_kept_line(written, connection, district) -> None:
    tamper(connection, "DELETE FROM case_checkpoint_head", "DELETE FROM case_checkpoint")
    assert faults(connection, district) == set()
    kept = read_kept(written[1].line() + "\n\n")
    assert kept == [written[1]]
    assert faults(connection, district, against=kept) == {"cut"}
    with pytest.raises(BadFile, match="line 1"):
        read_kept("{}")


def test_what_is_kept_outside_only_grows(written, connection, district, tmp_path) -> None:
    path = tmp_path / "new" / "kept.jsonl"
    assert kept_in(path) == []
    for _ in range(2):
        keep(path, [written[1]])
        assert kept_in(path) == [written[1]]
    tamper(connection, "DELETE FROM case_checkpoint_head", "DELETE FROM case_checkpoint")
    assert faults(connection, district, against=kept_in(path)) == {"cut"}


def test_the_key_is_made_once_and_for_its_owner(tmp_path) -> None:
    settings = Settings(data_dir=tmp_path / "new")
    key = signing_key(settings)
    assert public_of(signing_key(settings)) == public_of(key)
    path = tmp_path / "new" / FILE
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == [FILE]
    given = Settings(data_dir=tmp_path, audit_key=bytes(range(32)).hex())
    assert public_of(signing_key(given)) == public_of(KEY)
    assert "0102" not in repr(given)
    with pytest.raises(BadInput, match="GRIDMAP_AUDIT_KEY"):
        signing_key(Settings(data_dir=tmp_path, audit_key="secret"))
