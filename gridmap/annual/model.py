"""Values of the year's figures, and the list of them (figures.csv). No I/O but reading that list.

`counts` says what a figure counts and `of` of which kind:

| counts | of | value | rows |
|---|---|---|---|
| areas | kind | areas valid on the year's last day | the areas |
| levels | kinds | those of the kinds that have an area | the kinds |
| places | kind | places valid on the year's last day | the places |
| capacity | kind | sum of the capacities of those places | the places that tell one |
| duties | post | people who hold the post on the year's last day | the people, with how many areas each |
| parties | kind | parties of that day | the parties |
| works | kind | sum of the quantities of the period's work records | the records |
| reports | category | reports of the period | the reports |
| answered, unanswered | category, kind of work | of those, with or without such a work record | the reports |
| nothing | why | cannot be derived: `WHY_NOT` | – |
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.resources import files

from gridmap.errors import BadInput

WHY_NOT = {
    "petitions": ("系统不记录越级上访", "the system records no petitions taken elsewhere"),
}

# whole = sum of the parts
SUMS = (
    ("disputes_found", ("disputes_settled", "disputes_in_hand")),
    ("cases_assigned", ("cases_settled",)),
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A figure of the list. `months_before`: its period begins so many months before the year does."""

    key: str
    chapter: str
    label: str
    label_en: str
    unit: str
    unit_en: str
    over_in: frozenset[int]  # years whose published report says "over"
    months_before: int
    counts: str
    of: tuple[str, ...]

    def period(self, year: int) -> tuple[date, date]:
        """First and last day."""
        months = year * 12 - self.months_before
        return date(months // 12, months % 12 + 1, 1), date(year, 12, 31)


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure of one year. `value` None: it cannot be derived, for the reason `why_not` (zh, en).

    `query` is SQL that gives `value` and `rows` again; `columns` and `table` are the rows themselves.
    """

    wanted: Wanted
    first: date
    last: date
    over: bool
    value: Decimal | None
    rows: int
    query: str
    columns: tuple[str, ...] = ()
    table: tuple[tuple[object, ...], ...] = ()

    @property
    def why_not(self) -> tuple[str, str] | None:
        return WHY_NOT[self.wanted.of[0]] if self.wanted.counts == "nothing" else None


@dataclass(frozen=True, slots=True)
class Sum:
    """A check of arithmetic: whether `whole` is what `parts` add up to."""

    whole: Figure
    parts: tuple[Figure, ...]

    @property
    def holds(self) -> bool:
        return self.whole.value == sum(part.value or 0 for part in self.parts)


@dataclass(frozen=True, slots=True)
class Year:
    """All figures of a jurisdiction's year, in the order of the list, and their sums."""

    jurisdiction: str
    name: str
    illustrative: bool
    year: int
    figures: tuple[Figure, ...]
    sums: tuple[Sum, ...]


def wanted() -> list[Wanted]:
    """The list of figures (figures.csv)."""
    text = (files("gridmap.annual") / "figures.csv").read_text(encoding="utf-8")
    return [
        Wanted(
            key=row["key"],
            chapter=row["chapter"],
            label=row["label"],
            label_en=row["label_en"],
            unit=row["unit"],
            unit_en=row["unit_en"],
            over_in=frozenset(int(year) for year in row["over_in"].split()),
            months_before=int(row["months_before"] or 0),
            counts=row["counts"],
            of=tuple(row["of"].split()),
        )
        for row in csv.DictReader(text.splitlines())
    ]


def check_year(year: int) -> int:
    """Raise BadInput(field="year") for a year that has no figures."""
    if not 1990 <= year <= 2100:
        raise BadInput(f"{year} is not a year from 1990 to 2100", field="year")
    return year
