"""The database with an eye on what is under way, so that the end of the service can cut it short.

A query behind somebody's lock waits without end, its thread with it, and Python waits for its threads.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection

from gridmap.database.sessions import Database

AGAIN_SECONDS = 0.1
SERVER_SECONDS = 1.0  # how long the server may take to hear of it


@dataclass(frozen=True, slots=True)
class WatchedDatabase(Database):
    """A Database that knows its transactions. `cancel` may be called from any thread."""

    _under_way: set[Connection] = field(default_factory=set)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with Database.reading(self) as connection, self._watched(connection):
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        with Database.asking(self) as connection, self._watched(connection):
            yield connection

    @contextmanager
    def writing(self, *, opened: bool = True) -> Iterator[Connection]:
        with Database.writing(self, opened=opened) as connection, self._watched(connection):
            yield connection

    def cancel(self, seconds: float) -> None:
        """Cancel query after query (SQLSTATE 57014) until none is under way, or `seconds` are over."""
        deadline = time.monotonic() + seconds
        while self._under_way and time.monotonic() < deadline:
            for connection in list(self._under_way):
                if not self._cancelled(connection):
                    return
            time.sleep(AGAIN_SECONDS)

    @contextmanager
    def _watched(self, connection: Connection) -> Iterator[None]:
        self._under_way.add(connection)
        try:
            yield
        finally:
            self._under_way.discard(connection)

    def _cancelled(self, connection: Connection) -> bool:
        """Whether the server has heard of it, or there is nothing left to tell it."""
        driver = None if connection.closed else connection.connection.driver_connection
        if driver is None or driver.closed:
            return True
        try:
            driver.cancel_safe(timeout=SERVER_SECONDS)
        except self.engine.dialect.loaded_dbapi.Error:
            return False
        return True
