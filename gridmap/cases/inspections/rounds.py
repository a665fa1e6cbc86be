"""Rounds: what is to be inspected when, by whoever asks and in their sight; and that it was."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.inspections import Coverage, blind, coverage, pairs, store
from gridmap.cases.inspections.model import INSPECTORS, Inspection, Plan, Target, id_of
from gridmap.cases.inspections.targets import targets
from gridmap.errors import BadInput, Conflict, Forbidden, NotFound
from gridmap.people import store as people
from gridmap.people.model import Duty
from gridmap.people.sight import Sight
from gridmap.text import check_text

LATE_DAYS = 31  # an inspection is entered so long after it was done
OF_POSTS = dict.fromkeys(("grid_member", "grid_chief", "building_chief", "unit_chief"), "member") | {
    "property_officer": "property"
}


@dataclass(frozen=True, slots=True)
class Round:
    """A target under a plan, and how it stands on the day that was asked for."""

    plan: Plan
    target: Target
    standing: Coverage

    @property
    def due(self) -> date | None:
        """When it is to be inspected next; None: never was, so at once."""
        return self.standing.due(self.plan)

    @property
    def key(self) -> tuple[str, str, str]:
        """What lists are in the order of: what is due first at the front."""
        return self.due.isoformat() if self.due else "", self.plan.code, self.target.code


@dataclass(frozen=True, slots=True)
class Blind:
    """The buildings of a grid, and those among them that no plan covers. `grid` None: in no grid."""

    grid: str | None
    buildings: int
    uncovered: tuple[Target, ...]


def inspects(connection: Connection, jurisdiction: str, duties: Sequence[Duty], day: date) -> frozenset[str]:
    """As which inspectors somebody with these duties goes round."""
    squads = {p.code for p in people.parties(connection, jurisdiction, day=day) if p.kind == "squad"}
    posts = {found for duty in duties if (found := OF_POSTS.get(duty.post))}
    return frozenset(posts | {"squad" for duty in duties if duty.party in squads})


def rounds(
    connection: Connection, jurisdiction: Jurisdiction, atlas: Atlas, day: date, seen: Sight
) -> tuple[list[Round], list[Blind]]:
    """What lies in a sight: every target under every plan, what is due first at the front; and by grid which
    buildings nobody looks at."""
    plans = store.plans(connection, jurisdiction.code)
    there = {
        kind: {
            code: target
            for code, target in targets(connection, jurisdiction.code, atlas, kind, day).items()
            if seen.sees(target.codes)
        }
        for kind in {"building", *(plan.target for plan in plans)}
    }
    buildings = list(there["building"])
    done = store.last_inspections(connection, jurisdiction.code, pairs(plans, buildings), day)
    by_code = {plan.code: plan for plan in plans}
    found = [
        Round(plan, target, each)
        for each in coverage(plans, buildings, done, day)
        if (target := there[(plan := by_code[each.plan]).target].get(each.target)) is not None
    ]
    found.sort(key=lambda each: each.key)
    return found, blind_by_grid(found, there["building"].values())


def blind_by_grid(found: Iterable[Round], buildings: Iterable[Target]) -> list[Blind]:
    """By code of the grid, buildings in none last."""
    there = list(buildings)
    standings = [each.standing for each in found if each.target.kind == "building"]
    left = set(blind(standings, [each.code for each in there]))
    by_grid: dict[str | None, list[Target]] = {}
    for each in there:
        by_grid.setdefault(each.codes.get("grid"), []).append(each)
    return [
        Blind(grid, len(inside), tuple(each for each in inside if each.code in left))
        for grid, inside in sorted(by_grid.items(), key=lambda item: (item[0] is None, item[0]))
    ]


def record(
    connection: Connection,
    jurisdiction: Jurisdiction,
    atlas: Atlas,
    each: Inspection,
    *,
    seen: Sight,
    going_as: Collection[str] | None,
) -> tuple[UUID, bool]:
    """Store one inspection; -> (id, whether it is new). `going_as`: INSPECTORS, None: on behalf of all.

    Raises NotFound(field) for a plan or target that there is not, or that lies outside the sight; Forbidden
    for a plan of other inspectors; BadInput(field="inspected_on") for a day to come, or over LATE_DAYS ago;
    Conflict where something else is known of that target, plan and day.
    """
    plan = {p.code: p for p in store.plans(connection, jurisdiction.code)}.get(each.plan)
    if plan is None:
        raise NotFound("there is no such plan of inspections", field="plan")
    today = jurisdiction.today()
    if not today - timedelta(days=LATE_DAYS) <= each.day <= today:
        raise BadInput(f"must be a day of the last {LATE_DAYS}, today at the latest", field="inspected_on")
    target = targets(connection, jurisdiction.code, atlas, plan.target, each.day, each.target).get(
        each.target
    )
    if target is None or not seen.sees(target.codes) or (plan.targets and each.target not in plan.targets):
        raise NotFound(f"the plan has no such {plan.target}", field="target")
    if going_as is not None and plan.inspector not in going_as:
        raise Forbidden(f"this plan is for the {INSPECTORS[plan.inspector][1]}", field="plan")
    check_text(each.note, "note", most=2_000)
    id_ = id_of(jurisdiction.code, each)
    if store.add(connection, jurisdiction.code, {id_: each}, {each: target}):
        return id_, True
    known = store.get(connection, jurisdiction.code, id_)
    if known is not None and (known.trouble, known.note) != (each.trouble, each.note):
        raise Conflict("another inspection of that day is known already", field="target")
    return id_, False
