"""Values of efforts. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from gridmap.statistics.campaigns import Ratio
from gridmap.statistics.model import Titled
from gridmap.works.model import WorkKind

YEAR_BEFORE = "year_before"


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both included, and the reports of them."""

    first: date
    last: date
    reports: int

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def per_week(self) -> float:
        return 7 * self.reports / self.days


@dataclass(frozen=True, slots=True)
class AreaNamed:
    kind: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same two spans elsewhere: of another category, in another area of the kind, or 52 weeks before.

    `ratio` is that of its own rates, `change` how much larger the ratio here is than this one.
    """

    what: str  # "category", "area" or YEAR_BEFORE
    category: Titled
    area: AreaNamed | None
    before: Span
    after: Span
    ratio: Ratio
    change: Ratio


@dataclass(frozen=True, slots=True)
class Campaign:
    """Before and after some effort against a category.

    `spread` is how much more the days differ than chance would have it (campaigns.spread); well over 1 the
    intervals are too narrow. `weeks`: all days from the first to the last, in weeks counted away from the
    campaign to both sides, so that only those at the far ends, or the last one between, may be shorter.
    """

    category: Titled
    area: AreaNamed | None  # None: the whole jurisdiction
    before: Span
    after: Span
    ratio: Ratio
    spread: float | None
    against: Comparison | None
    weeks: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """Work records of a kind: the sum of their quantities and how many there are."""

    kind: WorkKind
    quantity: Decimal
    records: int


@dataclass(frozen=True, slots=True)
class DoneAt:
    """What was done at a place, as the records call it ("": they name none), kinds by code."""

    place_name: str
    done: tuple[Done, ...]

    @property
    def records(self) -> int:
        return sum(each.records for each in self.done)


@dataclass(frozen=True, slots=True)
class Services:
    """Events and services of some days. No record's note is looked at, only its kind, place and quantity."""

    first: date
    last: date
    kinds: tuple[Done, ...]
    places: tuple[DoneAt, ...]  # most records first
