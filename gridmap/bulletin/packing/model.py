"""Values of packing. No I/O."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gridmap import __version__

MANIFEST = "manifest.json"
SOFTWARE = f"gridmap {__version__}"

Progress = Callable[[int, int, str], None]
"""Called before each step with its number from 1, how many there are, and its name; may raise to cancel."""

MEDIA_TYPES = {
    "pdf": "application/pdf",
    "html": "text/html; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "json": "application/json",
}


@dataclass(frozen=True, slots=True)
class Package:
    """A month's finished files by name, the manifest last. `read_at` is when their data were read (UTC)."""

    jurisdiction: str
    month: date
    lang: str
    read_at: datetime
    manifest: dict[str, Any]
    files: dict[str, bytes]


def file_name(jurisdiction: str, month: date, lang: str, suffix: str) -> str:
    """`bulletin-610602006-2023-06.pdf`; with `-en` before the suffix in English."""
    return f"bulletin-{jurisdiction}-{month:%Y-%m}{'' if lang == 'zh' else f'-{lang}'}.{suffix}"


def suffix_of(name: str) -> str:
    return name.rpartition(".")[2]


def sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
