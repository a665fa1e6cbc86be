"""Plans and inspections from CSV, each file all or nothing."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.inspections import store
from gridmap.cases.inspections.model import INSPECTORS, TARGETS, Inspection, Plan, Target, id_of
from gridmap.cases.inspections.targets import targets
from gridmap.errors import BadFile
from gridmap.reports.categories import vocabulary
from gridmap.text import check_text

PLAN_COLUMNS = ("code", "name", "inspector", "target", "every_days", "category", "targets")
COLUMNS = ("plan", "target", "day", "by", "trouble", "note")
EARLIEST = date(1990, 1, 1)


def _rows(text: str, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    reader = csv.DictReader(text.lstrip("\ufeff").splitlines())
    if missing := [name for name in columns if name not in (reader.fieldnames or ())]:
        raise BadFile(f"lacks the column {missing[0]}; it needs {', '.join(columns)}", field="file")
    return [(reader.line_num, {k: (row[k] or "").strip() for k in columns}) for row in reader]


def _wrong(line: int, what: str) -> BadFile:
    return BadFile(f"line {line}: {what}", field="file")


def parse_plans(text: str) -> list[Plan]:
    """CSV of PLAN_COLUMNS; `targets` are codes with ; between them, empty for every building.

    Raises BadFile with the line.
    """
    plans: dict[str, Plan] = {}
    for line, row in _rows(text, PLAN_COLUMNS):
        code = check_text(row["code"], "code", most=40, least=1, lines=False)
        if code in plans:
            raise _wrong(line, f"the plan {code} is given twice")
        if row["inspector"] not in INSPECTORS:
            raise _wrong(line, f"the inspector is one of {', '.join(INSPECTORS)}")
        if row["target"] not in TARGETS:
            raise _wrong(line, f"the target is one of {', '.join(TARGETS)}")
        days = row["every_days"]
        if not days.isascii() or not days.isdecimal() or not 1 <= int(days) <= 3_660:
            raise _wrong(line, "every_days is a whole number from 1 to 3660")
        named = tuple(dict.fromkeys(part.strip() for part in row["targets"].split(";") if part.strip()))
        if row["target"] == "place" and not named:
            raise _wrong(line, "a plan for places names them")
        name = check_text(row["name"], "name", most=200, least=1, lines=False)
        plans[code] = Plan(
            code, name, row["inspector"], row["target"], int(days), row["category"] or None, named or None
        )
    return list(plans.values())


def load_plans(connection: Connection, jurisdiction: Jurisdiction, text: str, by: str) -> list[Plan]:
    """Put plans in force, or change those of the same code. Raises BadFile for what is not known here."""
    plans = parse_plans(text)
    known = vocabulary(connection, jurisdiction.code)
    for plan in plans:
        if plan.category is not None and not known.has(plan.category):
            raise BadFile(f"plan {plan.code}: there is no category {plan.category}", field="file")
        there = store.targets(connection, jurisdiction.code, plan.target, jurisdiction.today())
        if lost := [code for code in plan.targets or () if code not in there]:
            raise BadFile(f"plan {plan.code}: there is no {plan.target} {lost[0]}", field="file")
    store.put_plans(connection, jurisdiction.code, plans, by)
    return plans


def load(connection: Connection, jurisdiction: Jurisdiction, text: str) -> tuple[int, int]:
    """Store inspections from CSV of COLUMNS, all or nothing; -> (new, known already).

    `trouble` is yes or empty. Raises BadFile with the line.
    """
    plans = {plan.code: plan for plan in store.plans(connection, jurisdiction.code)}
    there: dict[str, frozenset[str]] = {
        kind: store.targets(connection, jurisdiction.code, kind, None) for kind in TARGETS
    }
    made: dict[UUID, Inspection] = {}
    for line, row in _rows(text, COLUMNS):
        each = _inspection(line, row, plans, there, jurisdiction)
        made[id_of(jurisdiction.code, each)] = each
    places = _places(connection, jurisdiction.code, plans, made.values())
    new = store.add(connection, jurisdiction.code, made, places)
    return new, len(made) - new


def _places(
    connection: Connection, jurisdiction: str, plans: Mapping[str, Plan], made: Iterable[Inspection]
) -> dict[Inspection, Target]:
    """Where each target lay on the day it was looked at, as far as it was there then."""
    atlas = current_atlas(connection, jurisdiction)
    known: dict[tuple[str, date], dict[str, Target]] = {}
    found = {}
    for each in made:
        key = plans[each.plan].target, each.day
        if key not in known:
            known[key] = targets(connection, jurisdiction, atlas, *key)
        if (target := known[key].get(each.target)) is not None:
            found[each] = target
    return found


def _inspection(
    line: int,
    row: Mapping[str, str],
    plans: Mapping[str, Plan],
    there: Mapping[str, frozenset[str]],
    jurisdiction: Jurisdiction,
) -> Inspection:
    plan = plans.get(row["plan"])
    if plan is None:
        raise _wrong(line, f"there is no plan {row['plan'][:40]!r}; there are {', '.join(plans) or 'none'}")
    if row["target"] not in there[plan.target] or (plan.targets and row["target"] not in plan.targets):
        raise _wrong(line, f"{row['target'][:60]!r} is no {plan.target} of the plan {plan.code}")
    try:
        day = date.fromisoformat(row["day"])
    except ValueError:
        raise _wrong(line, "the day is one like 2023-12-01") from None
    if not EARLIEST <= day <= jurisdiction.today():
        raise _wrong(line, f"{day} is before 1990 or in the future")
    if row["trouble"] not in ("", "yes", "no"):
        raise _wrong(line, "trouble is yes or empty")
    by = check_text(row["by"], "by", most=100, least=1, lines=False)
    return Inspection(
        plan.code,
        row["target"],
        day,
        by,
        row["trouble"] == "yes",
        check_text(row["note"], "note", most=2_000),
    )
