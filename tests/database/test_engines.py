"""How a database is opened as its owner, its service and its loader, and what each may have."""

# ruff: noqa: S608 -- the names of tables are from a list
from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from gridmap.database import roles
from gridmap.database.asker import introduction
from gridmap.database.cluster import PrivateCluster
from gridmap.database.sessions import Database, make_engine, open_database
from gridmap.database.under_way import WatchedDatabase
from gridmap.errors import DatabaseUnavailable
from gridmap.opening import open_gridmap
from gridmap.settings import Settings
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.counts.verifying import verify
from tests.database.seeing import TOWN, by, seen, settle


@pytest.fixture
def plain_owner(cluster: PrivateCluster):
    """plain_owner(rights) -> the URL of a new database whose owner has these rights and no others."""
    made = []

    def make(rights: str = "") -> str:
        name = f"plain_{len(made)}"
        url = cluster.create_database(name)
        made.append(name)
        with sa.create_engine(cluster.url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text(f"CREATE ROLE {name} LOGIN {rights}"))
            connection.execute(sa.text(f"ALTER DATABASE {name} OWNER TO {name}"))
        with sa.create_engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text(f"ALTER SCHEMA public OWNER TO {name}"))
        return roles.login_as(url, name).render_as_string(hide_password=False)

    yield make
    for name in made:
        cluster.drop_database(name)
        with sa.create_engine(cluster.url, isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(sa.text(f"DROP ROLE {name}"))


def test_an_owner_who_is_no_superuser_keeps_everything(plain_owner, migrated, tmp_path) -> None:
    """Forced policies hold for such an owner too: one lets through all, and there is a way round COPY."""
    settings = Settings(database_url=plain_owner("CREATEROLE"), data_dir=tmp_path)
    with open_gridmap(settings) as database:
        settle(database)
        with database.reading() as connection:
            for table in ("report", "report_key"):
                assert connection.scalar(sa.text(f"SELECT row_security_active('{table}')"))
                assert connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 2 * 95
        fold(database)
        with database.reading() as connection:
            assert [v for v in verify(connection, TOWN, settings) if not v.right] == []
        assert seen(database, by("neighbour"), "SELECT count(*) FROM report") == {8}
        assert seen(database, None, "SELECT count(*) FROM report") == {0}


def test_who_may_not_make_roles_is_told_what_an_administrator_must_run(
    plain_owner, migrated, tmp_path
) -> None:
    settings = Settings(database_url=plain_owner(), data_dir=tmp_path)
    told = 'GRANT gridmap_service, gridmap_loader TO "plain_0"'
    with pytest.raises(DatabaseUnavailable, match=told), open_database(settings):
        pass


def test_two_databases_may_make_the_roles_at_once(cluster: PrivateCluster) -> None:
    name = "gridmap_made_at_once"
    engines = [make_engine(cluster.url) for _ in range(4)]
    barrier = threading.Barrier(len(engines))

    def make(engine: sa.Engine) -> None:
        with engine.begin() as connection:
            barrier.wait()
            connection.exec_driver_sql(roles._MAKE.format(role=name))

    with ThreadPoolExecutor(len(engines)) as pool:
        list(pool.map(make, engines))
    with engines[0].begin() as connection:
        assert connection.scalar(sa.text(f"SELECT count(*) FROM pg_roles WHERE rolname = '{name}'")) == 1
        connection.execute(sa.text(f"DROP ROLE {name}"))
    for engine in engines:
        engine.dispose()


def test_on_a_server_of_its_own_the_service_logs_in_itself(tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("own")
    for each in (folder, *folder.parents):
        if each.name.startswith(("own", "popen-", "pytest-")):  # PostgreSQL runs as its own user
            each.chmod(0o755)
    with open_gridmap(Settings(data_dir=folder)) as database:
        for opened, role in ((database.served, roles.SERVICE), (database.adding, roles.LOADER)):
            with opened.reading() as connection:
                who = connection.execute(sa.text("SELECT session_user::text, current_user::text")).one()
                assert tuple(who) == (role, role)
                with pytest.raises(sa.exc.ProgrammingError, match="permission denied"):
                    connection.execute(sa.text("SET ROLE gridmap"))
        with database.reading() as connection:
            spared = "SELECT rolname FROM pg_roles WHERE rolbypassrls AND NOT rolsuper"
            assert connection.scalars(sa.text(spared)).all() == [roles.LOADER]
        # so that tiles find their reports by the index of places
        boxes = "geometry_overlaps(geometry, geometry)"
        with database.served.reading() as connection:
            query = sa.text("SELECT proleakproof FROM pg_proc WHERE oid = to_regprocedure(:boxes)")
            assert connection.scalar(query, {"boxes": boxes}) is True


def test_what_is_under_way_for_requests_is_cut_short_too(database: Database) -> None:
    watched = WatchedDatabase(database.engine, database.settings, engines=database.engines)
    said: list[str] = []
    begun = threading.Event()

    def sleep() -> None:
        try:
            with watched.asked_by(by("member")).reading() as connection:
                begun.set()
                connection.execute(sa.text("SELECT pg_sleep(30)"))
        except sa.exc.OperationalError as error:
            said.append(str(error.orig))

    sleeping = threading.Thread(target=sleep)
    sleeping.start()
    assert begun.wait(10)
    watched.cancel(5)
    sleeping.join(10)
    assert "canceling statement" in said[0]


def test_whoever_asks_is_not_let_in_as_the_owner(database: Database) -> None:
    asked = database.asked_by(by("member"))
    assert asked.engine is database.engines.service
    assert asked.own.asker is None
    assert asked.own.engine is database.engine
    assert not asked.shows_all
    assert database.shows_all
    assert database.asked_by(by(None, "office")).shows_all
    with pytest.raises(RuntimeError):
        Database(database.engine, database.settings).asked_by(by("member"))


def test_saying_who_asks_costs_no_journey(database: Database) -> None:
    """BEGIN and the introduction go together, where there would be BEGIN and the first query."""
    statement, values = introduction(by("member"))
    assert statement.count("set_config") == len(values) == 4
    with database.asked_by(by("member")).writing() as connection:
        told = "SELECT ARRAY[asker_jurisdiction(), asker_name(), current_setting('lock_timeout')]"
        assert connection.scalar(sa.text(told).columns(told=ARRAY(sa.Text))) == [
            "town",
            "account:member",
            "15s",
        ]
