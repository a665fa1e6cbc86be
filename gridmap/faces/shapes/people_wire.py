"""People, seats, accounts and tokens on the wire: how answers are made, and as what they are described.

What comes in is in people_bodies.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from gridmap.areas.atlas import Atlas
from gridmap.database.asker import Asker
from gridmap.faces.shapes.answers import in_zone
from gridmap.faces.shapes.case_wire import moment
from gridmap.people.chain import Level
from gridmap.people.credentials.model import Account, Token
from gridmap.people.exporting import area_name
from gridmap.people.model import Change, Duty, Party, Person, Post
from gridmap.people.seats import Seat, Tally
from gridmap.people.stewards import is_own

PRIVATE = {"Cache-Control": "private, no-store"}  # names, telephone numbers, secrets


class LevelOut(BaseModel):
    kind: str
    code: str
    name: str


class HeldDuty(BaseModel):
    id: UUID
    person: str
    name: str
    post: str
    area: LevelOut
    party: str | None
    valid_from: str
    valid_to: str | None


class HeldDuties(BaseModel):
    items: list[HeldDuty]
    next: str | None


class AccountOut(BaseModel):
    id: UUID
    login: str
    name: str
    person: str | None
    roles: list[str]
    demonstration: bool
    disabled: bool
    disabled_at: Annotated[str | None, Field(description="From when on; may lie ahead.")]
    own: Annotated[bool, Field(description="Of the one who asks.")]


class PersonOut(BaseModel):
    code: str
    name: str
    phone: str | None
    left_on: str | None
    duties: Annotated[list[HeldDuty], Field(description="Of today; of one person all there ever were.")]
    accounts: list[AccountOut]


class PersonList(BaseModel):
    items: list[PersonOut]
    next: str | None


class Difference(BaseModel):
    what: str
    was: Any
    now: Any


class ChangeOut(BaseModel):
    at: str
    by: str
    subject: str
    key: str
    new: bool
    differences: list[Difference]


class WholePerson(PersonOut):
    changes: Annotated[list[ChangeOut], Field(description="Who changed what, newest first; 200 at most.")]


class Leaving(BaseModel):
    person: WholePerson
    duties: Annotated[int, Field(description="How many ended.")]
    accounts: Annotated[list[str], Field(description="Logins that end.")]


class PostOut(BaseModel):
    code: str
    name: str
    name_en: str
    areas: list[str]
    chain: int | None
    parties: list[str]


class PostList(BaseModel):
    items: list[PostOut]
    next: str | None


class PartyOut(BaseModel):
    code: str
    kind: str
    name: str
    name_en: str | None


class PartyList(BaseModel):
    items: list[PartyOut]
    next: str | None


class SeatOut(BaseModel):
    post: str
    area: LevelOut
    community: LevelOut | None
    grid: LevelOut | None
    vacant: bool
    holders: list[HeldDuty]


class SeatList(BaseModel):
    items: list[SeatOut]
    next: str | None


class TallyOut(BaseModel):
    post: str
    community: LevelOut | None
    grid: LevelOut | None
    seats: int
    vacant: int


class TallyList(BaseModel):
    items: list[TallyOut]
    next: str | None


class AccountList(BaseModel):
    items: list[AccountOut]
    next: str | None


class OpenedAccount(BaseModel):
    account: AccountOut
    password: Annotated[str, Field(description="Shown once; stored nowhere.")]


class TokenOut(BaseModel):
    id: UUID
    name: str
    role: str
    person: str | None
    made_at: str
    made_by: str
    last_used_at: str | None
    revoked_at: str | None


class TokenList(BaseModel):
    items: list[TokenOut]
    next: str | None


class OpenedToken(BaseModel):
    name: str
    token: Annotated[str, Field(description="Shown once; stored nowhere.")]


class RefusedRow(BaseModel):
    row: int
    field: str | None
    message: str


class Imported(BaseModel):
    table: str
    dry_run: bool
    added: int
    changed: int
    unchanged: int
    ended: int
    refused: Annotated[list[RefusedRow], Field(description="Of a dry run: why nothing would be written.")]


def level(value: Level | None) -> dict[str, str] | None:
    return None if value is None else {"kind": value.kind, "code": value.code, "name": value.name}


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def held_duty(value: Duty, atlas: Atlas) -> dict[str, Any]:
    """A duty with the name of its area on its first day."""
    name = area_name(atlas, value.area_kind, value.area_code, value.valid_from)
    return {
        **{field: getattr(value, field) for field in ("id", "person", "name", "post", "party")},
        "area": {"kind": value.area_kind, "code": value.area_code, "name": name or value.area_code},
        "valid_from": _day(value.valid_from),
        "valid_to": _day(value.valid_to),
    }


def account(value: Account, zone: ZoneInfo, asker: Asker) -> dict[str, Any]:
    names = ("id", "login", "name", "person", "roles", "demonstration", "disabled")
    return {
        **{name: getattr(value, name) for name in names},
        "disabled_at": moment(value.disabled_at, zone),
        "own": is_own(asker, value),
    }


def person(
    value: Person,
    duties: Sequence[Duty],
    accounts: Sequence[Account],
    atlas: Atlas,
    zone: ZoneInfo,
    asker: Asker,
) -> dict[str, Any]:
    return {
        "code": value.code,
        "name": value.name,
        "phone": value.phone,
        "left_on": _day(value.left_on),
        "duties": [held_duty(each, atlas) for each in duties],
        "accounts": [account(each, zone, asker) for each in accounts],
    }


def change(value: Change, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "at": in_zone(value.recorded_at, zone),
        "by": value.recorded_by,
        "subject": value.subject,
        "key": value.key,
        "new": value.was is None,
        "differences": [
            {"what": what, "was": _told(what, was, zone), "now": _told(what, now, zone)}
            for what, was, now in value.differences
        ],
    }


def _told(what: str, value: Any, zone: ZoneInfo) -> Any:
    """A moment, which the record keeps in UTC, as the jurisdiction's clocks show it; all else as it is."""
    return in_zone(datetime.fromisoformat(value), zone) if value and what.endswith("_at") else value


def post(value: Post) -> dict[str, Any]:
    names = ("code", "name", "name_en", "areas", "chain", "parties")
    return {name: getattr(value, name) for name in names}


def party(value: Party) -> dict[str, Any]:
    return {name: getattr(value, name) for name in ("code", "kind", "name", "name_en")}


def seat(value: Seat, atlas: Atlas) -> dict[str, Any]:
    return {
        "post": value.post.code,
        "area": level(value.level),
        "community": level(value.community),
        "grid": level(value.grid),
        "vacant": value.vacant,
        "holders": [held_duty(each, atlas) for each in value.holders],
    }


def tally(value: Tally) -> dict[str, Any]:
    over: Mapping[str, Any] = {"community": level(value.community), "grid": level(value.grid)}
    return {"post": value.post, **over, "seats": value.seats, "vacant": value.vacant}


def token(value: Token, zone: ZoneInfo) -> dict[str, Any]:
    return {
        **{name: getattr(value, name) for name in ("id", "name", "role", "person")},
        "made_at": in_zone(value.recorded_at, zone),
        "made_by": value.recorded_by,
        "last_used_at": moment(value.last_used_at, zone),
        "revoked_at": moment(value.revoked_at, zone),
    }
