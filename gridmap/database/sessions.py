"""Opening the database and the two words for transactions: `reading()` and `writing()`.

`writing()` is the only place in gridmap that commits. Stores take the connection and never end it.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Self

import sqlalchemy as sa
from sqlalchemy import Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from gridmap.database import migrations
from gridmap.database.asker import Asker
from gridmap.database.cluster import PrivateCluster
from gridmap.errors import DatabaseUnavailable
from gridmap.settings import Settings

LOCK_TIMEOUT = "15s"
CONNECTIONS = 40  # of all workers of a service at most: a server takes 100 unless told otherwise
CONNECTIONS_LEAST = 4  # of each
RESTED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database and the settings it was opened with; what somebody asks for, as they may see it.

    Without an `asker` it is gridmap's own: the command line, loaders and what runs by itself.
    """

    engine: Engine
    settings: Settings
    asker: Asker | None = None

    def asked_by(self, asker: Asker) -> Self:
        """The same database, as this asker may see it."""
        return replace(self, asker=asker)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only transaction that sees one state of the data from its first query to its last."""
        with self.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            yield connection

    @contextmanager
    def writing(self, *, opened: bool = True) -> Iterator[Connection]:
        """A transaction that commits when the block ends and rolls back when it raises.

        It waits for another's lock at most LOCK_TIMEOUT (the error is OperationalError, SQLSTATE 55P03).
        Unless it is `opened`, the block must send `first_words()` first: together with its own (journeys.py)
        they cost no journey to the server.
        """
        with self.engine.begin() as connection:
            if opened:
                connection.execute(sa.text(first_words()))
            yield connection


def first_words() -> str:
    """The statement that a writing transaction begins with."""
    return f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"


def make_engine(url: str, *, connections: int = CONNECTIONS) -> Engine:
    """An engine on psycopg 3, whatever driver the user's URL names; sessions run in UTC.

    It has so many connections at most; whoever wants one more waits for it.
    """
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise DatabaseUnavailable(
            "GRIDMAP_DATABASE_URL is not a database URL; give postgresql://user@host/name"
        ) from None
    if parsed.get_backend_name() != "postgresql":
        raise DatabaseUnavailable("GRIDMAP_DATABASE_URL must name a PostgreSQL server with PostGIS")
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=min(10, connections),
        max_overflow=max(0, connections - 10),
        hide_parameters=True,  # names and telephone numbers are among them, and errors are logged
        pool_use_lifo=True,  # the one that has just been used knows the statements, and need not be asked
        connect_args={"options": "-c timezone=UTC -c jit=off", "connect_timeout": 10},
    )
    _ask_the_rested(engine)
    return engine


def _ask_the_rested(engine: Engine) -> None:
    """Ask a pooled connection that has not been used for RESTED_SECONDS whether it lives; if not, make anew.

    `pool_pre_ping` asks every time: a journey to the server before each transaction.
    """

    @sa.event.listens_for(engine, "checkin")
    def put_back(_: object, record: ConnectionPoolEntry) -> None:
        record.info["put back"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def taken_out(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("put back", float("inf")) < RESTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error:
            raise sa.exc.InvalidatePoolError from None


def check_postgis(engine: Engine) -> None:
    """Raise DatabaseUnavailable unless the server answers and can have PostGIS and btree_gist."""
    try:
        with engine.begin() as connection:
            for extension in ("postgis", "btree_gist"):
                connection.execute(sa.text(f"CREATE EXTENSION IF NOT EXISTS {extension}"))
    except sa.exc.OperationalError as error:
        raise DatabaseUnavailable(f"the database does not answer: {error.orig}") from None
    except sa.exc.DBAPIError as error:
        raise DatabaseUnavailable(
            f"the database lacks PostGIS: {error.orig}; let its administrator run"
            " CREATE EXTENSION postgis; CREATE EXTENSION btree_gist;"
        ) from None


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    """Open the user's server or the private cluster, migrated to head.

    Raises DatabaseUnavailable with what to do when there is no server, no PostGIS or no rights.
    """
    with ExitStack() as stack:
        url = settings.database_url
        if url is None:
            cluster = PrivateCluster(
                settings.data_dir / "postgres", pg_bindir=settings.pg_bindir, pg_user=settings.pg_user
            )
            stack.callback(cluster.stop)
            url = cluster.start()
        engine = make_engine(url, connections=max(CONNECTIONS // settings.workers, CONNECTIONS_LEAST))
        stack.callback(engine.dispose)
        check_postgis(engine)
        migrations.upgrade(engine)
        yield Database(engine, settings)
