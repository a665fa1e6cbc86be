"""Turns by PostgreSQL's advisory locks: one process of many, and one transaction after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa
from sqlalchemy import Connection, Engine


def hold(connection: Connection, name: str, *, shared: bool = False) -> None:
    """Have the lock `name` until the transaction ends: alone, or `shared` with others that share it."""
    lock = sa.func.pg_advisory_xact_lock_shared if shared else sa.func.pg_advisory_xact_lock
    connection.execute(sa.select(lock(sa.func.hashtextextended(sa.literal(name), 0))))


@contextmanager
def sole(engine: Engine, name: str) -> Iterator[Callable[[], None] | None]:
    """None where another process has the lock `name` of this database; else what makes sure that we have it
    still. Raises sqlalchemy's OperationalError, as that does, when the connection (so the lock) is lost.

    The lock goes with the connection: whatever kills the process that has it, the next may have it.
    """
    pooled = engine.raw_connection()
    driver = pooled.driver_connection
    assert isinstance(driver, psycopg.Connection)
    pooled.detach()  # in the pool it would keep the lock
    try:
        driver.rollback()
        driver.autocommit = True
        lock = "SELECT pg_try_advisory_lock(hashtextextended(%s, 0))"
        row = driver.execute(lock, (name,)).fetchone()
        assert row is not None
        yield (lambda: _make_sure(driver)) if row[0] else None
    except psycopg.Error as error:
        raise sa.exc.OperationalError("the lock of one process", None, error) from error
    finally:
        driver.close()


def _make_sure(driver: psycopg.Connection[tuple[object, ...]]) -> None:
    driver.execute("SELECT 1")
