"""Files of people, parties and duties -> what is stored: once every row is right, written all or nothing.

The same file again adds nothing. Nothing is deleted: who leaves and what a file replaces ends on a day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from gridmap.archives import FILE_LIMIT
from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, GridmapError
from gridmap.people import intake, persons, posts, reading, store
from gridmap.people.intake import Desk
from gridmap.people.model import Duty, NewDuty, Party, Person
from gridmap.people.persons import AccountCheck
from gridmap.people.reading import Told
from gridmap.tabular import RowProblem, refused_rows

Key = tuple[str, str, str, str, str | None]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a file. `ended`: duties that ended by it, or by a person's leaving."""

    file_name: str
    added: int
    changed: int
    unchanged: int
    ended: int = 0


def import_people(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    by: str,
    day: date | None = None,
    replace_all: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    limit: int = FILE_LIMIT,
    check: AccountCheck = lambda _: None,
) -> Loaded:
    """Bring people to what a table (code, name, phone, left_on) says, all or nothing.

    Who has a `left_on` leaves that day, and their duties and accounts end. With `replace_all` everybody whom
    the file leaves out leaves on `day` (default today). Raises BadFile naming every refused row, TooLarge,
    and as `persons.end` does with this `check`.
    """
    store.lock(connection, jurisdiction.code)
    known = {each.code: each for each in store.persons(connection, jurisdiction.code)}
    problems: list[RowProblem] = []
    told = reading.rows(
        path,
        reading.PEOPLE,
        ("code", "name"),
        encoding=encoding,
        sheet=sheet,
        limit=limit,
        problems=problems,
    )
    read: dict[str, Person] = {each.code: each for each in _once(told, reading.person, known, problems)}
    _refuse(path, problems)
    if replace_all:
        last = day or jurisdiction.today()
        read |= {
            code: replace(old, left_on=last)
            for code, old in known.items()
            if code not in read and (old.left_on is None or old.left_on > last)
        }
    new = [each for each in read.values() if known.get(each.code) != each]
    store.put_persons(connection, jurisdiction.code, new, by)
    ended = sum(
        persons.end(connection, jurisdiction, each.code, each.left_on, by, check=check).duties
        for each in new
        if each.left_on is not None
    )
    added = sum(each.code not in known for each in new)
    return Loaded(path.name, added, len(new) - added, len(read) - len(new), ended)


def import_parties(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    by: str,
    encoding: str | None = None,
    sheet: str | None = None,
    limit: int = FILE_LIMIT,
) -> Loaded:
    """Bring parties to what a table (code, kind, name …) says, all or nothing; those left out stay.

    Raises BadFile naming every refused row, TooLarge.
    """
    desk = intake.open_desk(connection, jurisdiction)
    problems: list[RowProblem] = []
    told = reading.rows(
        path,
        reading.PARTIES,
        ("code", "kind", "name"),
        encoding=encoding,
        sheet=sheet,
        limit=limit,
        problems=problems,
    )
    today = jurisdiction.today()

    def checked(row: Told, old: Party | None) -> Party:
        party = reading.party(row, old)
        if party.area_kind and party.area_code:
            intake.check_area(desk.atlas, party.area_kind, party.area_code, party.valid_from or today)
        return party

    read = list(_once(told, checked, desk.parties, problems))
    _refuse(path, problems)
    new = [each for each in read if desk.parties.get(each.code) != each]
    store.put_parties(connection, jurisdiction.code, new, by)
    added = sum(each.code not in desk.parties for each in new)
    return Loaded(path.name, added, len(new) - added, len(read) - len(new))


def import_duties(
    connection: Connection,
    jurisdiction: Jurisdiction,
    path: Path,
    *,
    by: str,
    day: date | None = None,
    replace_all: bool = False,
    encoding: str | None = None,
    sheet: str | None = None,
    limit: int = FILE_LIMIT,
) -> Loaded:
    """Bring duties to what a table (person, post, area_code, valid_from …) says, all or nothing.

    A row without a valid_from means the duty that there is on `day` (default today), or begins then. Where
    the file has a column valid_to, it says when duties end (empty: they last); without one they are left as
    they are. With `replace_all` the duties of `day` of the posts in the file that no row means end then: so
    a person who has moved is one row in the new place. Raises BadFile naming every refused row, TooLarge.
    """
    desk = intake.open_desk(connection, jurisdiction)
    on = day or jurisdiction.today()
    stored: dict[Key, list[Duty]] = {}
    for duty in store.duties(connection, jurisdiction.code):
        stored.setdefault(duty.key, []).append(duty)
    problems: list[RowProblem] = []
    told = reading.rows(
        path,
        reading.DUTIES,
        ("person", "post", "area_code"),
        encoding=encoding,
        sheet=sheet,
        limit=limit,
        problems=problems,
    )
    plan = _Plan(stored)
    for row in told:
        try:
            plan.take(row, *_meant(desk, row, stored, on))
        except GridmapError as error:
            problems.append(reading.problem(row, error))
    if replace_all:
        plan.end_others(on)
    problems += plan.clashes()
    _refuse(path, problems)
    for old, until in plan.ends:
        store.end(connection, jurisdiction.code, old, until, by)
    store.begin(connection, jurisdiction.code, [new for _, new in plan.begun], by)
    return Loaded(path.name, len(plan.begun), len(plan.ends) - plan.ended, plan.unchanged, plan.ended)


