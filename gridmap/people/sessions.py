"""Sessions of those who have signed in: a random secret in the browser, its SHA-256 here, two ends.

A session ends when nobody has used it for IDLE, and LONGEST after it began however busy it is; at once when
it is revoked, its account disabled or the password changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from gridmap.people.credentials import store
from gridmap.people.credentials.model import Account
from gridmap.people.secrets import digest, new_secret

IDLE = timedelta(hours=12)  # a grid member's day with its pauses
LONGEST = timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)  # so that not every request writes
KEPT = timedelta(days=30)  # beyond its end, for who looks after a theft


@dataclass(frozen=True, slots=True)
class Signed:
    """Who a request is from. `stale`: `see` should be called, in a writing transaction."""

    account: Account
    stale: bool


def begin(connection: Connection, account: Account, moment: datetime | None = None) -> str:
    """A new session; -> its secret, which is stored nowhere."""
    secret, now = new_secret(), moment or datetime.now(UTC)
    store.add_session(connection, digest(secret), account, now, now + LONGEST)
    return secret


def find(connection: Connection, secret: str, moment: datetime | None = None) -> Signed | None:
    """Whose session a secret is; None for whatever is none, or none any more. Reads only."""
    now, found = moment or datetime.now(UTC), store.session_of(connection, digest(secret))
    if found is None or now >= found.expires_at or now >= found.seen_at + IDLE:
        return None
    return Signed(found.account, now >= found.seen_at + SEEN_EVERY)


def see(connection: Connection, secret: str, moment: datetime | None = None) -> None:
    """Remember that a session is in use."""
    store.see_session(connection, digest(secret), moment or datetime.now(UTC))


def end(connection: Connection, secret: str) -> bool:
    """Sign out; -> whether there was anything to end."""
    return store.revoke_sessions(connection, sha256=digest(secret)) > 0


def sweep(connection: Connection, moment: datetime | None = None) -> int:
    """Delete sessions that ended long ago; -> how many."""
    return store.sweep_sessions(connection, (moment or datetime.now(UTC)) - KEPT)
