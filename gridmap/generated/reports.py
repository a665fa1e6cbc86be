"""Made-up reports, as many as wanted: the same seed and numbers, the same reports. Pure.

A report takes after one of a pattern's (the demonstration's): its category, words, datum, accuracy, and the
time of day and place within a street's breadth. The day is drawn first, by season, weekday, growth and good
and bad days; the pattern's report then comes from the same month of the year and the same sort of weekday, so
that each category keeps its own season, hours and hot spots. Coordinates on which many reports of the pattern
lie exactly are defaults of devices, and stay what they are.

Rows come in the order of their days. They are drawn in pages of PAGE rows, each with random numbers of its
own, so that no row depends on how many are asked for at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.errors import BadInput
from gridmap.reports.batch import Batch

PAGE = 1 << 14
ROWS_MOST = 1_000_000_000
MONTHS_MOST = 360
SPREAD_M = 14.0  # standard deviation of a place around its pattern's, each way
SPREAD_S = 1_200.0  # likewise of the time of day
PILE = 10  # reports on exactly one coordinate
YEARLY_GROWTH = 0.06
_METRES_PER_DEGREE = 111_320.0
_DAY_S = 86_400
_US = 1_000_000

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]


@dataclass(frozen=True, slots=True)
class Pattern:
    """n reports to take after, sorted by sort of day: those of sort k are rows begin[k] to begin[k + 1].

    A sort of day is the month of the year (0–11), and 12 more at weekends.
    """

    batch: Batch
    second: Floats  # of the local day
    stays: NDArray[np.bool_]  # on its coordinate
    begin: Ints  # (25,)


@dataclass(frozen=True, slots=True)
class Plan:
    """`rows` reports over `months` months before `until`, the first day of a month."""

    rows: int
    months: int
    seed: int
    until: date
    offset_us: int  # of local time, east of UTC
    days: Days
    ends: Ints  # by day: the number of rows up to its end

    @property
    def prefix(self) -> str:
        """What the client ids of this plan's rows begin with, and no other plan's."""
        return f"made-{self.until:%Y%m}-{self.months}-{self.seed}-{self.rows}-"

    def client_id(self, row: int) -> str:
        return f"{self.prefix}{row:09d}"

    def spans(self) -> list[tuple[date, int, int]]:
        """(month, first row, row after the last) for each month that has any."""
        month = self.days.astype("datetime64[M]")
        last = np.flatnonzero(np.append(month[1:] != month[:-1], True))
        stops = self.ends[last].tolist()
        starts = [0, *stops[:-1]]
        return [
            (month[at].astype("datetime64[D]").item(), start, stop)
            for at, start, stop in zip(last.tolist(), starts, stops, strict=True)
            if stop > start
        ]


def pattern(batch: Batch, offset_us: int) -> Pattern:
    """A pattern of these reports, whose local time is so many microseconds east of UTC."""
    local = batch.occurred + offset_us
    day = local // (_DAY_S * _US)
    sort = _sorts(day.astype("datetime64[D]"))
    order = np.argsort(sort, kind="stable")
    begin = np.searchsorted(sort[order], np.arange(25))
    second = (local - day * _DAY_S * _US) / _US
    _, which, count = np.unique(
        np.column_stack([batch.lon, batch.lat]), axis=0, return_inverse=True, return_counts=True
    )
    stays = (count[which.ravel()] >= PILE) | np.isnan(batch.lon)
    return Pattern(batch.take(order), second[order], stays[order], begin)


def spread(like: Pattern, lon: Floats, lat: Floats, *, breadth: float, seed: int = 1) -> Pattern:
    """A pattern over other ground: each of its reports at several of the places given (degrees), at few of
    them often and at most seldom, scattered over `breadth` degrees of latitude. Nothing names an area there.
    """
    random = np.random.default_rng([seed, len(lon)])
    copies = max(1, -(-2 * len(lon) // len(like.batch)))
    batch = like.batch.take(np.repeat(np.arange(len(like.batch)), copies))
    stays = np.repeat(like.stays & ~np.isnan(like.batch.lon), copies)
    weights = random.lognormal(0, 1.2, len(lon))
    at = random.choice(len(lon), len(batch), p=weights / weights.sum())
    away = random.normal(0, breadth, (2, len(batch)))
    batch.lon = np.where(stays, batch.lon, lon[at] + away[0] / np.cos(np.radians(lat[at])))
    batch.lat = np.where(stays, batch.lat, lat[at] + away[1])
    batch.datum = np.maximum(batch.datum, 0).astype(np.int8)
    batch.named_area = [None] * len(batch)
    return Pattern(batch, np.repeat(like.second, copies), stays, like.begin * copies)


def plan(like: Pattern, rows: int, months: int, *, until: date, offset_us: int, seed: int = 1) -> Plan:
    """Spread reports over the days as the pattern's are. Raises BadInput naming reports, months or seed."""
    if not 1 <= rows <= ROWS_MOST:
        raise BadInput(f"give 1 to {ROWS_MOST:,}", field="reports")
    if not 1 <= months <= MONTHS_MOST:
        raise BadInput(f"give 1 to {MONTHS_MOST}", field="months")
    if not 0 <= seed <= 999_999:
        raise BadInput("give 0 to 999,999", field="seed")
    end = np.datetime64(until, "M")
    days: Days = np.arange(end - months, end, dtype="datetime64[D]")
    sort = _sorts(days)
    # a month has about 21 working days and 9 of a weekend
    weights = np.diff(like.begin)[sort] / np.where(sort < 12, 21, 9)
    weights = weights * (1 + YEARLY_GROWTH) ** (np.arange(len(days)) / 365)
    weights = weights * np.random.default_rng([seed, months]).gamma(6.0, 1 / 6.0, len(days))
    shares = np.cumsum(weights) / weights.sum()
    ends = np.round(shares * rows).astype(np.int64)
    ends[-1] = rows
    return Plan(rows, months, seed, until, offset_us, days, ends)


