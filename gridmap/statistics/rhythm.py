"""When things happen: hour by weekday, day by day, and whether a place was open at the time.

At a night market until nine, stalls are what the place is for; after nine they are a fault: what is legal is
place × opening hours, and a matrix of hours without it blames the market for being one. All hours are clock
hours of the jurisdiction's zone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.places.hours import is_open, openings

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

CLOSED, OPEN, UNKNOWN = 0, 1, -1

QUARTERS = 96  # of an hour in a day
_QUARTER_S = 900  # no zone in use since 1972 is off by anything finer
_MINUTE_S = 60
_NAT = np.iinfo(np.int64).min  # NaT as an integer


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Reports by weekday and hour, each (7, 24): row 0 is Monday, column 0 the hour from midnight.

    `within` happened while the place was open, `beyond` while it was closed, `unknown` at places that give no
    hours, or at none. `every` is their sum.
    """

    within: Ints
    beyond: Ints
    unknown: Ints

    @property
    def every(self) -> Ints:
        return self.within + self.beyond + self.unknown


def hour_by_weekday(moments: ArrayLike, zone: ZoneInfo) -> Ints:
    """(7, 24) counts of moments: numpy datetime64 in UTC, (n,); NaT is ignored. Monday first."""
    seconds = _seconds(moments)
    local = _local_hours(seconds, zone)
    return np.bincount(local, minlength=7 * 24).reshape(7, 24)


def legality(
    moments: ArrayLike, place: ArrayLike, hours: Sequence[str | None], zone: ZoneInfo
) -> NDArray[np.int8]:
    """OPEN, CLOSED or UNKNOWN for each of n reports, int8.

    moments: datetime64 in UTC; place: index of the report's place in `hours`, −1 for none; hours: the opening
    hours of each place (places.hours), None where it gives none. Judged to the minute. A place whose hours
    are uncertain at that moment is closed, as it is everywhere else in gridmap. Raises BadInput for text that
    is not opening hours, or places that are not there.
    """
    seconds, of = _seconds(moments, drop=False), np.asarray(place, dtype=np.int64).ravel()
    if len(of) != len(seconds) or (len(of) and not -1 <= of.min() <= of.max() < len(hours)):
        raise BadInput("gives no index of a place for each report", field="place")
    texts = sorted({text for text in hours if text})
    number = np.array([texts.index(text) if text else -1 for text in hours] + [-1], dtype=np.int64)
    text_of = number[of]
    verdict = np.full(len(of), UNKNOWN, dtype=np.int8)
    judged = np.flatnonzero((text_of >= 0) & (seconds != _NAT))
    keys, which = np.unique(seconds[judged] // _MINUTE_S * len(texts) + text_of[judged], return_inverse=True)
    answers = [
        is_open(texts[key % len(texts)], datetime.fromtimestamp(key // len(texts) * _MINUTE_S, UTC), zone)
        for key in keys.tolist()
    ]
    verdict[judged] = np.array(answers, dtype=np.int8)[which]
    return verdict


def rhythm_of(moments: ArrayLike, verdict: ArrayLike, zone: ZoneInfo) -> Rhythm:
    """The rhythm of reports: moments as in `legality`, verdict what it says of each."""
    at, said = np.asarray(moments).ravel(), np.asarray(verdict).ravel()
    if len(at) != len(said):
        raise BadInput("gives no verdict for each report", field="verdict")
    return Rhythm(*(hour_by_weekday(at[said == answer], zone) for answer in (OPEN, CLOSED, UNKNOWN)))


def open_shares(hours: Sequence[str | None], first: date, days: int) -> Floats | None:
    """(7, 96): how much of each quarter of an hour places are open, 0 to 1; row 0 is Monday.

    The mean over the places that give hours and over the weekday's days among the `days` from `first` on, by
    the clock on the wall. None where no place gives hours. Raises BadInput for text that is not opening
    hours, and for less than a week.
    """
    if days < 7:
        raise BadInput("is less than a week", field="days")
    given = Counter(text for text in hours if text)
    if not given:
        return None
    start = datetime.combine(first, time())
    minutes = np.zeros(days * 24 * 60)
    for text, places in given.items():
        for opens, closes in openings(text, start, start + timedelta(days=days)):
            begin, end = (int((moment - start).total_seconds()) // 60 for moment in (opens, closes))
            minutes[begin:end] += places
    daily = minutes.reshape(days, QUARTERS, -1).mean(axis=2) / given.total()
    weekday = (first.weekday() + np.arange(days)) % 7
    return np.array([daily[weekday == day].mean(axis=0) for day in range(7)])


def day_by_day(
    moments: ArrayLike, grid: ArrayLike, grids: int, first: date, days: int, zone: ZoneInfo
) -> Ints:
    """(days, grids) counts: a month played day by day; row 0 is the day `first` of the zone.

    moments: datetime64 in UTC, (n,); grid: index 0 … grids − 1 of each report, −1 for none. What lies in no
    grid or on no such day is left out.
    """
    seconds, of = _seconds(moments, drop=False), np.asarray(grid, dtype=np.int64).ravel()
    if len(of) != len(seconds) or (len(of) and not -1 <= of.min() <= of.max() < grids):
        raise BadInput("gives no index of a grid for each report", field="grid")
    real = (seconds != _NAT) & (of >= 0)
    day = _local(seconds[real], zone) // 86_400 - (first.toordinal() - date(1970, 1, 1).toordinal())
    shown = (day >= 0) & (day < days)
    cell = day[shown] * grids + of[real][shown]
    return np.bincount(cell, minlength=days * grids).reshape(days, grids)


def _seconds(moments: ArrayLike, *, drop: bool = True) -> Ints:
    """Seconds since 1970 in UTC; NaT dropped, or left as _NAT."""
    array = np.asarray(moments)
    if array.size and array.dtype.kind != "M":
        raise BadInput("is not datetime64 in UTC", field="moments")
    seconds = array.ravel().astype("datetime64[s]").astype(np.int64)
    return seconds[seconds != _NAT] if drop else seconds


def _local(seconds: Ints, zone: ZoneInfo) -> Ints:
    """Seconds on the zone's wall clock; its offset is asked once for each quarter of an hour there is."""
    quarters, which = np.unique(seconds // _QUARTER_S, return_inverse=True)
    offsets = [
        datetime.fromtimestamp(quarter * _QUARTER_S, UTC).astimezone(zone).utcoffset()
        for quarter in quarters.tolist()
    ]
    shift = np.array([offset.total_seconds() if offset else 0 for offset in offsets], dtype=np.int64)
    return np.asarray(seconds + shift[which])


def _local_hours(seconds: Ints, zone: ZoneInfo) -> Ints:
    """24 × weekday + hour of each moment; 1970-01-01 was a Thursday."""
    local = _local(seconds, zone)
    return (local // 86_400 + 3) % 7 * 24 + local % 86_400 // 3600