def _meant(desk: Desk, row: Told, stored: dict[Key, list[Duty]], on: date) -> tuple[NewDuty, Duty | None]:
    """The duty that a row says, checked, and the stored one that it means."""
    post = posts.find(desk.posts, row.needed("post"))
    kind = posts.area_kind(post, row["area_kind"])
    person, area, party = row.needed("person"), row.needed("area_code"), row["party"]
    begin, until = row.day("valid_from"), row.day("valid_to")
    others = stored.get((person, post.code, kind, area, party), [])
    old = next(
        (each for each in others if (each.holds(on) if begin is None else each.valid_from == begin)), None
    )
    if old is not None and "valid_to" not in row.fields:
        until = old.valid_to
    new = intake.checked(
        desk,
        person=person,
        post=post.code,
        area_kind=kind,
        area_code=area,
        party=party,
        valid_from=old.valid_from if old else begin or on,
        valid_to=until,
    )
    return new, old


class _Plan:
    """What a file of duties comes to: which begin, which end on another day."""

    def __init__(self, stored: dict[Key, list[Duty]]):
        self._stored = stored
        self._meant: dict[Any, int] = {}  # id of a stored duty -> the row that means it
        self._posts: set[str] = set()
        self.begun: list[tuple[int, NewDuty]] = []
        self.ends: list[tuple[Duty, date | None]] = []
        self.unchanged = 0
        self.ended = 0

    def take(self, row: Told, new: NewDuty, old: Duty | None) -> None:
        self._posts.add(new.post)
        if old is None:
            self.begun.append((row.number, new))
            return
        if old.id in self._meant:
            raise BadInput(f"stands in row {self._meant[old.id]} already", field="person")
        self._meant[old.id] = row.number
        if new.valid_to == old.valid_to:
            self.unchanged += 1
        else:
            self.ends.append((old, new.valid_to))

    def end_others(self, day: date) -> None:
        """End what holds on a day, is of the posts in the file and was meant by no row."""
        for duties in self._stored.values():
            for old in duties:
                if old.post in self._posts and old.id not in self._meant and old.holds(day):
                    self.ends.append((old, day))
                    self.ended += 1

    def clashes(self) -> Iterator[RowProblem]:
        """Rows by which the same duty would be held twice at once."""
        moved = {old.id: until for old, until in self.ends}
        spans: dict[Key, list[tuple[date, date, int]]] = {}
        for number, new in self.begun:
            spans.setdefault(new.key, []).append((new.valid_from, new.valid_to or date.max, number))
        for old, _ in self.ends:
            spans.setdefault(old.key, [])
        for key, found in spans.items():
            for old in self._stored.get(key, ()):
                until = moved.get(old.id, old.valid_to) or date.max
                if until > old.valid_from:
                    found.append((old.valid_from, until, self._meant.get(old.id, 0)))
            found.sort()
            for (first, until, one), (begin, _, other) in pairwise(found):
                if begin < until:
                    last = "" if until == date.max else f" until {until}"
                    where = f", in row {min(one, other)}" if min(one, other) else ""
                    text = f"{key[0]} is {key[1]} of {key[3]} from {first}{last} already{where}"
                    yield RowProblem(max(one, other), "valid_from", text)


def tried(connection: Connection, load: Callable[[], Loaded]) -> Loaded:
    """What an import would come to: it is done, counted and undone. Raises as it does."""
    with connection.begin_nested() as savepoint:
        done = load()
        savepoint.rollback()
    return done


def _once(told: Iterator[Told], read: Any, known: Any, problems: list[RowProblem]) -> Iterator[Any]:
    """What `read` makes of each row and of what is `known` by its code; each code once."""
    seen: dict[str, int] = {}
    for row in told:
        try:
            each = read(row, known.get(row["code"]))
            if each.code in seen:
                raise BadInput(f"{each.code} stands in row {seen[each.code]} already", field="code")
            seen[each.code] = row.number
            yield each
        except GridmapError as error:
            problems.append(reading.problem(row, error))


def _refuse(path: Path, problems: list[RowProblem]) -> None:
    if problems:
        raise refused_rows(path.name, sorted(problems, key=lambda problem: problem.number))