def draw(asked: Plan, like: Pattern, start: int, stop: int) -> Batch:
    """Rows `start` to `stop` of a plan, which must lie in one page."""
    page = start // PAGE
    first, last = page * PAGE, min((page + 1) * PAGE, asked.rows)
    if not first <= start < stop <= last:
        raise ValueError(f"rows {start} to {stop} do not lie in one page")
    random = np.random.default_rng([asked.seed, asked.rows, asked.months, page])
    count = last - first
    day = np.searchsorted(asked.ends, np.arange(first, last), side="right")
    sort = _sorts(asked.days[day])
    size = like.begin[sort + 1] - like.begin[sort]
    taken = like.begin[sort] + np.floor(random.random(count) * size).astype(np.int64)
    second = like.second[taken] + random.normal(0, SPREAD_S, count)
    moment = np.clip(np.round(second), 0, _DAY_S - 1).astype(np.int64)
    midnight = asked.days[day].astype("datetime64[us]").astype(np.int64) - asked.offset_us
    away = random.normal(0, SPREAD_M / _METRES_PER_DEGREE, (2, count)) * ~like.stays[taken]
    mine = slice(start - first, stop - first)
    return _batch(asked, like, taken[mine], (midnight + moment * _US)[mine], away[:, mine], start)


def _batch(asked: Plan, like: Pattern, taken: Ints, occurred: Ints, away: Floats, start: int) -> Batch:
    whole = like.batch
    lon, lat = whole.lon[taken], whole.lat[taken]
    some: Any = taken.tolist()
    prefix = asked.prefix
    return Batch(
        category=[whole.category[row] for row in some],
        description=[whole.description[row] for row in some],
        occurred=occurred,
        client_id=[f"{prefix}{row:09d}" for row in range(start, start + len(some))],
        lon=np.round(lon + away[0] / np.cos(np.radians(lat)), 7),
        lat=np.round(lat + away[1], 7),
        datum=whole.datum[taken],
        accuracy_m=whole.accuracy_m[taken],
        named_area=[whole.named_area[row] for row in some],
        sent_by=[None] * len(some),
    )


def _sorts(days: Days) -> Ints:
    """Of each day: the month of the year from 0, and 12 more on Saturday and Sunday."""
    month = days.astype("datetime64[M]").astype(np.int64) % 12
    weekday = (days.astype("datetime64[D]").astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    return month + 12 * (weekday >= 5)
