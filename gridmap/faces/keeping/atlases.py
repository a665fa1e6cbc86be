"""The atlases of all jurisdictions, in memory, shared by locate and the pages, and kept fresh.

They are refreshed at every notice of an edition or a jurisdiction (news.py), so what another process stores
is seen within moments. Reports do not depend on it: their placement is decided in the transaction that
stores them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from threading import Lock

import numpy as np

from gridmap.areas import store
from gridmap.areas.atlas import Atlas, current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database


@dataclass(frozen=True, slots=True)
class Held:
    """A jurisdiction and its atlas."""

    jurisdiction: Jurisdiction
    atlas: Atlas


class Atlases:
    """What is held now. Reading is one look at an immutable mapping; refreshing swaps it."""

    def __init__(self, database: Database):
        self._database = database
        self._held: dict[str, Held] = {}
        self._refreshing = Lock()

    def jurisdictions(self) -> list[Jurisdiction]:
        """By code."""
        return [each.jurisdiction for each in self._held.values()]

    def choose(self, code: str | None) -> Held:
        """By code, or the only one. Raises as `areas.store.choose_jurisdiction`."""
        held = self._held
        return held[store.choose_jurisdiction([h.jurisdiction for h in held.values()], code).code]

    def refresh(self) -> None:
        """Load what is new or has changed since; atlases whose editions are the same are kept."""
        with self._refreshing:
            with self._database.reading() as connection:
                fresh = {
                    each.code: Held(
                        each,
                        current_atlas(
                            connection,
                            each.code,
                            nearest_tolerance_m=self._database.settings.nearest_tolerance_m,
                        ),
                    )
                    for each in store.jurisdictions(connection)
                }
            for held in fresh.values():
                _warm(held.atlas)
            self._held = fresh


def _warm(atlas: Atlas) -> None:
    """Build what `locate` looks into here, in the refreshing thread, rather than under the first request."""
    for kind, sheets in atlas.sheets.items():
        for sheet in sheets:
            if not sheet.versions:
                continue
            west, south, east, north = sheet.bounds
            middle = np.array([(west + east) / 2]), np.array([(south + north) / 2])
            sheet.locator.covers(*middle)
            if kind == "grid":  # of the others nobody asks how far away they are
                sheet.locator.edge_distance(*middle)
                atlas.place(*middle, [sheet.first_day or date.min])
