"""Hours are those of the zone's clocks; what is legal hangs on the place's own hours, to the minute."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.places.hours import is_open
from gridmap.statistics.rhythm import (
    CLOSED,
    OPEN,
    UNKNOWN,
    day_by_day,
    hour_by_weekday,
    legality,
    open_shares,
    rhythm_of,
)

CHINA, BOSTON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")
HOURS = ["Mo-Su 17:00-21:00", None, "Fr-Su 18:00-02:00; PH off"]


def utc(*moments: datetime) -> np.ndarray:
    return np.array([m.astimezone(UTC).replace(tzinfo=None) for m in moments], "datetime64[s]")


def china(*clock: int) -> datetime:
    return datetime(*clock, tzinfo=CHINA)


def test_hours_are_those_of_the_zone() -> None:
    found = hour_by_weekday(utc(china(2023, 6, 18, 20, 30), china(2023, 6, 19, 0, 0)), CHINA)
    assert found.sum() == 2
    assert found[6, 20] == 1  # a Sunday
    assert found[0, 0] == 1


@given(
    st.lists(st.datetimes(datetime(1975, 1, 1), datetime(2040, 1, 1)), max_size=30),
    st.sampled_from([CHINA, BOSTON, ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")]),
)
def test_the_matrix_is_what_clocks_said(moments, zone) -> None:
    aware = [m.replace(tzinfo=UTC, microsecond=0) for m in moments]
    wanted = Counter((m.astimezone(zone).weekday(), m.astimezone(zone).hour) for m in aware)
    found = hour_by_weekday(utc(*aware), zone)
    assert {(int(d), int(h)): int(found[d, h]) for d, h in np.argwhere(found)} == dict(wanted)


def test_nothing_and_no_time_are_nothing() -> None:
    assert hour_by_weekday([], CHINA).shape == (7, 24)
    assert hour_by_weekday(np.array(["NaT"], "datetime64[s]"), CHINA).sum() == 0
    assert legality(np.array(["NaT"], "datetime64[s]"), [0], HOURS, CHINA).tolist() == [UNKNOWN]


def test_a_night_market_after_nine_is_not_one_before_nine() -> None:
    moments = utc(china(2023, 6, 18, 20, 59), china(2023, 6, 18, 21, 0), china(2023, 6, 18, 16, 59))
    assert legality(moments, [0, 0, 0], HOURS, CHINA).tolist() == [OPEN, CLOSED, CLOSED]
    assert legality(moments, [1, -1, -1], HOURS, CHINA).tolist() == [UNKNOWN] * 3


def test_hours_past_midnight_belong_to_the_evening_before() -> None:
    moments = utc(china(2023, 6, 19, 1, 30), china(2023, 6, 20, 1, 30))  # after Sunday; after Monday
    assert legality(moments, [2, 2], HOURS, CHINA).tolist() == [OPEN, CLOSED]


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 60 * 24 * 60), st.sampled_from([0, 2])), max_size=20))
def test_the_verdict_is_that_of_the_hours_themselves(rows) -> None:
    moments = [datetime(2023, 9, 1, tzinfo=UTC) + timedelta(minutes=m) for m, _ in rows]
    places = [place for _, place in rows]
    wanted = [int(is_open(HOURS[p], m, CHINA)) for m, p in zip(moments, places, strict=True)]
    assert legality(utc(*moments), places, HOURS, CHINA).tolist() == wanted


def test_a_rhythm_adds_up() -> None:
    moments = utc(*(china(2023, 6, 18, h, 30) for h in (6, 18, 20, 22, 23)))
    verdict = legality(moments, [1, 0, 0, 0, -1], HOURS, CHINA)
    found = rhythm_of(moments, verdict, CHINA)
    assert (found.within.sum(), found.beyond.sum(), found.unknown.sum()) == (2, 1, 2)
    assert found.beyond[6, 22] == 1
    assert (found.unknown[6, 6], found.unknown[6, 23]) == (1, 1)
    assert found.every.sum() == 5


def test_opening_is_the_share_of_places_and_days() -> None:
    found = open_shares(["Fr-Su 18:00-02:00", "Mo-Su 06:00-09:30", None], date(2023, 6, 1), 30)
    assert found.shape == (7, 96)
    assert found[4, 4 * 18 : 4 * 24].tolist() == [0.5] * 24  # Friday evening: one of two places
    assert found[0, : 4 * 2].tolist() == [0.5] * 8, "Sunday's hours end on Monday"
    assert found[0, 4 * 2 :].sum() == 0.5 * 14
    assert found[2, 4 * 9 : 4 * 10].tolist() == [0.5, 0.5, 0, 0], "half past nine is half an hour"
    # a month begins inside the hours of the evening before
    assert open_shares(["Mo 22:00-03:00"], date(2023, 8, 1), 31)[1, : 4 * 3].tolist() == [1.0] * 12


def test_opening_follows_the_season() -> None:
    hours = ["Apr-Oct Mo-Su 18:00-01:00; Nov-Mar Mo-Su 17:30-22:30"]
    assert open_shares(hours, date(2023, 12, 1), 31)[:, 4 * 17 + 2].tolist() == [1.0] * 7
    assert open_shares(hours, date(2023, 6, 1), 30)[:, 4 * 17 + 2].tolist() == [0.0] * 7


def test_without_hours_nothing_is_open_or_closed() -> None:
    assert open_shares([None, None], date(2023, 6, 1), 30) is None
    assert open_shares([], date(2023, 6, 1), 30) is None


@settings(max_examples=20)
@given(st.sampled_from([h for h in HOURS if h]), st.integers(2022, 2024), st.integers(1, 12))
def test_opening_is_what_the_hours_say_minute_by_minute(hours, year, month) -> None:
    first = date(year, month, 1)
    days = ((first + timedelta(days=31)).replace(day=1) - first).days
    start = datetime(year, month, 1, tzinfo=CHINA)
    said = [is_open(hours, start + timedelta(minutes=15 * q), CHINA) for q in range(days * 96)]
    wanted = np.zeros((7, 96))
    for quarter, is_ in enumerate(said):  # these hours change on whole quarters
        wanted[(first.weekday() + quarter // 96) % 7, quarter % 96] += is_
    numbers = np.bincount((first.weekday() + np.arange(days)) % 7, minlength=7)[:, None]
    assert open_shares([hours], first, days) == pytest.approx(wanted / numbers)


def test_a_month_day_by_day() -> None:
    moments = utc(china(2023, 6, 1, 0, 0), china(2023, 6, 30, 23, 59), china(2023, 5, 31, 23, 59),
                  china(2023, 7, 1, 0, 0), china(2023, 6, 2, 12, 0))  # fmt: skip
    found = day_by_day(moments, [0, 1, 1, 1, -1], 2, date(2023, 6, 1), 30, CHINA)
    assert found.shape == (30, 2)
    assert np.argwhere(found).tolist() == [[0, 0], [29, 1]]


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda at: legality(at, [3], HOURS, CHINA), "place"),
        (lambda at: legality(at, [-2], HOURS, CHINA), "place"),
        (lambda at: legality(at, [], HOURS, CHINA), "place"),
        (lambda at: legality(at, [0], ["whenever"], CHINA), "opening_hours"),
        (lambda at: open_shares(["whenever"], date(2023, 6, 1), 30), "opening_hours"),
        (lambda at: open_shares(["24/7"], date(2023, 6, 1), 6), "days"),
        (lambda at: rhythm_of(at, [], CHINA), "verdict"),
        (lambda at: day_by_day(at, [2], 2, date(2023, 6, 1), 30, CHINA), "grid"),
        (lambda at: hour_by_weekday([1.5], CHINA), "moments"),
    ],
)
def test_what_has_no_rhythm_is_named(call, field) -> None:
    with pytest.raises(BadInput) as refusal:
        call(utc(china(2023, 6, 18, 20, 30)))
    assert refusal.value.field == field
