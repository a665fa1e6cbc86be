"""Accounts, sessions, tokens and the throttle on a real PostGIS."""

from __future__ import annotations

import secrets as random
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest
import sqlalchemy as sa
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput, Conflict, NotFound, NotSignedIn, TooMany
from gridmap.opening import open_gridmap
from gridmap.people import accounts, secrets, sessions, signing, store, throttle, tokens
from gridmap.people.credentials import store as stored
from gridmap.people.model import Person

PASSWORD = "延河 bridge 42 lamps"
NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
HOME = Jurisdiction("test", "测试街道")
MADE_UP = Jurisdiction("made-up", "示例街道", illustrative=True)


@pytest.fixture(scope="module")
def town(make_settings) -> Iterator[Database]:
    """A database of its own, for what commits; every test knocks from an address of its own."""
    with open_gridmap(make_settings()) as database:
        with database.writing() as connection:
            areas.add_jurisdiction(connection, HOME)
            areas.add_jurisdiction(connection, MADE_UP)
            store.put_persons(connection, HOME.code, [Person("p1", "示例甲")], "test")
            accounts.add(connection, HOME, "Office", roles=["office"], password=PASSWORD, by="test")
        yield database


def test_signing_in_and_out(town: Database) -> None:
    signed = signing.sign_in(town, " OFFICE ", PASSWORD, "10.0.0.1")
    assert (signed.account.login, signed.account.roles) == ("office", ("office",))
    with town.reading() as connection:
        found = sessions.find(connection, signed.secret)
        assert found is not None
        assert (found.account.id, found.stale) == (signed.account.id, False)
        assert sessions.find(connection, signed.secret + "x") is None
        kept = connection.execute(sa.text("SELECT * FROM session")).mappings().one()
        assert signed.secret not in repr(kept)
        assert PASSWORD not in repr(connection.execute(sa.text("SELECT * FROM account")).all())
    with town.writing() as connection:
        assert sessions.end(connection, signed.secret)
        assert not sessions.end(connection, signed.secret)
    with town.reading() as connection:
        assert sessions.find(connection, signed.secret) is None


@pytest.mark.parametrize(("login", "password"), [("office", "wrong"), ("nobody", PASSWORD), ("\0\ud800", "")])
def test_a_wrong_sign_in_does_not_say_what_is_wrong(town: Database, login: str, password: str) -> None:
    with pytest.raises(NotSignedIn) as caught:
        signing.sign_in(town, login, password, "10.0.7.1")
    assert caught.value.message == signing.WRONG


def test_a_session_ends_when_idle_and_at_last(connection: Connection, jurisdiction: Jurisdiction) -> None:
    account = accounts.add(connection, jurisdiction, "a1", roles=["office"], password=PASSWORD, by="t")
    secret = sessions.begin(connection, account, NOW)
    idle = NOW + sessions.IDLE
    assert sessions.find(connection, secret, idle - timedelta(seconds=1)) is not None
    assert sessions.find(connection, secret, idle) is None
    moment = NOW
    while moment < NOW + sessions.LONGEST - timedelta(hours=6):
        moment += timedelta(hours=6)
        found = sessions.find(connection, secret, moment)
        assert found is not None
        assert found.stale
        sessions.see(connection, secret, moment)
    assert sessions.find(connection, secret, NOW + sessions.LONGEST) is None
    assert sessions.sweep(connection, NOW + sessions.LONGEST + sessions.KEPT) == 0
    assert sessions.sweep(connection, NOW + sessions.LONGEST + sessions.KEPT + timedelta(1)) == 1


def test_sessions_end_with_their_account_and_password(
    connection: Connection, jurisdiction: Jurisdiction
) -> None:
    account = accounts.add(connection, jurisdiction, "a1", roles=["office"], password=PASSWORD, by="t")
    secret = sessions.begin(connection, account)
    accounts.set_password(connection, account, "another 7 lamps here", "t")
    assert sessions.find(connection, secret) is None
    secret = sessions.begin(connection, account)
    accounts.disable(connection, account, "t")
    assert sessions.find(connection, secret) is None
    accounts.disable(connection, account, "t", disabled=False)
    assert sessions.find(connection, secret) is None  # what was ended stays ended
    changes = store.changes(connection, jurisdiction.code, subject="account", key="a1")
    assert len(changes) == 4
    assert "password_hash" not in changes[0].now


