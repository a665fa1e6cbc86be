"""Who answers for a place on a day: the chain unit → building → grid → community → subdistrict, and on each
step who holds its post, or that it is vacant. Pure: what is held is handed in.

The task of a place goes to the nearest step of the chain that is filled (`Who.answers`); what lies below it
and is vacant is thereby said too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Protocol

from gridmap.areas.atlas import Atlas, Located
from gridmap.errors import BadInput
from gridmap.people.model import Duty, Post, unit_code, unit_name, units_of


class Coded(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...


class Placed(Protocol):
    """A Located of the atlas or a Placement of a report."""

    @property
    def grid(self) -> Coded | None: ...
    @property
    def community(self) -> Coded | None: ...
    @property
    def building(self) -> Coded | None: ...


@dataclass(frozen=True, slots=True)
class Level:
    """An area of the chain, or a unit; `kind` as in DUTY_KINDS."""

    kind: str
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Step:
    """A post of the chain at its level, with those who hold it on the day."""

    post: Post
    level: Level
    holders: tuple[Duty, ...]

    @property
    def vacant(self) -> bool:
        return not self.holders


@dataclass(frozen=True, slots=True)
class Who:
    """The whole chain, the nearest step first."""

    steps: tuple[Step, ...]

    @property
    def answers(self) -> Step | None:
        """The nearest filled step; None where nobody holds any post of the chain."""
        return next((step for step in self.steps if step.holders), None)

    @property
    def fallback(self) -> bool:
        """Whether a nearer post than that which answers is vacant."""
        return bool(self.steps) and self.answers is not self.steps[0]


@dataclass(frozen=True, slots=True)
class Answered(Located):
    """Where a point lies, and who answers for it."""

    who: Who = Who(())


def answered(located: Located, who: Who) -> Answered:
    return Answered(**{field.name: getattr(located, field.name) for field in fields(located)}, who=who)


def levels(atlas: Atlas, placed: Placed, day: date, unit: int | None = None) -> tuple[Level, ...]:
    """The areas over a place, the nearest first. `unit`: the number of the unit inside the building; a
    building of one unit needs none, one whose unit is not told begins the chain itself.

    Raises BadInput(field="unit") for a unit without a building, or one that the building has not.
    """
    found: list[Level] = []
    building = placed.building
    if building is None and unit is not None:
        raise BadInput("there is no building here whose unit it could be; leave it out", field="unit")
    if building is not None:
        number = check_unit(atlas, building.code, unit, day)
        if number is not None:
            found.append(Level("unit", unit_code(building.code, number), building.name + unit_name(number)))
        found.append(Level("building", building.code, building.name))
    for kind, area in (("grid", placed.grid), ("community", placed.community)):
        if area is not None:
            found.append(Level(kind, area.code, area.name))
    top = atlas.sheet("subdistrict", day)
    if top is not None and len(top.versions) == 1:  # a city in trial has several, and then none is the top
        found.append(Level("subdistrict", top.versions[0].code, top.versions[0].name))
    return tuple(found)


def check_unit(atlas: Atlas, building: str, unit: int | None, day: date) -> int | None:
    """The number of a unit, as far as it is known. Raises BadInput(field="unit")."""
    sheet = atlas.sheet("building", day)
    row = sheet.row_of_code.get(building) if sheet else None
    units = units_of(sheet.versions[row].properties) if sheet and row is not None else None
    if unit is None:
        return 1 if units == 1 else None
    if unit < 1 or (units is not None and unit > units):
        text = f"the building {building} has {units} units" if units else f"{building} has no unit {unit}"
        raise BadInput(text if units != 1 else f"the building {building} has one unit", field="unit")
    return unit


def who(
    levels: Sequence[Level],
    posts: Iterable[Post],
    holders: Callable[[str, str], Iterable[Duty]],
) -> Who:
    """The chain over these levels. `holders(kind, code)`: the day's duties for an area, of every post."""
    chain = sorted((p for p in posts if p.chain is not None), key=lambda p: (p.chain, p.code))
    steps = []
    for level in levels:
        held = tuple(holders(level.kind, level.code))
        steps += [
            Step(post, level, tuple(duty for duty in held if duty.post == post.code))
            for post in chain
            if level.kind in post.areas
        ]
    return Who(tuple(steps))
