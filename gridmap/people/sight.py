"""Whose sight reaches where: the areas of a person's duties on a day, and all below them.

Every report carries its community, grid, compound and building, so "all below" is that one of these four is
in the sight. Here stands too who may see the names and telephone numbers of those who answer.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gridmap.database.asker import SEES_ALL, Asker
from gridmap.people import store
from gridmap.people.model import split_unit


@dataclass(frozen=True, slots=True)
class Sight:
    """`everything`: the whole jurisdiction; else by kind of area the codes that are seen with all below."""

    everything: bool
    areas: Mapping[str, frozenset[str]]

    def sees(self, placed: Mapping[str, str | None]) -> bool:
        """Whether what lies in these areas (kind -> code) is in it."""
        return self.everything or any(code in self.areas.get(kind, ()) for kind, code in placed.items())


def of(
    connection: Connection, jurisdiction: str, roles: Collection[str], person: str | None, day: date
) -> Sight:
    """Of an account or token: by its roles, or else by the duties of its person; without either nothing."""
    if not SEES_ALL.isdisjoint(roles):
        return Sight(True, {})
    return of_person(connection, jurisdiction, person, day) if person else Sight(False, {})


def of_person(connection: Connection, jurisdiction: str, person: str, day: date) -> Sight:
    """By the duties of a day: a unit's chief sees its building, an office of the subdistrict everything."""
    areas: dict[str, set[str]] = {}
    for duty in store.duties(connection, jurisdiction, day=day, person=person):
        if duty.area_kind == "unit":  # a report knows no unit
            areas.setdefault("building", set()).add(split_unit(duty.area_code)[0])
        else:
            areas.setdefault(duty.area_kind, set()).add(duty.area_code)
    return Sight("subdistrict" in areas, {kind: frozenset(codes) for kind, codes in areas.items()})


def shows_people(asker: Asker | None, jurisdiction: str) -> bool:
    """Whether names and telephone numbers of those who answer may be shown to whoever asks.

    Personal data: to everybody who works there, and to nobody else. The one place to change.
    """
    return asker is not None and asker.jurisdiction == jurisdiction
