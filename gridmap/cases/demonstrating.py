"""Cases for the demonstration: some of December's reports go through the real intake and the real moves, on a
clock of their own. The same reports give the same cases, but for their ids."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.audit import checkpoint
from gridmap.cases.calendars import Calendar
from gridmap.cases.intake import collect
from gridmap.cases.local import local
from gridmap.cases.model import Actor
from gridmap.cases.moving import make
from gridmap.cases.signing import signing_key
from gridmap.database.sessions import Database
from gridmap.reports import store as reports
from gridmap.reports.model import Report

FIRST, LAST = (2023, 12, 1), (2024, 1, 1)
MOST = 120
OFFICE = Actor("demonstration:office", frozenset({"office"}))
CHECKER = Actor("demonstration:community", frozenset({"community"}))
MEMBER = Actor("demonstration:member", frozenset({"member"}))
_HANDLED = ("file", "dispatch", "acknowledge", "answer")
# what becomes of one case after the other, in turn; the first way is that of most
WAYS: tuple[tuple[str, ...], ...] = (
    (*_HANDLED, "check", "close"),
    (*_HANDLED, "check", "close"),
    ("file", "dispatch"),
    (*_HANDLED,),
    (*_HANDLED, "check", "close"),
    (*_HANDLED[:3],),
    (*_HANDLED, "send_back", "answer", "check", "close"),
    ("file",),
    ("file", "dispatch", "return", "dispatch", "acknowledge", "extend", "answer"),
    ("self_handle", "check", "close"),
    (),
    (*_HANDLED[:3], "suspend"),
    (*_HANDLED, "check", "close", "reopen"),
    ("refuse",),
    (*_HANDLED[:3], "supervise"),
)
REASONS = {
    "refuse": "现场已自行恢复，不予立案",
    "return": "不在本单位职责范围，请另行派遣",
    "answer": "已到场处理，现场恢复整洁",
    "send_back": "复查时现场仍有残留",
    "extend": "需与产权人协商",
    "suspend": "待开春后统一施工",
    "self_handle": "当场劝导，已自行清理",
    "supervise": "群众多次反映，请尽快办理",
    "reopen": "同一处再次出现",
}


def demonstrate(
    database: Database, jurisdiction: Jurisdiction, progress: Callable[[int], None] = lambda done: None
) -> dict[str, int]:
    """Make cases of some of December's reports, in one transaction; -> state -> cases.

    Where there are cases already nothing is made, and the answer is empty.
    """
    first, last = (datetime(*day, tzinfo=jurisdiction.zone) for day in (FIRST, LAST))
    with database.writing() as connection:
        if store.cases(connection, jurisdiction.code, store.Filter(), limit=1):
            return {}
        calendar = local(connection, jurisdiction, database.settings).calendar
        states: Counter[str] = Counter()
        end = first
        for number, report in enumerate(_chosen(connection, jurisdiction, first, last)):
            state, end_here = _one(connection, jurisdiction, database, calendar, number, report)
            states[state] += 1
            end = max(end, end_here)
            progress(number + 1)
        if states:
            checkpoint(connection, jurisdiction, signing_key(database.settings), end)
        return dict(states)


def _chosen(
    connection: Connection, jurisdiction: Jurisdiction, first: datetime, last: datetime
) -> list[Report]:
    """MOST reports that lie in a grid, spread over the month."""
    found: list[Report] = []
    after = None
    while page := reports.reports(
        connection, jurisdiction.code, first=first, last=last, limit=1_000, after=after
    ):
        found += page
        after = (page[-1].occurred_at, page[-1].id)
    placed = sorted((r for r in found if r.placement.grid), key=lambda r: (r.occurred_at, r.client_id))
    step = max(1, -(-len(placed) // MOST))
    return placed[::step]


def _one(
    connection: Connection,
    jurisdiction: Jurisdiction,
    database: Database,
    calendar: Calendar,
    number: int,
    report: Report,
) -> tuple[str, datetime]:
    """One case from its report to where its way ends; -> its state, and when that was."""
    moment = report.occurred_at + timedelta(minutes=3)
    reference = (report.id, report.occurred_at)
    (case,) = collect(connection, jurisdiction, [[reference]], MEMBER, at=moment)
    way = WAYS[number % len(WAYS)]
    for place, move in enumerate(way):
        wait = timedelta(minutes=5 + (number * 37 + place * 53) % 170)
        for actor, details in _who(connection, jurisdiction, case, move, number):
            moment = calendar.after(moment, wait)
            make(
                connection,
                jurisdiction,
                database.settings,
                case,
                move,
                actor,
                reason=REASONS.get(move, ""),
                details=details,
                at=moment,
            )
    return store.get(connection, jurisdiction.code, case).state, moment


def _who(
    connection: Connection, jurisdiction: Jurisdiction, case: UUID, move: str, number: int
) -> Iterator[tuple[Actor, dict[str, object]]]:
    """Who makes a move, and with what: each recipient for itself."""
    waiting = store.get(connection, jurisdiction.code, case).waiting_for
    if move in ("acknowledge", "answer"):
        for place, recipient in enumerate(waiting):
            details: dict[str, object] = {"recipient": recipient}
            if move == "answer":
                details["finding"] = "not_found" if place and number % 2 else "done"
            yield _as(recipient), details
    elif move == "return":
        yield _as(waiting[0]), {}
    elif move in ("check", "send_back"):
        yield CHECKER, {}
    elif move == "self_handle":
        yield MEMBER, {}
    else:
        yield OFFICE, {"days": 2} if move == "extend" else {}


def _as(recipient: str) -> Actor:
    return Actor(f"demonstration:{recipient}", frozenset({"department"}), frozenset({recipient}))
