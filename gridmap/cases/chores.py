"""What is done for cases by itself: reports become cases, silence passes tasks on, histories are signed."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import structlog

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.audit import checkpoint, store
from gridmap.cases.audit.kept import file_of, keep
from gridmap.cases.intake import open_waiting
from gridmap.cases.ledger import Signed
from gridmap.cases.local import working_days
from gridmap.cases.moving import pass_on, silent_cases
from gridmap.cases.signing import signing_key
from gridmap.database.sessions import Database
from gridmap.errors import GridmapError

log = structlog.get_logger()


def pass_on_silent(
    database: Database, jurisdiction: Jurisdiction, now: datetime
) -> list[tuple[UUID, str, str]]:
    """Hand every task that was met with silence to the next of its chain; -> (case, from, to) of each.

    Each case in a transaction of its own, so that nobody who moves cases waits for more than one, and one
    that stands still (see `moving.checked`) does not hold up the others.
    """
    with database.reading() as connection:
        calendar = working_days(connection, jurisdiction, database.settings)
        waiting = silent_cases(connection, jurisdiction.code, calendar, now)
    done: list[tuple[UUID, str, str]] = []
    for case in waiting:
        try:
            with database.writing() as connection:
                passed = pass_on(connection, jurisdiction, calendar, case, now)
        except GridmapError as error:
            log.error("a silent case is not passed on", case=str(case), error=str(error))
            continue
        done += [(case, was, to) for was, to in passed]
    return done


def pass_on_everywhere(database: Database) -> None:
    """`pass_on_silent` in every jurisdiction, now."""
    for jurisdiction in _jurisdictions(database):
        pass_on_silent(database, jurisdiction, datetime.now(UTC))


def open_everywhere(database: Database) -> None:
    """Cases of what was reported in every jurisdiction, so that somebody has each within a minute."""
    for jurisdiction in _jurisdictions(database):
        with database.writing() as connection:
            open_waiting(connection, jurisdiction, now=datetime.now(UTC))


def sign_everywhere(database: Database) -> None:
    """A checkpoint of every jurisdiction whose histories grew since the last, one a day; kept outside too."""
    for jurisdiction in _jurisdictions(database):
        with database.reading() as connection:
            last = store.last(connection, jurisdiction.code)
        if last is None or last.checkpoint.day < jurisdiction.today():
            sign(database, jurisdiction)


def sign(database: Database, jurisdiction: Jurisdiction) -> Signed | None:
    """A checkpoint now; None where no history grew. What the file outside lacks is added to it."""
    with database.writing() as connection:
        made = checkpoint(connection, jurisdiction, signing_key(database.settings), datetime.now(UTC))
    with database.reading() as connection:
        keep(file_of(database), store.checkpoints(connection, jurisdiction.code))
    return made


def _jurisdictions(database: Database) -> list[Jurisdiction]:
    with database.reading() as connection:
        return areas.jurisdictions(connection)
