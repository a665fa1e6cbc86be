"""Schema migrations (Alembic), run at every start, one process at a time."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection, Engine

if TYPE_CHECKING:  # 8 MB, which processes on a database that is ready need not hold
    from alembic.config import Config

ADVISORY_LOCK = 0x6772_6964  # "grid"


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, without a file; `connection` is what env.py runs on."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    made.attributes["connection"] = connection
    return made


def upgrade(engine: Engine) -> None:
    """Bring the schema to head. Does nothing but one look when it is there already."""
    from alembic import command
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    head = ScriptDirectory.from_config(config()).get_current_head()
    with engine.begin() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(sa.text("SET LOCAL lock_timeout = '10s'"))
        command.upgrade(config(connection), "head")
