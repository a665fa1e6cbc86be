"""Everybody's duties in all jurisdictions, in memory, for `locate` to say who answers; kept fresh by notices.

As the atlases (atlases.py): refreshed at every notice that people or duties have changed, whichever process
did it. Whoever decides by a duty reads it in the transaction that decides.
"""

from __future__ import annotations

from threading import Lock

from gridmap.database.sessions import Database
from gridmap.people import roster, store
from gridmap.people.roster import Roster

NOBODY = Roster({}, {})


class Rosters:
    """What is held now. Reading is one look at an immutable mapping; refreshing swaps it."""

    def __init__(self, database: Database):
        self._database = database
        self._held: dict[str, tuple[tuple[int, int], Roster]] = {}
        self._nobody = NOBODY
        self._refreshing = Lock()

    def of(self, jurisdiction: str) -> Roster:
        """The duties of a jurisdiction; without people every post is vacant."""
        held = self._held.get(jurisdiction)
        return held[1] if held is not None else self._nobody

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
