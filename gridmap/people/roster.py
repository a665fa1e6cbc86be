"""Everybody's duties in memory: who holds what for an area on a day, without asking the database.

A roster is what one transaction saw. The service renews its own at every notice (faces/keeping/rosters.py);
who decides in a transaction reads anew, `read` or, for a few areas, store.holders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas
from gridmap.people import store
from gridmap.people.chain import Placed, Who, levels, who
from gridmap.people.model import Duty, Post


@dataclass(frozen=True, slots=True)
class Roster:
    """The duties of one jurisdiction, past and future, by area; immutable, shared between threads."""

    posts: Mapping[str, Post]
    by_area: Mapping[tuple[str, str], tuple[Duty, ...]]

    def holders(self, kind: str, code: str, day: date) -> tuple[Duty, ...]:
        """The duties of a day for an area or unit."""
        return tuple(duty for duty in self.by_area.get((kind, code), ()) if duty.holds(day))

    def held(self, day: date) -> dict[str, set[str]]:
        """Post -> codes of the areas and units for which somebody holds it on a day."""
        found: dict[str, set[str]] = {}
        for duties in self.by_area.values():
            for duty in duties:
                if duty.holds(day):
                    found.setdefault(duty.post, set()).add(duty.area_code)
        return found

    def who(self, atlas: Atlas, placed: Placed, day: date, unit: int | None = None) -> Who:
        """Who answers for a place; see `chain.levels` for `unit` and its errors."""
        return who(
            levels(atlas, placed, day, unit),
            self.posts.values(),
            lambda kind, code: self.holders(kind, code, day),
        )


def read(connection: Connection, jurisdiction: str) -> Roster:
    """All duties of a jurisdiction as this transaction sees them."""
    by_area: dict[tuple[str, str], list[Duty]] = {}
    for duty in store.duties(connection, jurisdiction):
        by_area.setdefault((duty.area_kind, duty.area_code), []).append(duty)
    return Roster(store.posts(connection), {area: tuple(held) for area, held in by_area.items()})


def who_now(
    connection: Connection,
    jurisdiction: str,
    atlas: Atlas,
    placed: Placed,
    day: date,
    unit: int | None = None,
) -> Who:
    """`Roster.who` for one place as this transaction sees it: one query for the areas over it."""
    over = levels(atlas, placed, day, unit)
    held: dict[tuple[str, str], list[Duty]] = {}
    for duty in store.holders(connection, jurisdiction, day, [(each.kind, each.code) for each in over]):
        held.setdefault((duty.area_kind, duty.area_code), []).append(duty)
    posts = store.posts(connection)
    return who(over, posts.values(), lambda kind, code: held.get((kind, code), []))
