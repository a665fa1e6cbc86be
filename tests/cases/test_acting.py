"""Who somebody is to a case: by the roles of their account and the duties of their person."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from gridmap.cases.acting import OF_POSTS, acting
from gridmap.cases.model import DISPATCHER, ROLES
from gridmap.database.asker import Asker
from gridmap.people.model import Duty
from gridmap.people.posts import shipped


def asker(*roles: str, name: str = "account:wang", person: str | None = "p1") -> Asker:
    return Asker("test", name, frozenset(roles), person)


def duty(post: str, area: str, party: str | None = None) -> Duty:
    kind, code = area.split(":")
    moment = datetime(2023, 1, 1, tzinfo=UTC)
    return Duty(
        *(uuid4(), "p1", "示例", None, post, kind, code, party, date(2023, 1, 1), None, moment, "test")
    )


CHIEF = duty("grid_chief", "grid:g1")
OFFICER = duty("community_officer", "community:c1")
SQUAD = duty("department_officer", "grid:g1", "squad")


def test_every_shipped_post_has_a_role_and_no_other() -> None:
    assert OF_POSTS.keys() == {post.code for post in shipped()}
    assert set(OF_POSTS.values()) < ROLES.keys()


@pytest.mark.parametrize(
    ("roles", "duties", "expected", "recipients"),
    [
        (["member"], [], {"member"}, set()),
        (["member"], [CHIEF], {"member"}, {"post:grid_chief@grid:g1"}),
        (
            ["member"],
            [CHIEF, OFFICER],
            {"member", "community"},
            {"post:grid_chief@grid:g1", "post:community_officer@community:c1"},
        ),
        (["department"], [SQUAD], {"department"}, {"party:squad", "post:department_officer@grid:g1"}),
        (["office"], [], {"office"}, {DISPATCHER}),
        (["administrator"], [], set(), set()),
        (["administrator", "office"], [], {"office"}, {DISPATCHER}),
        (["member"], [duty("of_our_own", "grid:g1")], {"member"}, {"post:of_our_own@grid:g1"}),
    ],
)
def test_roles_and_duties_make_the_actor(roles, duties, expected, recipients) -> None:
    actor = acting(asker(*roles), duties)
    assert (actor.name, actor.roles, actor.recipients) == ("p1", expected, recipients)


def test_a_token_has_its_one_role() -> None:
    actor = acting(asker("member", name="token:phone"), [CHIEF, OFFICER, SQUAD])
    assert actor.roles == {"member"}
    assert actor.recipients == {"post:grid_chief@grid:g1"}
    assert actor.name == "p1"


def test_without_a_person_the_account_itself_acts() -> None:
    assert acting(asker("office", name="token:scanner", person=None), []).name == "token:scanner"
