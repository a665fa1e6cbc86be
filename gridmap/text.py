"""Text that users give: what may be stored and shown, and what may not. No escaping (see maps.page)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from gridmap.errors import BadInput

# Unicode's categories Cc (controls) and Cs (surrogates); the second leaves line breaks and tabs
BROKEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
BROKEN_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def flaw(text: str, *, limit: int, lines: bool = False) -> str | None:
    """Why a text cannot be stored, or None.

    `limit` counts characters; `lines` allows line breaks and tabs. Control characters (NUL among them) and
    lone surrogates are refused: PostgreSQL takes neither NUL nor surrogates, and none of them is a name.
    """
    if bad := (BROKEN_LINES if lines else BROKEN).search(text):
        if "\ud800" <= bad[0] <= "\udfff":
            return "holds half a character (a lone surrogate); save the file again as UTF-8"
        return f"holds the control character U+{ord(bad[0]):04X}; remove it"
    if len(text) > limit:
        return f"has {len(text):,} characters; the limit is {limit:,}"
    return None


def printable(text: str) -> str:
    """The text with everything escaped that a terminal would obey or could not show."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def texts(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """(path, text) of every text, key or value, inside a JSON-like value."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield path, key
            yield from texts(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list | tuple):
        for index, item in enumerate(value):
            yield from texts(item, f"{path}[{index}]")


def check_text(text: str, field: str, *, most: int, least: int = 0, lines: bool = True) -> str:
    """The text without blanks around it; `lines` allows line breaks.

    Raises BadInput naming the field when it has fewer than `least` or more than `most` characters, or holds
    what cannot be stored (see `flaw`).
    """
    stripped = text.strip()
    if len(stripped) < least:
        raise BadInput("is empty" if not stripped else f"needs {least} characters at least", field=field)
    if reason := flaw(stripped, limit=most, lines=lines):
        raise BadInput(reason, field=field)
    return stripped
