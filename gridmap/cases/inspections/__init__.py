"""三排查: what grid members, squad and property companies look at on a schedule, and what nobody looked at.

A plan says who inspects what how often: every building, or the buildings or places that it names (kitchens
for their fumes, building sites for their dust). A target is covered on a day by an inspection at most so many
days old; it is a blind spot of a plan where it is not, and a blind spot altogether where no plan covers it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases.inspections import store
from gridmap.cases.inspections.model import Inspection, Plan


@dataclass(frozen=True, slots=True)
class Coverage:
    """One target under one plan on a day. `last`: when it was inspected last, None: never."""

    plan: str
    target: str
    last: date | None
    covered: bool
    trouble: bool  # at its last inspection

    def due(self, plan: Plan) -> date | None:
        """When it is to be inspected next; None: at once."""
        return None if self.last is None else self.last + timedelta(days=plan.every_days)


def pairs(plans: Iterable[Plan], buildings: Sequence[str]) -> list[tuple[str, str]]:
    """(plan, target) of every target of every plan, by plan and target."""
    return [
        (plan.code, target)
        for plan in sorted(plans, key=lambda p: p.code)
        for target in sorted(buildings if plan.targets is None else plan.targets)
    ]


def coverage(
    plans: Iterable[Plan], buildings: Sequence[str], done: Iterable[Inspection], day: date
) -> list[Coverage]:
    """Every target of every plan, by plan and target. Pure. Inspections after `day` do not count."""
    last: dict[tuple[str, str], Inspection] = {}
    for each in done:
        key = (each.plan, each.target)
        if each.day <= day and (key not in last or last[key].day < each.day):
            last[key] = each
    known = {plan.code: plan for plan in plans}
    found = []
    for plan, target in pairs(known.values(), buildings):
        seen = last.get((plan, target))
        covered = seen is not None and day - seen.day < timedelta(days=known[plan].every_days)
        found.append(Coverage(plan, target, seen.day if seen else None, covered, bool(seen and seen.trouble)))
    return found


def tally(found: Iterable[Coverage], plan: str) -> dict[str, int]:
    """How many targets of a plan there are, are covered, had trouble at last."""
    own = [each for each in found if each.plan == plan]
    return {
        "targets": len(own),
        "covered": sum(each.covered for each in own),
        "trouble": sum(each.trouble for each in own),
    }


def blind(found: Iterable[Coverage], buildings: Iterable[str]) -> list[str]:
    """The buildings that no plan covers."""
    seen = {each.target for each in found if each.covered}
    return sorted(set(buildings) - seen)


def covered(
    connection: Connection, jurisdiction: Jurisdiction, day: date
) -> tuple[list[Plan], list[Coverage], list[str]]:
    """(plans, every target's coverage, buildings that nobody covers) on a day."""
    plans = store.plans(connection, jurisdiction.code)
    buildings = sorted(store.targets(connection, jurisdiction.code, "building", day))
    done = store.last_inspections(connection, jurisdiction.code, pairs(plans, buildings), day)
    found = coverage(plans, buildings, done, day)
    return plans, found, blind(found, buildings)
