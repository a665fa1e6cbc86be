"""All SQL of people, parties, posts and duties (of accounts: credentials/store.py). Never commits."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import Range

from gridmap.database import tables as t
from gridmap.database.turns import hold
from gridmap.errors import NotFound
from gridmap.people.model import Change, Duty, NewDuty, Party, Person, Post, Vacancy

CHANNEL = "gridmap_people"  # NOTIFY with the jurisdiction's code when a person, duty or party changes
BATCH = 1_000

duty = t.duty
_DUTY = (
    *(duty.c.id, duty.c.person, t.person.c.name, t.person.c.phone, duty.c.post),
    *(duty.c.area_kind, duty.c.area_code, duty.c.party),
    sa.func.lower(duty.c.valid, type_=sa.Date),
    sa.func.upper(duty.c.valid, type_=sa.Date),
    *(duty.c.recorded_at, duty.c.recorded_by),
)
_PARTY = ("code", "kind", "name", "name_en", "area_kind", "area_code", "phone")


def put_posts(connection: Connection, posts: Sequence[Post]) -> None:
    """Insert posts, or bring them up to date."""
    names = ("code", "name", "name_en", "areas", "chain", "parties")
    insert = postgresql.insert(t.post).values(
        [{n: _listed(getattr(post, n)) for n in names} for post in posts]
    )
    new = {name: insert.excluded[name] for name in names[1:]}
    changed = sa.or_(*(t.post.c[name].is_distinct_from(value) for name, value in new.items()))
    connection.execute(insert.on_conflict_do_update(index_elements=["code"], set_=new, where=changed))


def _listed(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def posts(connection: Connection) -> dict[str, Post]:
    """code -> post, in the order of the chain, then by code."""
    c = t.post.c
    rows = connection.execute(sa.select(t.post).order_by(c.chain.nulls_last(), c.code))
    return {r.code: Post(r.code, r.name, r.name_en, tuple(r.areas), r.chain, tuple(r.parties)) for r in rows}


def persons(connection: Connection, jurisdiction: str, *, day: date | None = None) -> list[Person]:
    """By code; with a `day` those who had not left by then."""
    c = t.person.c
    query = sa.select(c.code, c.name, c.phone, c.left_on).where(c.jurisdiction == jurisdiction)
    if day is not None:
        query = query.where(sa.or_(c.left_on.is_(None), c.left_on > day))
    return [Person(*row) for row in connection.execute(query.order_by(c.code.collate("C")))]


def person(connection: Connection, jurisdiction: str, code: str) -> Person:
    """Raises NotFound(field="person")."""
    c = t.person.c
    row = connection.execute(
        sa.select(c.code, c.name, c.phone, c.left_on).where(c.jurisdiction == jurisdiction, c.code == code)
    ).one_or_none()
    if row is None:
        raise NotFound(f"there is no person {code[:60]!r}", field="person")
    return Person(*row)


def find_persons(
    connection: Connection,
    jurisdiction: str,
    *,
    day: date,
    code: str | None = None,
    text: str | None = None,
    post: str | None = None,
    areas: Collection[tuple[str, str]] | None = None,
    gone: bool = False,
    limit: int,
    after: str | None = None,
) -> list[Person]:
    """By code. `code`: in it; `text`: in code, name or telephone number; `post`, `areas` ((kind, code) each):
    who holds it, or something there, on the day; `gone`: also who has left by then."""
    c = t.person.c
    query = sa.select(c.code, c.name, c.phone, c.left_on).where(c.jurisdiction == jurisdiction)
    if not gone:
        query = query.where(sa.or_(c.left_on.is_(None), c.left_on > day))
    if code:
        query = query.where(c.code.icontains(code, autoescape=True))
    if text:
        fields = (c.code, c.name, c.phone)
        query = query.where(sa.or_(*(field.icontains(text, autoescape=True) for field in fields)))
    if post is not None or areas is not None:
        held = sa.select(1).where(duty.c.jurisdiction == jurisdiction, duty.c.person == c.code)
        held = held.where(duty.c.valid.contains(sa.literal(day, sa.Date)))
        if post is not None:
            held = held.where(duty.c.post == post)
        if areas is not None:
            held = held.where(sa.tuple_(duty.c.area_kind, duty.c.area_code).in_(list(areas)))
        query = query.where(held.exists())
    if after is not None:
        query = query.where(c.code.collate("C") > after)
    return [Person(*row) for row in connection.execute(query.order_by(c.code.collate("C")).limit(limit))]


def put_persons(connection: Connection, jurisdiction: str, people: Sequence[Person], by: str) -> None:
    """Insert people, or change those there are. `by`: who does it, for the record."""
    names = ("name", "phone", "left_on")
    rows = [{"code": p.code} | {n: getattr(p, n) for n in names} for p in people]
    _put(connection, t.person, jurisdiction, rows, by)


def parties(
    connection: Connection, jurisdiction: str, *, kind: str | None = None, day: date | None = None
) -> list[Party]:
    """By kind and code; with a `day` those valid on it."""
    c = t.party.c
    days = (sa.func.lower(c.valid, type_=sa.Date), sa.func.upper(c.valid, type_=sa.Date))
    query: sa.Select[Any] = sa.select(*(c[name] for name in _PARTY), *days)
    query = query.where(c.jurisdiction == jurisdiction)
    if kind is not None:
        query = query.where(c.kind == kind)
    if day is not None:
        query = query.where(c.valid.contains(sa.literal(day, sa.Date)))
    return [Party(*row) for row in connection.execute(query.order_by(c.kind, c.code.collate("C")))]


def put_parties(connection: Connection, jurisdiction: str, parties: Sequence[Party], by: str) -> None:
    """Insert parties, or change those there are."""
    rows = [{n: getattr(p, n) for n in _PARTY} | {"valid": Range(p.valid_from, p.valid_to)} for p in parties]
    _put(connection, t.party, jurisdiction, rows, by)


def _put(
    connection: Connection, table: sa.Table, jurisdiction: str, rows: Sequence[dict[str, Any]], by: str
) -> None:
    if not rows:
        return
    insert = postgresql.insert(table)
    names = [name for name in rows[0] if name != "code"]
    new = {name: insert.excluded[name] for name in (*names, "recorded_by")} | {"recorded_at": sa.func.now()}
    statement = insert.on_conflict_do_update(index_elements=["jurisdiction", "code"], set_=new)
    own = {"jurisdiction": jurisdiction, "recorded_by": by}
    for start in range(0, len(rows), BATCH):
        connection.execute(statement, [row | own for row in rows[start : start + BATCH]])
    notify(connection, jurisdiction)


def duties(
    connection: Connection,
    jurisdiction: str,
    *,
    day: date | None = None,
    person: str | None = None,
    people: Collection[str] | None = None,
    post: str | None = None,
    area: tuple[str, str] | None = None,
) -> list[Duty]:
    """By post, area, beginning and person. With a `day` those of that day, else every one there ever was
    (but those recorded by mistake); `people`: of these alone, by code; `area` is (kind, code)."""
    query = _duties(jurisdiction)
    if day is not None:
        query = query.where(duty.c.valid.contains(sa.literal(day, sa.Date)))
    if person is not None:
        query = query.where(duty.c.person == person)
    if people is not None:
        query = query.where(duty.c.person.in_(list(people)))
    if post is not None:
        query = query.where(duty.c.post == post)
    if area is not None:
        query = query.where(duty.c.area_kind == area[0], duty.c.area_code == area[1])
    return [_duty(row) for row in connection.execute(query)]


def holders(
    connection: Connection, jurisdiction: str, day: date, areas: Iterable[tuple[str, str]]
) -> list[Duty]:
    """The duties of a day for these areas, (kind, code) each, a unit's among them."""
    wanted = list(areas)
    if not wanted:
        return []
    query = _duties(jurisdiction).where(
        duty.c.valid.contains(sa.literal(day, sa.Date)),
        sa.tuple_(duty.c.area_kind, duty.c.area_code).in_(wanted),
    )
    return [_duty(row) for row in connection.execute(query)]


