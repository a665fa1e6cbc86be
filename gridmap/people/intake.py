"""How people's duties begin, end and move: checked here, whoever asks (a file, a page, the command line).

Nothing is deleted. A move ends one duty and begins another on the same day. Who leaves: persons.py.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.atlas import Atlas, current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict
from gridmap.people import posts as vocabulary
from gridmap.people import store
from gridmap.people.model import Duty, NewDuty, Party, Person, Post, split_unit, units_of

EARLIEST = date(1990, 1, 1)
LATEST = date(2199, 12, 31)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a duty is checked against, read once."""

    atlas: Atlas
    posts: Mapping[str, Post]
    people: Mapping[str, Person]
    parties: Mapping[str, Party]


def open_desk(connection: Connection, jurisdiction: Jurisdiction) -> Desk:
    """Hold the jurisdiction's people still, and read them."""
    store.lock(connection, jurisdiction.code)
    return Desk(
        current_atlas(connection, jurisdiction.code),
        store.posts(connection),
        {person.code: person for person in store.persons(connection, jurisdiction.code)},
        {party.code: party for party in store.parties(connection, jurisdiction.code)},
    )


def checked(
    desk: Desk,
    *,
    person: str,
    post: str,
    area_code: str,
    area_kind: str | None = None,
    party: str | None = None,
    valid_from: date,
    valid_to: date | None = None,
) -> NewDuty:
    """A duty that can be, or BadInput naming the field and what would be right."""
    chosen = vocabulary.find(desk.posts, post)
    kind = vocabulary.area_kind(chosen, area_kind)
    _check_days(valid_from, valid_to)
    _check_person(desk, person, valid_from, valid_to)
    check_area(desk.atlas, kind, area_code, valid_from)
    _check_party(desk, chosen, party, valid_from)
    return NewDuty(person, chosen.code, kind, area_code, party, valid_from, valid_to)


def _check_days(valid_from: date, valid_to: date | None) -> None:
    for field, day in (("valid_from", valid_from), ("valid_to", valid_to)):
        if day is not None and not EARLIEST <= day <= LATEST:
            raise BadInput(f"{day} is not a day from 1990 to 2199", field=field)
    if valid_to is not None and valid_to <= valid_from:
        text = f"{valid_to} is not after {valid_from}, when it begins; it is the first day without the duty"
        raise BadInput(text, field="valid_to")


def _check_person(desk: Desk, code: str, valid_from: date, valid_to: date | None) -> None:
    person = desk.people.get(code)
    if person is None:
        text = f"there is no person {code[:60]!r}{_near(code, desk.people)}; add people before their duties"
        raise BadInput(text, field="person")
    if person.left_on is None:
        return
    if valid_from >= person.left_on:
        text = f"{person.code} {person.name} left on {person.left_on}; give an earlier day"
        raise BadInput(text, field="valid_from")
    if valid_to is None or valid_to > person.left_on:
        text = f"{person.code} {person.name} left on {person.left_on}; the duty ends that day or earlier"
        raise BadInput(text, field="valid_to")


def check_area(atlas: Atlas, kind: str, code: str, day: date) -> None:
    """Raise BadInput(field="area_code") unless there is this area, or unit, on a day."""
    building, number = split_unit(code) if kind == "unit" else (code, 0)
    sheet = atlas.sheet("building" if kind == "unit" else kind, day)
    known = sheet.row_of_code if sheet else {}
    row = known.get(building)
    if sheet is None or row is None:
        noun = "building" if kind == "unit" else kind
        text = f"there is no {noun} {building[:60]!r} on {day}{_near(building, known)}"
        raise BadInput(text, field="area_code")
    units = units_of(sheet.versions[row].properties)
    if kind == "unit" and units is not None and number > units:
        has = f"has {units} unit{'s' if units > 1 else ''}" if units else "has no units"
        raise BadInput(f"the building {building} {has}; there is no unit {number}", field="area_code")


def _check_party(desk: Desk, post: Post, code: str | None, day: date) -> None:
    if code is None:
        if post.parties:
            text = f"a {post.name_en} acts for a party: one of kind {', '.join(post.parties)}"
            raise BadInput(text, field="party")
        return
    if not post.parties:
        raise BadInput(f"a {post.name_en} acts for no party; leave it out", field="party")
    party = desk.parties.get(code)
    if party is None:
        text = f"there is no party {code[:60]!r}{_near(code, desk.parties)}; add parties before their duties"
        raise BadInput(text, field="party")
    if party.kind not in post.parties:
        text = f"{code} is of kind {party.kind}; a {post.name_en} acts for {', '.join(post.parties)}"
        raise BadInput(text, field="party")
    if (party.valid_from and day < party.valid_from) or (party.valid_to and day >= party.valid_to):
        raise BadInput(f"{code} {party.name} does not exist on {day}", field="party")


