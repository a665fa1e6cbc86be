"""The SQL of inspections. Never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql

from gridmap.cases.inspections.model import PLACED, Inspection, Plan, Target
from gridmap.database import tables as t

plan = t.inspection_plan
BATCH = 1_000


def put_plans(connection: Connection, jurisdiction: str, plans: Sequence[Plan], by: str) -> None:
    """Insert plans, or change those of the same code."""
    rows = [
        {
            "jurisdiction": jurisdiction,
            "code": each.code,
            "name": each.name,
            "inspector": each.inspector,
            "target": each.target,
            "every_days": each.every_days,
            "category": each.category,
            "target_codes": None if each.targets is None else list(each.targets),
            "loaded_by": by,
        }
        for each in plans
    ]
    if rows:
        insert = postgresql.insert(plan)
        names = ("name", "inspector", "target", "every_days", "category", "target_codes", "loaded_by")
        new = {name: insert.excluded[name] for name in names} | {"recorded_at": sa.func.now()}
        connection.execute(
            insert.on_conflict_do_update(index_elements=["jurisdiction", "code"], set_=new), rows
        )


def plans(connection: Connection, jurisdiction: str) -> list[Plan]:
    """By code."""
    c = plan.c
    query = sa.select(c.code, c.name, c.inspector, c.target, c.every_days, c.category, c.target_codes)
    rows = connection.execute(query.where(c.jurisdiction == jurisdiction).order_by(c.code.collate("C")))
    return [Plan(*row[:6], None if row[6] is None else tuple(row[6])) for row in rows]


def targets(connection: Connection, jurisdiction: str, kind: str, day: date | None) -> frozenset[str]:
    """Codes of the buildings or places of a day; with None of all days."""
    table, c = (t.area_version, t.area_version.c) if kind == "building" else (t.place, t.place.c)
    query = sa.select(c.code).select_from(table).where(c.jurisdiction == jurisdiction)
    if kind == "building":
        query = query.where(c.kind == "building")
    if day is not None:
        query = query.where(c.valid.contains(sa.literal(day, sa.Date)))
    return frozenset(connection.execute(query).scalars())


def whereabouts(
    connection: Connection, jurisdiction: str, kind: str, day: date, code: str | None
) -> list[tuple[str, str, float, float]]:
    """(code, name, lon, lat) of the buildings or places of a day, or of one, in degrees: a point inside."""
    table, c = (t.area_version, t.area_version.c) if kind == "building" else (t.place, t.place.c)
    inside = sa.func.ST_PointOnSurface(c.geom)
    query = (
        sa.select(c.code, c.name, sa.func.ST_X(inside), sa.func.ST_Y(inside))
        .select_from(table)
        .where(c.jurisdiction == jurisdiction, c.valid.contains(sa.literal(day, sa.Date)))
        .order_by(c.code.collate("C"))
    )
    if kind == "building":
        query = query.where(c.kind == "building")
    if code is not None:
        query = query.where(c.code == code)
    return [(row[0], row[1], row[2], row[3]) for row in connection.execute(query)]


def add(
    connection: Connection,
    jurisdiction: str,
    made: Mapping[UUID, Inspection],
    places: Mapping[Inspection, Target],
) -> int:
    """Store inspections by their ids, with the areas that hold their targets; -> how many of them are new:
    one a day of a target under a plan."""
    rows = [
        {
            "id": id_,
            "jurisdiction": jurisdiction,
            "plan": each.plan,
            "target_code": each.target,
            "inspected_on": each.day,
            "inspected_by": each.by,
            "trouble": each.trouble,
            "note": each.note,
            **_versions(places.get(each)),
        }
        for id_, each in made.items()
    ]
    new = 0
    statement = postgresql.insert(t.inspection).on_conflict_do_nothing().returning(t.inspection.c.id)
    for start in range(0, len(rows), BATCH):
        new += len(connection.execute(statement, rows[start : start + BATCH]).all())
    return new


def _versions(target: Target | None) -> dict[str, int | None]:
    areas = target.areas if target else {}
    return {f"{kind}_version": areas[kind].id if kind in areas else None for kind in PLACED}


LAST = sa.text(
    """
    SELECT done.* FROM unnest(CAST(:plans AS text[]), CAST(:targets AS text[])) AS wanted (plan, target)
    CROSS JOIN LATERAL (
        SELECT plan, target_code, inspected_on, inspected_by, trouble, note FROM inspection i
        WHERE i.jurisdiction = :jurisdiction AND i.plan = wanted.plan AND i.target_code = wanted.target
          AND i.inspected_on <= :day
        ORDER BY i.inspected_on DESC LIMIT 1
    ) done
    """
)


def last_inspections(
    connection: Connection, jurisdiction: str, wanted: Sequence[tuple[str, str]], day: date
) -> list[Inspection]:
    """Of each (plan, target) the last one up to a day, where there is one."""
    values = {"jurisdiction": jurisdiction, "day": day}
    values |= {"plans": [plan for plan, _ in wanted], "targets": [target for _, target in wanted]}
    return [Inspection(*row) for row in connection.execute(LAST, values)]


def get(connection: Connection, jurisdiction: str, id_: UUID) -> Inspection | None:
    """One, where there is one that whoever asks may see."""
    c = t.inspection.c
    columns = c.plan, c.target_code, c.inspected_on, c.inspected_by, c.trouble, c.note
    query = sa.select(*columns).where(c.jurisdiction == jurisdiction, c.id == id_)
    row = connection.execute(query).one_or_none()
    return None if row is None else Inspection(*row)
