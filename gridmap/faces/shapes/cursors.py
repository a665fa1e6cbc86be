"""Opaque cursors of keyset paging: where the page before ended, and of which list."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import Any

import orjson

from gridmap.errors import BadInput

_SEAL = 6  # bytes; a slip or a cursor of another list is found, secrecy is not meant


def cursor(list_name: str, *key: Any) -> str:
    """The cursor after the row with this sort key (text, numbers, datetimes, UUIDs)."""
    body = orjson.dumps(key)
    return base64.urlsafe_b64encode(_seal(list_name, body) + body).rstrip(b"=").decode()


def position(list_name: str, text: str | None, *kinds: Callable[[Any], Any]) -> tuple[Any, ...] | None:
    """The sort key in a cursor, each part through its kind; None for None.

    Raises BadInput(field="after") for anything that `cursor` did not make.
    """
    if text is None:
        return None
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        seal, body = raw[:_SEAL], raw[_SEAL:]
        if seal != _seal(list_name, body):
            raise ValueError
        return tuple(kind(part) for kind, part in zip(kinds, orjson.loads(body), strict=True))
    except (ValueError, TypeError, AttributeError):  # binascii's and orjson's errors are ValueErrors
        raise BadInput(
            "is not a cursor of this list; leave it out or give `next` of the page before", field="after"
        ) from None


def _seal(list_name: str, body: bytes) -> bytes:
    return hashlib.sha256(list_name.encode() + b"\0" + body).digest()[:_SEAL]
