"""Dates as people write them: every usual form, and nothing guessed."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.reports.times import parse_time, shown_order

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVENING = datetime(2023, 6, 18, 20, 30, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    "text",
    [
        "2023-06-18 20:30",
        "2023-06-18T20:30:00",
        "2023-06-18T12:30:00Z",
        "2023-06-18T20:30:00+08:00",
        "2023/6/18 20:30",
        "2023.06.18 20:30:00",
        "2023年6月18日 20时30分",
        "2023年6月18日 20:30",
        "20230618 20:30",
        "18/06/2023 20:30",
        "18/06/2023 8:30 PM",
        "06/18/2023 8:30:00 p.m.",
        " 2023-06-18 20:30 ",
    ],
)
def test_usual_forms(text: str) -> None:
    order = shown_order([text])
    assert parse_time(text, SHANGHAI, order) == EVENING


@pytest.mark.parametrize("text", ["2023-06-18", "2023年6月18日", "20230618", "18.06.2023"])
def test_a_day_alone_is_its_midnight(text: str) -> None:
    assert parse_time(text, SHANGHAI, "dmy") == datetime(2023, 6, 18, tzinfo=SHANGHAI)


def test_day_and_month_are_never_guessed() -> None:
    with pytest.raises(BadInput, match="--dates dmy"):
        parse_time("05/06/2023", SHANGHAI, None)
    assert parse_time("05/06/2023", SHANGHAI, "dmy").month == 6
    assert parse_time("05/06/2023", SHANGHAI, "mdy").month == 5


@pytest.mark.parametrize(
    ("column", "order"),
    [
        (["05/06/2023", "13/06/2023"], "dmy"),
        (["05/06/2023", "06/13/2023"], "mdy"),
        (["13/06/2023", "06/13/2023"], None),
        (["05/06/2023"], None),
    ],
)
def test_a_column_shows_its_order(column: list[str], order: str | None) -> None:
    assert shown_order(column) == order


@pytest.mark.parametrize(
    "text",
    [
        "",
        "昨天",
        "2023-13-01",
        "2023-02-30",
        "31/31/2023",
        "2023-06-18 25:00",
        "13:30 PM",
        "1/1/2023 13:00 PM",
        "٢٠٢٣-٠٦-١٨",
        "12",
        "2023-06-18 20:30 8",
    ],
)
def test_what_is_no_time_says_so(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_time(text, SHANGHAI, "dmy")
    assert caught.value.field == "occurred_at"


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2040, 1, 1)))
def test_every_form_of_a_time_reads_the_same(moment: datetime) -> None:
    moment = moment.replace(microsecond=0)
    forms = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y年%m月%d日 %H:%M:%S", "%d/%m/%Y %H:%M:%S"]
    read = {parse_time(moment.strftime(form), SHANGHAI, "dmy") for form in forms}
    assert read == {moment.replace(tzinfo=SHANGHAI)}
