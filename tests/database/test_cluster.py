"""The private PostGIS with real processes: first start, sharing, kills, strangers, odd folders, refusals."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from gridmap.database.cluster import PrivateCluster
from gridmap.database.postmaster import find_postmaster
from gridmap.errors import DatabaseUnavailable

REPOSITORY = Path(__file__).parents[2]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can hand a server to another user")
HOLD = """
import sys
from gridmap.database.cluster import PrivateCluster
from gridmap.database.postmaster import find_postmaster
cluster = PrivateCluster(sys.argv[1], durable=False)
cluster.start()
print(find_postmaster(cluster.data).pid, flush=True)
sys.stdin.readline()
print(cluster.stop(), flush=True)
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A fresh folder that the server's user can reach; whatever server it holds in the end is killed."""
    made = Path(tempfile.mkdtemp(prefix="gridmap-cluster-"))
    made.chmod(0o755)
    yield made
    for data in made.rglob("postmaster.pid"):
        if server := find_postmaster(data.parent):
            os.kill(server.pid, signal.SIGQUIT)
    made.chmod(0o755)
    shutil.rmtree(made, ignore_errors=True)


def hold(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the cluster until it is told a line (or killed)."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )


def query(url: str, statement: str) -> list[sa.Row]:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            result = connection.execute(sa.text(statement))
            return list(result) if result.returns_rows else []
    finally:
        engine.dispose()


def server_pid(cluster: PrivateCluster) -> int:
    server = find_postmaster(cluster.data)
    assert server is not None
    return server.pid


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def as_nobody(work: Callable[[], str]) -> str:
    """Run `work` in a child that has become an ordinary user (or is one already)."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.setgroups([])
            os.setgid(nobody.pw_gid)
            os.setuid(nobody.pw_uid)
        try:
            said = work()
        except BaseException as error:
            said = f"{type(error).__name__}: {error}"
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def test_a_first_start_gives_postgis_without_a_port(folder):
    with PrivateCluster(folder / "pg") as cluster:
        extensions = query(
            cluster.url,
            "SELECT extname, nspname FROM pg_extension JOIN pg_namespace n ON n.oid = extnamespace"
            " WHERE extname <> 'plpgsql' ORDER BY extname",
        )
        settings = query(
            cluster.url,
            "SELECT current_setting('listen_addresses'), current_setting('jit'), current_setting('TimeZone'),"
            " current_setting('fsync'), current_setting('data_checksums')",
        )
    assert extensions == [("btree_gist", "public"), ("postgis", "public")]
    assert settings == [("", "off", "UTC", "on", "on")]


def test_further_databases_have_postgis_and_go_again(folder):
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        url = cluster.create_database("more")
        assert query(url, "SELECT ST_AsText(ST_Point(109.47, 36.62))") == [("POINT(109.47 36.62)",)]
        query(cluster.url, "CREATE TABLE here (n int)")
        assert query(url, "SELECT to_regclass('here')") == [(None,)]
        cluster.drop_database("more")
        with pytest.raises(sa.exc.OperationalError):
            query(url, "SELECT 1")
        with pytest.raises(ValueError, match="not a plain database name"):
            cluster.create_database('x"; drop database gridmap; --')


def test_data_outlive_the_server(folder):
    with PrivateCluster(folder / "pg") as cluster:
        query(cluster.url, "CREATE TABLE kept AS SELECT 7 AS n")
        first = server_pid(cluster)
    assert not is_running(first)
    with PrivateCluster(folder / "pg") as cluster:
        assert query(cluster.url, "SELECT n FROM kept") == [(7,)]


def test_six_first_starts_at_once_share_one_server_until_the_last_leaves(folder):
    holders = [hold(folder / "pg") for _ in range(6)]
    pids = {int(holder.stdout.readline()) for holder in holders}
    assert len(pids) == 1
    stopped = [holder.communicate("\n")[0].strip() for holder in holders]
    assert stopped == ["False"] * 5 + ["True"]
    assert not is_running(pids.pop())


def test_a_killed_user_does_not_count(folder):
    holder = hold(folder / "pg")
    pid = int(holder.stdout.readline())
    holder.kill()
    holder.communicate()
    assert is_running(pid)
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        assert server_pid(cluster) == pid
    assert not is_running(pid)


def test_force_stops_it_under_its_users(folder):
    holder = hold(folder / "pg")
    pid = int(holder.stdout.readline())
    cluster = PrivateCluster(folder / "pg")
    assert cluster.stop() is False
    assert is_running(pid)
    assert cluster.stop(force=True) is True
    assert not is_running(pid)
    holder.communicate("\n")


def test_the_next_start_after_a_killed_server_recovers_what_was_committed(folder):
    with PrivateCluster(folder / "pg") as cluster:
        query(cluster.url, "CREATE TABLE kept AS SELECT 7 AS n")
        busy = sa.create_engine(cluster.url).connect()
        busy.execute(sa.text("SELECT 1"))
        os.kill(server_pid(cluster), signal.SIGKILL)
        url = cluster.start()
        assert query(url, "SELECT n FROM kept") == [(7,)]
        busy.invalidate()


@pytest.mark.parametrize("after", [0.05, 0.2, 0.5])
def test_a_start_killed_on_the_way_is_no_obstacle(folder, after):
    holder = hold(folder / "pg")
    while not (folder / "pg" / "data.new").exists() and holder.poll() is None:
        time.sleep(0.005)
    time.sleep(after)
    holder.kill()
    holder.communicate()
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        assert query(cluster.url, "SELECT count(*) FROM spatial_ref_sys")[0][0] > 1000


def test_half_a_cluster_is_made_anew(folder):
    (folder / "pg" / "data.new" / "base").mkdir(parents=True)
    (folder / "pg" / "data.new" / "PG_VERSION").write_text("15\n")
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        assert query(cluster.url, "SELECT 1") == [(1,)]


def test_a_stale_pid_that_is_now_a_stranger_is_let_alone(folder):
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        socket_dir = find_postmaster(cluster.data).socket_dir
        lines = (cluster.data / "postmaster.pid").read_text().splitlines()
        who = (folder / "pg" / "data").stat()
    identity = {"user": who.st_uid, "group": who.st_gid, "extra_groups": []} if os.geteuid() == 0 else {}
    stranger = subprocess.Popen(["sleep", "600"], cwd="/", **identity)
    try:
        for name in (cluster.data / "postmaster.pid", socket_dir / ".s.PGSQL.5432.lock"):
            name.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
            os.chown(name, who.st_uid, who.st_gid)
        with PrivateCluster(folder / "pg", durable=False) as cluster:
            assert query(cluster.url, "SELECT 1") == [(1,)]
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


@pytest.mark.parametrize("name", ["n" * 120, """o'd d "q" $HOME `x` %20 \\ 网格""", "a,b:c"])
def test_any_folder_name_will_do(folder, name):
    with PrivateCluster(folder / name, durable=False) as cluster:
        socket_dir = find_postmaster(cluster.data).socket_dir
        assert len(os.fsencode(socket_dir / ".s.PGSQL.5432")) <= 107
        assert socket_dir.stat().st_mode & 0o777 == 0o700
        assert query(cluster.url, "SELECT current_setting('data_directory')") == [(str(cluster.data),)]
        assert query(cluster.create_database("more"), "SELECT 1") == [(1,)]
    if not socket_dir.is_relative_to(folder):
        socket_dir.rmdir()


def test_the_callers_libpq_variables_do_not_lead_astray(folder, monkeypatch):
    for name, value in {
        "PGPORT": "6543",
        "PGDATA": "/nowhere",
        "PGDATABASE": "other",
        "PGUSER": "other",
    }.items():
        monkeypatch.setenv(name, value)
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        assert query(cluster.create_database("more"), "SELECT current_user, current_database()") == [
            ("gridmap", "more")
        ]


def test_an_ordinary_user_runs_one_too(folder):
    folder.chmod(0o777)

    def work() -> str:
        with PrivateCluster(folder / "own" / "pg", durable=False) as cluster:
            owner = Path(f"/proc/{server_pid(cluster)}").stat().st_uid
            return f"{owner == os.geteuid()} {oct(cluster.folder.stat().st_mode & 0o777)}"

    assert as_nobody(work) == "True 0o700"


@as_root
def test_roots_cluster_is_not_an_ordinary_users(folder):
    folder.chmod(0o777)
    with PrivateCluster(folder / "pg", durable=False):
        pass
    said = as_nobody(lambda: PrivateCluster(folder / "pg").start())
    assert said.startswith("DatabaseUnavailable")
    assert "belongs to root" in said
    assert "GRIDMAP_DATA_DIR" in said


@as_root
def test_an_ordinary_users_cluster_can_be_roots_under_that_users_name(folder):
    folder.chmod(0o777)
    assert as_nobody(lambda: str(PrivateCluster(folder / "pg", durable=False).__enter__().stop())) == "True"
    with pytest.raises(DatabaseUnavailable, match="GRIDMAP_PG_USER=nobody"):
        PrivateCluster(folder / "pg").start()
    with PrivateCluster(folder / "pg", pg_user="nobody", durable=False) as cluster:
        assert query(cluster.url, "SELECT 1") == [(1,)]


@as_root
def test_a_folder_closed_to_the_servers_user_is_refused_with_a_way_out(folder):
    folder.chmod(0o700)
    with pytest.raises(DatabaseUnavailable) as refusal:
        PrivateCluster(folder / "deep" / "pg").start()
    assert str(folder) in refusal.value.message
    assert "GRIDMAP_DATA_DIR" in refusal.value.message
    assert not (folder / "deep").exists()


@as_root
@pytest.mark.parametrize(
    ("user", "what"), [("root", "refuses to run as root"), ("no-such-user", "no system user")]
)
def test_a_user_that_cannot_run_it_is_refused(folder, user, what):
    with pytest.raises(DatabaseUnavailable, match=f"{what}.*GRIDMAP_PG_USER"):
        PrivateCluster(folder / "pg", pg_user=user)


@as_root
def test_a_strange_umask_does_not_matter(folder):
    before = os.umask(0o077)
    try:
        with PrivateCluster(folder / "deep" / "pg", durable=False) as cluster:
            assert query(cluster.url, "SELECT 1") == [(1,)]
    finally:
        os.umask(before)


def test_a_file_in_the_way_is_refused(folder):
    (folder / "pg").write_text("")
    with pytest.raises(DatabaseUnavailable, match="GRIDMAP_DATA_DIR"):
        PrivateCluster(folder / "pg").start()


def test_without_postgresql_the_exact_command_is_said(folder):
    with pytest.raises(DatabaseUnavailable) as refusal:
        PrivateCluster(folder / "pg", pg_bindir=folder / "nothing").start()
    assert "apt-get install -y --no-install-recommends postgresql-postgis" in refusal.value.message
    assert "GRIDMAP_PG_BINDIR" in refusal.value.message


def test_postgresql_without_postgis_is_said(folder):
    programs, share = folder / "bin", folder / "share"
    (share / "extension").mkdir(parents=True)
    (share / "extension" / "btree_gist.control").touch()
    programs.mkdir()
    for name in ("initdb", "postgres", "pg_ctl", "psql", "pg_config"):
        (programs / name).write_text(f"#!/bin/sh\necho {share}\n")
        (programs / name).chmod(0o755)
    with pytest.raises(DatabaseUnavailable) as refusal:
        PrivateCluster(folder / "pg", pg_bindir=programs).start()
    assert f"no postgis in {share}/extension" in refusal.value.message
    assert "postgresql-postgis" in refusal.value.message


def test_another_major_versions_data_are_not_touched(folder):
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        pass
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(DatabaseUnavailable, match="postgresql-9-postgis-3"):
        PrivateCluster(folder / "pg").start()


def test_a_server_that_cannot_start_says_why(folder):
    with PrivateCluster(folder / "pg", durable=False) as cluster:
        pass
    with (cluster.data / "postgresql.conf").open("a") as file:
        file.write("shared_buffers = 'plenty'\n")
    with pytest.raises(DatabaseUnavailable, match="shared_buffers"):
        cluster.start()


def test_stopping_what_never_ran_is_no_error(folder):
    assert PrivateCluster(folder / "pg").stop() is True


def test_it_needs_the_standard_library_only():
    script = f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); import gridmap.database.cluster"
    subprocess.run([sys.executable, "-I", "-S", "-c", script], check=True)
