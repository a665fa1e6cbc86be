"""Whose a secret is: looked up in the database, kept for seconds, forgotten at once when accounts change.

Whoever ends a session, revokes a token or changes an account sends a notice (people.credentials.store), in
whichever process: what was kept before it is not gone by any more. While notices cannot be heard every
request asks the database. Nothing is kept of secrets that are nobody's.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from anyio import CapacityLimiter, to_thread

from gridmap.database.asker import Asker
from gridmap.database.sessions import Database
from gridmap.faces.keeping.news import EVERY, Basis, News, basis
from gridmap.people import sessions, tokens
from gridmap.people.credentials.model import Account, Token
from gridmap.people.secrets import digest

KEPT_SECONDS = 10.0
KEPT_MOST = 20_000
SECRET_MOST = 200  # characters: ours have 51 at most
AT_ONCE = 4  # look-ups; they have threads of their own, so that busy routes do not hold up `locate`


@dataclass(frozen=True, slots=True)
class Known:
    asker: Asker
    made_from: Basis


class Askers:
    """What is known of secrets. Used from the service's event loop only."""

    def __init__(self, database: Database, news: News):
        self._database = database
        self._news = news
        self._known: dict[bytes, Known] = {}
        self._looking: dict[bytes, asyncio.Task[Asker | None]] = {}
        self._threads = CapacityLimiter(AT_ONCE)

    async def find(self, secret: str) -> Asker | None:
        """Whose a token (it begins with tokens.PREFIX) or a session's secret is; None for whatever is none,
        or none any more. Raises sqlalchemy's errors when the database cannot say."""
        key = digest(secret)
        known = self._known.get(key)
        if known is not None and known.made_from.holds():
            return known.asker
        if len(secret) > SECRET_MOST:
            return None
        looking = self._looking.get(key)
        if looking is None:  # a hundred requests at once ask once
            looking = self._looking[key] = asyncio.create_task(self._look(key, secret))
            looking.add_done_callback(lambda _: self._looking.pop(key, None))
        return await asyncio.shield(looking)

    async def _look(self, key: bytes, secret: str) -> Asker | None:
        made_from = basis((self._news, EVERY))
        asker = await to_thread.run_sync(self._asked, secret, limiter=self._threads)
        if asker is None:
            self._known.pop(key, None)
        elif made_from.holds():
            if len(self._known) >= KEPT_MOST:
                self._known.clear()
            self._known[key] = Known(asker, replace(made_from, until=time.time() + KEPT_SECONDS))
        return asker

    def _asked(self, secret: str) -> Asker | None:
        if secret.startswith(tokens.PREFIX):
            with self._database.reading() as connection:
                token = tokens.find(connection, secret)
            if token is not None and tokens.stale(token):
                with self._database.writing() as connection:
                    tokens.use(connection, token)
            return None if token is None else of_token(token)
        with self._database.reading() as connection:
            found = sessions.find(connection, secret)
        if found is not None and found.stale:
            with self._database.writing() as connection:
                sessions.see(connection, secret)
        return None if found is None else of_account(found.account)


def of_account(account: Account) -> Asker:
    return Asker(
        account.jurisdiction,
        f"account:{account.login}",
        frozenset(account.roles),
        account.person,
        account.name,
        account.demonstration,
    )


def of_token(token: Token) -> Asker:
    return Asker(token.jurisdiction, f"token:{token.name}", frozenset({token.role}), token.person, token.name)
