"""Classes are round, rise by about equal factors, and come back from storage as they were."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.maps import colours
from gridmap.statistics.classes import CLASSES, Breaks, choose, choose_limits


def chosen(values, measure="count", months=12) -> Breaks:
    return choose(
        values,
        colours.classes(CLASSES),
        jurisdiction="610602006",
        category="matter-06010",
        measure=measure,
        reference_from=date(2022, 7, 1),
        months=months,
    )


def test_limits_of_a_year_of_counts() -> None:
    values = np.random.default_rng(0).lognormal(2, 1, 840).astype(int)
    assert choose_limits(values, whole=True) == (1, 2, 4, 8, 15, 40)
    assert choose_limits([0, 0, 1, 1, 2, 1], whole=True) == (1, 2, 3)
    assert choose_limits([], whole=True) == (1, 2, 3)


def test_one_wild_month_does_not_stretch_the_scale() -> None:
    values = np.arange(1, 101)
    assert choose_limits([*values, 100_000], whole=True) == choose_limits(values, whole=True)


@given(st.lists(st.floats(0, 1e6), max_size=200), st.booleans(), st.integers(3, 9))
def test_limits_rise_are_round_and_depend_on_no_order(values, whole, classes) -> None:
    values = [round(v) if whole else v for v in values if v == 0 or v > 1e-5]
    limits = choose_limits(values, whole=whole, classes=classes)
    assert 3 <= len(limits) <= classes
    assert list(limits) == sorted(set(limits))
    assert limits == choose_limits(values[::-1], whole=whole, classes=classes)
    assert all(limit == float(f"{limit:.1e}") for limit in limits)
    if whole:
        assert limits[0] == 1
        assert all(limit == int(limit) for limit in limits)


@pytest.mark.parametrize("measure", ["count", "density", "rate", "surface"])
def test_the_record_comes_back_as_it_was(measure) -> None:
    kept = chosen(np.random.default_rng(1).gamma(1, 20, 500), measure)
    assert Breaks.from_json(json.loads(json.dumps(kept.as_json()))) == kept
    assert len(kept.colours) == len(kept.limits)
    assert kept.colours[0] == colours.classes(CLASSES)[0]
    assert kept.colours[-1] == colours.classes(CLASSES)[-1]


def test_fewer_classes_take_fewer_colours_in_the_same_order() -> None:
    kept = chosen([1, 1, 2])
    ramp = colours.classes(CLASSES)
    assert [ramp.index(c) for c in kept.colours] == [0, 2, 5]


def test_less_than_a_year_is_provisional() -> None:
    assert chosen([1, 2], months=11).provisional
    assert not chosen([1, 2], months=12).provisional


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"measure": "mood"}, "measure"),
        ({"limits": (1.0, 1.0, 2.0)}, "limits"),
        ({"limits": (0.0, 1.0, 2.0)}, "limits"),
        ({"limits": ()}, "limits"),
        ({"limits": (1.0, 2.0, float("nan"))}, "limits"),
        ({"colours": ("#ffffff",)}, "colours"),
        ({"colours": ("red", "#ffffff", "#000000")}, "colours"),
    ],
)
def test_a_record_that_is_none_is_named(changed, field) -> None:
    with pytest.raises(BadInput) as refusal:
        replace(chosen([1, 2, 3]), **changed)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("values", "classes", "field"), [([1], 2, "classes"), ([1], 10, "classes"), ([np.nan], 6, "values")]
)
def test_what_makes_no_classes_is_named(values, classes, field) -> None:
    with pytest.raises(BadInput) as refusal:
        choose_limits(values, whole=False, classes=classes)
    assert refusal.value.field == field
