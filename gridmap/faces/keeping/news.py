"""What other transactions have changed, as numbers that change with it: what kept answers are checked by.

A thread hears PostgreSQL's NOTIFY, which is sent when a transaction has committed, so it does not matter
which process wrote. A change is known within the notice's delay (milliseconds). While the connection is lost,
or the server has not been heard of for TRUSTED_SECONDS, nothing is known: `stamp` is None and answers are
made anew. So an answer is at most that old even behind a connection that hangs without breaking.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from datetime import time as clock
from threading import Event

import sqlalchemy.exc
import structlog
from sqlalchemy import Engine

from gridmap.areas.model import Jurisdiction
from gridmap.database.listening import notices

log = structlog.get_logger()

RETRY_SECONDS = 1.0
TRUSTED_SECONDS = 5.0

EVERY = ""  # a change in whichever jurisdiction
Stamp = tuple[int, int]


class News:
    """Changes on one channel, counted by jurisdiction. Reading is safe from every thread."""

    def __init__(self, engine: Engine, channel: str, on_change: Callable[[], None] = lambda: None):
        self._engine = engine
        self._channel = channel
        self._on_change = on_change
        self._connections = 0
        self._changes: Counter[str] = Counter()
        self._heard = float("-inf")

    def stamp(self, jurisdiction: str) -> Stamp | None:
        """Another one after every change in the jurisdiction (or EVERY); None while that cannot be known.

        To be taken before what it stands for is read.
        """
        if time.monotonic() - self._heard > TRUSTED_SECONDS:
            return None
        return self._connections, self._changes[jurisdiction]

    def follow(self, stop: Event) -> None:
        """Hear until `stop` is set; a lost connection is made again. Runs in a thread.

        `on_change` is called for every burst and every new connection, before the stamps change.
        """
        while not stop.is_set():
            try:
                self._hear(stop)
            except (sqlalchemy.exc.SQLAlchemyError, OSError) as error:
                if not stop.is_set():
                    log.warning("listening", channel=self._channel, error=type(error).__name__)
            except Exception:
                log.exception("listening", channel=self._channel)
            self._heard = float("-inf")
            stop.wait(RETRY_SECONDS)

    def _hear(self, stop: Event) -> None:
        connected = False
        for changed in notices(self._engine, self._channel, stop):
            if changed or not connected:
                self._on_change()
            if not connected:
                connected = True
                self._connections += 1
            self._changes.update([*changed, *[EVERY] * len(changed)])
            self._heard = time.monotonic()


@dataclass(frozen=True, slots=True)
class Basis:
    """What an answer is made from: it holds while the stamps are these and the day is not over.

    To be taken before anything is read. Where a stamp could not be had it never holds.
    """

    stamps: tuple[tuple[News, str, Stamp | None], ...]
    until: float = float("inf")  # seconds since 1970

    def holds(self) -> bool:
        return time.time() < self.until and all(
            stamp is not None and news.stamp(of) == stamp for news, of, stamp in self.stamps
        )

    def also(self, news: News, of: str) -> Basis:
        """The same and one more, taken now."""
        return replace(self, stamps=(*self.stamps, (news, of, news.stamp(of))))

    def on(self, day: date | None, owner: Jurisdiction) -> tuple[date, Basis]:
        """The day that an answer is about: the one asked for, or today, and then it holds until midnight."""
        if day is not None:
            return day, self
        today = owner.today()
        midnight = datetime.combine(today + timedelta(days=1), clock(), owner.zone)
        return today, replace(self, until=midnight.timestamp())


def basis(*sources: tuple[News, str]) -> Basis:
    """Of the news of each (channel, jurisdiction or EVERY)."""
    return Basis(tuple((news, of, news.stamp(of)) for news, of in sources))