def duty_of(connection: Connection, jurisdiction: str, id_: UUID) -> Duty:
    """Raises NotFound(field="id")."""
    row = connection.execute(_duties(jurisdiction).where(duty.c.id == id_)).one_or_none()
    if row is None:
        raise NotFound("there is no such duty", field="id")
    return _duty(row)


def begin(connection: Connection, jurisdiction: str, new: Sequence[NewDuty], by: str) -> list[UUID]:
    """Insert duties; -> their ids. The same duty twice on one day is refused by the database
    (ex_duty_valid); intake.py looks first."""
    if not new:
        return []
    ids = [uuid4() for _ in new]
    rows = [
        {
            "id": id_,
            "jurisdiction": jurisdiction,
            "person": each.person,
            "post": each.post,
            "area_kind": each.area_kind,
            "area_code": each.area_code,
            "party": each.party,
            "valid": Range(each.valid_from, each.valid_to),
            "recorded_by": by,
        }
        for id_, each in zip(ids, new, strict=True)
    ]
    for start in range(0, len(rows), BATCH):
        connection.execute(duty.insert(), rows[start : start + BATCH])
    notify(connection, jurisdiction)
    return ids


def end(connection: Connection, jurisdiction: str, old: Duty, valid_to: date | None, by: str) -> None:
    """Let a duty end: `valid_to` is the first day without it, None opens its end again. Where that is not
    after its beginning it never was: it stays in the history only."""
    until = old.valid_from if valid_to and valid_to < old.valid_from else valid_to
    connection.execute(
        duty.update()
        .where(duty.c.id == old.id)
        .values(valid=Range(old.valid_from, until), recorded_at=sa.func.now(), recorded_by=by)
    )
    notify(connection, jurisdiction)