def _near(code: str, known: Collection[str]) -> str:
    found = get_close_matches(code, known, n=3, cutoff=0.8)
    return f"; near it are {', '.join(found)}" if found else ""


def overlapping(new: NewDuty, others: Collection[Duty]) -> Duty | None:
    """One of the same duty's other times that meets this one."""
    last = new.valid_to or date.max
    return next(
        (
            old
            for old in others
            if old.key == new.key and old.valid_from < last and new.valid_from < (old.valid_to or date.max)
        ),
        None,
    )


def begin(connection: Connection, jurisdiction: Jurisdiction, new: NewDuty, by: str) -> UUID:
    """Record a `checked` duty. Raises Conflict(field="valid_from") where the person has it already then."""
    same = store.duties(
        connection,
        jurisdiction.code,
        person=new.person,
        post=new.post,
        area=(new.area_kind, new.area_code),
    )
    if old := overlapping(new, same):
        raise Conflict(twice(old), field="valid_from")
    return store.begin(connection, jurisdiction.code, [new], by)[0]


def begin_at(
    connection: Connection, jurisdiction: Jurisdiction, areas: Iterable[str], by: str, **words: Any
) -> list[UUID]:
    """The same duty, in the words of `checked`, at each of these areas (codes), all or none; -> their ids.

    Raises as `checked` and `begin` do.
    """
    desk = open_desk(connection, jurisdiction)
    new = [checked(desk, area_code=code, **words) for code in dict.fromkeys(areas)]
    return [begin(connection, jurisdiction, each, by) for each in new]


def twice(old: Duty) -> str:
    """What is wrong with the same duty at the same time."""
    until = f" until {old.valid_to}" if old.valid_to else " on"
    return f"{old.person} is {old.post} of {old.area_code} from {old.valid_from}{until} already"


def end(connection: Connection, jurisdiction: Jurisdiction, id_: UUID, day: date, by: str) -> None:
    """Let a duty end: `day` is the first without it. One that would end before it began never was.

    Raises NotFound(field="id"), Conflict(field="day") for one that has ended by then.
    """
    store.lock(connection, jurisdiction.code)
    old = store.duty_of(connection, jurisdiction.code, id_)
    if old.valid_to is not None and old.valid_to <= day:
        raise Conflict(f"it has ended on {old.valid_to} already", field="day")
    store.end(connection, jurisdiction.code, old, day, by)


def move(
    connection: Connection,
    jurisdiction: Jurisdiction,
    id_: UUID,
    day: date,
    by: str,
    *,
    area_code: str,
    area_kind: str | None = None,
    person: str | None = None,
) -> UUID:
    """End a duty on a day and begin it then for another area, or with another person; -> the new one's id.

    One that has not begun by that day moves whole. Raises as `end`, `checked` and `begin` do;
    BadInput(field="area_code") for a move to where it is.
    """
    desk = open_desk(connection, jurisdiction)
    old = store.duty_of(connection, jurisdiction.code, id_)
    if old.valid_to is not None and old.valid_to <= day:
        raise Conflict(f"it has ended on {old.valid_to} already", field="day")
    day = max(day, old.valid_from)
    kind = area_kind or (old.area_kind if old.area_kind in desk.posts[old.post].areas else None)
    new = checked(
        desk,
        person=person or old.person,
        post=old.post,
        area_kind=kind,
        area_code=area_code,
        party=old.party,
        valid_from=day,
        valid_to=old.valid_to,
    )
    if new.key == old.key:
        raise BadInput("it is there already; name another area or person", field="area_code")
    end(connection, jurisdiction, id_, day, by)
    return begin(connection, jurisdiction, new, by)


def end_all(connection: Connection, jurisdiction: str, person: str, day: date, by: str) -> int:
    """End every duty of a person that lasts beyond a day; -> how many."""
    open_ = [
        duty
        for duty in store.duties(connection, jurisdiction, person=person)
        if duty.valid_to is None or duty.valid_to > day
    ]
    for duty in open_:
        store.end(connection, jurisdiction, duty, day, by)
    return len(open_)
