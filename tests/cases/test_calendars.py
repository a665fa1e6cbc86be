"""Working time: what the notices say, and the laws that the arithmetic keeps."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.cases.calendars import OFFICE_HOURS, Calendar, calendar, parse_exceptions, parse_hours, shipped
from gridmap.errors import BadFile, BadInput

ZONE = ZoneInfo("Asia/Shanghai")
CHINA = calendar(ZONE, OFFICE_HOURS, shipped())
BOSTON = calendar(ZoneInfo("America/New_York"), "08:30-17:00")  # whose clocks change twice a year

moments = st.datetimes(
    datetime(2023, 1, 1), datetime(2026, 12, 1), timezones=st.just(UTC), allow_imaginary=False
)
terms = st.integers(0, 120 * 60).map(lambda minutes: timedelta(minutes=minutes))
days = st.integers(0, 40)
calendars = st.sampled_from([CHINA, BOSTON])


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2023-06-22", False),  # 端午节, a Thursday
        ("2023-06-24", False),
        ("2023-06-25", True),  # a Sunday that makes up
        ("2023-07-02", False),
        ("2023-10-06", False),
        ("2023-10-07", True),
        ("2024-02-04", True),
        ("2024-02-09", True),  # 除夕 was no holiday in 2024
        ("2025-01-28", False),  # and was one in 2025
        ("2025-10-08", False),
        ("2026-01-02", False),
        ("2026-01-04", True),
        ("2026-02-23", False),
        ("2026-02-28", True),
        ("2026-10-08", True),
    ],
)
def test_the_days_of_the_notices(day: str, worked: bool) -> None:
    assert CHINA.works(date.fromisoformat(day)) is worked


def test_every_notice_leaves_a_year_as_many_working_days_as_it_should() -> None:
    """2025 and 2026: 248; 2024: 251; 2023: 249 (365 days less weekends and legal holidays)."""
    worked = {
        year: sum(CHINA.works(date(year, 1, 1) + timedelta(days=n)) for n in range(365 + (year == 2024)))
        for year in (2023, 2024, 2025, 2026)
    }
    assert worked == {2023: 249, 2024: 251, 2025: 248, 2026: 248}


def test_a_term_over_the_dragon_boat_festival() -> None:
    """From Wednesday's last working hour over three holidays into the Sunday that is worked."""
    start = local("2023-06-21 17:30")
    assert CHINA.after(start, timedelta(hours=2)) == local("2023-06-25 09:00")
    assert CHINA.after_days(start, 1) == local("2023-06-25 18:30")
    assert CHINA.after_days(local("2023-06-23 12:00"), 2) == local("2023-06-26 18:30")
    assert CHINA.worked(local("2023-06-22 00:00"), local("2023-06-25 00:00")) == timedelta()


def test_a_year_without_a_notice_is_told() -> None:
    assert CHINA.knows(local("2023-01-05 00:00"), local("2026-12-31 00:00"))
    assert not CHINA.knows(local("2026-12-31 00:00"), local("2027-01-05 00:00"))


@given(calendars, moments, terms)
def test_a_term_is_worked_by_its_end(office: Calendar, start: datetime, term: timedelta) -> None:
    end = office.after(start, term)
    assert office.worked(start, end) == term
    if term:
        assert office.worked(start, end - timedelta(microseconds=1)) < term  # and not before


@given(calendars, moments, terms, terms)
def test_terms_add_up(office: Calendar, start: datetime, one: timedelta, two: timedelta) -> None:
    assert office.after(office.after(start, one), two) == office.after(start, one + two)


@given(calendars, moments, moments, terms)
def test_who_begins_later_ends_later(office: Calendar, a: datetime, b: datetime, term: timedelta) -> None:
    a, b = sorted((a, b))
    assert office.after(a, term) <= office.after(b, term)


@given(calendars, moments, moments, moments)
def test_working_time_adds_up(office: Calendar, a: datetime, b: datetime, c: datetime) -> None:
    a, b, c = sorted((a, b, c))
    b, c = min(b, a + timedelta(days=60)), min(c, a + timedelta(days=120))
    assert office.worked(a, b) + office.worked(b, c) == office.worked(a, c)
    assert timedelta() <= office.worked(a, b) <= b - a


@given(calendars, moments, st.integers(1, 40), days)
def test_days_add_up_and_end_with_the_working_hours(office: Calendar, start, one: int, two: int) -> None:
    end = office.after_days(start, one)
    assert office.after_days(end, two) == office.after_days(start, one + two)
    assert not office.open_at(end)
    assert office.open_at(end - timedelta(microseconds=1))
    first = start.astimezone(office.zone).date()
    own_day_counts = bool(office.spans(first)) and office.spans(first)[-1][1] > start
    assert office.days_ended(start, end) == one + own_day_counts


@given(moments)
def test_no_term_ends_on_a_holiday(start: datetime) -> None:
    for end in (CHINA.after(start, timedelta(minutes=1)), CHINA.after_days(start, 1)):
        assert CHINA.works(end.astimezone(ZONE).date())


def test_a_later_notice_replaces_its_own_year_only() -> None:
    """A notice for 2027 may reach into December of 2026, whose own holidays stay."""
    text = "year,kind,first,last,name\n2027,holiday,2026-12-31,2027-01-02,元旦\n"
    both = calendar(ZONE, OFFICE_HOURS, shipped(), parse_exceptions(text))
    assert not both.works(date(2026, 12, 31))
    assert not both.works(date(2026, 10, 1))
    assert both.works(date(2026, 10, 10))
    assert 2027 in both.years
    nothing = parse_exceptions("year,kind,first,last,name\n2026,holiday,2026-01-01,2026-01-01,元旦\n")
    assert calendar(ZONE, OFFICE_HOURS, shipped(), nothing).works(date(2026, 10, 1))


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("2026,feast,2026-01-01,2026-01-01,x", "neither holiday nor workday"),
        ("2026,holiday,2026-02-30,2026-03-01,x", "days like"),
        ("2026,holiday,2026-02-10,2026-02-09,x", "no days of a notice"),
        ("2026,holiday,2025-02-10,2025-02-11,x", "no days of a notice"),
        ("2026,holiday,2026-02-01,2026-03-20,x", "more than 31 days"),
        ("2026,workday,2026-02-09,2026-02-09,x", "worked anyway"),
    ],
)
def test_slips_in_a_calendar_are_told_with_their_line(row: str, says: str) -> None:
    with pytest.raises(BadFile, match=f"line 2: .*{says}"):
        parse_exceptions(f"year,kind,first,last,name\n{row}\n")


def test_a_day_cannot_be_two_things() -> None:
    row = "2026,holiday,2026-01-01,2026-01-01,元旦\n"
    with pytest.raises(BadFile, match="line 3: 2026-01-01 is given twice"):
        parse_exceptions(f"year,kind,first,last,name\n{row}{row}")


@pytest.mark.parametrize("hours", ["", "8-12", "12:00-08:00", "08:00-12:00,11:00-13:00", "08:00"])
def test_office_hours_that_are_none(hours: str) -> None:
    with pytest.raises(BadInput, match="hours"):
        parse_hours(hours)
