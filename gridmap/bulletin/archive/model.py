"""Values of the archive. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Bulletin:
    """A published bulletin: the `number`th (1, 2, …) of its month and language.

    `as_of` is when its data were read: the month as of then gives these numbers again.
    """

    id: int
    jurisdiction: str
    month: date
    lang: str
    number: int
    published_at: datetime
    published_by: str
    as_of: datetime
    software: str
    manifest: dict[str, Any]
