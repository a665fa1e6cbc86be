"""Cases for the demonstration: what was reported in its December is reported again in the days before now,
and goes through the real intake and the real moves, on a clock of its own, as far as it came by now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.audit import checkpoint
from gridmap.cases.calendars import Calendar
from gridmap.cases.intake import collect
from gridmap.cases.local import local
from gridmap.cases.model import DISPATCHER, Actor
from gridmap.cases.moving import make
from gridmap.cases.signing import signing_key
from gridmap.cases.workflow import standing_of
from gridmap.database.sessions import Database
from gridmap.people import store as people
from gridmap.people.accounts import demonstration_accounts
from gridmap.reports import intake
from gridmap.reports import store as reports
from gridmap.reports.model import NewReport, Report

FIRST, LAST = (2023, 12, 1), (2024, 1, 1)
DAYS = 12  # before now
MOST = 120
SHOWN_MOST = 9  # in each grid that somebody will look at
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
    database: Database,
    jurisdiction: Jurisdiction,
    progress: Callable[[int, int], None] = lambda done, of: None,
    *,
    now: datetime | None = None,
) -> dict[str, int]:
    """Report about MOST things again and make cases of them, in one transaction; -> state -> cases.

    The grids of demonstration accounts have more of them than their share; `progress` hears how many of how
    many are done. Where there are cases already nothing is made, and the answer is empty.
    """
    end = (now or datetime.now(UTC)).astimezone(jurisdiction.zone)
    with database.reading() as connection:
        if store.cases(connection, jurisdiction.code, store.Filter(), limit=1):
            return {}
        models = _chosen(connection, jurisdiction, tried_grids(connection, jurisdiction))
    drafts = [_again(report, number / len(models), end) for number, report in enumerate(models)]
    intake.prepare_months(database, [draft.occurred_at for draft in drafts])
    states: Counter[str] = Counter()
    with database.writing() as connection:
        outcomes = intake.record_batch(connection, jurisdiction, drafts, settings=database.settings)
        calendar = local(connection, jurisdiction, database.settings).calendar
        made = intake.created(drafts, outcomes)
        for number, (id_, occurred, _) in enumerate(made):
            states[_one(connection, jurisdiction, database, calendar, number, (id_, occurred), end)] += 1
            progress(number + 1, len(made))
        if states:
            checkpoint(connection, jurisdiction, signing_key(database.settings), end)
    return dict(states)


def tried_grids(connection: Connection, jurisdiction: Jurisdiction) -> set[str]:
    """Codes of the grids that a demonstration account's person is on duty in."""
    persons = {account.person for account in demonstration_accounts(connection, jurisdiction)}
    duties = people.duties(connection, jurisdiction.code)
    return {each.area_code for each in duties if each.person in persons and each.area_kind == "grid"}


def _chosen(connection: Connection, jurisdiction: Jurisdiction, shown: Collection[str]) -> list[Report]:
    """Reports of December with a position in a grid, spread over the month, in their order."""
    first, last = (datetime(*day, tzinfo=jurisdiction.zone) for day in (FIRST, LAST))
    found: list[Report] = []
    after = None
    while page := reports.reports(
        connection, jurisdiction.code, first=first, last=last, limit=1_000, after=after
    ):
        found += page
        after = (page[-1].occurred_at, page[-1].id)
    placed = [report for report in found if report.placement.grid and report.lon is not None]
    placed.sort(key=lambda report: (report.occurred_at, report.client_id))
    chosen = {report.id for report in placed[:: max(1, -(-len(placed) // MOST))]}
    for code in shown:
        here = [report for report in placed if report.placement.grid and report.placement.grid.code == code]
        chosen |= {report.id for report in here[-SHOWN_MOST:]}
    return [report for report in placed if report.id in chosen]


def _again(report: Report, share: float, end: datetime) -> NewReport:
    """The same at the same place and time of day, after a `share` of the days before `end`."""
    day = (end - timedelta(days=DAYS * (1 - share))).date()
    moment = datetime.combine(day, report.occurred_at.astimezone(end.tzinfo).time(), end.tzinfo)
    if moment > end - timedelta(minutes=5):
        moment -= timedelta(days=1)
    return NewReport(
        category=report.category,
        description=report.description,
        occurred_at=moment,
        client_id=f"case-{report.client_id}",
        lon=report.lon,
        lat=report.lat,
        datum=report.datum,
        accuracy_m=report.accuracy_m,
    )


def _one(
    connection: Connection,
    jurisdiction: Jurisdiction,
    database: Database,
    calendar: Calendar,
    number: int,
    reference: tuple[UUID, datetime],
    end: datetime,
) -> str:
    """One case from its report to where its way ends, or where it is by `end`; -> its state."""
    moment = reference[1] + timedelta(minutes=3)
    (case,) = collect(connection, jurisdiction, [[reference]], MEMBER, at=moment)
    for place, move in enumerate(WAYS[number % len(WAYS)]):
        wait = timedelta(minutes=5 + (number * 37 + place * 53) % 170)
        for actor, details in _who(connection, jurisdiction, case, move, number):
            moment = calendar.after(moment, wait)
            if moment > end:
                return store.get(connection, jurisdiction.code, case).state
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
    return store.get(connection, jurisdiction.code, case).state


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
    elif move == "dispatch" and DISPATCHER in waiting:
        yield OFFICE, {"tasks": [{"recipient": _another(connection, jurisdiction, case)}]}
    elif move in ("check", "send_back"):
        yield CHECKER, {}
    elif move == "self_handle":
        yield MEMBER, {}
    else:
        yield OFFICE, {"days": 2} if move == "extend" else {}


def _another(connection: Connection, jurisdiction: Jurisdiction, case: UUID) -> str:
    """A party that has, and had, no task of the case."""
    (history,) = store.histories(connection, [case]).values()
    had = standing_of(link.move for link in history).recipients
    parties = (f"party:{each.code}" for each in people.parties(connection, jurisdiction.code))
    return next(each for each in parties if each not in had)


def _as(recipient: str) -> Actor:
    return Actor(f"demonstration:{recipient}", frozenset({"department"}), frozenset({recipient}))
