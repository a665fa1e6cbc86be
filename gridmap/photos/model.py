"""Values of the photos domain. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Print:
    """A photo as it is kept, JPEG: `body` in full, `width` × `height` pixels of it, and a `small` one."""

    body: bytes
    small: bytes
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo as somebody sends it: an image file of the kinds that `developing` takes."""

    report_id: UUID
    client_id: str
    body: bytes
    sent_by: str  # lasting, as in database.asker.Asker


@dataclass(frozen=True, slots=True)
class Photo:
    """A stored photo, without its picture. `bytes` is the length of the full one."""

    id: UUID
    width: int
    height: int
    bytes: int
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a photo that was sent: it is new, or came before under its client id."""

    status: Literal["created", "known"]
    photo: Photo
