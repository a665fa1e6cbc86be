"""Slowing down who guesses passwords: attempts are counted in the database, for all workers together.

Counted before the password is looked at, so that a hundred attempts at once are a hundred. Three things are
counted, each as a hash only: the login from this address (LOGIN_THERE), the login from anywhere (LOGIN), the
address (ADDRESS). So one address cannot lock somebody out elsewhere with a few attempts, and one login
cannot be tried from a thousand addresses for ever.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from gridmap.errors import TooMany
from gridmap.people.credentials import store
from gridmap.people.secrets import digest

WINDOW = timedelta(minutes=15)
LOGIN_THERE, LOGIN, ADDRESS = 5, 50, 100  # attempts in a window


def count(
    connection: Connection, login: str, address: str, moment: datetime | None = None
) -> tuple[int, int, int]:
    """How many attempts (login there, login, address) there have been in the window, with this one; to be
    committed before the password is looked at, whether or not it is then refused."""
    now = moment or datetime.now(UTC)
    there, anywhere, sender = store.count_attempts(connection, _subjects(login, address), now, WINDOW)
    return there, anywhere, sender


def count_use(
    connection: Connection, once: str, address: str, moment: datetime | None = None
) -> tuple[int, int]:
    """How often what is good for one time has been used in the window, and how many attempts of any kind the
    address has made, with this one; to be committed before anything follows from it."""
    now = moment or datetime.now(UTC)
    subjects = [digest(f"once\0{once}"), _subjects("", address)[2]]
    used, sender = store.count_attempts(connection, subjects, now, WINDOW)
    return used, sender


def refuse(counts: tuple[int, int, int]) -> None:
    """Raise TooMany where one of the counts (login there, login, address) is over its limit."""
    if any(n > most for n, most in zip(counts, (LOGIN_THERE, LOGIN, ADDRESS), strict=True)):
        minutes = int(WINDOW.total_seconds() // 60)
        raise TooMany(f"too many attempts to sign in; wait {minutes} minutes")


def forget(connection: Connection, login: str, address: str) -> None:
    """After a sign-in that succeeded: this login from this address starts anew."""
    store.forget_attempts(connection, _subjects(login, address)[:1])


def sweep(connection: Connection, moment: datetime | None = None) -> int:
    """Delete counts whose window is long over; -> how many."""
    return store.sweep_attempts(connection, (moment or datetime.now(UTC)) - 2 * WINDOW)


def _subjects(login: str, address: str) -> list[bytes]:
    return [digest(f"both\0{login}\0{address}"), digest(f"login\0{login}"), digest(f"address\0{address}")]
