"""Checkpoints kept outside the database: a file of lines for each database in the data folder; it only grows.

Whoever has the database alone can take its newest checkpoints away, and the moves after the last one that is
left; the lines here tell. A copy of the file on another machine tells also of who has both.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from gridmap.cases.ledger import Checkpoint, Signed
from gridmap.database.sessions import Database
from gridmap.errors import BadFile


def file_of(database: Database) -> Path:
    """Where they are kept."""
    return database.settings.data_dir / f"audit-checkpoints-{database.engine.url.database}.jsonl"


def keep(path: Path, sealed: Sequence[Signed]) -> None:
    """Add those checkpoints of a jurisdiction, in order, that the file does not have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.seek(0)
        known = {(each.checkpoint.jurisdiction, each.checkpoint.number) for each in read_kept(file.read())}
        new = [e for e in sealed if (e.checkpoint.jurisdiction, e.checkpoint.number) not in known]
        file.write("".join(f"{each.line()}\n" for each in new))
        file.flush()
        os.fsync(file.fileno())


def kept_in(path: Path) -> list[Signed]:
    """What the file has, of all jurisdictions as they came; nothing where there is none. Raises BadFile."""
    return read_kept(path.read_text(encoding="utf-8")) if path.exists() else []


def read_kept(text: str) -> list[Signed]:
    """Checkpoints from the lines that `Signed.line` made. Raises BadFile with the line."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
            made = Checkpoint(
                value["jurisdiction"],
                value["number"],
                date.fromisoformat(value["day"]),
                datetime.fromisoformat(value["made_at"]),
                value["cases"],
                bytes.fromhex(value["heads"]),
                bytes.fromhex(value["previous"]),
            )
            found.append(Signed(made, bytes.fromhex(value["public_key"]), bytes.fromhex(value["signature"])))
        except (ValueError, KeyError, TypeError):
            raise BadFile(f"line {number} is no checkpoint", field="file") from None
    return found
