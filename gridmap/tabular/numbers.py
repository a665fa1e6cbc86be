"""Numbers written as plain text, as tables hold them. Pure."""

from __future__ import annotations

import math
import re

from gridmap.errors import BadCoordinate

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def plain_number(text: str | None, field: str) -> float | None:
    """The number, or None where the text is empty. Blanks around it do not count.

    Raises BadCoordinate naming the field for anything else: NaN, infinities, thousands separators, digits
    that are not ASCII, degrees with minutes.
    """
    if text is None or not text.strip():
        return None
    if not NUMBER.fullmatch(text.strip()) or not math.isfinite(float(text)):
        raise BadCoordinate(f"{text[:40]!r} is not a plain finite number like 109.4781", field=field)
    return float(text)
