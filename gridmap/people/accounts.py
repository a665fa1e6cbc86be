"""Accounts: who signs in with a login and a password. Signing in itself is in signing.py.

A login is one in all jurisdictions and all spellings of its letters: it is kept in lower case and NFKC.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict, NotFound
from gridmap.people import store as people
from gridmap.people.credentials import store
from gridmap.people.credentials.model import Account, check_role
from gridmap.people.secrets import check_password, hash_password, new_secret
from gridmap.text import BROKEN, check_text


def plain_login(text: str) -> str:
    """
    >>> plain_login(" Ｏffice.01 ")
    'office.01'
    """
    return unicodedata.normalize("NFKC", text).strip().lower()


def sought_login(text: str) -> str:
    """The same of a login that somebody claims to have: what no login holds is no error, it finds nothing."""
    return BROKEN.sub("\ufffd", plain_login(text)[:256])


def add(
    connection: Connection,
    jurisdiction: Jurisdiction,
    login: str,
    *,
    roles: Sequence[str],
    password: str,
    by: str,
    name: str | None = None,
    person: str | None = None,
) -> Account:
    """A new account. Raises BadInput naming the field, NotFound(field="person"), Conflict(field="login")."""
    plain = check_text(plain_login(login), "login", least=2, most=64, lines=False)
    if any(character.isspace() for character in plain):
        raise BadInput("must be one word", field="login")
    check_password(password, plain)
    return _add(connection, jurisdiction, plain, roles, hash_password(password), by, name=name, person=person)


def _add(
    connection: Connection,
    jurisdiction: Jurisdiction,
    login: str,
    roles: Sequence[str],
    password_hash: str,
    by: str,
    *,
    name: str | None,
    person: str | None,
    demonstration: bool = False,
) -> Account:
    if not roles:
        raise BadInput("give one role at least", field="role")
    chosen = tuple(dict.fromkeys(check_role(role, person) for role in roles))
    if person is not None:
        known = people.person(connection, jurisdiction.code, person)
        name = name or known.name
    account = Account(
        id=uuid4(),
        jurisdiction=jurisdiction.code,
        login=login,
        name=check_text(name or login, "name", most=100, least=1, lines=False),
        person=person,
        roles=chosen,
        demonstration=demonstration,
        disabled_at=None,
        password_set_at=datetime.now(UTC),
    )
    if not store.add_account(connection, account, password_hash, by):
        raise Conflict(f"there is an account {login!r} already; choose another login", field="login")
    return account


def find(connection: Connection, jurisdiction: str, login: str) -> Account:
    """Raises NotFound(field="login"), also for one of another jurisdiction."""
    found = store.account_of(connection, sought_login(login))
    if found is None or found[0].jurisdiction != jurisdiction:
        raise NotFound(f"there is no account {login[:64]!r}", field="login")
    return found[0]


def set_password(connection: Connection, account: Account, password: str, by: str) -> None:
    """Another password; every session of the account ends. Raises BadInput(field="password")."""
    if account.demonstration:
        raise Conflict("an account of the demonstration has no password of anybody's", field="login")
    check_password(password, account.login)
    store.set_password(connection, account.id, hash_password(password), by)
    store.revoke_sessions(connection, account_id=account.id)


def disable(
    connection: Connection,
    account: Account,
    by: str,
    *,
    disabled: bool = True,
    since: datetime | None = None,
) -> None:
    """Take an account out of use, with every session of it; or back into use. `since`: from a moment to come.

    Who may do that to whom is for stewards.py to say; the command line may.
    """
    now = datetime.now(UTC)
    store.set_disabled(connection, account.id, (since or now) if disabled else None, by)
    if disabled and (since is None or since <= now):
        store.revoke_sessions(connection, account_id=account.id)


@dataclass(frozen=True, slots=True)
class Trial:
    """An account to try a district that is made up."""

    login: str
    role: str
    person: str | None
    name: str


def add_demonstration(
    connection: Connection, jurisdiction: Jurisdiction, trials: Sequence[Trial]
) -> list[Account]:
    """Accounts with a password that nobody knows, as far as they are not there; -> the new ones.

    Raises BadInput(field="jurisdiction") for a real district.
    """
    if not jurisdiction.illustrative:
        text = f"{jurisdiction.code} is a real district; demonstration accounts are for one that is made up"
        raise BadInput(text, field="jurisdiction")
    new = [trial for trial in trials if store.account_of(connection, trial.login) is None]
    password_hash = hash_password(new_secret()) if new else ""
    return [
        _add(
            connection,
            jurisdiction,
            trial.login,
            [trial.role],
            password_hash,
            "demonstration",
            name=trial.name,
            person=trial.person,
            demonstration=True,
        )
        for trial in new
    ]


def demonstration_accounts(connection: Connection, jurisdiction: Jurisdiction) -> list[Account]:
    """Those that a visible click may sign in to, by login: none but in a district that is made up."""
    if not jurisdiction.illustrative:
        return []
    found = store.accounts(connection, jurisdiction.code)
    return [each for each in found if each.demonstration and not each.disabled]
