"""Dates and times as people write them in files. Pure.

2023-06-18 20:30, 2023/6/18, 2023年6月18日 20时30分, 20230618, ISO 8601 with an offset, 18/06/2023 8:30 PM.
Where day and month could be either, nothing is guessed: the order is told, or shown by other rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from gridmap.errors import BadInput

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
WIDEST_OFFSET = timedelta(hours=16)  # what PostgreSQL takes
_WIDE_OFFSET = r"[+-](1[6-9]|2\d):?(\d\d)?$"
# The offset of a zone changes at whole quarters of an hour (of all zones, since 1990: tz database)
QUARTER_US = 900_000_000

Micros = NDArray[np.int64]

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


def microseconds(moment: datetime) -> int:
    """Since 1970-01-01 UTC, of an aware time."""
    return (moment - EPOCH) // MICROSECOND


def parse_times(
    texts: Sequence[str | None], zone: ZoneInfo, order: str | None
) -> tuple[Micros, NDArray[np.bool_]]:
    """(microseconds since 1970 UTC, doubtful) of n texts as `parse_time` reads them.

    Doubtful, and 0: what it refuses, and what has an offset of WIDEST_OFFSET or more.
    """
    if (quick := _all_iso(texts, zone)) is not None:
        return quick
    found = np.zeros(len(texts), np.int64)
    doubtful = np.zeros(len(texts), bool)
    local: list[datetime] = []
    of_zone: list[int] = []
    for place, text in enumerate(texts):
        moment = _read(text, zone, order)
        if moment is None:
            doubtful[place] = True
        elif moment.tzinfo is None:
            local.append(moment)
            of_zone.append(place)
        elif abs(moment.utcoffset() or timedelta()) < WIDEST_OFFSET:
            found[place] = (moment - EPOCH) // MICROSECOND
        else:
            doubtful[place] = True
    if local:
        found[of_zone] = from_clock(np.array(local, dtype="datetime64[us]").astype(np.int64), zone)
    return found, doubtful


def _all_iso(texts: Sequence[str | None], zone: ZoneInfo) -> tuple[Micros, NDArray[np.bool_]] | None:
    """The same where all are plain ISO times, all with an offset or all without one; else None."""
    try:
        column = pa.array(texts, pa.string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return None
    if column.null_count:
        return None
    with suppress(pa.ArrowInvalid):
        aware = column.cast(pa.timestamp("us", "UTC")).cast(pa.int64()).to_numpy()
        wide = compute.match_substring_regex(column, _WIDE_OFFSET).to_numpy(zero_copy_only=False)
        return np.where(wide, 0, aware), wide
    with suppress(pa.ArrowInvalid):
        clock = column.cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
        return from_clock(clock, zone), np.zeros(len(texts), bool)
    return None


def from_clock(clock: Micros, zone: ZoneInfo) -> Micros:
    """Microseconds since 1970 UTC of what a clock of the zone shows."""
    return clock - _offsets(clock, lambda at: at.replace(tzinfo=zone))


def local_days(moments: Micros, zone: ZoneInfo) -> NDArray[np.datetime64]:
    """The day in a zone (datetime64[D]) of each moment, microseconds since 1970 UTC."""
    return (moments + offsets(moments, zone)).astype("datetime64[us]").astype("datetime64[D]")


def offsets(moments: Micros, zone: ZoneInfo) -> Micros:
    """Microseconds that a zone's clocks are east of UTC at each moment, microseconds since 1970 UTC."""
    return _offsets(moments, lambda at: at.replace(tzinfo=UTC).astimezone(zone))


def _read(text: str | None, zone: ZoneInfo, order: str | None) -> datetime | None:
    """As `parse_time`, but naive where the text gives no offset in ISO form, and None where it raises."""
    try:
        return datetime.fromisoformat(text or "")
    except ValueError:
        pass
    try:
        return parse_time(text or "", zone, order)
    except BadInput:
        return None


def _offsets(clock: Micros, aware: Callable[[datetime], datetime]) -> Micros:
    """Microseconds east of UTC at each reading of a clock, asked once for each quarter of an hour."""
    quarters, which = np.unique(clock // QUARTER_US, return_inverse=True)
    read: list[Any] = (quarters * QUARTER_US).astype("datetime64[us]").tolist()
    offsets = [(aware(at).utcoffset() or timedelta()) // MICROSECOND for at in read]
    return np.array(offsets, np.int64)[which]


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
