"""Opening the database and the two words for transactions: `reading()` and `writing()`.

`writing()` is the only place in gridmap that commits. Stores take the connection and never end it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

from gridmap.database import migrations
from gridmap.database.cluster import PrivateCluster
from gridmap.errors import DatabaseUnavailable
from gridmap.settings import Settings

LOCK_TIMEOUT = "15s"
CONNECTIONS = 40  # of all workers of a service at most: a server takes 100 unless told otherwise
CONNECTIONS_LEAST = 4  # of each


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database and the settings it was opened with."""

    engine: Engine
    settings: Settings

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only transaction that sees one state of the data from its first query to its last."""
        with self.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that commits when the block ends and rolls back when it raises.

        It waits for another's lock at most LOCK_TIMEOUT (the error is OperationalError, SQLSTATE 55P03).
        """
        with self.engine.begin() as connection:
            connection.execute(sa.text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'"))
            yield connection


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
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=min(10, connections),
        max_overflow=max(0, connections - 10),
        pool_pre_ping=True,
        connect_args={"options": "-c timezone=UTC -c jit=off", "connect_timeout": 10},
    )


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
