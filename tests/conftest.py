"""Fixtures on the real thing: a private PostGIS, migrated; the demonstration loaded once; a live service."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import hypothesis
import pytest
from sqlalchemy import Connection

from gridmap import demonstration
from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cli import main
from gridmap.cli.common import console
from gridmap.database.cluster import PrivateCluster
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.settings import Settings

# TERM on `make test` would otherwise skip the fixtures' ends and leave the test server behind
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

# a test tells what is right, not how long it may take
hypothesis.settings.register_profile("gridmap", deadline=None)
hypothesis.settings.load_profile("gridmap")

ROOT = Path(__file__).parents[1]
# Stops the test server and removes its folder when our end of the pipe closes, also where we are killed, as
# pytest-xdist kills its processes soon after a TERM.
WATCH = """
import shutil, sys
from pathlib import Path
from gridmap.database.cluster import PrivateCluster
sys.stdin.read()
PrivateCluster(Path(sys.argv[1]) / "postgres").stop(force=True)
shutil.rmtree(sys.argv[1], ignore_errors=True)
"""
SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The real data beside the checkout; in CI its absence is an error, elsewhere a skip."""
    if not SHARED_DATA.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{SHARED_DATA} is absent")
        pytest.skip(f"{SHARED_DATA} is absent")
    return SHARED_DATA


@pytest.fixture(scope="session")
def cluster() -> Iterator[PrivateCluster]:
    """A private server for the session, in a folder that PostgreSQL's user can reach."""
    folder = Path(tempfile.mkdtemp(prefix="gridmap-test-"))
    folder.chmod(0o755)
    made = PrivateCluster(folder / "postgres", durable=False)
    watcher = subprocess.Popen(
        [sys.executable, "-c", WATCH, folder], stdin=subprocess.PIPE, cwd=ROOT, start_new_session=True
    )
    made.start()
    yield made
    assert watcher.stdin is not None
    watcher.stdin.close()
    watcher.wait(300)  # hundreds of databases go, while the other process may still test


@pytest.fixture(scope="session")
def migrated(cluster: PrivateCluster) -> str:
    """A migrated database to copy: copying takes a tenth of the time of migrating."""
    with open_gridmap(Settings(database_url=cluster.create_database("migrated"))):
        return "migrated"


@pytest.fixture(scope="session")
def make_settings(cluster: PrivateCluster, migrated: str, tmp_path_factory: pytest.TempPathFactory):
    """make_settings(**overrides) -> Settings on a database of its own, a copy of `template`."""

    def make(*, template: str = migrated, **overrides: object) -> Settings:
        url = cluster.create_database(f"t{uuid.uuid4().hex[:12]}", template=template)
        return Settings(**{"database_url": url, "data_dir": tmp_path_factory.mktemp("data")} | overrides)

    return make


@pytest.fixture(scope="session")
def shared_database(make_settings) -> Iterator[Database]:
    """One migrated database whose tests roll back: see `connection`."""
    with open_gridmap(make_settings()) as database:
        yield database


@pytest.fixture
def connection(shared_database: Database) -> Iterator[Connection]:
    """A writable connection whose every change is rolled back."""
    with shared_database.engine.connect() as connection:
        transaction = connection.begin()
        yield connection
        transaction.rollback()


@pytest.fixture
def jurisdiction(connection: Connection) -> Jurisdiction:
    """A jurisdiction `test` in the rolled-back transaction."""
    made = Jurisdiction("test", "测试街道", "Test")
    areas.add_jurisdiction(connection, made)
    return made


@pytest.fixture
def database(make_settings) -> Iterator[Database]:
    """A fresh database of its own, for what commits."""
    with open_gridmap(make_settings()) as database:
        yield database


@pytest.fixture(scope="session")
def demonstrated(cluster: PrivateCluster, migrated: str) -> str:
    """A database with the demonstration district, to copy: make_settings(template=demonstrated)."""
    url = cluster.create_database("demonstrated", template=migrated)
    with open_gridmap(Settings(database_url=url)) as database:
        demonstration.load(database)
    return "demonstrated"


@pytest.fixture(scope="session")
def demo_database(make_settings, demonstrated: str) -> Iterator[Database]:
    """The demonstration district. Tests that write use client ids of their own."""
    with open_gridmap(make_settings(template=demonstrated)) as database:
        yield database


@pytest.fixture(scope="module")
def demo(demo_database: Database) -> Iterator[Connection]:
    """One reading transaction of the demonstration district, for all tests of a file."""
    with demo_database.reading() as connection:
        yield connection


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """run(settings, *arguments) -> (exit code, standard output, standard error) of `gridmap`."""

    def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
        monkeypatch.setenv("GRIDMAP_DATABASE_URL", str(settings.database_url))
        monkeypatch.setenv("GRIDMAP_DATA_DIR", str(settings.data_dir))
        monkeypatch.setattr(console, "width", 200)  # an environment may have told it when it was made
        monkeypatch.setattr(sys, "argv", ["gridmap", *arguments])
        monkeypatch.chdir(tmp_path)
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
        done = capsys.readouterr()
        return code, done.out, done.err

    return run


@pytest.fixture(scope="session")
def live_service() -> Callable[[Settings], AbstractContextManager[str]]:
    """live_service(settings) -> context manager: the service in a process of its own; gives its URL."""

    @contextmanager
    def serve(settings: Settings) -> Iterator[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("GRIDMAP_")}
        for name in settings.model_fields_set:
            if (value := getattr(settings, name)) is not None:
                environment[f"GRIDMAP_{name.upper()}"] = str(value)
        command = [sys.executable, "-m", "gridmap", "serve", "--port", "0"]
        process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        too_long = threading.Timer(120, process.kill)
        too_long.start()
        try:
            assert process.stdout is not None
            line = process.stdout.readline()  # printed when it is ready
            too_long.cancel()
            assert line.startswith("gridmap: http"), "the service did not become ready"
            yield line.removeprefix("gridmap: ").strip().rstrip("/")
        finally:
            too_long.cancel()
            process.terminate()
            process.wait(30)

    return serve
