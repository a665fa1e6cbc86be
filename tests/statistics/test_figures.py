"""Figures of a grid: divided by what is known, compared with what was counted, silent where it is masked."""

from __future__ import annotations

import pytest

from gridmap.errors import BadInput
from gridmap.statistics.figures import Change, figures


def test_count_density_rate_and_change() -> None:
    first, second = figures(
        ["a", "b"],
        [6, 0],
        [0.5, 2.0],
        buildings=[12, None],
        last_month=[4, 3],
        last_year=[0, None],
    )
    assert (first.density, first.rate) == (12, 0.5)
    assert first.on_last_month == Change(4, 2, 50)
    assert first.on_last_year == Change(0, 6, None)
    assert (second.density, second.rate) == (0, None)
    assert second.on_last_month == Change(3, -3, -100)
    assert second.on_last_year is None


def test_a_masked_count_takes_all_that_would_give_it_away_along() -> None:
    now, then = figures(["a", "b"], [None, 9], [1.0, 1.0], buildings=[5, 5], last_month=[8, None])
    assert (now.count, now.density, now.rate, now.on_last_month) == (None,) * 4
    assert (then.count, then.on_last_month) == (9, None)


def test_without_buildings_there_is_no_rate() -> None:
    assert figures(["a"], [3], [1.0], buildings=[0])[0].rate is None
    assert figures(["a"], [3], [1.0])[0].rate is None
    assert figures([], [], []) == ()


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"counts": [1]}, "counts"),
        ({"counts": [1, -1]}, "counts"),
        ({"area_km2": [1, 0]}, "area_km2"),
        ({"area_km2": [1, float("nan")]}, "area_km2"),
        ({"last_year": [1]}, "last_year"),
    ],
)
def test_what_makes_no_figures_is_named(changed, field) -> None:
    arguments = {"counts": [1, 2], "area_km2": [1.0, 1.0]} | changed
    with pytest.raises(BadInput) as refusal:
        figures(["a", "b"], **arguments)
    assert refusal.value.field == field
