"""Opening hours in OpenStreetMap's opening_hours syntax: "Mo-Su 06:00-09:30", "Fr-Su 18:00-02:00; PH off".

A wrapper of one library, so that nobody else needs its habits. Public holidays (PH) are China's.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import opening_hours

from gridmap.errors import BadInput

LIMIT = 255  # characters, as in OpenStreetMap's own database


def check_hours(text: str) -> str:
    """The text itself when it is opening hours. Raises BadInput(field="opening_hours")."""
    if len(text) > LIMIT or not opening_hours.validate(text):
        raise BadInput(
            f"{text[:60]!r} is not opening hours; write them like Mo-Fr 08:00-12:00,14:00-18:00"
            " or Fr-Su 18:00-02:00",
            field="opening_hours",
        )
    return text


def is_open(text: str, when: datetime, zone: ZoneInfo) -> bool:
    """Whether it is open at an aware moment; hours are clock times of `zone` and may cross midnight.

    What is uncertain ("08:00+" late in the day, "unknown") counts as closed: nobody is sent there in vain.
    Raises BadInput for a naive moment or text that is not opening hours.
    """
    if when.tzinfo is None:
        raise BadInput("has no offset; give it like 2023-06-18T20:30:00+08:00", field="open_at")
    # the library knows no fixed offsets; on the wall clock of the place there is nothing left to know
    return bool(_parsed(text).is_open(when.astimezone(zone).replace(tzinfo=None)))


def openings(text: str, first: datetime, last: datetime) -> list[tuple[datetime, datetime]]:
    """(opens, closes) of each time it is open between two moments of the wall clock (naive), in order.

    What crosses an end is cut there. Uncertain times are closed, as in `is_open`. Raises BadInput for text
    that is not opening hours.
    """
    return [
        (opens, min(closes, last))
        for opens, closes, state, _ in _parsed(text).intervals(first, last)
        if state == opening_hours.State.OPEN
    ]


@lru_cache(maxsize=1024)
def _parsed(text: str) -> opening_hours.OpeningHours:
    return opening_hours.OpeningHours(check_hours(text), country="CN")
