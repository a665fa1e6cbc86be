"""Files of rules: the shipped ones hold, slips are told with their line, what never counts is found."""

from __future__ import annotations

import pytest

from gridmap.cases.rules import COLUMNS, doubts, kind_of, rules_of, shipped
from gridmap.errors import BadFile
from gridmap.reports import categories

SHIPPED = rules_of({}, {})
CATEGORIES = {row["code"]: bool(row["private"]) for row in categories.shipped()}
POSTS = ("grid_chief", "grid_member")


def test_the_shipped_rules_are_without_doubt() -> None:
    assert doubts(SHIPPED, CATEGORIES, POSTS, ()) == []


@pytest.mark.parametrize("category", ["local-dispute", "matter-06010"])
def test_a_case_that_is_not_as_private_as_its_category_is_in_doubt(category) -> None:
    (said,) = doubts(SHIPPED, CATEGORIES | {category: not CATEGORIES[category]}, POSTS, ())
    assert said.startswith(f"handling: {category} is ")


def test_disputes_petitions_and_stability_are_private_and_nothing_else() -> None:
    private = {row.category for row in SHIPPED.handling if row.private}
    assert private == {"local-dispute", "local-petition", "local-stability"}


@pytest.mark.parametrize("kind", COLUMNS)
def test_a_file_is_known_by_its_columns(kind: str) -> None:
    assert kind_of("\ufeff" + shipped(kind)) == kind
    with pytest.raises(BadFile, match="no rules"):
        kind_of("a,b\n")


ROUTING = "rule,category,area,hours,recipients,silence_minutes\n"
LAST = "last,*,*,any,chain,60\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROUTING + "a,*,*,noon,chain,60\n" + LAST, "line 2: hours are one of any, working, off"),
        (ROUTING + "a,*,*,any,chain,60\na,*,*,any,chain,60\n", "line 3: 'a' is no name of a rule, or taken"),
        (ROUTING + "A b,*,*,any,chain,60\n" + LAST, "no name of a rule"),
        (ROUTING + "a,*,unit:x,any,chain,60\n" + LAST, "is no area"),
        (ROUTING + "a,*,*,any,kind:zoo,60\n" + LAST, "is no recipient"),
        (ROUTING + "a,*,*,any,chain,-1\n" + LAST, "silence_minutes is a whole number"),
        (ROUTING + "a,*,*,any,chain\n" + LAST, "has not 6 values"),
        (ROUTING + "a,matter-06010,*,any,chain,60\n", "last row must fit everything"),
        (ROUTING, "last row must fit everything"),
        ("category,milestone,amount,unit,provisional\n*,sing,1,days,\n", "no milestone 'sing'"),
        ("category,milestone,amount,unit,provisional\n*,file,1,moons,\n", "unit is one of"),
        ("category,milestone,amount,unit,provisional\n*,file,0,days,\n", "amount is a whole number"),
        (
            "category,group,opens,private,recipients,near_m,recent_hours\n*,x,maybe,,1,1,1\n",
            "opens is yes",
        ),
    ],
)
def test_slips_are_told(text: str, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        rules_of({kind_of(text): text}, {})


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ("a,matter-99999,*,any,chain,60\n", "routing: there is no category matter-99999"),
        ("a,*,*,any,chain:emperor,60\n", "routing a: there is no post emperor in the chain"),
        ("a,*,*,any,party:moon,60\n", "routing a: there is no party moon"),
        ("a,*,*,any,chain,60\nb,matter-06010,*,off,chain,60\n", "routing b: never counts, a comes before it"),
        ("a,matter-06027,*,any,kind:squad,60\n", "routing a: matter-06027 needs 2 recipients"),
        ("", "routing: matter-06027 needs 2 recipients and has no rule of its own"),
    ],
)
def test_doubts(rows: str, says: str) -> None:
    made = rules_of({"routing": ROUTING + rows + LAST}, {})
    assert says in doubts(made, CATEGORIES, POSTS, ())


def test_the_first_row_that_fits_counts() -> None:
    term = SHIPPED.deadline("matter-06010", "handle")
    assert term is not None
    assert (term.term.amount, term.term.unit) == (8, "hours")
    other = SHIPPED.deadline("component-02001", "handle")
    assert other is not None
    assert (other.category, other.term.unit) == ("*", "days")
