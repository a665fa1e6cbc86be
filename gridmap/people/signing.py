"""Signing in and out: throttled, in constant time, with the stored hash renewed when its parameters change.

A use case over a database rather than a connection: the attempt is committed before the password is looked
at, and no transaction waits while argon2 works.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import NotSignedIn
from gridmap.people import accounts, secrets, sessions, throttle
from gridmap.people.credentials import store
from gridmap.people.credentials.model import Account

WRONG = "login or password is wrong"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session: its account, and the secret for the browser."""

    account: Account
    secret: str


def sign_in(
    database: Database, login: str, password: str, address: str, moment: datetime | None = None
) -> SignedIn:
    """Begin a session. `address`: whom the attempt is from, for the throttle.

    Raises NotSignedIn, the same for an unknown login, a wrong password and a disabled account; TooMany.
    """
    plain = accounts.sought_login(login)
    with database.writing() as connection:
        counts = throttle.count(connection, plain, address, moment)
    throttle.refuse(counts)
    with database.reading() as connection:
        found = store.account_of(connection, plain)
    account, stored = found if found is not None else (None, None)
    right, fresh = secrets.verify(password, stored)
    if account is None or stored is None or not right or account.demonstration or account.disabled:
        raise NotSignedIn(WRONG)
    with database.writing() as connection:
        throttle.forget(connection, plain, address)
        if fresh is not None:
            store.rehash(connection, account.id, stored, fresh)
        return SignedIn(account, sessions.begin(connection, account, moment))


def sweep(database: Database) -> None:
    """Delete what nobody needs any more: counts of attempts, sessions that ended long ago."""
    with database.writing() as connection:
        throttle.sweep(connection)
        sessions.sweep(connection)


def sign_in_to_demonstration(
    database: Database, jurisdiction: Jurisdiction, login: str, moment: datetime | None = None
) -> SignedIn:
    """Begin a session of a demonstration account, without a password: all that it opens is made up.

    Raises NotSignedIn for every other account.
    """
    with database.writing() as connection:
        for account in accounts.demonstration_accounts(connection, jurisdiction):
            if account.login == login:
                return SignedIn(account, sessions.begin(connection, account, moment))
    raise NotSignedIn("this is no account of the demonstration")
