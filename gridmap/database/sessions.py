"""Opening the database and the two words for transactions: `reading()` and `writing()`.

`writing()` is the only place in gridmap that commits. Stores take the connection and never end it. A database
is opened as three: its owner's, for migrations, background work, jobs and the command line; `served`, which
shows what whoever asks may see; `adding`, which only adds what comes in, one by one or as files.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any, Self
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import URL, Connection, Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from gridmap.database import migrations, roles
from gridmap.database.asker import Asker, introduction
from gridmap.database.cluster import PrivateCluster
from gridmap.database.copying import SAID_FIRST
from gridmap.database.journeys import one_journey
from gridmap.errors import DatabaseUnavailable
from gridmap.settings import Settings

LOCK_TIMEOUT = "15s"
CONNECTIONS = 40  # for requests, of all workers; at most as many of its own: a server takes 100
CONNECTIONS_LEAST = 4  # of each
OWN_LEAST = 2  # of each of several workers, beside those for requests: what runs by itself takes turns
LOADER_CONNECTIONS = 1  # of each worker: reports are recorded by one thread
RESTED_SECONDS = 1.0
READ_ONLY: tuple[str, Mapping[str, Any]] = ("SET LOCAL transaction_read_only = on", {})


@dataclass(frozen=True, slots=True)
class Engines:
    """Three ways into one database: as its owner, as the role that serves, as the one that only adds."""

    own: Engine
    service: Engine
    loader: Engine


@dataclass(frozen=True, slots=True)
class Database:
    """A migrated database and the settings it was opened with; what somebody asks for, as they may see it.

    As it is opened it is gridmap's own: the command line and what runs by itself.
    """

    engine: Engine
    settings: Settings
    asker: Asker | None = None
    engines: Engines | None = None  # none: there is no other way in

    def asked_by(self, asker: Asker | None) -> Self:
        """The same database, as this asker may see it; None: as whoever has not said who they are may."""
        return replace(self, engine=self._ways().service, asker=asker)

    @property
    def served(self) -> Self:
        """The same, for requests: it shows what is of nobody, until `asked_by` says who asks."""
        return self.asked_by(None)

    @property
    def adding(self) -> Self:
        """The same, for what comes in: reports, the cases they open and work records are added, nothing is
        changed."""
        return replace(self, engine=self._ways().loader, asker=None)

    @property
    def own(self) -> Self:
        """The same as its owner has it."""
        return replace(self, engine=self.engines.own, asker=None) if self.engines else self

    def _ways(self) -> Engines:
        if self.engines is None:
            raise RuntimeError("this database was opened for its owner alone")
        return self.engines

    @property
    def shows_all(self) -> bool:
        """Whether nothing of a jurisdiction is kept from who has this."""
        return self.engine is self.own.engine or (self.asker is not None and self.asker.sees_all)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A read-only transaction that sees one state of the data from its first query to its last."""
        with self.engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection:
            if self.asker is not None:
                one_journey(connection, [introduction(self.asker)])
            yield connection

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        """For `fetch_arrays` and `fetch_columns` (copying.py), each of which is a transaction by itself here.

        It only reads, and takes one journey to the server; with `reading` a single query takes three. Two
        queries may see two states of the data.
        """
        first = _with_introduction(READ_ONLY, self.asker)
        with self.engine.connect().execution_options(
            isolation_level="AUTOCOMMIT", **{SAID_FIRST: first}
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
            if opened or self.asker is not None:
                one_journey(connection, first_words(self.asker))
            yield connection


def first_words(asker: Asker | None = None) -> list[tuple[str, Mapping[str, Any]]]:
    """The statements that a writing transaction begins with: how long it waits, and for whom it is."""
    return _with_introduction((f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'", {}), asker)


def _with_introduction(
    statement: tuple[str, Mapping[str, Any]], asker: Asker | None
) -> list[tuple[str, Mapping[str, Any]]]:
    return [statement] if asker is None else [statement, introduction(asker)]


_homes: WeakKeyDictionary[Engine, Engine] = WeakKeyDictionary()


def home(engine: Engine) -> Engine:
    """The owner's engine of the same database: what is the same for all who use it is kept under that."""
    return _homes.get(engine, engine)


def make_engine(url: str | URL, *, connections: int = CONNECTIONS, role: str | None = None) -> Engine:
    """An engine on psycopg 3, whatever driver the user's URL names; sessions run in UTC, as `role` if given.

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
    acting = f" -c role={role}" if role else ""
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_size=min(10, connections),
        max_overflow=max(0, connections - 10),
        hide_parameters=True,  # names and telephone numbers are among them, and errors are logged
        pool_use_lifo=True,  # the one that has just been used knows the statements, and need not be asked
        connect_args={"options": f"-c timezone=UTC -c jit=off{acting}", "connect_timeout": 10},
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
        share = max(CONNECTIONS // settings.workers, CONNECTIONS_LEAST)
        own = make_engine(url, connections=share if settings.workers == 1 else max(share // 4, OWN_LEAST))
        stack.callback(own.dispose)
        check_postgis(own)
        with own.begin() as connection:
            roles.ensure(connection)
        migrations.upgrade(own)
        with own.begin() as connection:
            roles.trust_boxes(connection)
            roles.spare_loader(connection)
            if settings.database_url is None:
                roles.let_in(connection)
        engines = _engines(own, url, settings, share)
        for engine in (engines.service, engines.loader):
            stack.callback(engine.dispose)
        yield Database(own, settings, engines=engines)


def _engines(own: Engine, url: str, settings: Settings, share: int) -> Engines:
    """Both other roles log in themselves on our own server; on the user's, their login acts as them."""
    made = []
    for role, connections in ((roles.SERVICE, share), (roles.LOADER, LOADER_CONNECTIONS)):
        if settings.database_url is None:
            engine = make_engine(roles.login_as(url, role), connections=connections)
        else:
            engine = make_engine(url, connections=connections, role=role)
        _homes[engine] = own
        made.append(engine)
    return Engines(own, *made)
