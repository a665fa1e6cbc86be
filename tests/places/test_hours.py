"""Opening hours: markets at dawn, night markets over midnight, holidays, and what is no hours at all."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.places.hours import check_hours, is_open

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("hours", "moment", "open_"),
    [
        ("Mo-Su 06:00-09:30", "2023-06-18T06:00", True),
        ("Mo-Su 06:00-09:30", "2023-06-18T09:29", True),
        ("Mo-Su 06:00-09:30", "2023-06-18T09:30", False),
        ("Fr-Su 18:00-02:00", "2023-06-16T23:59", True),  # a Friday
        ("Fr-Su 18:00-02:00", "2023-06-17T01:30", True),
        ("Fr-Su 18:00-02:00", "2023-06-19T01:30", True),  # Monday morning is still Sunday night
        ("Fr-Su 18:00-02:00", "2023-06-20T01:30", False),
        ("Fr-Su 18:00-02:00", "2023-06-16T01:30", False),  # Friday morning is Thursday night
        ("Mo-Fr 08:00-12:00,14:00-18:00", "2023-06-16T13:00", False),
        ("24/7", "2023-06-16T13:00", True),
        ("Mo-Su 08:00-18:00; PH off", "2023-10-01T10:00", False),  # National Day
        ("Mo-Su 08:00-18:00; PH off", "2023-10-11T10:00", True),
        ("Mo-Su 08:00-18:00 unknown", "2023-10-11T10:00", False),
    ],
)
def test_open_and_closed(hours: str, moment: str, open_: bool) -> None:
    assert is_open(hours, at(moment), SHANGHAI) is open_


def test_a_moment_counts_by_the_clocks_of_the_place() -> None:
    for zone in (UTC, timezone(timedelta(hours=8)), timezone(timedelta(hours=-5)), ZoneInfo("Europe/Paris")):
        moment = at("2023-06-18T06:30").astimezone(zone)
        assert is_open("Mo-Su 06:00-09:30", moment, SHANGHAI)
        assert not is_open("Mo-Su 06:00-09:30", moment, ZoneInfo("America/New_York"))


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        is_open("24/7", datetime(2023, 6, 18), SHANGHAI)
    assert caught.value.field == "open_at"


@pytest.mark.parametrize("text", ["", "25:00-30:00", "六点到九点", "08:00", "06:00-09:30\0", "Mo " * 100_000])
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        check_hours(text)
    assert caught.value.field == "opening_hours"


@given(st.text(max_size=40))
def test_any_text_is_hours_or_bad_input(text: str) -> None:
    try:
        check_hours(text)
    except BadInput:
        return
    assert is_open(text, at("2023-06-18T06:30"), SHANGHAI) in (True, False)
