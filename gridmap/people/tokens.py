"""Tokens of machines: `Authorization: Bearer gridmap_…`. Shown once, when they are made; stored hashed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import Conflict, NotFound
from gridmap.people import store as people
from gridmap.people.credentials import store
from gridmap.people.credentials.model import Token, check_role
from gridmap.people.secrets import digest, new_secret
from gridmap.text import check_text

PREFIX = "gridmap_"  # so that a token that strays into a file is known for what it is
USED_EVERY = timedelta(minutes=1)


def create(
    connection: Connection,
    jurisdiction: Jurisdiction,
    name: str,
    role: str,
    by: str,
    *,
    person: str | None = None,
) -> str:
    """A new token; -> the text that is sent, which is stored nowhere.

    `person`: whose duties bound what it sees, for the roles that have a person. Raises BadInput naming the
    field, NotFound(field="person"), Conflict(field="name").
    """
    plain = check_text(name, "name", least=1, most=100, lines=False)
    chosen = check_role(role, person)
    if person is not None:
        people.person(connection, jurisdiction.code, person)
    secret = new_secret(PREFIX)
    token = Token(
        uuid4(), jurisdiction.code, plain, chosen, person, None, None, datetime.now(UTC), recorded_by=by
    )
    if not store.add_token(connection, token, digest(secret)):
        raise Conflict(f"there is a token {plain!r} already; revoke it or choose another name", field="name")
    return secret


def find(connection: Connection, secret: str) -> Token | None:
    """What token a text is; None for whatever is none, or none any more. Reads only."""
    if not secret.startswith(PREFIX):
        return None
    return store.token_of(connection, digest(secret))


def stale(token: Token, moment: datetime | None = None) -> bool:
    """Whether `use` should be called, in a writing transaction."""
    now = moment or datetime.now(UTC)
    return token.last_used_at is None or now >= token.last_used_at + USED_EVERY


def use(connection: Connection, token: Token, moment: datetime | None = None) -> None:
    """Remember when a token was last used."""
    store.use_token(connection, token.id, moment or datetime.now(UTC))


def revoke(connection: Connection, jurisdiction: str, name: str) -> None:
    """Raises NotFound(field="name")."""
    if not store.revoke_token(connection, jurisdiction, name.strip()):
        raise NotFound(f"there is no token {name[:100]!r} that could be revoked", field="name")
