"""Who somebody is to a case: their account's roles, and the posts that they hold today."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection

from gridmap.cases.dispatch import recipient_of
from gridmap.cases.model import DISPATCHER, ROLES, Actor
from gridmap.database.asker import Asker
from gridmap.people import store
from gridmap.people.model import Duty

# post -> the role that its holder has to a case; of a post of somebody's own making none follows
OF_POSTS = {
    "unit_chief": "member",
    "building_chief": "member",
    "grid_chief": "member",
    "grid_member": "member",
    "community_officer": "community",
    "office": "office",
    "department_officer": "department",
    "property_officer": "department",
    "branch_secretary": "department",
}


def actor_of(connection: Connection, asker: Asker, day: date) -> Actor:
    """The actor that whoever asks is, called by their person's code where there is one: who handled a case is
    the same with another account or token, and does not check it."""
    return acting(asker, duties_of(connection, asker, day))


def duties_of(connection: Connection, asker: Asker, day: date) -> list[Duty]:
    """What the person of an account or token holds on a day."""
    if asker.person is None:
        return []
    return store.duties(connection, asker.jurisdiction, day=day, person=asker.person)


def counting(asker: Asker, duties: Sequence[Duty]) -> Sequence[Duty]:
    """Those by which somebody acts: all, or a token those of its one role, whatever its person holds."""
    if not asker.is_token:
        return duties
    return [duty for duty in duties if OF_POSTS.get(duty.post) in asker.roles]


def acting(asker: Asker, duties: Sequence[Duty]) -> Actor:
    """The roles of the account, and what the duties add."""
    duties = counting(asker, duties)
    roles = {role for duty in duties if (role := OF_POSTS.get(duty.post))} | (asker.roles & ROLES.keys())
    recipients = [recipient_of(duty.post, duty.area_kind, duty.area_code, duty.party) for duty in duties]
    if "office" in roles:
        recipients.append(frozenset({DISPATCHER}))
    return Actor(asker.person or asker.name, frozenset(roles), frozenset().union(*recipients))
