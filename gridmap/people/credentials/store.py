"""All SQL of accounts, sessions, tokens and attempts to sign in. Never commits."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import Connection, Row
from sqlalchemy.dialects import postgresql

from gridmap.database import tables as t
from gridmap.errors import NotFound
from gridmap.people.credentials.model import Account, Token

CHANNEL = "gridmap_accounts"  # NOTIFY when an account changes, or a session or token ends

account, session, token, attempt = t.account.c, t.session.c, t.token.c, t.sign_in_attempt.c
_ACCOUNT = (
    *(account.id, account.jurisdiction, account.login, account.name, account.person, account.roles),
    *(account.demonstration, account.disabled_at, account.password_set_at),
)
_TOKEN = (
    *(token.id, token.jurisdiction, token.name, token.role, token.person, token.last_used_at),
    *(token.revoked_at, token.recorded_at, token.recorded_by),
)


class Session(NamedTuple):
    """A session's times, and its account."""

    seen_at: datetime
    expires_at: datetime
    account: Account


def add_account(connection: Connection, new: Account, password_hash: str, by: str) -> bool:
    """Whether its login was free."""
    values = {
        "id": new.id,
        "jurisdiction": new.jurisdiction,
        "login": new.login,
        "name": new.name,
        "person": new.person,
        "roles": list(new.roles),
        "demonstration": new.demonstration,
        "password_hash": password_hash,
        "recorded_by": by,
    }
    insert = postgresql.insert(t.account).values(values).on_conflict_do_nothing(index_elements=["login"])
    return connection.execute(insert.returning(account.id)).one_or_none() is not None


def accounts(
    connection: Connection, jurisdiction: str, *, people: Collection[str] | None = None
) -> list[Account]:
    """Of a jurisdiction, by login; with `people` (codes) theirs."""
    query = sa.select(*_ACCOUNT).where(account.jurisdiction == jurisdiction)
    if people is not None:
        query = query.where(account.person.in_(list(people)))
    return [_account(row) for row in connection.execute(query.order_by(account.login.collate("C")))]


def account_by_id(connection: Connection, jurisdiction: str, id_: UUID) -> Account:
    """Raises NotFound(field="id")."""
    query = sa.select(*_ACCOUNT).where(account.jurisdiction == jurisdiction, account.id == id_)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFound("there is no such account", field="id")
    return _account(row)


def account_of(connection: Connection, login: str) -> tuple[Account, str] | None:
    """The account of a login, in lower case, and its password's hash."""
    row = connection.execute(
        sa.select(*_ACCOUNT, account.password_hash).where(account.login == login)
    ).one_or_none()
    return None if row is None else (_account(row[:-1]), row[-1])


def set_password(connection: Connection, id_: UUID, password_hash: str, by: str) -> None:
    values = {
        "password_hash": password_hash,
        "password_set_at": sa.func.clock_timestamp(),  # another one, whatever else the transaction did
        "recorded_at": sa.func.now(),
        "recorded_by": by,
    }
    connection.execute(t.account.update().where(account.id == id_).values(values))
    notify(connection)


def rehash(connection: Connection, id_: UUID, old: str, new: str) -> None:
    """The same password under other parameters, unless another was set meanwhile."""
    connection.execute(
        t.account.update().where(account.id == id_, account.password_hash == old).values(password_hash=new)
    )


def set_disabled(connection: Connection, id_: UUID, since: datetime | None, by: str) -> None:
    """`since` may be a moment to come; None: it may sign in."""
    values = {"disabled_at": since, "recorded_at": sa.func.now(), "recorded_by": by}
    connection.execute(t.account.update().where(account.id == id_).values(values))
    notify(connection)


def add_session(
    connection: Connection, sha256: bytes, of: Account, moment: datetime, expires_at: datetime
) -> None:
    connection.execute(
        t.session.insert().values(
            sha256=sha256,
            jurisdiction=of.jurisdiction,
            account_id=of.id,
            created_at=moment,
            seen_at=moment,
            expires_at=expires_at,
        )
    )


def session_of(connection: Connection, sha256: bytes) -> Session | None:
    """One that is neither revoked nor of a disabled account; its times are the caller's to judge."""
    row = connection.execute(
        sa.select(session.seen_at, session.expires_at, *_ACCOUNT)
        .select_from(t.session.join(t.account, account.id == session.account_id))
        .where(
            session.sha256 == sha256,
            session.revoked_at.is_(None),
            sa.or_(account.disabled_at.is_(None), account.disabled_at > sa.func.now()),
        )
    ).one_or_none()
    return None if row is None else Session(row[0], row[1], _account(row[2:]))


