"""What a database error says by its class and its SQLSTATE (PostgreSQL's documentation, appendix A).

Translated here once, for every face; nothing of the statement or its values is repeated.
"""

from __future__ import annotations

import sqlalchemy.exc

from gridmap.errors import BadInput, Busy, Conflict, DatabaseUnavailable, GridmapError

COLLIDED = frozenset({"40001", "40P01"})  # serialization_failure, deadlock_detected
CUT_SHORT = frozenset({"55P03", "57014"})  # lock_not_available (lock_timeout), query_canceled


def collided(error: BaseException) -> bool:
    """Whether the transaction lost against another one, so that the same again may well succeed."""
    return _sqlstate(error) in COLLIDED


def concerns_all(error: BaseException) -> bool:
    """Whether it is about the database as it is now rather than about what was sent to it."""
    return isinstance(
        error,
        sqlalchemy.exc.OperationalError | sqlalchemy.exc.InterfaceError | sqlalchemy.exc.TimeoutError,
    )


def of_database(error: sqlalchemy.exc.SQLAlchemyError) -> GridmapError | None:
    """The error of our tree; None when it is a fault of ours."""
    if collided(error):
        return Busy("others are writing the same; send it again in a moment")
    if isinstance(error, sqlalchemy.exc.TimeoutError) or _sqlstate(error) in CUT_SHORT:
        return Busy("the database is busy; try again in a moment")
    if concerns_all(error):
        return DatabaseUnavailable("the database does not answer; try again in a moment")
    if isinstance(error, sqlalchemy.exc.DataError):
        return BadInput("a value is outside what the database can hold")
    if isinstance(error, sqlalchemy.exc.IntegrityError):
        return Conflict("it contradicts what is stored already")
    return None


def _sqlstate(error: BaseException) -> str | None:
    """The five characters; None where the server never said any."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state if isinstance(state, str) else None
