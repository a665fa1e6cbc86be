"""Months of a jurisdiction's time zone: their names, days and moments. No I/O."""

from __future__ import annotations

import re
from datetime import date, datetime

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput


def parse_month(text: str) -> date:
    """The first day of "2023-06". Raises BadInput(field="month")."""
    if not re.fullmatch(r"(19|20)\d{2}-(0[1-9]|1[0-2])", text, re.ASCII):
        raise BadInput(f"{text[:20]!r} is not a month; write it like 2023-06", field="month")
    return date(int(text[:4]), int(text[5:]), 1)


def month_text(month: date) -> str:
    """ "2023-06" of a day in it."""
    return f"{month:%Y-%m}"


def next_month(month: date, by: int = 1) -> date:
    """The first day of the month `by` months later (or, negative, earlier)."""
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def month_span(jurisdiction: Jurisdiction, month: date) -> tuple[datetime, datetime]:
    """First moment of a month and of the next, in the jurisdiction's zone."""
    following = next_month(month)
    zone = jurisdiction.zone
    return datetime(month.year, month.month, 1, tzinfo=zone), datetime(
        following.year, following.month, 1, tzinfo=zone
    )


def last_day(month: date) -> date:
    return date.fromordinal(next_month(month).toordinal() - 1)
