"""Ratios of rates with exact intervals: textbook values, their own coverage, and zeros."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from gridmap.errors import BadInput
from gridmap.statistics.campaigns import against, before_and_after


def test_a_ratio_with_its_interval() -> None:
    found = before_and_after(40, 20, 30, 30)
    assert found.ratio == 0.5
    share = stats.binomtest(20, 60).proportion_ci(0.95, "exact")
    assert (found.low, found.high) == pytest.approx(
        (share.low / (1 - share.low), share.high / (1 - share.high))
    )
    assert found.p == pytest.approx(stats.binomtest(20, 60).pvalue)  # symmetric at one half


def test_unequal_spans_count_by_the_day() -> None:
    found = before_and_after(40, 20, 60, 30)
    assert found.ratio == 1
    assert found.low < 1 < found.high
    assert found.p > 0.9


def test_nothing_before_nothing_after() -> None:
    rise, fall, none = (
        before_and_after(0, 5, 30, 30),
        before_and_after(5, 0, 30, 30),
        before_and_after(0, 0, 9, 9),
    )
    assert (rise.ratio, rise.high) == (None, None)
    assert rise.low == pytest.approx(1 / before_and_after(5, 0, 30, 30).high)
    assert (fall.ratio, fall.low) == (0, 0)
    assert fall.p == pytest.approx(2 * 0.5**5)
    assert (none.ratio, none.low, none.high, none.p) == (None, 0, None, 1)


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for before, after in zip(rng.poisson(30, 1000), rng.poisson(9, 1000), strict=True):
        found = before_and_after(int(before), int(after), 30, 30)
        held += found.low <= 0.3 <= found.high
    assert held >= 940  # exact intervals hold at least 95 in 100


counts = st.integers(0, 400)
days = st.integers(1, 400)


@given(counts, counts, days, days)
def test_interval_and_p_agree_and_turning_round_inverts(before, after, first, second) -> None:
    found = before_and_after(before, after, first, second)
    high = float("inf") if found.high is None else found.high
    assert 0 <= found.low <= high
    assert 0 <= found.p <= 1
    if found.ratio is not None:
        assert found.low <= found.ratio * (1 + 1e-9)
        assert found.ratio <= high * (1 + 1e-9)
    if abs(found.p - 0.05) > 1e-6:
        assert (found.p < 0.05) == (not found.low <= 1 <= high)
    back = before_and_after(after, before, second, first)
    assert back.p == pytest.approx(found.p, abs=1e-12)
    if found.high is not None and found.high > 0:
        assert back.low == pytest.approx(1 / found.high)


def test_a_fall_that_happened_everywhere_is_no_effect() -> None:
    here = before_and_after(60, 20, 30, 30)
    assert here.high < 1
    found = against(60, 20, 300, 105)
    assert found.low < 1 < found.high
    assert found.ratio == pytest.approx(20 / 60 * 300 / 105, rel=0.01)


def test_a_fall_that_happened_here_alone_is_one() -> None:
    found = against(60, 20, 300, 310)
    assert found.high < 1
    assert found.p < 0.05


@pytest.mark.parametrize("table", [(0, 0, 5, 5), (5, 5, 0, 0), (0, 4, 0, 4), (4, 0, 4, 0)])
def test_where_there_is_nothing_to_compare_there_is_no_ratio(table) -> None:
    assert (against(*table).ratio, against(*table).p) == (None, 1)


def test_zeros_in_one_place_have_no_end() -> None:
    assert against(5, 0, 5, 5).ratio == 0
    assert against(0, 5, 5, 5).ratio is None
    assert against(0, 5, 5, 5).high is None


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ((-1, 1, 30, 30), "before"),
        ((1, -1, 30, 30), "after"),
        ((1, 1, 0, 30), "days_before"),
        ((1, 1, 30, float("inf")), "days_after"),
    ],
)
def test_what_makes_no_ratio_is_named(arguments, field) -> None:
    with pytest.raises(BadInput) as refusal:
        before_and_after(*arguments)
    assert refusal.value.field == field
    with pytest.raises(BadInput):
        before_and_after(1, 1, 1, 1, confidence=1)
