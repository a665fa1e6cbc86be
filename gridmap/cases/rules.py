"""What a jurisdiction decides about its cases, as files: handling, routing and deadlines per category. Pure.

All three are CSV; the shipped ones are local and provisional. In each, the first row that fits counts, and a
last row whose category is * must fit everything.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Literal

from gridmap.cases.calendars import Calendar
from gridmap.errors import BadFile
from gridmap.people.model import DUTY_KINDS, PARTY_KINDS

ANY = "*"
KEPT = 32  # files that are remembered as they were read
MILESTONES: dict[str, tuple[str, str]] = {
    "file": ("立案", "to file it or not"),
    "dispatch": ("派遣", "to dispatch it"),
    "acknowledge": ("接收", "to acknowledge a task"),
    "handle": ("处理反馈", "to handle and answer it"),
    "check": ("核查", "to check the answer"),
    "close": ("结案", "to close it"),
}
UNITS = ("minutes", "hours", "days")
HOURS = ("any", "working", "off")
_RULE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


Opens = Literal["at_once", "soon", "by_hand"]


@dataclass(frozen=True, slots=True)
class Handling:
    """How reports of a category become cases.

    `opens`: each that somebody sends becomes one `at_once`, in the transaction that stores it, or `soon`,
    within a minute, or `by_hand` only. `private`: seen only by those who handle it. `recipients`: so many
    must be sent it (two: 双报告). Another report of the same `group` within `near_m` metres and
    `recent_hours` hours is probably the same thing.
    """

    category: str
    group: str
    opens: Opens
    private: bool
    recipients: int
    near_m: float
    recent: timedelta


@dataclass(frozen=True, slots=True)
class Address:
    """One recipient of a routing rule, still without a place.

    `sort` is chain (the nearest filled post from `name` up; the whole chain where it is empty), kind (the
    party of a kind that answers for the place) or party (one by its code).
    """

    sort: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Routing:
    """Category × area × hours -> recipients. `area`: (kind, code), None: everywhere."""

    rule: str
    category: str
    area: tuple[str, str] | None
    hours: str
    recipients: tuple[Address, ...]
    silence_minutes: int | None


@dataclass(frozen=True, slots=True)
class Term:
    """How long a milestone may take, in working time (see calendars)."""

    amount: int
    unit: str

    def end(self, start: datetime, calendar: Calendar) -> datetime:
        """When it ends that begins at `start`."""
        if self.unit == "days":
            return calendar.after_days(start, self.amount)
        return calendar.after(start, timedelta(**{self.unit: self.amount}))


@dataclass(frozen=True, slots=True)
class Deadline:
    category: str
    milestone: str
    term: Term
    provisional: bool


@dataclass(frozen=True, slots=True)
class Rules:
    """All three, and under which hash each is known."""

    handling: tuple[Handling, ...]
    routing: tuple[Routing, ...]
    deadlines: tuple[Deadline, ...]
    versions: Mapping[str, str]  # kind -> sha256 of the file, or "shipped"

    def handled(self, category: str) -> Handling:
        return next(row for row in self.handling if row.category in (category, ANY))

    def deadline(self, category: str, milestone: str) -> Deadline | None:
        fitting = (row for row in self.deadlines if row.milestone == milestone)
        return next((row for row in fitting if row.category in (category, ANY)), None)

    def group(self, category: str) -> str:
        return self.handled(category).group


COLUMNS = {
    "handling": ("category", "group", "opens", "private", "recipients", "near_m", "recent_hours"),
    "routing": ("rule", "category", "area", "hours", "recipients", "silence_minutes"),
    "deadlines": ("category", "milestone", "amount", "unit", "provisional"),
}


def shipped(kind: str) -> str:
    """The text of a file that comes with gridmap."""
    return files("gridmap.cases").joinpath(f"{kind}.csv").read_text(encoding="utf-8")


def kind_of(text: str) -> str:
    """Which of the three a file is, by its columns. Raises BadFile."""
    heading = next(csv.reader(text.lstrip("\ufeff").splitlines()), [])
    for kind, columns in COLUMNS.items():
        if set(columns) == {name.strip() for name in heading}:
            return kind
    choices = "; ".join(f"{kind}: {','.join(columns)}" for kind, columns in COLUMNS.items())
    raise BadFile(f"its columns are those of no rules; there are {choices}", field="file")


def _rows(kind: str, text: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if set(reader.fieldnames or ()) != set(COLUMNS[kind]):
        raise BadFile(f"needs the columns {','.join(COLUMNS[kind])}", field="file")
    for row in reader:
        if None in row or None in row.values():
            raise BadFile(f"line {reader.line_num}: has not {len(COLUMNS[kind])} values", field="file")
        yield reader.line_num, {name: value.strip() for name, value in row.items()}


def _wrong(line: int, what: str) -> BadFile:
    return BadFile(f"line {line}: {what}", field="file")


def _whole(line: int, name: str, text: str, least: int = 1) -> int:
    if not text.isascii() or not text.isdecimal() or not least <= int(text) <= 100_000:
        raise _wrong(line, f"{name} is a whole number from {least} to 100000, not {text[:20]!r}")
    return int(text)


def _flag(line: int, name: str, text: str) -> bool:
    if text not in ("", "yes", "no"):
        raise _wrong(line, f"{name} is yes or empty, not {text[:20]!r}")
    return text == "yes"


def _opening(line: int, text: str) -> Opens:
    match text:
        case "yes":
            return "at_once"
        case "no":
            return "by_hand"
        case "":
            return "soon"
    raise _wrong(line, f"opens is yes (at once), empty (within a minute) or no (by hand), not {text[:20]!r}")


@lru_cache(KEPT)
def parse_handling(text: str) -> tuple[Handling, ...]:
    """Raises BadFile with the line."""
    found = [
        Handling(
            row["category"],
            row["group"] or row["category"],
            _opening(line, row["opens"]),
            _flag(line, "private", row["private"]),
            _whole(line, "recipients", row["recipients"]),
            _whole(line, "near_m", row["near_m"]),
            timedelta(hours=_whole(line, "recent_hours", row["recent_hours"])),
        )
        for line, row in _rows("handling", text)
    ]
    _last_fits_all([row.category for row in found])
    return tuple(found)


@lru_cache(KEPT)
def parse_deadlines(text: str) -> tuple[Deadline, ...]:
    """Raises BadFile with the line."""
    found = []
    for line, row in _rows("deadlines", text):
        if row["milestone"] not in MILESTONES:
            raise _wrong(line, f"there is no milestone {row['milestone'][:20]!r}; {', '.join(MILESTONES)}")
        if row["unit"] not in UNITS:
            raise _wrong(line, f"the unit is one of {', '.join(UNITS)}, not {row['unit'][:20]!r}")
        term = Term(_whole(line, "amount", row["amount"]), row["unit"])
        provisional = _flag(line, "provisional", row["provisional"])
        found.append(Deadline(row["category"], row["milestone"], term, provisional))
    return tuple(found)


@lru_cache(KEPT)
def parse_routing(text: str) -> tuple[Routing, ...]:
    """Raises BadFile with the line."""
    found: list[Routing] = []
    for line, row in _rows("routing", text):
        if not _RULE.fullmatch(row["rule"]) or row["rule"] in {each.rule for each in found}:
            raise _wrong(
                line, f"{row['rule'][:40]!r} is no name of a rule, or taken: small letters, digits, -"
            )
        if row["hours"] not in HOURS:
            raise _wrong(line, f"hours are one of {', '.join(HOURS)}, not {row['hours'][:20]!r}")
        silence = row["silence_minutes"]
        found.append(
            Routing(
                row["rule"],
                row["category"],
                _area(line, row["area"]),
                row["hours"],
                tuple(_address(line, part.strip()) for part in row["recipients"].split(";")),
                _whole(line, "silence_minutes", silence) if silence else None,
            )
        )
    _last_fits_all([r.category if r.area is None and r.hours == "any" else "" for r in found])
    return tuple(found)


def _area(line: int, text: str) -> tuple[str, str] | None:
    if text == ANY:
        return None
    kind, _, code = text.partition(":")
    if kind not in DUTY_KINDS or kind == "unit" or not code:
        raise _wrong(line, f"{text[:40]!r} is no area: * or community:CODE, grid:CODE, building:CODE")
    return kind, code


def _address(line: int, text: str) -> Address:
    sort, _, name = text.partition(":")
    if sort == "chain" or (sort == "party" and name) or (sort == "kind" and name in PARTY_KINDS):
        return Address(sort, name)
    kinds = ", ".join(PARTY_KINDS)
    raise _wrong(line, f"{text[:40]!r} is no recipient: chain, chain:POST, party:CODE or kind: of {kinds}")


def _last_fits_all(categories: Sequence[str]) -> None:
    if not categories or categories[-1] != ANY:
        raise BadFile("its last row must fit everything: * for the category, * and any", field="file")


def rules_of(texts: Mapping[str, str], versions: Mapping[str, str]) -> Rules:
    """The rules in these files (kind -> text); what is not given is as shipped."""
    all_ = {kind: texts.get(kind) or shipped(kind) for kind in COLUMNS}
    return Rules(
        parse_handling(all_["handling"]),
        parse_routing(all_["routing"]),
        parse_deadlines(all_["deadlines"]),
        {kind: versions.get(kind, "shipped") for kind in COLUMNS},
    )


def doubts(
    rules: Rules, categories: Mapping[str, bool], posts: Collection[str], parties: Collection[str]
) -> list[str]:
    """What is well formed and yet wrong: unknown names, rows that never count, too few recipients, cases that
    are not as private as their reports. `categories`: code -> whether it is private."""
    said = []
    for kind, named in (
        ("handling", [row.category for row in rules.handling]),
        ("routing", [row.category for row in rules.routing]),
        ("deadlines", [row.category for row in rules.deadlines]),
    ):
        unknown = dict.fromkeys(code for code in named if code != ANY and code not in categories)
        said += [f"{kind}: there is no category {code}" for code in unknown]
    for row in rules.routing:
        for each in row.recipients:
            if each.sort == "chain" and each.name and each.name not in posts:
                said.append(f"routing {row.rule}: there is no post {each.name} in the chain")
            if each.sort == "party" and each.name not in parties:
                said.append(f"routing {row.rule}: there is no party {each.name}")
        least = rules.handled(row.category).recipients
        if row.category != ANY and len(row.recipients) < least:
            said.append(f"routing {row.rule}: {row.category} needs {least} recipients")
    said += [f"routing {rule}: never counts, {by} comes before it" for rule, by in _hidden(rules.routing)]
    for handled in rules.handling:
        chosen = next(r for r in rules.routing if r.category in (handled.category, ANY) and r.area is None)
        if handled.recipients > len(chosen.recipients) and chosen.category == ANY:
            needed = f"{handled.category} needs {handled.recipients} recipients"
            said.append(f"routing: {needed} and has no rule of its own")
    for category, private in categories.items():
        if rules.handled(category).private is not private:
            as_is = "private" if private else "not private"
            said.append(f"handling: {category} is {as_is} as a category, and its cases must be likewise")
    said += [f"deadlines: no term to {m}" for m in MILESTONES if rules.deadline(ANY, m) is None]
    return said


def _hidden(rows: Sequence[Routing]) -> Iterator[tuple[str, str]]:
    """(rule, the earlier one that takes all it could)."""
    for place, row in enumerate(rows):
        for earlier in rows[:place]:
            wider = earlier.category in (row.category, ANY) and earlier.area in (row.area, None)
            if wider and earlier.hours in (row.hours, "any"):
                yield row.rule, earlier.rule
                break
