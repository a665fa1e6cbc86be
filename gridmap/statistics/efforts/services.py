"""Events and services by place: film showings, volunteer days, errands, counted from work records."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.statistics.efforts.model import Done, DoneAt, Services
from gridmap.statistics.months import last_day, parse_month
from gridmap.works import store as works

# What is done for everybody, or for whoever comes. Disputes, cases and visits are none: where those were is
# nobody's business.
EVENTS = (
    "film_showing",
    "volunteer_day",
    "festival_event",
    "culture_event",
    "performance",
    "job_fair",
    "training",
)
SERVICES = ("errand", "counter_matter", "job_found")
KINDS = (*EVENTS, *SERVICES)


def services(connection: Connection, jurisdiction: Jurisdiction, first: date, last: date) -> Services:
    """Work records of KINDS from `first` to `last`, both included; kinds in that order, none left out."""
    known = works.kinds(connection)
    rows = works.by_place(connection, jurisdiction.code, KINDS, first, last)
    quantity: dict[str, Decimal] = dict.fromkeys(KINDS, Decimal(0))
    records = dict.fromkeys(KINDS, 0)
    at: dict[str, list[Done]] = {}
    for place_name, kind, amount, number in rows:
        quantity[kind] += amount
        records[kind] += number
        at.setdefault(place_name, []).append(Done(known[kind], amount, number))
    places = [DoneAt(name, _in_order(done)) for name, done in at.items()]
    return Services(
        first,
        last,
        tuple(Done(known[kind], quantity[kind], records[kind]) for kind in KINDS),
        tuple(sorted(places, key=lambda each: (-each.records, each.place_name))),
    )


def span_of(month: str | None, year: str | None) -> tuple[date, date]:
    """First and last day of "2023-06" or of "2023", one of which is given. Raises BadInput."""
    if (month is None) == (year is None):
        raise BadInput("give a month such as 2023-06, or a year such as 2023", field="month")
    if month is not None:
        first = parse_month(month)
        return first, last_day(first)
    if not re.fullmatch(r"(19|20)\d{2}", year or "", re.ASCII):
        raise BadInput(f"{(year or '')[:20]!r} is not a year; write it like 2023", field="year")
    return date(int(year or ""), 1, 1), date(int(year or ""), 12, 31)


def _in_order(done: list[Done]) -> tuple[Done, ...]:
    return tuple(sorted(done, key=lambda each: KINDS.index(each.kind.code)))
