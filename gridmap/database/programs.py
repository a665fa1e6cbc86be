"""PostgreSQL's own programs: where they are, who runs them, and what to type when they are missing.

Standard library only. What is done with them is cluster.py's part.
"""

from __future__ import annotations

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from gridmap.errors import DatabaseUnavailable

NEEDED = ("initdb", "postgres", "pg_ctl", "psql")
EXTENSIONS = ("postgis", "btree_gist")


def find_programs(bindir: Path | None = None, *, major: str | None = None) -> Path:
    """The folder of a PostgreSQL server that has PostGIS.

    bindir: look only there (GRIDMAP_PG_BINDIR). major: the version an existing cluster was made by ("15");
    newer servers cannot read it, so only that one will do. Raises DatabaseUnavailable with the command.
    """
    looked_at = []
    for candidate in [bindir] if bindir else dict.fromkeys(_candidates()):
        lack = _lack(candidate, major)
        if lack is None:
            return candidate
        looked_at.append(f"{candidate}: {lack}")
    raise DatabaseUnavailable(_advice(bindir, major) + "".join(f"\n  {line}" for line in looked_at))


def server_account(pg_user: str, bindir: Path | None = None) -> pwd.struct_passwd:
    """Who runs the server: ourselves, or `pg_user` when we are root, whom PostgreSQL refuses."""
    uid = os.geteuid()
    try:
        account = pwd.getpwnam(pg_user) if uid == 0 else pwd.getpwuid(uid)
    except KeyError:
        if uid:
            raise DatabaseUnavailable(
                f"PostgreSQL needs a user with a name, and uid {uid} has none"
            ) from None
        find_programs(bindir)  # the package brings the user: when it is missing, that is what to say
        raise DatabaseUnavailable(
            f"no system user {pg_user!r} to run PostgreSQL as; set GRIDMAP_PG_USER to one that exists"
        ) from None
    if account.pw_uid == 0:
        raise DatabaseUnavailable("PostgreSQL refuses to run as root; set GRIDMAP_PG_USER to another user")
    return account


def run(
    command: Sequence[object], account: pwd.struct_passwd, **how: Any
) -> subprocess.CompletedProcess[str]:
    """Run as `account`, away from our terminal's signals, our folder and the caller's PG* variables."""
    if os.geteuid() == 0:
        how |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    if "input" not in how:
        how["stdin"] = subprocess.DEVNULL
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        errors="replace",
        cwd="/",
        env=environment | {"LC_ALL": "C.UTF-8", "HOME": "/"},
        start_new_session=True,
        **how,
    )


def _candidates() -> Iterator[Path]:
    """Newest first: where Debian, Ubuntu and the Red Hat family put servers, then what the PATH leads to."""
    for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin"):
        yield from sorted(Path("/").glob(pattern), key=_version_in, reverse=True)
    if postgres := shutil.which("postgres"):
        yield Path(postgres).resolve().parent


def _version_in(path: Path) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d+", str(path))]


def _lack(bindir: Path, major: str | None) -> str | None:
    missing = [name for name in NEEDED if not os.access(bindir / name, os.X_OK)]
    if missing:
        return f"no {', '.join(missing)}"
    if major and (found := _ask(bindir / "postgres", "--version").split()[2].split(".")[0]) != major:
        return f"this is PostgreSQL {found}"
    extensions = _share_dir(bindir) / "extension"
    missing = [name for name in EXTENSIONS if not (extensions / f"{name}.control").exists()]
    return f"no {', '.join(missing)} in {extensions}" if missing else None


def _share_dir(bindir: Path) -> Path:
    if (bindir / "pg_config").exists():
        return Path(_ask(bindir / "pg_config", "--sharedir"))
    return Path("/usr/share/postgresql") / bindir.parent.name


def _ask(program: Path, option: str) -> str:
    try:
        return subprocess.run([program, option], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError) as error:
        raise DatabaseUnavailable(f"{program} {option} failed: {error}") from None


def _advice(bindir: Path | None, major: str | None) -> str:
    package = f"postgresql-{major}-postgis-3" if major else "postgresql-postgis"
    sudo = "" if os.geteuid() == 0 else "sudo "
    what = (
        f"The data was made by PostgreSQL {major}, and that server with PostGIS was not found"
        if major
        else "PostgreSQL with PostGIS was not found"
    )
    where = f" in GRIDMAP_PG_BINDIR {bindir}" if bindir else ""
    return (
        f"{what}{where}. On Debian or Ubuntu run: {sudo}apt-get install -y --no-install-recommends {package}"
        " (or set GRIDMAP_PG_BINDIR to the folder of initdb, or GRIDMAP_DATABASE_URL to a server you run)"
    )
