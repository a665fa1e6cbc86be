"""Opening hours as people say them."""

from __future__ import annotations

import pytest

from gridmap.maps.openings import hours_text


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("24/7", "全天", "Around the clock"),
        ("Mo-Su 06:00-09:30", "每天 06:00–09:30", "daily 06:00–09:30"),
        (
            "Apr-Oct Fr-Su 18:00-01:00; PH off",
            "4月至10月 周五至周日 18:00–次日01:00；节假日 休息",
            "Apr-Oct Fr-Su 18:00–next day 01:00; public holidays closed",
        ),
        ("Sa,Su 10:00+", "周六，周日 10:00+", "Sa,Su 10:00+"),
        ("sunrise-sunset", "sunrise-sunset", "sunrise-sunset"),
    ],
)
def test_hours(written: str, zh: str, en: str) -> None:
    assert hours_text(written, "zh") == zh
    assert hours_text(written, "en") == en