def vacancies(
    connection: Connection, jurisdiction: str, day: date, post: str, kinds: Collection[str]
) -> list[Vacancy]:
    """Areas of these kinds on a day (of units: those that their buildings are known to have) for which nobody
    holds the post, by kind and code."""
    v = t.area_version.c
    asked = sa.literal(day, sa.Date)
    of_day = sa.and_(v.jurisdiction == jurisdiction, v.valid.contains(asked))
    parts: list[sa.Select[Any]] = []
    if set(kinds) - {"unit"}:
        parts.append(
            sa.select(v.kind, v.code, v.name, v.parent_code).where(of_day, v.kind.in_(set(kinds) - {"unit"}))
        )
    if "unit" in kinds:
        said = v.properties["units"].astext
        units = sa.case((said.regexp_match("^[0-9]{1,3}$"), said.cast(sa.Integer)), else_=0)
        counted = sa.func.generate_series(1, units).table_valued("number", name="counted").render_derived()
        number = counted.c.number.cast(sa.Text)
        parts.append(
            sa.select(
                sa.literal("unit").label("kind"),
                (v.code + "-" + number).label("code"),
                (v.name + number + "单元").label("name"),
                v.code.label("parent_code"),
            )
            .select_from(t.area_version.join(counted, sa.true()))
            .where(of_day, v.kind == "building")
        )
    areas = sa.union_all(*parts).subquery("areas")
    held = (
        sa.select(1)
        .where(duty.c.jurisdiction == jurisdiction, duty.c.post == post, duty.c.valid.contains(asked))
        .where(duty.c.area_kind == areas.c.kind, duty.c.area_code == areas.c.code)
        .exists()
    )
    query = sa.select(areas).where(~held).order_by(areas.c.kind, areas.c.code.collate("C"))
    return [Vacancy(*row) for row in connection.execute(query)]


def changes(
    connection: Connection,
    jurisdiction: str,
    *,
    subject: str | None = None,
    key: str | None = None,
    limit: int | None = 100,
) -> list[Change]:
    """Who changed what, the newest first."""
    c = t.people_change.c
    query = sa.select(c.id, c.subject, c.key, c.was, c.now, c.recorded_at, c.recorded_by)
    query = query.where(c.jurisdiction == jurisdiction).order_by(c.id.desc()).limit(limit)
    if subject is not None:
        query = query.where(c.subject == subject)
    if key is not None:
        query = query.where(c.key == key)
    return [Change(*row) for row in connection.execute(query)]


def last_change(connection: Connection, jurisdiction: str) -> datetime:
    """When a person, duty, party or account was last changed; without any the beginning of 2000."""
    c = t.people_change.c
    found: datetime | None = connection.scalar(
        sa.select(c.recorded_at).where(c.jurisdiction == jurisdiction).order_by(c.id.desc()).limit(1)
    )
    return found or datetime(2000, 1, 1, tzinfo=UTC)


def changes_of(connection: Connection, jurisdiction: str, code: str, *, limit: int) -> list[Change]:
    """Who changed what of a person, their duties and their accounts, the newest first."""
    c = t.people_change.c
    theirs = sa.or_(
        sa.and_(c.subject == "person", c.key == code),
        sa.and_(c.subject.in_(("duty", "account")), c.now["person"].astext == code),
    )
    query = sa.select(c.id, c.subject, c.key, c.was, c.now, c.recorded_at, c.recorded_by)
    query = query.where(c.jurisdiction == jurisdiction, theirs).order_by(c.id.desc()).limit(limit)
    return [Change(*row) for row in connection.execute(query)]


def signatures(connection: Connection) -> dict[str, tuple[int, int]]:
    """Jurisdiction -> what changes whenever its people or duties do: (how many changes, the latest id)."""
    c = t.people_change.c
    counted = sa.select(c.jurisdiction, sa.func.count(), sa.func.max(c.id)).group_by(c.jurisdiction)
    return {row[0]: (row[1], row[2]) for row in connection.execute(counted)}


def lock(connection: Connection, jurisdiction: str) -> None:
    """Hold the jurisdiction's people and duties still until the transaction ends."""
    hold(connection, f"people:{jurisdiction}")


def notify(connection: Connection, jurisdiction: str) -> None:
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, jurisdiction)))


def _duties(jurisdiction: str) -> sa.Select[Any]:
    joined = duty.join(
        t.person, sa.and_(t.person.c.jurisdiction == duty.c.jurisdiction, t.person.c.code == duty.c.person)
    ).join(t.post, t.post.c.code == duty.c.post)
    c = duty.c
    return (
        sa.select(*_DUTY)
        .select_from(joined)
        .where(c.jurisdiction == jurisdiction, ~sa.func.isempty(c.valid))
        .order_by(t.post.c.chain.nulls_last(), c.post, c.area_kind, c.area_code.collate("C"))
        .order_by(sa.func.lower(c.valid), c.person.collate("C"), c.id)
    )


def _duty(row: Row[*tuple[Any, ...]]) -> Duty:
    return Duty(*row)
