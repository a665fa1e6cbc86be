"""Dates and times as people write them in files. Pure.

2023-06-18 20:30, 2023/6/18, 2023年6月18日 20时30分, 20230618, ISO 8601 with an offset, 18/06/2023 8:30 PM.
Where day and month could be either, nothing is guessed: the order is told, or shown by other rows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from gridmap.errors import BadInput

CLOCK = (
    r"(?:[T\s]+(?P<hour>\d{1,2})[:时点](?P<minute>\d{1,2})分?"
    r"(?:[:]?(?P<second>\d{1,2})(?:\.\d+)?秒?)?\s*(?P<half>[AaPp]\.?[Mm]\.?)?)?"
)
YEAR_FIRST = re.compile(
    r"(?P<a>\d{4})\s*[-/.年]\s*(?P<b>\d{1,2})\s*[-/.月]\s*(?P<c>\d{1,2})日?" + CLOCK, re.ASCII
)
YEAR_LAST = re.compile(r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<c>\d{4})" + CLOCK, re.ASCII)
COMPACT = re.compile(r"(?P<a>\d{4})(?P<b>\d{2})(?P<c>\d{2})" + CLOCK, re.ASCII)


def parse_time(text: str, zone: ZoneInfo, order: str | None) -> datetime:
    """An aware time; where the text has no offset it is of `zone`, where it has no clock it is midnight.

    `order` ("dmy", "mdy" or None: unknown) decides 05/06/2023; 25/06/2023 needs none.
    Raises BadInput(field="occurred_at").
    """
    text = text.strip()
    try:
        iso = datetime.fromisoformat(text)
        return iso if iso.tzinfo else iso.replace(tzinfo=zone)
    except ValueError:
        pass
    if match := YEAR_FIRST.fullmatch(text) or COMPACT.fullmatch(text):
        year, month, day = (int(match[part]) for part in "abc")
    elif match := YEAR_LAST.fullmatch(text):
        year, month, day = _year_last(match, order)
    else:
        raise BadInput(f"{text[:40]!r} is not a time; write it like 2023-06-18 20:30", field="occurred_at")
    try:
        return datetime(year, month, day, *_clock(match), tzinfo=zone)
    except ValueError as error:
        raise BadInput(f"{text[:40]!r} is not a time: {error}", field="occurred_at") from None


def shown_order(texts: Iterable[str]) -> str | None:
    """The order of day and month that a column shows: one value over 12 is enough."""
    shown = set()
    for text in texts:
        if match := YEAR_LAST.fullmatch(text.strip()):
            if int(match["a"]) > 12:
                shown.add("dmy")
            if int(match["b"]) > 12:
                shown.add("mdy")
    return shown.pop() if len(shown) == 1 else None


def needs_order(text: str) -> bool:
    """Whether the value is written with the year last."""
    return YEAR_LAST.fullmatch(text.strip()) is not None


def _year_last(match: re.Match[str], order: str | None) -> tuple[int, int, int]:
    a, b, year = int(match["a"]), int(match["b"]), int(match["c"])
    if order == "dmy":
        return year, b, a
    if order == "mdy":
        return year, a, b
    if a > 12 >= b:
        return year, b, a
    if b > 12 >= a:
        return year, a, b
    raise BadInput(
        f"{match[0][:40]!r}: day and month could be either; say --dates dmy or --dates mdy",
        field="occurred_at",
    )


def _clock(match: re.Match[str]) -> tuple[int, int, int]:
    if match["hour"] is None:
        return 0, 0, 0
    hour, minute, second = int(match["hour"]), int(match["minute"]), int(match["second"] or 0)
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError("hour must be in 1..12 with AM or PM")
        hour = hour % 12 + (12 if match["half"][0] in "Pp" else 0)
    return hour, minute, second
