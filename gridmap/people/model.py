"""Values of the people domain: persons, parties, posts, duties. No I/O.

A day is a day of the jurisdiction's zone. Spans are half open: `valid_from` <= day < `valid_to`, None: open.
A unit (单元) is an area without a polygon: its code is that of its building, a hyphen and its number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from gridmap.areas.model import AREA_KINDS
from gridmap.errors import BadInput

DUTY_KINDS: dict[str, tuple[str, str]] = {**AREA_KINDS, "unit": ("单元", "Unit")}
# kind -> (Chinese, English)
PARTY_KINDS: dict[str, tuple[str, str]] = {
    "office": ("街道办事处", "Subdistrict office"),
    "community": ("社区", "Community"),
    "squad": ("城管执法中队", "Urban-management squad"),
    "market": ("市场监管所", "Market supervision"),
    "police": ("派出所", "Police station"),
    "justice": ("司法所", "Justice office"),
    "property": ("物业公司", "Property company"),
    "branch": ("小区党支部", "Compound party branch"),
    "other": ("其他单位", "Other"),
}
UNITS_MOST = 999  # of one building
_PHONE = re.compile(r"[0-9+*#()（）\-\s转,;/]{3,60}", re.ASCII)
_SPAN = re.compile(r"[\[(]([0-9-]*),([0-9-]*)[\])]")  # a range of days as PostgreSQL writes it
_UNIT = re.compile(r"(.+)-([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Post:
    """What a person can be. `areas`: kinds of area that it is held for; `chain`: its place among those who
    answer for a place, counted from the nearest up, None beside that chain; `parties`: kinds of party of
    which a holder names one, empty where a holder names none."""

    code: str
    name: str
    name_en: str
    areas: tuple[str, ...]
    chain: int | None
    parties: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a lasting code. `left_on`: the first day without them."""

    code: str
    name: str
    phone: str | None = None
    left_on: date | None = None


@dataclass(frozen=True, slots=True)
class Party:
    """A responsible unit 责任单位. `area`: (kind, code) of the one area that it answers for, if it is one."""

    code: str
    kind: str
    name: str
    name_en: str | None = None
    area_kind: str | None = None
    area_code: str | None = None
    phone: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None


@dataclass(frozen=True, slots=True)
class NewDuty:
    """A checked duty on its way in; `party` is a code."""

    person: str
    post: str
    area_kind: str
    area_code: str
    party: str | None
    valid_from: date
    valid_to: date | None = None

    @property
    def key(self) -> tuple[str, str, str, str, str | None]:
        """What makes two duties the same one at different times."""
        return self.person, self.post, self.area_kind, self.area_code, self.party


@dataclass(frozen=True, slots=True)
class Duty:
    """A person holding a post for an area. `recorded_at`, `recorded_by`: of its last change."""

    id: UUID
    person: str
    name: str
    phone: str | None
    post: str
    area_kind: str
    area_code: str
    party: str | None
    valid_from: date
    valid_to: date | None
    recorded_at: datetime
    recorded_by: str

    @property
    def key(self) -> tuple[str, str, str, str, str | None]:
        return self.person, self.post, self.area_kind, self.area_code, self.party

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True, slots=True)
class Vacancy:
    """An area or unit for which nobody holds a post."""

    kind: str
    code: str
    name: str
    parent_code: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history of people, duties, parties and accounts; `was` None: it is new then."""

    id: int
    subject: str
    key: str
    was: dict[str, Any] | None
    now: dict[str, Any]
    recorded_at: datetime
    recorded_by: str

    @property
    def differences(self) -> list[tuple[str, Any, Any]]:
        """(what, before, after) of all that is other than before; of a new row all that it holds. A span is
        its two days; both None: it was recorded by mistake and never was."""
        was, now = _days_apart(self.was or {}), _days_apart(self.now)
        return [(name, was.get(name), value) for name, value in now.items() if was.get(name) != value]


def _days_apart(row: dict[str, Any]) -> dict[str, Any]:
    plain = {name: value for name, value in row.items() if name != "valid"}
    if "valid" in row:
        found = _SPAN.fullmatch(row["valid"])
        begin, end = found.groups() if found else (None, None)
        plain |= {"valid_from": begin or None, "valid_to": end or None}
    return plain


def unit_code(building: str, number: int) -> str:
    """
    >>> unit_code("610602006001C001B002", 3)
    '610602006001C001B002-3'
    """
    return f"{building}-{number}"


def split_unit(code: str) -> tuple[str, int]:
    """(code of the building, number). Raises BadInput(field="area_code").

    >>> split_unit("610602006001C001B002-3")
    ('610602006001C001B002', 3)
    """
    found = _UNIT.fullmatch(code)
    if found is None:
        text = f"{code[:60]!r} is no unit; write the building's code, a hyphen and the unit's number"
        raise BadInput(text, field="area_code")
    return found[1], int(found[2])


def unit_name(number: int, lang: str = "zh") -> str:
    return f"{number}单元" if lang == "zh" else f"Unit {number}"


def units_of(properties: Mapping[str, Any]) -> int | None:
    """How many units a building has by the property `units` of its area; None where that is not known.

    >>> units_of({"units": 3}), units_of({"units": "2"}), units_of({}), units_of({"units": "many"})
    (3, 2, None, None)
    """
    text = str(properties.get("units", ""))
    return int(text) if re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) else None


def check_phone(text: str | None) -> str | None:
    """A telephone number, None without any. Raises BadInput(field="phone"), which does not repeat it."""
    plain = (text or "").strip()
    if plain and not _PHONE.fullmatch(plain):
        raise BadInput("is not a telephone number; give digits, as 000-0000-0001", field="phone")
    return plain or None


def check_party_kind(word: str) -> str:
    """The code of a kind of party, given as code, Chinese or English name. Raises BadInput(field="kind")."""
    plain = word.strip().casefold()
    for code, (name, name_en) in PARTY_KINDS.items():
        if plain in (code, name, name_en.casefold()):
            return code
    raise BadInput(f"{word[:60]!r} is not a kind of party; there are {', '.join(PARTY_KINDS)}", field="kind")
