"""Who moves a case: the asker as an actor, with the recipients that today's duties let them act as."""

from __future__ import annotations

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.dispatch import recipient_of
from gridmap.cases.model import ROLES, Actor
from gridmap.database.asker import SEES_ALL, Asker
from gridmap.people import store as people

NOBODY = Actor("nobody")


def acting(connection: Connection, asker: Asker | None, owner: Jurisdiction) -> Actor:
    """NOBODY where nobody has signed in."""
    if asker is None:
        return NOBODY
    roles = {role for role in asker.roles if role in ROLES}
    if not SEES_ALL.isdisjoint(asker.roles):
        roles.add("office")
    held: set[str] = set()
    if asker.person is not None:
        for duty in people.duties(connection, owner.code, day=owner.today(), person=asker.person):
            held |= recipient_of(duty.post, duty.area_kind, duty.area_code, duty.party)
    return Actor(asker.name, frozenset(roles), frozenset(held))