def test_a_hash_of_other_parameters_is_renewed(town: Database) -> None:
    with town.writing() as connection:
        account, strong = stored.account_of(connection, "office") or pytest.fail("it is there")
        weak = PasswordHash((Argon2Hasher(time_cost=1, memory_cost=8192),)).hash(PASSWORD)
        stored.rehash(connection, account.id, strong, weak)
    signing.sign_in(town, "office", PASSWORD, "10.0.8.1")
    with town.reading() as connection:
        _, fresh = stored.account_of(connection, "office") or pytest.fail("it is there")
    assert fresh != weak
    assert fresh.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert secrets.verify(PASSWORD, fresh) == (True, None)


def test_an_unknown_login_takes_as_long_as_a_wrong_password() -> None:
    known = secrets.hash_password(PASSWORD)

    def seconds(hash_: str | None) -> float:
        begin = time.perf_counter()
        assert secrets.verify("not this one", hash_) == (False, None)
        return time.perf_counter() - begin

    seconds(None)  # makes what nobody's is compared with
    pairs = [(seconds(known), seconds(None)) for _ in range(5)]
    assert 0.5 < median(a for a, _ in pairs) / median(b for _, b in pairs) < 2


def test_composed_and_decomposed_characters_are_one_password() -> None:
    assert secrets.verify("cafe\u0301 au lait", secrets.hash_password("café au lait"))[0]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"login": "a"}, "login"),
        ({"login": "two words"}, "login"),
        ({"login": "nul\0"}, "login"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "aaaaaaaaaaaa"}, "password"),
        ({"password": "my office-1 is here"}, "password"),
        ({"roles": []}, "role"),
        ({"roles": ["king"]}, "role"),
        ({"roles": ["member"]}, "person"),
    ],
)
def test_a_wrong_account_names_its_field(connection, jurisdiction, change, field) -> None:
    words = {"login": "office-1", "roles": ["office"], "password": PASSWORD} | change
    with pytest.raises(BadInput) as caught:
        accounts.add(connection, jurisdiction, words.pop("login"), by="t", **words)
    assert caught.value.field == field


def test_a_login_is_one_in_every_spelling(connection: Connection, jurisdiction: Jurisdiction) -> None:
    accounts.add(connection, jurisdiction, "Ofﬁce.甲", roles=["office"], password=PASSWORD, by="t")
    with pytest.raises(Conflict):
        accounts.add(connection, jurisdiction, "OFFICE.甲", roles=["管理员"], password=PASSWORD, by="t")
    assert accounts.find(connection, jurisdiction.code, "office.甲").name == "office.甲"
    with pytest.raises(NotFound):
        accounts.find(connection, "elsewhere", "office.甲")
    with pytest.raises(NotFound, match="no person"):
        accounts.add(connection, jurisdiction, "m1", roles=["member"], password=PASSWORD, by="t", person="p")


def test_the_throttle_counts_failures_of_all_workers(town: Database) -> None:
    for _ in range(throttle.LOGIN_THERE):
        with pytest.raises(NotSignedIn):
            signing.sign_in(town, "office", "wrong", "10.0.6.1", NOW)
    with pytest.raises(TooMany):
        signing.sign_in(town, "office", PASSWORD, "10.0.6.1", NOW)
    signing.sign_in(town, "office", PASSWORD, "10.0.6.2", NOW)  # nobody is locked out from elsewhere
    signing.sign_in(town, "office", PASSWORD, "10.0.6.1", NOW + throttle.WINDOW + timedelta(seconds=1))


def test_the_throttle_bounds_logins_and_addresses(connection: Connection) -> None:
    for n in range(throttle.LOGIN):
        throttle.refuse(throttle.count(connection, "office", f"10.0.1.{n}", NOW))
    with pytest.raises(TooMany, match="15 minutes"):
        throttle.refuse(throttle.count(connection, "office", "10.0.2.1", NOW))
    for n in range(throttle.ADDRESS):
        throttle.refuse(throttle.count(connection, f"guess{n}", "10.0.3.1", NOW))
    with pytest.raises(TooMany):
        throttle.refuse(throttle.count(connection, "another", "10.0.3.1", NOW))
    names = connection.execute(sa.text("SELECT sha256 FROM sign_in_attempt")).scalars()
    assert not any(b"office" in bytes(name) for name in names)
    assert throttle.sweep(connection, NOW + timedelta(hours=1)) > 100


