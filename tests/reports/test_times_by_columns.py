"""Whole columns of times are read as each time alone would be."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.reports.times import WIDEST_OFFSET, microseconds, parse_time, parse_times

SHANGHAI, BOSTON = ZoneInfo("Asia/Shanghai"), ZoneInfo("America/New_York")

two = st.integers(0, 62).map("{:02d}".format)
dates = st.one_of(
    st.dates().map(str),
    st.builds("{}-{}-{}".format, st.integers(0, 10_000), two, two),
    st.dates().map(lambda day: f"{day:%Y%m%d}"),
)
clocks = st.one_of(
    st.just(""),
    st.builds("{}{}:{}".format, st.sampled_from("T t"), two, two),
    st.builds("{}{}:{}:{}".format, st.sampled_from("T t"), two, two, two),
    st.builds("{}{}:{}:{}.{}".format, st.just("T"), two, two, two, st.integers(0, 10**9)),
    st.builds("T{}".format, two),
)
offsets = st.one_of(
    st.sampled_from(["", "Z", "z", "+08:00", "-00:00", "+24:00", "-15:59:59"]),
    st.builds("{}{}{}{}".format, st.sampled_from("+-"), two, st.sampled_from(["", ":"]), two),
    st.builds("{}{}".format, st.sampled_from("+-"), two),
)
any_text = st.one_of(st.text(max_size=12), st.none(), st.just("2023年6月18日 20时30分"))


def alone(text: str | None, zone: ZoneInfo) -> int | None:
    """None for what is doubtful."""
    try:
        moment = parse_time(text or "", zone, None)
    except BadInput:
        return None
    offset = moment.utcoffset()
    return microseconds(moment) if offset is not None and abs(offset) < WIDEST_OFFSET else None


@pytest.mark.parametrize("zone", [SHANGHAI, BOSTON])
@given(
    texts=st.one_of(
        st.lists(st.one_of(st.builds("{}{}{}".format, dates, clocks, offsets), any_text), max_size=6),
        # alike, so that a whole column can be read at once
        st.lists(st.builds("{}T{}:{}{}".format, st.dates().map(str), two, two, offsets), max_size=3),
        st.lists(st.datetimes().map(str), max_size=3),
        st.lists(st.builds("{}{}".format, st.datetimes().map(str), offsets), max_size=2),
    )
)
@example(texts=["2023-06-18T20:30:00+16:00", "2023-06-18T20:30:00+08:00"])
@example(texts=["2023-11-05 01:30", "2023-03-12 02:30:00.123456"])  # twice, and never, in Boston
@example(texts=["0001-01-01T00:00:00+08:00"])
@example(texts=["2023-06-18T20:30:00\ud800"])
def test_a_column_is_read_as_its_times_alone(texts: list[str | None], zone: ZoneInfo) -> None:
    found, doubtful = parse_times(texts, zone, None)
    told = [None if unsure else moment for moment, unsure in zip(found.tolist(), doubtful, strict=True)]
    assert told == [alone(text, zone) for text in texts]
