"""The quick way to a month or an era agrees with the calendar, in zones whose clocks do the oddest things."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest

from gridmap.reports.times import local_days
from gridmap.scale.calendar import DAY_US, last_begun, months

# Newfoundland set its clocks back at one minute past midnight until 2011, Beirut sets them on at midnight,
# Samoa left out 30 December 2011 altogether
ZONES = ("Asia/Shanghai", "America/St_Johns", "Asia/Beirut", "Pacific/Apia", "America/Sao_Paulo")


@pytest.mark.parametrize("name", ZONES)
def test_months_are_those_of_the_calendar(name) -> None:
    zone = ZoneInfo(name)
    rng = np.random.default_rng(2)
    start = np.datetime64("2009-01-01", "us").astype(np.int64)
    moments = start + rng.integers(0, 3 * 365 * DAY_US, 20_000)
    borders = np.arange("2009-01", "2012-01", dtype="datetime64[M]").astype("datetime64[us]").astype(np.int64)
    moments = np.concatenate([moments, rng.choice(borders, 20_000) + rng.integers(-DAY_US, DAY_US, 20_000)])
    which, firsts = months(moments, zone)
    expected = local_days(moments, zone).astype("datetime64[M]")
    assert (firsts[which] == expected).all()
    few, of_few = months(moments[:5], zone)
    assert (of_few[few] == expected[:5]).all()
    assert len(months(moments[:0], zone)[0]) == 0


@pytest.mark.parametrize("name", ZONES)
def test_a_day_begins_where_the_calendar_says(name) -> None:
    zone = ZoneInfo(name)
    days = np.array(["2009-11-01", "2010-03-28", "2011-11-06", "2011-12-30", "2011-12-31"], "datetime64[D]")
    rng = np.random.default_rng(4)
    near = rng.choice(days.astype("datetime64[us]").astype(np.int64), 50_000)
    moments = near + rng.integers(-2 * DAY_US, 2 * DAY_US, 50_000)
    expected = np.searchsorted(days, local_days(moments, zone), side="right")
    assert (last_begun(moments, days, zone) == expected).all()
