"""Which account is whose at an OpenID provider: by issuer and subject, which last, not by names, which pass
from one to another."""

from __future__ import annotations

from sqlalchemy import Connection

from gridmap.errors import BadInput, Conflict
from gridmap.people.accounts import sought_login
from gridmap.people.credentials import store as credentials
from gridmap.people.credentials.model import Account
from gridmap.people.oidc import store
from gridmap.people.oidc.idtokens import SUBJECT_MOST
from gridmap.people.oidc.model import Identity
from gridmap.text import check_text

MATCHED = "oidc"  # who is recorded as having linked an account at its first sign-in


def link(connection: Connection, account: Account, issuer: str, subject: str, by: str) -> None:
    """Let who the issuer knows as `subject` sign in to an account.

    Raises BadInput(field="oidc_subject"), Conflict where either is linked already or the account cannot be.
    """
    plain = check_text(subject, "oidc_subject", least=1, most=SUBJECT_MOST, lines=False)
    if account.demonstration:
        raise Conflict("an account of the demonstration is nobody's; choose another", field="login")
    if (other := store.login_of(connection, issuer, plain)) is not None:
        raise Conflict(f"is linked to {other!r} already", field="oidc_subject")
    if not store.link(connection, account.id, issuer, plain, by):
        raise Conflict(f"{account.login!r} is linked already, or out of use", field="login")


def unlink(connection: Connection, account: Account, by: str) -> None:
    """Take the link away; every session of the account ends. Raises BadInput(field="login") without one."""
    if not store.unlink(connection, account.id, by):
        raise BadInput(f"{account.login!r} is not linked", field="login")
    credentials.revoke_sessions(connection, account_id=account.id)


def account_of(connection: Connection, identity: Identity, *, match_login: bool) -> Account | None:
    """The account that is linked to an identity, in use or not.

    With `match_login` one whose login is how they are called there is linked now, if it is in use, real, and
    linked to nobody yet.
    """
    login = store.login_of(connection, identity.issuer, identity.subject)
    if login is not None:
        return _account(connection, login)
    if not match_login or not identity.login:
        return None
    found = _account(connection, sought_login(identity.login))
    if found is None or not store.link(connection, found.id, identity.issuer, identity.subject, MATCHED):
        return None
    return found


def _account(connection: Connection, login: str) -> Account | None:
    found = credentials.account_of(connection, login)
    return found[0] if found is not None else None
