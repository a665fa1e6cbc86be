"""A person's own record: added, put right, leaving, coming back. Their duties: intake.py.

Who leaves loses duties and accounts in one transaction. Where the day is still to come, duties and accounts
end with it and last until then.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict
from gridmap.people import accounts, intake, store
from gridmap.people.credentials import store as credentials
from gridmap.people.credentials.model import Account
from gridmap.people.model import Person, check_phone
from gridmap.text import check_text

AccountCheck = Callable[[Account], None]
_NUMBERED = re.compile(r"P([0-9]{4,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Left:
    """What ended with somebody's leaving: how many duties, which accounts (by login)."""

    duties: int
    accounts: tuple[str, ...]


def add(
    connection: Connection,
    jurisdiction: Jurisdiction,
    name: str,
    by: str,
    *,
    code: str | None = None,
    phone: str | None = None,
) -> Person:
    """A new person; without a `code` the next free one of P0001, P0002 …

    Raises BadInput naming the field, Conflict(field="code").
    """
    store.lock(connection, jurisdiction.code)
    known = {each.code for each in store.persons(connection, jurisdiction.code)}
    plain = check_text(code, "code", most=64, least=1, lines=False) if code else next_code(known)
    if plain in known:
        raise Conflict(f"there is a person {plain!r} already; choose another code", field="code")
    person = Person(plain, _name(name), check_phone(phone))
    store.put_persons(connection, jurisdiction.code, [person], by)
    return person


def next_code(known: Iterable[str]) -> str:
    """
    >>> next_code(["WGZ01", "P0007", "P0003"]), next_code([])
    ('P0008', 'P0001')
    """
    numbers = [int(found[1]) for code in known if (found := _NUMBERED.fullmatch(code))]
    return f"P{max(numbers, default=0) + 1:04d}"


def correct(
    connection: Connection, jurisdiction: Jurisdiction, code: str, by: str, *, name: str, phone: str | None
) -> Person:
    """Another name and telephone number. Raises BadInput naming the field, NotFound(field="person")."""
    store.lock(connection, jurisdiction.code)
    old = store.person(connection, jurisdiction.code, code)
    new = replace(old, name=_name(name), phone=check_phone(phone))
    if new != old:
        store.put_persons(connection, jurisdiction.code, [new], by)
    return new


def leave(
    connection: Connection,
    jurisdiction: Jurisdiction,
    code: str,
    day: date,
    by: str,
    *,
    check: AccountCheck = lambda _: None,
) -> Left:
    """A person leaves: `day` is the first without them, their duties and their accounts.

    Raises NotFound(field="person"), BadInput(field="day"), and as `end` does.
    """
    store.lock(connection, jurisdiction.code)
    if not intake.EARLIEST <= day <= intake.LATEST:
        raise BadInput(f"{day} is not a day from 1990 to 2199", field="day")
    person = store.person(connection, jurisdiction.code, code)
    store.put_persons(connection, jurisdiction.code, [replace(person, left_on=day)], by)
    return end(connection, jurisdiction, code, day, by, check=check)


def end(
    connection: Connection,
    jurisdiction: Jurisdiction,
    code: str,
    day: date,
    by: str,
    *,
    check: AccountCheck = lambda _: None,
) -> Left:
    """End the duties and accounts of somebody who is recorded to leave on a day.

    `check` raises for an account that must not be ended so (stewards.closing).
    """
    duties = intake.end_all(connection, jurisdiction.code, code, day, by)
    since = datetime.combine(day, time(), jurisdiction.zone)
    lasting = [
        account
        for account in credentials.accounts(connection, jurisdiction.code, people=[code])
        if account.disabled_at is None or account.disabled_at > since
    ]
    for account in lasting:
        check(account)
        accounts.disable(connection, account, by, since=since)
    return Left(duties, tuple(account.login for account in lasting))


def come_back(connection: Connection, jurisdiction: Jurisdiction, code: str, by: str) -> Person:
    """Somebody does not leave after all, or is there again. Duties are given anew; an account that was still
    open stays so, one that was closed is enabled by hand.

    Raises NotFound(field="person"), Conflict(field="person") for somebody who has never left.
    """
    store.lock(connection, jurisdiction.code)
    old = store.person(connection, jurisdiction.code, code)
    if old.left_on is None:
        raise Conflict(f"{code} has not left", field="person")
    new = replace(old, left_on=None)
    store.put_persons(connection, jurisdiction.code, [new], by)
    for account in credentials.accounts(connection, jurisdiction.code, people=[code]):
        if account.disabled_at is not None and not account.disabled:
            accounts.disable(connection, account, by, disabled=False)
    return new


def _name(text: str) -> str:
    return check_text(text, "name", most=100, least=1, lines=False)
