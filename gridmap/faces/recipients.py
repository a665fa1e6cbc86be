"""Recipients of tasks by name: `party:squad` is 城管执法中队, `post:grid_chief@grid:…` that grid's chief."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.model import ROLES
from gridmap.errors import BadInput
from gridmap.faces.entrance.visits import Visit
from gridmap.maps.words import titled
from gridmap.people import store as people
from gridmap.people.model import Party, split_unit, unit_name
from gridmap.people.roster import Roster
from gridmap.people.sight import shows_people


@dataclass(frozen=True, slots=True)
class Recipients:
    """What recipients are called on a day."""

    day: date
    parties: Mapping[str, Party]
    roster: Roster
    atlas: Atlas
    persons: Mapping[str, str]  # code -> name; empty where people are not shown

    def name(self, recipient: str, lang: str) -> str:
        """In a language; what is not known, or no longer, by its code."""
        sort, _, code = recipient.partition(":")
        if sort == "party" and code in self.parties:
            party = self.parties[code]
            return titled(party.name, party.name_en, lang)
        post, at, area = code.partition("@")
        if sort == "post" and at and post in self.roster.posts:
            known = self.roster.posts[post]
            kind, _, of_area = area.partition(":")
            place = self.area(kind, of_area, lang)
            return f"{place}{known.name}" if lang == "zh" else f"{known.name_en}, {place}"
        if sort == "role" and code in ROLES:
            return titled(*ROLES[code], lang)
        return code or recipient

    def area(self, kind: str, code: str, lang: str) -> str:
        """An area's name, or a unit's."""
        number = None
        if kind == "unit":
            try:
                code, number = split_unit(code)
            except BadInput:
                return code
            kind = "building"
        sheet = self.atlas.sheet(kind, self.day) if kind in self.atlas.sheets else None
        row = sheet.row_of_code.get(code) if sheet else None
        name = sheet.versions[row].name if sheet is not None and row is not None else code
        return name if number is None else f"{name}{'' if lang == 'zh' else ' '}{unit_name(number, lang)}"

    def holders(self, recipient: str) -> tuple[str, ...]:
        """Names of those who hold a post; none of a party, or where people are not shown."""
        sort, _, code = recipient.partition(":")
        post, at, area = code.partition("@")
        if sort != "post" or not at or not self.persons:
            return ()
        kind, _, of_area = area.partition(":")
        held = self.roster.holders(kind, of_area, self.day)
        return tuple(duty.name for duty in held if duty.post == post)


def recipients(connection: Connection, service: Visit, owner: Jurisdiction) -> Recipients:
    """As they are called today."""
    day, roster = owner.today(), service.rosters.of(owner.code)
    named = shows_people(service.asker, owner.code)
    held = roster.by_area.values() if named else ()
    return Recipients(
        day,
        {party.code: party for party in people.parties(connection, owner.code, day=day)},
        roster,
        service.atlases.choose(owner.code).atlas,
        {duty.person: duty.name for duties in held for duty in duties},
    )
