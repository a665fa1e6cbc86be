"""Everybody's duties in all jurisdictions, in memory, for `locate` to say who answers; kept fresh by notices.

As the atlases (atlases.py): refreshed at every notice that people or duties have changed, whichever process
did it. Whoever decides by a duty reads it in the transaction that decides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from threading import Lock

import orjson

from gridmap.areas.atlas import Atlas, Located
from gridmap.database.sessions import Database
from gridmap.faces.keeping.atlases import Held
from gridmap.people import roster, store
from gridmap.people.roster import Roster
from gridmap.people.telling import told

NOBODY = Roster({}, {})
TOLD_MOST = 4_096  # answers of some 1.5 kB, of each jurisdiction

Told = dict[tuple[int | date | None, ...], orjson.Fragment]  # by versions of areas, unit and day


@dataclass(frozen=True, slots=True)
class Spoken:
    """What has been answered from a roster and an atlas: it holds while they are these."""

    roster: Roster
    atlas: Atlas
    told: Told = field(default_factory=dict)


class Rosters:
    """What is held now. Reading is one look at an immutable mapping; refreshing swaps it."""

    def __init__(self, database: Database):
        self._database = database
        self._held: dict[str, tuple[tuple[int, int], Roster]] = {}
        self._nobody = NOBODY
        self._spoken: dict[str, Spoken] = {}
        self._refreshing = Lock()

    def of(self, jurisdiction: str) -> Roster:
        """The duties of a jurisdiction; without people every post is vacant."""
        held = self._held.get(jurisdiction)
        return held[1] if held is not None else self._nobody

    def who(
        self, held: Held, located: Located, day: date, unit: int | None, *, people: bool
    ) -> orjson.Fragment:
        """Who answers for a place, as JSON, and with `people` by name.

        Whoever asks again for the same areas and day is told the same: to go through the chain costs as much
        as to find the place. Raises as `chain.levels`.
        """
        owner = held.jurisdiction
        mine, atlas = self.of(owner.code), held.atlas
        spoken = self._spoken.get(owner.code)
        if spoken is None or spoken.roster is not mine or spoken.atlas is not atlas:
            spoken = self._spoken[owner.code] = Spoken(mine, atlas)
        over = (located.building, located.grid, located.community)
        key = (*(area.id if area else 0 for area in over), unit, day, people)
        known = spoken.told.get(key)
        if known is None:
            if len(spoken.told) >= TOLD_MOST:
                spoken.told.clear()
            who = mine.who(atlas, located, day, unit)
            known = orjson.Fragment(orjson.dumps(told(who, people=people)))
            spoken.told[key] = known
        return known

    def signature(self, jurisdiction: str) -> tuple[int, int] | None:
        """Another one after every change; None without people."""
        held = self._held.get(jurisdiction)
        return held[0] if held is not None else None

    def refresh(self) -> None:
        """Read the duties of the jurisdictions whose people have changed since."""
        with self._refreshing, self._database.reading() as connection:
            self._nobody = Roster(store.posts(connection), {})
            held = self._held
            self._held = {
                code: held[code]
                if code in held and held[code][0] == signature
                else (signature, roster.read(connection, code))
                for code, signature in store.signatures(connection).items()
            }
