"""Signing in for tests: tokens and sessions made in the database of a service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from gridmap.areas import store as areas
from gridmap.database.sessions import Database, make_engine
from gridmap.people import accounts, sessions, tokens
from gridmap.settings import Settings

COOKIE = "gridmap_session"


@contextmanager
def owners(settings: Settings) -> Iterator[Database]:
    """The database of a service that is up, as its owner."""
    assert settings.database_url is not None
    engine = make_engine(settings.database_url, connections=2)
    try:
        yield Database(engine, settings)
    finally:
        engine.dispose()


def token(
    settings: Settings, role: str = "office", *, jurisdiction: str | None = None, person: str | None = None
) -> str:
    """A new token's text; of the first jurisdiction, where none is named."""
    with owners(settings) as database, database.writing() as connection:
        known = {each.code: each for each in areas.jurisdictions(connection)}
        chosen = known[jurisdiction] if jurisdiction else next(iter(known.values()))
        return tokens.create(connection, chosen, f"tests {uuid4()}", role, "tests", person=person)


def session(
    settings: Settings, role: str = "office", *, jurisdiction: str | None = None, person: str | None = None
) -> str:
    """The secret of a new session, of a new account; to be sent as the cookie COOKIE."""
    with owners(settings) as database, database.writing() as connection:
        known = {each.code: each for each in areas.jurisdictions(connection)}
        chosen = known[jurisdiction] if jurisdiction else next(iter(known.values()))
        password = f"four lamps {uuid4()}"
        login = f"tests-{uuid4()}"
        account = accounts.add(
            connection, chosen, login, roles=[role], password=password, by="tests", person=person
        )
        return sessions.begin(connection, account)


def cookie(url: str, secret: str) -> dict[str, str]:
    """The cookie that carries a session, for a browser (playwright)."""
    return {"name": COOKIE, "value": secret, "url": url}


def bearer(text: str) -> dict[str, str]:
    """The header that carries a token."""
    return {"Authorization": f"Bearer {text}"}
