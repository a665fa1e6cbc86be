"""Routing: the first rule that fits, the nearest filled post, the party of the place."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from gridmap.cases.calendars import OFFICE_HOURS, calendar, shipped
from gridmap.cases.dispatch import Place, named, recipient_of, route
from gridmap.cases.rules import rules_of
from gridmap.errors import Conflict
from gridmap.people.chain import Level, Step, Who
from gridmap.people.model import Duty, Party
from gridmap.people.posts import shipped as posts

CALENDAR = calendar(ZoneInfo("Asia/Shanghai"), OFFICE_HOURS, shipped())
WORKING = datetime(2023, 12, 1, 2, tzinfo=UTC)  # a Friday, 10:00
NIGHT = datetime(2023, 12, 1, 14, tzinfo=UTC)
POSTS = {post.code: post for post in posts()}
AREAS = {"building": "b1", "grid": "g1", "community": "c1"}
LEVELS = {
    "unit_chief": Level("unit", "b1-2", "1号楼2单元"),
    "building_chief": Level("building", "b1", "1号楼"),
    "grid_chief": Level("grid", "g1", "第一网格"),
    "grid_member": Level("grid", "g1", "第一网格"),
    "community_officer": Level("community", "c1", "社区"),
    "office": Level("subdistrict", "s", "街道"),
}
PARTIES = [
    Party("market-s", "market", "市场监管所"),
    Party("squad-s", "squad", "城管执法中队"),
    Party("squad-c1", "squad", "驻社区中队", area_kind="community", area_code="c1"),
    Party("police-s", "police", "派出所"),
    Party("justice-s", "justice", "司法所"),
]


def duty(post: str) -> Duty:
    level = LEVELS[post]
    return Duty(
        *(uuid4(), "p", "示例", None, post, level.kind, level.code, None, date(2020, 1, 1), None),
        *(WORKING, "test"),
    )


def chain(*filled: str) -> Who:
    return Who(
        tuple(
            Step(POSTS[post], level, (duty(post),) if post in filled else ())
            for post, level in LEVELS.items()
        )
    )


def routed(
    category: str, moment: datetime = WORKING, who: Who | None = None, text: str = "", parties=PARTIES
):
    rules = rules_of({"routing": text} if text else {}, {})
    return route(rules, Place(category, AREAS), moment, CALENDAR, who or chain(*LEVELS), parties)


def test_the_nearest_filled_post_has_the_task_and_the_next_ones_follow() -> None:
    (task,) = routed("matter-06010", who=chain("grid_chief", "community_officer", "office")).assignments
    assert task.recipient == "post:grid_chief@grid:g1"
    assert task.then == ("post:community_officer@community:c1", "post:office@subdistrict:s")
    assert task.vacant == ("post:unit_chief@unit:b1-2", "post:building_chief@building:b1")
    assert task.silence_minutes == 60


def test_whom_a_person_names_is_followed_by_the_chain_as_the_rule_says() -> None:
    chosen = ["party:squad-c1", "post:grid_chief@grid:g1", "post:grid_member@grid:g9"]
    place, who = Place("matter-06010", AREAS), chain("unit_chief", "grid_chief", "office")
    assert named(rules_of({}, {}), place, WORKING, CALENDAR, who, chosen) == [
        {"recipient": "party:squad-c1"},
        {
            "recipient": "post:grid_chief@grid:g1",
            "then": ["post:office@subdistrict:s"],
            "silence_minutes": 60,
        },
        {"recipient": "post:grid_member@grid:g9"},
    ]


def test_a_chain_may_begin_higher_up() -> None:
    found = routed("local-dispute")
    assert found.rule.rule == "disputes"
    assert found.assignments[0].recipient == "post:grid_chief@grid:g1"


def test_two_recipients() -> None:
    found = routed("matter-06027")
    assert [t.recipient for t in found.assignments] == [
        "party:market-s",
        "party:squad-c1",
    ]  # the nearer squad


def test_the_party_of_the_narrowest_area_answers() -> None:
    of_all = Party("squad-all", "squad", "中队", area_kind="subdistrict", area_code="s")
    elsewhere = Party("squad-c2", "squad", "他处中队", area_kind="community", area_code="c2")
    whole = Party("squad-0", "squad", "总队")

    def squad(*parties: Party) -> str:
        (task,) = routed("matter-06001", parties=list(parties)).assignments
        return task.recipient

    assert squad(whole, of_all, elsewhere) == "party:squad-all"
    assert squad(whole, elsewhere) == "party:squad-0"
    assert squad(whole, of_all, *PARTIES) == "party:squad-c1"


def test_two_recipients_that_are_one_are_not_two() -> None:
    only = [party for party in PARTIES if party.kind not in ("market", "squad")]
    with pytest.raises(Conflict, match="needs 2 recipients"):
        routed("matter-06027", parties=only)  # both fall back on the same post


def test_where_no_party_answers_the_chain_does_and_that_is_said() -> None:
    (task,) = routed("matter-06001", parties=[]).assignments
    assert (task.recipient, task.note) == ("post:unit_chief@unit:b1-2", "no squad answers for this place")


def test_hours_decide() -> None:
    assert routed("matter-09001").rule.rule == "stalls-by-day"
    night = routed("matter-09001", NIGHT)
    assert night.rule.rule == "stalls-off-hours"
    assert ("stalls-by-day", "is for working hours") in night.passed


def test_an_area_decides() -> None:
    head = "rule,category,area,hours,recipients,silence_minutes\n"
    text = head + "there,*,grid:g2,any,chain,5\nhere,*,grid:g1,any,party:police-s,\nlast,*,*,any,chain,60\n"
    found = routed("matter-06010", text=text)
    assert (found.rule.rule, found.passed) == ("here", (("there", "is for grid g2"),))
    assert found.assignments[0].details() == {"recipient": "party:police-s"}


def test_where_nobody_is_there_is_nobody() -> None:
    with pytest.raises(Conflict, match="no post of the chain is filled"):
        routed("matter-06010", who=chain())


def test_a_duty_makes_its_holder_a_recipient() -> None:
    assert recipient_of("department_officer", "grid", "g1", "squad-s") == {
        "post:department_officer@grid:g1",
        "party:squad-s",
    }
