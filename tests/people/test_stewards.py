"""What those who keep people and accounts may do: retiring, accounts and tokens, and what nobody may."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.asker import Asker
from gridmap.errors import BadInput, Conflict, Forbidden, NotFound
from gridmap.people import accounts, intake, persons, secrets, sessions, stewards, store, tokens
from gridmap.people.credentials import store as credentials
from gridmap.people.credentials.model import Account

PASSWORD = "延河 bridge 42 lamps"


def asker(role: str, login: str | None = None) -> Asker:
    return Asker("test", f"account:{login or role}", frozenset({role}))


OFFICE, CHIEF = asker("office"), asker("administrator")


def account(
    connection: Connection, jurisdiction: Jurisdiction, login: str, role: str, person: str | None = None
) -> Account:
    return accounts.add(
        connection, jurisdiction, login, roles=[role], password=PASSWORD, by="t", person=person
    )


def begin(connection: Connection, district: Jurisdiction, person: str, post: str, area: str) -> None:
    desk = intake.open_desk(connection, district)
    today = district.today()
    new = intake.checked(desk, person=person, post=post, area_code=area, valid_from=today - timedelta(9))
    intake.begin(connection, district, new, "t")


def test_who_leaves_today_is_out_at_once(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    begin(connection, district, "p1", "unit_chief", "b1-2")
    mine = account(connection, district, "one", "member", "p1")
    secret = sessions.begin(connection, mine)
    left = persons.leave(
        connection, district, "p1", district.today(), "t", check=stewards.closing(connection, OFFICE)
    )
    assert left == persons.Left(2, ("one",))
    assert store.duties(connection, "test", day=district.today(), person="p1") == []
    assert credentials.account_by_id(connection, "test", mine.id).disabled
    assert sessions.find(connection, secret) is None
    with pytest.raises(Conflict, match="come back"):
        stewards.disable(connection, district, OFFICE, mine.id, disabled=False)
    persons.come_back(connection, district, "p1", "t")
    assert credentials.account_by_id(connection, "test", mine.id).disabled  # by hand, by who means it
    assert not stewards.disable(connection, district, OFFICE, mine.id, disabled=False).disabled
    with pytest.raises(Conflict, match="not left"):
        persons.come_back(connection, district, "p1", "t")


def test_who_leaves_one_day_works_until_then(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    mine = account(connection, district, "one", "member", "p1")
    secret = sessions.begin(connection, mine)
    day = district.today() + timedelta(days=3)
    assert persons.leave(connection, district, "p1", day, "t") == persons.Left(1, ("one",))
    kept = credentials.account_by_id(connection, "test", mine.id)
    assert kept.disabled_at is not None
    assert kept.disabled_at.astimezone(district.zone).date() == day
    assert not kept.disabled
    assert sessions.find(connection, secret) is not None
    assert [d.area_code for d in store.duties(connection, "test", day=day - timedelta(1), person="p1")] == [
        "g1"
    ]
    assert store.duties(connection, "test", day=day, person="p1") == []
    persons.come_back(connection, district, "p1", "t")
    assert credentials.account_by_id(connection, "test", mine.id).disabled_at is None
    # and once that moment is there the session is no more, though nobody ended it
    credentials.set_disabled(connection, mine.id, datetime.now(UTC) - timedelta(minutes=5), "t")
    assert sessions.find(connection, secret) is None


def test_a_retirement_is_whole_or_not_at_all(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    account(connection, district, "administrator", "administrator", "p1")
    for by, error in ((OFFICE, Forbidden), (CHIEF, Forbidden), (asker("administrator", "other"), Conflict)):
        check = stewards.closing(connection, by)
        with pytest.raises(error), connection.begin_nested():
            persons.leave(connection, district, "p1", district.today(), "t", check=check)
        assert store.person(connection, "test", "p1").left_on is None
        assert len(store.duties(connection, "test", day=district.today(), person="p1")) == 1


def test_the_office_looks_after_all_but_administrators(connection, district) -> None:
    chief = account(connection, district, "chief", "administrator")
    for role in ("administrator", "管理员", " Administrator "):
        with pytest.raises(Forbidden) as caught:
            stewards.open_account(connection, district, OFFICE, login="x1", roles=[role])
        assert caught.value.field == "role"
        with pytest.raises(Forbidden):
            stewards.open_token(connection, district, OFFICE, "x1", role)
    for act in (stewards.renew_password, stewards.disable):
        with pytest.raises(Forbidden, match="administrator's matter"):
            act(connection, district, OFFICE, chief.id)
    stewards.open_token(connection, district, CHIEF, "machine", "administrator")
    (token,) = credentials.tokens(connection, "test")
    with pytest.raises(Forbidden):
        stewards.revoke_token(connection, district, OFFICE, token.id)
    made, _ = stewards.open_account(connection, district, CHIEF, login="second", roles=["administrator"])
    stewards.disable(connection, district, CHIEF, chief.id)
    with pytest.raises(Conflict, match="last administrator"):
        stewards.disable(connection, district, CHIEF, made.id)


def test_nobody_disables_themselves(connection, district) -> None:
    account(connection, district, "another", "administrator")
    for who in (OFFICE, CHIEF):
        role = next(iter(who.roles))
        mine = account(connection, district, role, role)
        with pytest.raises(Forbidden, match="nobody disables their own"):
            stewards.disable(connection, district, who, mine.id)


def test_a_first_password_is_made_and_works(connection, district) -> None:
    made, password = stewards.open_account(
        connection, district, OFFICE, login=None, roles=["member"], person="p1"
    )
    assert (made.login, made.person, made.name) == ("p1", "p1", "示例p1")
    assert len(password) == 14
    _, hash_ = credentials.account_of(connection, "p1") or pytest.fail("it is there")
    assert secrets.verify(password, hash_) == (True, None)
    secret = sessions.begin(connection, made)
    again, other = stewards.renew_password(connection, district, OFFICE, made.id)
    assert (again.id, other == password) == (made.id, False)
    assert sessions.find(connection, secret) is None
    (change, *_) = store.changes(connection, "test", subject="account", key="p1")
    assert change.recorded_by == "account:office"
    assert [what for what, _, _ in change.differences] == ["password_set_at"]
    with pytest.raises(NotFound):
        stewards.renew_password(connection, district, OFFICE, UUID(int=0))
    with pytest.raises(BadInput, match="login"):
        stewards.open_account(connection, district, OFFICE, login=None, roles=["office"])


def test_tokens_are_revoked_by_id(connection, district) -> None:
    text = stewards.open_token(connection, district, OFFICE, "scanner", "office")
    (token,) = credentials.tokens(connection, "test")
    assert token.recorded_by == "account:office"
    stewards.revoke_token(connection, district, OFFICE, token.id)
    assert tokens.find(connection, text) is None
    with pytest.raises(NotFound):
        stewards.revoke_token(connection, district, OFFICE, token.id)


def test_people_are_added_and_corrected(connection, district) -> None:
    first = persons.add(connection, district, " 示例新人 ", "account:office", phone="000-0000-0099")
    assert (first.code, first.name) == ("P0001", "示例新人")
    assert persons.add(connection, district, "示例又一", "account:office").code == "P0002"
    with pytest.raises(Conflict) as caught:
        persons.add(connection, district, "示例", "t", code="p1")
    assert caught.value.field == "code"
    for words, field in (({"name": ""}, "name"), ({"name": "甲", "phone": "call me"}, "phone")):
        with pytest.raises(BadInput) as refused:
            persons.add(connection, district, words.pop("name"), "t", **words)
        assert refused.value.field == field
        assert "call me" not in refused.value.message
    persons.correct(connection, district, "P0001", "account:li", name="示例改名", phone=None)
    persons.correct(connection, district, "P0001", "account:li", name="示例改名", phone=None)
    changes = store.changes_of(connection, "test", "P0001", limit=9)
    assert [(c.recorded_by, c.differences) for c in changes] == [
        ("account:li", [("name", "示例新人", "示例改名"), ("phone", "000-0000-0099", None)]),
        (
            "account:office",
            [("code", None, "P0001"), ("name", None, "示例新人"), ("phone", None, "000-0000-0099")],
        ),
    ]


def test_the_record_of_a_person_holds_duties_and_accounts(connection, district) -> None:
    begin(connection, district, "p1", "grid_chief", "g1")
    begin(connection, district, "p2", "grid_chief", "g2")
    account(connection, district, "one", "member", "p1")
    persons.leave(connection, district, "p1", district.today(), "account:office")
    changes = store.changes_of(connection, "test", "p1", limit=99)
    assert [c.subject for c in changes] == ["account", "duty", "person", "account", "duty", "person"]
    ended = changes[1].differences
    assert ended == [("valid_to", None, district.today().isoformat())]
