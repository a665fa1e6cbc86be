"""Hearing PostgreSQL's NOTIFY on a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import Engine

TICK_SECONDS = 0.5  # how late `stop` may be seen


def notices(engine: Engine, channel: str, stop: Event) -> Iterator[None]:
    """Yields once when it listens (what came before is not told) and then after every burst of notices.

    Ends when `stop` is set. Raises sqlalchemy's OperationalError when the connection is lost.
    """
    pooled = engine.raw_connection()
    driver = pooled.driver_connection
    assert isinstance(driver, psycopg.Connection)
    pooled.detach()  # it must not go back to the pool while it listens
    try:
        driver.rollback()
        driver.autocommit = True
        driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        yield
        while not stop.is_set():
            if list(driver.notifies(timeout=TICK_SECONDS, stop_after=1)):
                yield
    except psycopg.Error as error:
        raise sa.exc.OperationalError("LISTEN", None, error) from error
    finally:
        driver.close()