def see_session(connection: Connection, sha256: bytes, moment: datetime) -> None:
    connection.execute(t.session.update().where(session.sha256 == sha256).values(seen_at=moment))


def revoke_sessions(
    connection: Connection, *, sha256: bytes | None = None, account_id: UUID | None = None
) -> int:
    """One session, or all of an account; -> how many were still open."""
    mine = session.sha256 == sha256 if sha256 is not None else session.account_id == account_id
    update = t.session.update().where(mine, session.revoked_at.is_(None)).values(revoked_at=sa.func.now())
    notify(connection)
    return connection.execute(update).rowcount


def sweep_sessions(connection: Connection, before: datetime) -> int:
    """Delete those that expired before a moment; -> how many."""
    return connection.execute(t.session.delete().where(session.expires_at < before)).rowcount


def add_token(connection: Connection, new: Token, sha256: bytes) -> bool:
    """Whether its name was free among those that are not revoked."""
    insert = postgresql.insert(t.token).values(
        id=new.id,
        jurisdiction=new.jurisdiction,
        name=new.name,
        role=new.role,
        person=new.person,
        sha256=sha256,
        recorded_by=new.recorded_by,
    )
    free = insert.on_conflict_do_nothing(
        index_elements=["jurisdiction", "name"], index_where=token.revoked_at.is_(None)
    )
    return connection.execute(free.returning(token.id)).one_or_none() is not None


def token_of(connection: Connection, sha256: bytes) -> Token | None:
    """One that is not revoked."""
    query = sa.select(*_TOKEN).where(token.sha256 == sha256, token.revoked_at.is_(None))
    row = connection.execute(query).one_or_none()
    return None if row is None else Token(*row)


def tokens(connection: Connection, jurisdiction: str) -> list[Token]:
    """Of a jurisdiction, by name, the revoked ones last."""
    query = sa.select(*_TOKEN).where(token.jurisdiction == jurisdiction)
    order = (token.revoked_at.nulls_first(), token.name.collate("C"))
    return [Token(*row) for row in connection.execute(query.order_by(*order))]


def use_token(connection: Connection, id_: UUID, moment: datetime) -> None:
    connection.execute(t.token.update().where(token.id == id_).values(last_used_at=moment))


def revoke_token(connection: Connection, jurisdiction: str, name: str) -> bool:
    """Whether there was one of this name to revoke."""
    update = t.token.update().where(
        token.jurisdiction == jurisdiction, token.name == name, token.revoked_at.is_(None)
    )
    notify(connection)
    return connection.execute(update.values(revoked_at=sa.func.now())).rowcount > 0


def notify(connection: Connection) -> None:
    """Once this is committed, nobody goes by what they kept of accounts, sessions and tokens."""
    connection.execute(sa.select(sa.func.pg_notify(CHANNEL, "")))


def count_attempts(
    connection: Connection, subjects: Sequence[bytes], moment: datetime, window: timedelta
) -> list[int]:
    """One attempt more for each subject; -> how many each has had in its window, this one among them."""
    counts = []
    for subject in sorted(set(subjects)):  # in one order, so that two never wait for each other
        old = sa.literal(moment, sa.TIMESTAMP(timezone=True)) - window
        over = attempt.since < old
        insert = postgresql.insert(t.sign_in_attempt).values(sha256=subject, since=moment, attempts=1)
        new = {
            "since": sa.case((over, moment), else_=attempt.since),
            "attempts": sa.case((over, 1), else_=attempt.attempts + 1),
        }
        statement = insert.on_conflict_do_update(index_elements=["sha256"], set_=new)
        counts.append((subject, connection.execute(statement.returning(attempt.attempts)).scalar_one()))
    known = dict(counts)
    return [known[subject] for subject in subjects]


def forget_attempts(connection: Connection, subjects: Sequence[bytes]) -> None:
    connection.execute(t.sign_in_attempt.delete().where(attempt.sha256.in_(list(subjects))))


def sweep_attempts(connection: Connection, before: datetime) -> int:
    """Delete what was counted before a moment; -> how many subjects."""
    return connection.execute(t.sign_in_attempt.delete().where(attempt.since < before)).rowcount


def _account(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Account:
    id_, jurisdiction, login, name, person, roles, *rest = row
    return Account(id_, jurisdiction, login, name, person, tuple(roles), *rest)
