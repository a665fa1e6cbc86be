"""Inspections: what is covered on a day, what nobody looks at, and files that are refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from gridmap.cases.inspections import blind, coverage, covered
from gridmap.cases.inspections.files import load, load_plans
from gridmap.cases.inspections.model import Inspection, Plan
from gridmap.errors import BadFile

PLANS = """code,name,inspector,target,every_days,category,targets
daily,日巡,member,building,7,,
fumes,油烟,squad,building,30,matter-06027,b1;b2
lifts,电梯,property,building,90,,b3
"""
DONE = """plan,target,day,by,trouble,note
daily,b1,2023-12-01,王,,
daily,b1,2023-12-05,王,yes,楼道堆物
daily,b2,2023-11-20,王,,
fumes,b1,2023-11-20,中队,,
"""
DAY = date(2023, 12, 8)


@pytest.fixture
def loaded(connection, district):
    assert len(load_plans(connection, district, PLANS, "test")) == 3
    assert load(connection, district, DONE) == (4, 0)
    return district


def test_coverage_and_blind_spots(connection, loaded) -> None:
    plans, found, nobody = covered(connection, loaded, DAY)
    assert [plan.code for plan in plans] == ["daily", "fumes", "lifts"]
    assert {(c.plan, c.target): c.covered for c in found} == {
        ("daily", "b1"): True,
        ("daily", "b2"): False,  # eighteen days ago
        ("daily", "b3"): False,  # never
        ("daily", "b4"): False,
        ("fumes", "b1"): True,
        ("fumes", "b2"): False,
        ("lifts", "b3"): False,
    }
    assert nobody == ["b2", "b3", "b4"]
    first = found[0]
    assert (first.last, first.trouble, first.due(plans[0])) == (date(2023, 12, 5), True, date(2023, 12, 12))
    assert covered(connection, loaded, date(2023, 12, 12))[2] == [
        "b2",
        "b3",
        "b4",
    ]  # the fumes still cover b1
    assert covered(connection, loaded, date(2024, 3, 1))[2] == ["b1", "b2", "b3", "b4"]
    assert covered(connection, loaded, date(2023, 11, 22))[2] == ["b3", "b4"]  # as it was then


def test_the_same_file_again_adds_nothing_and_nothing_is_taken_away(connection, loaded) -> None:
    assert load(connection, loaded, DONE) == (0, 4)
    with pytest.raises(sa.exc.IntegrityError, match="rows are kept"):
        connection.execute(sa.text("DELETE FROM inspection"))


def test_a_plan_may_change(connection, loaded) -> None:
    load_plans(connection, loaded, PLANS.replace("member,building,7", "member,building,60"), "test")
    assert covered(connection, loaded, DAY)[2] == ["b3", "b4"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("code,name\n", "lacks the column inspector"),
        (PLANS.replace("squad", "police"), "line 3: the inspector is one of"),
        (PLANS.replace("squad,building", "squad,tree"), "line 3: the target is one of"),
        (PLANS.replace(",30,", ",0,"), "line 3: every_days"),
        (PLANS.replace("lifts", "daily"), "line 4: the plan daily is given twice"),
        (PLANS.replace("b1;b2", "b9"), "there is no building b9"),
        (PLANS.replace("matter-06027", "matter-0"), "there is no category matter-0"),
        (PLANS.replace("property,building", "property,place"), "there is no place b3"),
    ],
)
def test_plans_that_are_refused(connection, district, text, says) -> None:
    with pytest.raises(BadFile, match=says):
        load_plans(connection, district, text, "test")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ("nightly,b1,2023-12-01,王,,", "line 6: there is no plan 'nightly'"),
        ("daily,b9,2023-12-01,王,,", "line 6: 'b9' is no building of the plan daily"),
        ("fumes,b3,2023-12-01,王,,", "'b3' is no building of the plan fumes"),
        ("daily,b1,2023-13-01,王,,", "the day is one like"),
        ("daily,b1,2999-01-01,王,,", "in the future"),
        ("daily,b1,2023-12-01,王,maybe,", "trouble is yes or empty"),
    ],
)
def test_inspections_that_are_refused(connection, loaded, row, says) -> None:
    with pytest.raises(BadFile, match=says):
        load(connection, loaded, f"{DONE}{row}\n")


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 60)), max_size=20),
    st.integers(1, 40),
    st.integers(0, 60),
)
def test_covered_means_looked_at_lately(done, every, offset) -> None:
    start = date(2023, 1, 1)
    day = start + timedelta(days=offset)
    made = [Inspection("p", target, start + timedelta(days=n), "x", False) for target, n in done]
    found = coverage([Plan("p", "p", "member", "building", every)], list("abc"), made, day)
    for each in found:
        lately = any(target == each.target and 0 <= offset - n < every for target, n in done)
        assert each.covered is lately
    assert set(blind(found, "abc")) == {each.target for each in found if not each.covered}
