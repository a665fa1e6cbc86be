"""The working-day calendar: holidays, make-up days (调休), office hours, and the arithmetic of terms. Pure.

A term in hours counts working time from the moment it begins; a term in days ends with the working hours of
its last working day, and the day on which it begins does not count (Civil Code of China, article 201).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import pairwise
from zoneinfo import ZoneInfo

from gridmap.errors import BadFile, BadInput

COLUMNS = ("year", "kind", "first", "last", "name")
KINDS = {"holiday": False, "workday": True}
LONGEST_RUN = 31  # days of one row; more is a slip in a year
SATURDAY = 5
FARTHEST = timedelta(days=3_660)  # a term that ends later than this is a slip, not a term
# Local and provisional, as the default of GRIDMAP_OFFICE_HOURS.
OFFICE_HOURS = "08:00-12:00,14:30-18:30"

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Special:
    """A day on which the week does not decide: a holiday, or a day of the weekend that is worked.

    `year` is the one whose notice names it: New Year's holiday may begin in December.
    """

    year: int
    day: date
    working: bool
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Monday to Friday are worked, but for `exceptions`: day -> whether it is worked.

    `hours` are the (opening, closing) of a worked day, in order, in `zone`. `years` are those whose notice is
    known; in another year only the week decides, and whoever shows a term must say so.
    """

    zone: ZoneInfo
    hours: tuple[tuple[time, time], ...]
    exceptions: Mapping[date, bool]
    years: frozenset[int]

    def works(self, day: date) -> bool:
        """Whether a day is worked."""
        return self.exceptions.get(day, day.weekday() < SATURDAY)

    def spans(self, day: date) -> list[Span]:
        """The working hours of a day, in UTC; none on a day that is not worked."""
        if not self.works(day):
            return []
        return [
            (
                datetime.combine(day, opening, self.zone).astimezone(UTC),
                datetime.combine(day, closing, self.zone).astimezone(UTC),
            )
            for opening, closing in self.hours
        ]

    def open_at(self, moment: datetime) -> bool:
        """Whether a moment lies in working hours; the closing does not."""
        return any(opening <= moment < closing for opening, closing in self.spans(self._day(moment)))

    def after(self, moment: datetime, worked: timedelta) -> datetime:
        """The first moment by which so much has been worked since `moment`. UTC.

        Raises BadInput(field="term") for a negative term or one of over ten years.
        """
        if worked < timedelta():
            raise BadInput("cannot be negative", field="term")
        moment = moment.astimezone(UTC)
        if not worked:
            return moment
        left = worked
        for day in self._days(moment):
            for opening, closing in self.spans(day):
                start = max(opening, moment)
                if closing <= start:
                    continue
                if closing - start >= left:
                    return start + left
                left -= closing - start
        raise AssertionError("unreachable: _days raises")

    def after_days(self, moment: datetime, days: int) -> datetime:
        """When the working hours of the n-th working day after the day of `moment` end. UTC.

        0 days: `moment` itself. Raises BadInput(field="term") as `after`.
        """
        if days < 0:
            raise BadInput("cannot be negative", field="term")
        if days == 0:
            return moment.astimezone(UTC)
        left = days
        today = self._day(moment)
        for day in self._days(moment):
            if day > today and self.works(day):
                left -= 1
                if not left:
                    return self.spans(day)[-1][1]
        raise AssertionError("unreachable: _days raises")

    def worked(self, start: datetime, end: datetime) -> timedelta:
        """How much is worked from `start` to `end`; nothing where `end` is before `start`."""
        total = timedelta()
        day, last = self._day(start), self._day(end)
        while day <= last:
            for opening, closing in self.spans(day):
                total += max(min(closing, end) - max(opening, start), timedelta())
            day += timedelta(days=1)
        return total

    def days_ended(self, start: datetime, end: datetime) -> int:
        """How many working days end (their closing) after `start` and not after `end`."""
        day, last, count = self._day(start), self._day(end), 0
        while day <= last:
            spans = self.spans(day)
            count += bool(spans) and start < spans[-1][1] <= end
            day += timedelta(days=1)
        return count

    def knows(self, start: datetime, end: datetime) -> bool:
        """Whether the notices of all years from `start` to `end` are known."""
        return set(range(self._day(start).year, self._day(end).year + 1)) <= self.years

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self.zone).date()

    def _days(self, moment: datetime) -> Iterator[date]:
        day = self._day(moment)
        last = day + FARTHEST
        while day <= last:
            yield day
            day += timedelta(days=1)
        raise BadInput("ends more than ten years later; give a shorter one", field="term")


