"""What those who look after accounts and tokens may do with them: who, with whose, and never to themselves.

The office looks after everybody's but the administrators': whoever could make one, or set its password, would
be one. Secrets are made here and shown once, by who called.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.database.asker import Asker
from gridmap.errors import BadInput, Conflict, Forbidden, NotFound
from gridmap.people import accounts, store, tokens
from gridmap.people.credentials import store as credentials
from gridmap.people.credentials.model import ADMINISTRATOR, Account, Token, check_role
from gridmap.people.persons import AccountCheck
from gridmap.people.secrets import new_password


def open_account(
    connection: Connection,
    jurisdiction: Jurisdiction,
    asker: Asker,
    *,
    login: str | None,
    roles: Sequence[str],
    person: str | None = None,
    name: str | None = None,
) -> tuple[Account, str]:
    """A new account and its first password. Without a `login` it is the person's code.

    Raises as `accounts.add`; Conflict(field="person") for somebody who has left; Forbidden(field="role").
    """
    _may_give(asker, roles)
    if person is not None:
        _check_there(connection, jurisdiction, person)
    login = login or person
    if login is None:
        raise BadInput("give a login, or a person whose code it is to be", field="login")
    password = new_password(accounts.plain_login(login))
    made = accounts.add(
        connection,
        jurisdiction,
        login,
        roles=roles,
        password=password,
        by=asker.name,
        name=name,
        person=person,
    )
    return made, password


def renew_password(
    connection: Connection, jurisdiction: Jurisdiction, asker: Asker, id_: UUID
) -> tuple[Account, str]:
    """An account's new password; its sessions end. Raises NotFound(field="id"), Forbidden, Conflict."""
    account = _found(connection, jurisdiction, asker, id_)
    password = new_password(account.login)
    accounts.set_password(connection, account, password, asker.name)
    return account, password


def disable(
    connection: Connection, jurisdiction: Jurisdiction, asker: Asker, id_: UUID, *, disabled: bool = True
) -> Account:
    """Take an account out of use, or back into use; -> how it is then.

    Raises NotFound(field="id"), Forbidden; Conflict for the last administrator, and back into use for
    somebody who has left.
    """
    account = _found(connection, jurisdiction, asker, id_)
    if disabled and is_own(asker, account):
        raise Forbidden("nobody disables their own account; ask somebody else of the office")
    if disabled:
        _check_not_last(connection, account)
    elif account.person is not None:
        _check_there(connection, jurisdiction, account.person)
    accounts.disable(connection, account, asker.name, disabled=disabled)
    return credentials.account_by_id(connection, jurisdiction.code, id_)


def closing(connection: Connection, asker: Asker) -> AccountCheck:
    """What raises for an account that may not end with its person's leaving because this asker says so:
    Forbidden, or Conflict for the last administrator."""

    def check(account: Account) -> None:
        _may_touch(asker, account)
        if is_own(asker, account):
            raise Forbidden("nobody retires themselves; ask somebody else of the office")
        _check_not_last(connection, account)

    return check


def open_token(
    connection: Connection,
    jurisdiction: Jurisdiction,
    asker: Asker,
    name: str,
    role: str,
    person: str | None = None,
) -> str:
    """A new token's text. Raises as `tokens.create`; Forbidden(field="role")."""
    _may_give(asker, [role])
    return tokens.create(connection, jurisdiction, name, role, asker.name, person=person)


def revoke_token(connection: Connection, jurisdiction: Jurisdiction, asker: Asker, id_: UUID) -> Token:
    """Take a token out of use for good. Raises NotFound(field="id"), Forbidden."""
    found = [each for each in credentials.tokens(connection, jurisdiction.code) if each.id == id_]
    if not found:
        raise NotFound("there is no such token", field="id")
    if found[0].role == ADMINISTRATOR and ADMINISTRATOR not in asker.roles:
        raise Forbidden("an administrator's token is an administrator's matter")
    tokens.revoke(connection, jurisdiction.code, found[0].name)
    return found[0]


def is_own(asker: Asker, account: Account) -> bool:
    """Whether it is the account that asks."""
    return asker.name == f"account:{account.login}"


def _found(connection: Connection, jurisdiction: Jurisdiction, asker: Asker, id_: UUID) -> Account:
    account = credentials.account_by_id(connection, jurisdiction.code, id_)
    _may_touch(asker, account)
    return account


def _check_there(connection: Connection, jurisdiction: Jurisdiction, code: str) -> None:
    person = store.person(connection, jurisdiction.code, code)
    if person.left_on is not None and person.left_on <= jurisdiction.today():
        raise Conflict(f"{code} left on {person.left_on}; let them come back first", field="person")


def _may_touch(asker: Asker, account: Account) -> None:
    if ADMINISTRATOR in account.roles and ADMINISTRATOR not in asker.roles:
        raise Forbidden("an administrator's account is an administrator's matter")


def _check_not_last(connection: Connection, account: Account) -> None:
    if ADMINISTRATOR not in account.roles:
        return
    store.lock(connection, account.jurisdiction)  # of two who disable each other, one comes first
    if not any(
        ADMINISTRATOR in each.roles and each.disabled_at is None and each.id != account.id
        for each in credentials.accounts(connection, account.jurisdiction)
    ):
        raise Conflict("it is the last administrator; make another one first", field="login")


def _may_give(asker: Asker, roles: Sequence[str]) -> None:
    wanted = {check_role(role, "anybody") for role in roles}
    if ADMINISTRATOR in wanted and ADMINISTRATOR not in asker.roles:
        raise Forbidden("administrators are made by administrators; choose another role", field="role")
