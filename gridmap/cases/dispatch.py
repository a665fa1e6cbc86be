"""Whom a case goes to: the first routing rule that fits, made into recipients at the place. Pure.

三长联动: a task for the chain goes to the nearest filled post; the filled posts above it are who gets it
next, each after so many working minutes of silence. What is vacant is passed over and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gridmap.cases.calendars import Calendar
from gridmap.cases.model import Standing, Task
from gridmap.cases.rules import ANY, Address, Routing, Rules
from gridmap.cases.workflow import next_of
from gridmap.errors import Conflict
from gridmap.people.chain import Step, Who
from gridmap.people.model import Party


@dataclass(frozen=True, slots=True)
class Place:
    """Where and what: kind of area -> code, as far as it lies in one."""

    category: str
    areas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Assignment:
    """A recipient, who comes after, and what was passed over. `address` as the rule wrote it."""

    address: Address
    recipient: str
    then: tuple[str, ...] = ()
    silence_minutes: int | None = None
    vacant: tuple[str, ...] = ()
    note: str = ""

    def details(self) -> dict[str, Any]:
        """As a move carries it."""
        said: dict[str, Any] = {"recipient": self.recipient}
        if self.then and self.silence_minutes is not None:
            said |= {"then": list(self.then), "silence_minutes": self.silence_minutes}
        return said | ({"vacant": list(self.vacant)} if self.vacant else {})


@dataclass(frozen=True, slots=True)
class Route:
    """What the rules say of a place at a moment. `passed`: (rule, why not) of the rows before the one."""

    rule: Routing
    passed: tuple[tuple[str, str], ...]
    working: bool
    assignments: tuple[Assignment, ...]

    def details(self, rules: Rules) -> dict[str, Any]:
        """As a dispatch carries it."""
        return {
            "tasks": [each.details() for each in self.assignments],
            "rule": self.rule.rule,
            "rules": rules.versions["routing"],
        }


def route(
    rules: Rules, place: Place, moment: datetime, calendar: Calendar, who: Who, parties: Sequence[Party]
) -> Route:
    """The first rule that fits, and its recipients. `parties` are those of the day.

    Raises Conflict(field="recipients") where nobody at all can be found, or fewer than are needed.
    """
    working = calendar.open_at(moment)
    rule, passed = _fitting(rules, place, working)
    assignments: dict[str, Assignment] = {}
    for address in rule.recipients:
        made = _assign(address, rule, place, who, parties)
        assignments.setdefault(made.recipient, made)
    needed = rules.handled(place.category).recipients
    if len(assignments) < needed:
        raise Conflict(
            f"{place.category} needs {needed} recipients; rule {rule.rule} finds {', '.join(assignments)}",
            field="recipients",
        )
    return Route(rule, passed, working, tuple(assignments.values()))


def named(
    rules: Rules, place: Place, moment: datetime, calendar: Calendar, who: Who, recipients: Sequence[str]
) -> list[dict[str, Any]]:
    """Recipients that a person chose, as a dispatch carries them: after a post of the chain come the filled
    ones above it, in the silence that the rule which fits says."""
    rule, _ = _fitting(rules, place, calendar.open_at(moment))
    filled = [token(step) for step in who.steps if not step.vacant]
    return [
        Assignment(
            Address("chain"),
            each,
            tuple(filled[filled.index(each) + 1 :]) if each in filled else (),
            rule.silence_minutes,
        ).details()
        for each in recipients
    ]


def _fitting(rules: Rules, place: Place, working: bool) -> tuple[Routing, tuple[tuple[str, str], ...]]:
    """The first rule that fits, and (rule, why not) of those before; the last rule fits everything."""
    passed: list[tuple[str, str]] = []
    for rule in rules.routing:
        if (reason := _unfit(rule, place, working)) is None:
            break
        passed.append((rule.rule, reason))
    return rule, tuple(passed)


def _unfit(rule: Routing, place: Place, working: bool) -> str | None:
    """Why a rule does not fit; None when it does."""
    if rule.category not in (place.category, ANY):
        return f"is for {rule.category}"
    if rule.area is not None and place.areas.get(rule.area[0]) != rule.area[1]:
        return f"is for {rule.area[0]} {rule.area[1]}"
    if rule.hours != "any" and (rule.hours == "working") != working:
        return f"is for {rule.hours} hours"
    return None


def _assign(address: Address, rule: Routing, place: Place, who: Who, parties: Sequence[Party]) -> Assignment:
    if address.sort == "chain":
        return _along(address, rule, _from(who.steps, address.name), "")
    known = {party.code: party for party in parties}
    if address.sort == "party":
        if address.name in known:
            return Assignment(address, f"party:{address.name}")
        return _along(address, rule, who.steps, f"there is no party {address.name} on this day")
    if chosen := _nearest(address.name, place, who, parties):
        return Assignment(address, f"party:{chosen.code}")
    return _along(address, rule, who.steps, f"no {address.name} answers for this place")


NARROWEST = ("building", "compound", "grid", "community", "subdistrict", None)


def _nearest(kind: str, place: Place, who: Who, parties: Sequence[Party]) -> Party | None:
    """The party of a kind with the narrowest area that the place lies in; one without an area comes last."""
    areas = {step.level.kind: step.level.code for step in who.steps} | dict(place.areas)
    fitting = [
        party
        for party in parties
        if party.kind == kind and (party.area_kind is None or areas.get(party.area_kind) == party.area_code)
    ]
    return min(fitting, key=lambda p: (NARROWEST.index(p.area_kind), p.code), default=None)


def _from(steps: Sequence[Step], post: str) -> Sequence[Step]:
    """The steps of the chain from a post up; of a place without that post, all."""
    at = next((place for place, step in enumerate(steps) if step.post.code == post), 0)
    return steps[at:]


def _along(address: Address, rule: Routing, steps: Sequence[Step], note: str) -> Assignment:
    filled = [token(step) for step in steps if not step.vacant]
    if not filled:
        raise Conflict("no post of the chain is filled here; name a recipient", field="recipients")
    vacant: list[str] = []
    for step in steps:
        if not step.vacant:
            break
        vacant.append(token(step))
    return Assignment(address, filled[0], tuple(filled[1:]), rule.silence_minutes, tuple(vacant), note)


def token(step: Step) -> str:
    """post:grid_chief@grid:610602006003012"""
    return f"post:{step.post.code}@{step.level.kind}:{step.level.code}"


def recipient_of(post: str, area_kind: str, area_code: str, party: str | None) -> frozenset[str]:
    """The recipients that the holder of a duty may act as: the post, and the party that it is held for."""
    held = {f"post:{post}@{area_kind}:{area_code}"}
    return frozenset(held | ({f"party:{party}"} if party else set()))


def silent(standing: Standing, calendar: Calendar, now: datetime) -> list[Task]:
    """The tasks that nobody acknowledged in their time and that somebody else could have."""
    if standing.state not in ("dispatched", "handling"):
        return []
    return [
        task
        for task in standing.tasks
        if next_of(standing, task) is not None
        and calendar.worked(task.given_at, now) >= timedelta(minutes=task.silence_minutes or 0)
    ]