def parse_hours(text: str) -> tuple[tuple[time, time], ...]:
    """Office hours like 08:00-12:00,14:30-18:30, in order and apart. Raises BadInput(field="hours")."""
    try:
        parts = [part.strip().split("-") for part in text.split(",")]
        hours = tuple(
            (time.fromisoformat(opening), time.fromisoformat(closing)) for opening, closing in parts
        )
    except ValueError:
        raise BadInput(f"{text[:60]!r}: write them like {OFFICE_HOURS}", field="hours") from None
    edges = [edge for span in hours for edge in span]
    if any(b <= a for a, b in pairwise(edges)) or any(edge.tzinfo for edge in edges):
        raise BadInput("must follow each other within one day, without overlap", field="hours")
    return hours


def parse_exceptions(text: str) -> list[Special]:
    """The rows of a calendar file: CSV with year, kind (holiday, workday), first, last, name.

    Raises BadFile with the line for a kind that is none, days that are none, in the wrong order or far from
    the year, a holiday of over a month, a day given twice, and a make-up day that is worked anyway.
    """
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if missing := [name for name in COLUMNS if name not in (reader.fieldnames or ())]:
        raise BadFile(f"lacks the column {missing[0]}; it needs {', '.join(COLUMNS)}", field="file")
    found: dict[date, Special] = {}
    for row in reader:
        for each in _exceptions(row, reader.line_num):
            if each.day in found:
                raise BadFile(f"line {reader.line_num}: {each.day} is given twice", field="file")
            found[each.day] = each
    return [found[day] for day in sorted(found)]


def _exceptions(row: Mapping[str, str], line: int) -> Iterator[Special]:
    def wrong(what: str) -> BadFile:
        return BadFile(f"line {line}: {what}", field="file")

    kind, name = (row["kind"] or "").strip(), (row["name"] or "").strip()
    if kind not in KINDS:
        raise wrong(f"{kind[:20]!r} is neither holiday nor workday")
    try:
        year = int(row["year"] or "")
        first, last = date.fromisoformat(row["first"] or ""), date.fromisoformat(row["last"] or "")
    except ValueError:
        raise wrong("year is one like 2026, first and last are days like 2026-02-15") from None
    if not date(year - 1, 12, 1) <= first <= last <= date(year + 1, 1, 31):
        raise wrong(f"from {first} to {last} are no days of a notice for {year}")
    if last - first >= timedelta(days=LONGEST_RUN):
        raise wrong(f"from {first} to {last} are more than {LONGEST_RUN} days")
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        if KINDS[kind] and day.weekday() < SATURDAY:
            raise wrong(f"{day} is worked anyway; a workday here is a day of the weekend")
        yield Special(year, day, KINDS[kind], name)


@cache
def shipped() -> tuple[Special, ...]:
    """The holidays and make-up days of 2023 to 2026 as the State Council's General Office announced them."""
    text = files("gridmap.cases").joinpath("calendar_cn.csv").read_text(encoding="utf-8")
    return tuple(parse_exceptions(text))


def calendar(zone: ZoneInfo, hours: str, *sources: Sequence[Special]) -> Calendar:
    """A calendar of several sources; where a later one has a notice for a year, earlier ones do not count."""
    notices: dict[int, list[Special]] = {}
    for source in sources:
        notices |= {year: [each for each in source if each.year == year] for year in {e.year for e in source}}
    exceptions = {each.day: each.working for year in sorted(notices) for each in notices[year]}
    return Calendar(zone, parse_hours(hours), exceptions, frozenset(notices))