def test_a_sign_in_that_succeeds_begins_the_count_anew(town: Database) -> None:
    for _ in range(3):
        for _ in range(throttle.LOGIN_THERE - 1):
            with town.writing() as connection:
                throttle.refuse(throttle.count(connection, "office", "10.0.9.1", NOW))
        signing.sign_in(town, "office", PASSWORD, "10.0.9.1", NOW)


def test_tokens(connection: Connection, jurisdiction: Jurisdiction) -> None:
    text = tokens.create(connection, jurisdiction, "scanner", "office", "t")
    token = tokens.find(connection, text)
    assert token is not None
    assert (token.name, token.role, token.jurisdiction) == ("scanner", "office", jurisdiction.code)
    assert tokens.stale(token)
    tokens.use(connection, token, NOW)
    again = tokens.find(connection, text)
    assert again is not None
    assert not tokens.stale(again, NOW + timedelta(seconds=59))
    with pytest.raises(Conflict):
        tokens.create(connection, jurisdiction, "scanner", "office", "t")
    with pytest.raises(BadInput, match="person"):
        tokens.create(connection, jurisdiction, "phone", "member", "t")
    rows = connection.execute(sa.text("SELECT * FROM token")).all()
    assert text.removeprefix(tokens.PREFIX) not in repr(rows)
    tokens.revoke(connection, jurisdiction.code, "scanner")
    assert tokens.find(connection, text) is None
    with pytest.raises(NotFound):
        tokens.revoke(connection, jurisdiction.code, "scanner")
    assert tokens.create(connection, jurisdiction, "scanner", "office", "t") != text


def test_guessed_tokens_and_sessions_hit_nothing(connection: Connection, jurisdiction: Jurisdiction) -> None:
    account = accounts.add(connection, jurisdiction, "a1", roles=["office"], password=PASSWORD, by="t")
    text = tokens.create(connection, jurisdiction, "scanner", "administrator", "t")
    secret = sessions.begin(connection, account)
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    near = [text[:i] + c + text[i + 1 :] for i in range(len(text)) for c in letters if c != text[i]]
    far = [tokens.PREFIX + random.token_urlsafe(32) for _ in range(10_000 - len(near) - 4)]
    odd = [tokens.PREFIX, text.upper(), text + "=", text.removeprefix(tokens.PREFIX)]
    guesses = [*near, *far, *odd]
    assert len(guesses) == 10_000
    assert not any(tokens.find(connection, guess) for guess in guesses)
    assert not any(sessions.find(connection, guess.removeprefix(tokens.PREFIX)) for guess in guesses[::10])
    assert tokens.find(connection, text) is not None
    assert sessions.find(connection, secret) is not None


def test_demonstration_accounts_are_of_what_is_made_up(town: Database) -> None:
    trial = accounts.Trial("demo.office", "office", None, "示例办公室")
    with town.writing() as connection:
        with pytest.raises(BadInput, match="real district"):
            accounts.add_demonstration(connection, HOME, [trial])
        (made,) = accounts.add_demonstration(connection, MADE_UP, [trial])
        assert accounts.add_demonstration(connection, MADE_UP, [trial]) == []
        assert [a.login for a in accounts.demonstration_accounts(connection, MADE_UP)] == ["demo.office"]
        assert accounts.demonstration_accounts(connection, HOME) == []
        with pytest.raises(Conflict, match="demonstration"):
            accounts.set_password(connection, made, "something long 123", "t")
    signed = signing.sign_in_to_demonstration(town, MADE_UP, "demo.office")
    assert signed.account.demonstration
    with pytest.raises(NotSignedIn):
        signing.sign_in_to_demonstration(town, HOME, "office")
    with pytest.raises(NotSignedIn):
        signing.sign_in_to_demonstration(town, MADE_UP, "office")
    with town.writing() as connection:
        accounts.disable(connection, made, "t")
        assert accounts.demonstration_accounts(connection, MADE_UP) == []
