"""Whether there can be a bulletin, told before any work is done."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, NotFound
from gridmap.maps.words import words
from gridmap.statistics.months import last_day
from gridmap.statistics.shown import shown_on


def check(connection: Connection, jurisdiction: Jurisdiction, month: date, lang: str) -> None:
    """Raises BadInput for a month that has not begun and for an unknown language, NotFound without grids."""
    words(lang)
    if month > jurisdiction.today():
        raise BadInput(f"{month:%Y-%m} has not begun; give a month that has", field="month")
    if shown_on(connection, jurisdiction.code, last_day(month)) is None:
        raise NotFound(f"{jurisdiction.code} has no grids in {month:%Y-%m}; import them", field="month")
