"""Hearing PostgreSQL's NOTIFY on a connection of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from threading import Event

import psycopg
import sqlalchemy as sa
from psycopg import sql
from sqlalchemy import Engine

TICK_SECONDS = 0.5  # how late `stop` may be seen
ALIVE_SECONDS = 2.0  # how often the server is asked whether it is still there


def notices(engine: Engine, channel: str, stop: Event) -> Iterator[list[str]]:
    """Yields the payloads of every burst of notices, and nothing ([]) when the server has shown it is there.

    The first [] comes when it listens: what came before is not told. Ends when `stop` is set. Raises
    sqlalchemy's OperationalError when the connection is lost; one that hangs shows by the [] that stay away.
    """
    pooled = engine.raw_connection()
    driver = pooled.driver_connection
    assert isinstance(driver, psycopg.Connection)
    pooled.detach()  # it must not go back to the pool while it listens
    try:
        driver.rollback()
        driver.autocommit = True
        driver.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
        asked = time.monotonic()
        yield []
        while not stop.is_set():
            if heard := [each.payload for each in driver.notifies(timeout=TICK_SECONDS, stop_after=1)]:
                yield heard
            elif time.monotonic() - asked > ALIVE_SECONDS:
                driver.execute("SELECT 1")
                asked = time.monotonic()
                yield []
    except psycopg.Error as error:
        raise sa.exc.OperationalError("LISTEN", None, error) from error
    finally:
        driver.close()
