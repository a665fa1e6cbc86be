"""SQL of the accounts that are linked to who an OpenID provider knows. Never commits."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection

from gridmap.database import tables as t

account = t.account.c


def login_of(connection: Connection, issuer: str, subject: str) -> str | None:
    """The login of the account that is linked to a subject."""
    query = sa.select(account.login).where(account.oidc_issuer == issuer, account.oidc_subject == subject)
    return connection.execute(query).scalar_one_or_none()


def links(connection: Connection, jurisdiction: str) -> dict[str, tuple[str, str]]:
    """Login -> (issuer, subject) of every linked account of a jurisdiction."""
    query = sa.select(account.login, account.oidc_issuer, account.oidc_subject).where(
        account.jurisdiction == jurisdiction, account.oidc_subject.is_not(None)
    )
    return {login: (issuer, subject) for login, issuer, subject in connection.execute(query)}


def link(connection: Connection, id_: UUID, issuer: str, subject: str, by: str) -> bool:
    """Whether the account is linked now: no, where it was already, is out of use or a demonstration's."""
    new = {"oidc_issuer": issuer, "oidc_subject": subject, "recorded_at": sa.func.now(), "recorded_by": by}
    free = (account.oidc_subject.is_(None), account.disabled_at.is_(None), ~account.demonstration)
    return connection.execute(t.account.update().where(account.id == id_, *free).values(new)).rowcount == 1


def unlink(connection: Connection, id_: UUID, by: str) -> bool:
    """Whether there was a link to take away."""
    new = {"oidc_issuer": None, "oidc_subject": None, "recorded_at": sa.func.now(), "recorded_by": by}
    mine = (account.id == id_, account.oidc_subject.is_not(None))
    return connection.execute(t.account.update().where(*mine).values(new)).rowcount == 1
