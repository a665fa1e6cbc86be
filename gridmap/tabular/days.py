"""Days written as plain text, as tables hold them. Pure."""

from __future__ import annotations

import re
from datetime import date

from gridmap.errors import BadInput

# a workbook may give its date cells a midnight
_DAY = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?", re.ASCII)


def plain_day(text: str | None, field: str) -> date:
    """A day, year first: 2023-06-18, 2023/6/18, 2023年6月18日. Raises BadInput naming the field."""
    match = _DAY.fullmatch(text or "")
    try:
        if match:
            return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:  # the 30th of February
        pass
    raise BadInput(f"{(text or '')[:40]!r} is not a day; write it like 2023-06-18", field=field)
