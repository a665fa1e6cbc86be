"""The private PostGIS: makes it, starts it on a unix socket (no port), stops it when its last user leaves.

Standard library only, so that it can run before anything else is imported. Works as root (the server then
runs as an unprivileged user) and as an ordinary user. Connections, transactions and tables live elsewhere.

    FOLDER/         ours            mutex.lock  one starts or stops at a time
                                    users.lock  every user holds it shared; the kernel lets go of it even
                                                after kill -9, so the count is never wrong
    FOLDER/data     the server's    appears complete by a rename, or not at all
    FOLDER/log      the server's    postgres.log
    FOLDER/run      the server's    the socket (where FOLDER is too long a path: in the temp folder)
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from gridmap.database.postmaster import Postmaster, find_postmaster, forget_stranger, is_alive
from gridmap.database.programs import EXTENSIONS, find_programs, run, server_account
from gridmap.errors import DatabaseUnavailable

DATABASE = USER = "gridmap"
PORT = 5432  # only names the socket file
SOCKET_PATH_LIMIT = 107  # bytes of sun_path on Linux, less its closing NUL
START_SECONDS = 180  # replaying the log after a crash may take minutes
LOG_LIMIT = 8 << 20

TUNING = """
# gridmap: for a small server; yours to change
max_connections = 100
shared_buffers = 128MB
# What fills a table made in the same transaction, as imports do, need not go through the log as well: it is
# on the disk before the commit. For streaming replicas and pg_basebackup take both of these lines out.
wal_level = minimal
max_wal_senders = 0
jit = off
log_checkpoints = off
timezone = 'UTC'
"""
FIRST_WORDS = (
    *(
        f"create extension {name} schema public" for name in EXTENSIONS
    ),  # in template1: new databases have them
    f"create database {DATABASE}",
)
NOT_DURABLE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class PrivateCluster:
    """One cluster in a folder of its own. As a context manager: started inside, left at the end.

    pg_bindir: folder of initdb, found when not given. pg_user: who runs the server when we are root.
    durable=False trades safety after a power cut for speed (tests).
    Every method raises DatabaseUnavailable, saying what to do.
    """

    def __init__(
        self,
        data_dir: Path | str,
        pg_bindir: Path | str | None = None,
        pg_user: str = "postgres",
        durable: bool = True,
    ):
        # Resolved once: the server is recognised by this path on its command line.
        self.folder = Path(data_dir).expanduser().resolve()
        self.data = self.folder / "data"
        self.log = self.folder / "log" / "postgres.log"
        self._durability = () if durable else NOT_DURABLE
        self._bindir = Path(pg_bindir) if pg_bindir else None
        self._account = server_account(pg_user, self._bindir)
        self._found: Path | None = None
        self._users: int | None = None

    def start(self) -> str:
        """Make the cluster if there is none, start it if it does not run, count us in. -> SQLAlchemy URL."""
        try:
            self._prepare()
            with self._mutex() as lock:
                if not (self.data / "PG_VERSION").exists():
                    self._create(lock)
                server = self._ensure_running()
                if self._users is None:
                    self._users = self._open_lock("users.lock")
                fcntl.flock(self._users, fcntl.LOCK_SH)
        except OSError as error:
            raise DatabaseUnavailable(
                f"the database folder {self.folder} cannot be used ({error});"
                " set GRIDMAP_DATA_DIR to a folder that you can write"
            ) from None
        return _url(server, DATABASE)

    def stop(self, force: bool = False) -> bool:
        """Count us out; if we were the last (or with `force`) stop the server. -> whether it is stopped."""
        if self._users is not None:
            os.close(self._users)
            self._users = None
        if not os.access(self.folder, os.W_OK):
            return not self.folder.exists()
        with self._mutex():
            if not force and self._in_use():
                return False
            if find_postmaster(self.data):
                self._run("pg_ctl", "-D", self.data, "-s", "-w", "-t", "120", "-m", "fast", "stop")
        return True

    @property
    def url(self) -> str:
        """URL of the running cluster's database `gridmap`."""
        return _url(self._running(), DATABASE)

    def create_database(self, name: str, *, template: str = "template1") -> str:
        """A further database, empty but for PostGIS and btree_gist, or a copy of one that nobody uses.

        -> its URL. The cluster must run.
        """
        self._sql(f'create database "{_plain(name)}" template "{_plain(template)}"')
        return _url(self._running(), name)

    def drop_database(self, name: str) -> None:
        """Drop a database of create_database, whoever is still connected to it."""
        self._sql(f'drop database if exists "{_plain(name)}" with (force)')

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    # -- folders and locks ---------------------------------------------------------------------------------

    def _prepare(self) -> None:
        line = (self.folder, *self.folder.parents)
        nearest = next(folder for folder in line if folder.exists())
        if nearest == self.folder:
            self._check_owner(self.folder, {os.geteuid(), self._account.pw_uid})
        if self.data.exists():
            self._check_owner(self.data, {self._account.pw_uid})
        if run(["/bin/sh", "-c", 'cd "$1"', "sh", nearest], self._account).returncode:
            raise DatabaseUnavailable(
                f"{self._account.pw_name!r}, who runs PostgreSQL, cannot reach {self.folder}: {nearest} or a"
                " folder above is closed; set GRIDMAP_DATA_DIR to an open one, for example /var/lib/gridmap"
            )
        for folder in reversed(line[: line.index(nearest)]):
            folder.mkdir(exist_ok=True)
            # Root's umask may be 077, and then the server's user could not reach its data.
            folder.chmod(0o755 if os.geteuid() == 0 else 0o700)

    def _check_owner(self, folder: Path, allowed: set[int]) -> None:
        if (uid := folder.stat().st_uid) in allowed:
            return
        try:
            owner = pwd.getpwuid(uid).pw_name
        except KeyError:
            owner = str(uid)
        way = f"set GRIDMAP_PG_USER={owner}" if os.geteuid() == 0 else f"run as {owner}"
        raise DatabaseUnavailable(
            f"{folder} belongs to {owner}, not to {self._account.pw_name};"
            f" {way} or choose another GRIDMAP_DATA_DIR"
        )

    @contextlib.contextmanager
    def _mutex(self) -> Iterator[int]:
        lock = self._open_lock("mutex.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield lock
        finally:
            os.close(lock)

    def _open_lock(self, name: str) -> int:
        return os.open(self.folder / name, os.O_RDWR | os.O_CREAT, 0o600)

    def _in_use(self) -> bool:
        lock = self._open_lock("users.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        finally:
            os.close(lock)
        return False

    def _give_folder(self, folder: Path) -> None:
        """A 0700 folder of the server's user; in a shared temp folder a stranger's may stand in its place."""
        with contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode):
            raise DatabaseUnavailable(f"{folder} is not a folder; remove it")
        self._check_owner(folder, {os.geteuid(), self._account.pw_uid})
        os.chown(folder, self._account.pw_uid, self._account.pw_gid, follow_symlinks=False)
        folder.chmod(0o700)

    def _socket_dir(self) -> Path:
        near = self.folder / "run"
        short = len(os.fsencode(near / f".s.PGSQL.{PORT}")) <= SOCKET_PATH_LIMIT
        if short and not {",", ":"} & set(str(near)):  # libpq and SQLAlchemy would read a list of hosts
            return near
        mark = hashlib.sha256(os.fsencode(self.folder)).hexdigest()[:16]
        return Path(tempfile.gettempdir()) / f"gridmap-{self._account.pw_uid}-{mark}"

    # -- the server ----------------------------------------------------------------------------------------

    def _create(self, lock: int) -> None:
        """initdb and the extensions in data.new, then one rename: a half-made cluster is never seen.

        The programs inherit the mutex: if we are killed, the next start waits until they too have ended.
        """
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)  # of a killed initdb
        self._give_folder(unfinished)
        sync = ["--no-sync"] if self._durability else []
        self._run("initdb", "-D", unfinished, "-U", USER, "--auth-local=trust", "--auth-host=reject", *sync,
                  "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums", pass_fds=[lock])  # fmt: skip
        with (unfinished / "postgresql.conf").open("a") as file:
            file.write(TUNING)
        options = [f"--{option}" for option in ("log_checkpoints=off", *self._durability)]
        said = self._run("postgres", "--single", "-D", unfinished, *options, "template1",
                         input="".join(f"{line}\n" for line in FIRST_WORDS), pass_fds=[lock])  # fmt: skip
        if "ERROR:" in said.stderr:  # single-user mode goes on after an error, and its exit code is 0
            raise DatabaseUnavailable(f"PostGIS could not be set up: {_tail(said.stderr)}")
        unfinished.rename(self.data)

    def _ensure_running(self) -> Postmaster:
        deadline = time.monotonic() + START_SECONDS
        launched, log_mark = None, 0
        while time.monotonic() < deadline:
            server = find_postmaster(self.data)
            if server and server.ready:
                return server
            if server is None and not (launched and is_alive(launched)):
                if launched:
                    self._judge_death(log_mark)
                launched, log_mark = self._launch()
            time.sleep(0.03)
        raise DatabaseUnavailable(f"PostgreSQL was not ready within {START_SECONDS} s; see {self.log}")

    def _launch(self) -> tuple[int, int]:
        """Set a server going that outlives us and holds no pipe of ours. -> its pid, where its log begins.

        Not by pg_ctl, which hands the path to a shell inside double quotes: a `$` in it would be lost.
        """
        sockets = self._socket_dir()
        for own in (sockets, self.log.parent):
            self._give_folder(own)
        for lock_file in (self.data / "postmaster.pid", sockets / f".s.PGSQL.{PORT}.lock"):
            forget_stranger(lock_file, self.data)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.old"))
        log_mark = self.log.stat().st_size if self.log.exists() else 0
        quoted = str(sockets).replace('"', '""')
        options = ("listen_addresses=", f"port={PORT}", f'unix_socket_directories="{quoted}"',
                   "unix_socket_permissions=0700", *self._durability)  # fmt: skip
        script = 'log=$1; shift; "$@" >>"$log" 2>&1 & echo $!'
        started = run(["/bin/sh", "-c", script, "sh", self.log, self._program("postgres"), "-D", self.data,
                       *(f"--{option}" for option in options)], self._account)  # fmt: skip
        return int(started.stdout), log_mark

    def _judge_death(self, log_mark: int) -> None:
        """Return if it is worth another try: an earlier server, or what a killed one left, is still going."""
        words = self.log.read_bytes()[log_mark:].decode(errors="replace")
        if "pre-existing shared memory block" not in words and "lock file" not in words:
            raise DatabaseUnavailable(f"PostgreSQL did not start; {self.log} says:\n{_tail(words)}")
        time.sleep(0.2)

    def _running(self) -> Postmaster:
        server = find_postmaster(self.data)
        if server is None or not server.ready:
            raise DatabaseUnavailable(f"the private PostgreSQL in {self.folder} is not running")
        return server

    def _sql(self, statement: str) -> None:
        self._run("psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", self._running().socket_dir, "-p", PORT,
                  "-U", USER, "-d", "postgres", "-c", statement)  # fmt: skip

    def _run(self, name: str, *options: object, **how: Any) -> subprocess.CompletedProcess[str]:
        done = run([self._program(name), *options], self._account, **how)
        if done.returncode:
            raise DatabaseUnavailable(f"{name} failed: {_tail(done.stderr or done.stdout)}")
        return done

    def _program(self, name: str) -> Path:
        if self._found is None:
            version = self.data / "PG_VERSION"
            major = version.read_text().strip() if version.exists() else None
            self._found = find_programs(self._bindir, major=major)
        return self._found / name


def _url(server: Postmaster, database: str) -> str:
    # The port is named because libpq would otherwise take PGPORT from the caller's environment.
    return (
        f"postgresql+psycopg://{USER}@/{database}?host={quote(str(server.socket_dir), safe='')}&port={PORT}"
    )


def _plain(name: str) -> str:
    if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", name):
        raise ValueError(f"{name!r} is not a plain database name")
    return name


def _tail(words: str) -> str:
    return "\n".join(words.strip().splitlines()[-12:])
