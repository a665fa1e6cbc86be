"""Making a move: the one way in which a case changes. Decided by the table, written with its hash.

A case is locked from before its history is read until the transaction ends. That what is held of it is what
its history comes to is checked each time; where it is not, nothing is moved.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.calendars import Calendar
from gridmap.cases.dispatch import Place, Route, named, route, silent
from gridmap.cases.ledger import Link, move_hash
from gridmap.cases.local import Local, local
from gridmap.cases.model import CLOCK, Actor, CaseFile, Move, Standing
from gridmap.cases.notices import store as notices
from gridmap.cases.workflow import apply, decide, standing_of
from gridmap.errors import BadInput, Conflict
from gridmap.people import store as people
from gridmap.people.chain import Who
from gridmap.people.roster import who_now
from gridmap.settings import Settings

# of which moves the reporters are told, and how that is called
TOLD = {
    "collect": "collected",
    "file": "filed",
    "refuse": "refused",
    "merge": "merged",
    "close": "closed",
    "void": "voided",
    "reopen": "reopened",
    "correct": "corrected",
}


def make(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    case: UUID,
    move: str,
    actor: Actor,
    *,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
    seq: int | None = None,
    at: datetime | None = None,
) -> CaseFile:
    """Make a move; -> the case after it. A dispatch without tasks is routed by the rules.

    `seq`: the last move that the actor saw. `at` is now unless told. Raises as `workflow.decide`;
    NotFound(field="id"); Conflict(field="seq") where there has been another move since, Conflict where no
    recipient can be found, or `at` lies before the last move.
    """
    said = dict(details or {})
    if seq is not None:
        _check_seen(connection, jurisdiction, case, seq)
    if move == "merge":
        return merge(
            connection, jurisdiction, case, _other(said), actor, reason=reason, at=at or datetime.now(UTC)
        )
    if move in ("collect", "join", "correct"):
        raise BadInput(f"{move} comes about by itself and is not asked for", field="move")
    held, standing = opened(connection, jurisdiction, case)
    moment = at or datetime.now(UTC)
    if move == "dispatch" and standing.state == "filed" and "tasks" not in said:
        going_by = local(connection, jurisdiction, settings)
        found = routed(connection, jurisdiction, settings, held, moment, going_by)
        said |= found.details(going_by.rules)
    elif move == "dispatch":
        said = {name: value for name, value in said.items() if name not in ("rule", "rules")}
        recipients = named_recipients(said.get("tasks"))
        going_by = local(connection, jurisdiction, settings)
        _check_recipients(connection, jurisdiction, going_by, held, standing, moment, recipients)
        who = _who(connection, jurisdiction, settings, held, moment)
        place = Place(held.category, held.areas)
        said["tasks"] = named(going_by.rules, place, moment, going_by.calendar, who, recipients)
    made = decide(standing, move, actor, moment, reason, said)
    return write(connection, jurisdiction, held, standing, made)


def _check_seen(connection: Connection, jurisdiction: Jurisdiction, case: UUID, seq: int) -> None:
    last = store.locked(connection, jurisdiction.code, [case])[case].seq
    if last != seq:
        raise Conflict(f"the case has been moved since: its last move is {last}", field="seq")


def named_recipients(value: object) -> list[str]:
    """Those whom a person names instead of the rules, each once. Raises BadInput(field="tasks")."""
    hint = 'give [{"recipient": "party:CODE"}] or [{"recipient": "post:POST@KIND:CODE"}]'
    if not isinstance(value, list) or not 1 <= len(value) <= 5:
        raise BadInput(f"{hint}, one to five", field="tasks")
    found: dict[str, None] = {}
    for each in value:
        recipient = each.get("recipient") if isinstance(each, dict) and len(each) == 1 else None
        well_formed = isinstance(recipient, str) and len(recipient) <= 200 and recipient.isprintable()
        if not well_formed or not str(recipient).startswith(("party:", "post:")):
            raise BadInput(hint, field="tasks")
        found[str(recipient)] = None
    return list(found)


def _check_recipients(
    connection: Connection,
    jurisdiction: Jurisdiction,
    going_by: Local,
    case: CaseFile,
    standing: Standing,
    moment: datetime,
    recipients: Sequence[str],
) -> None:
    """Raise BadInput(field="tasks") for recipients whom nobody is on that day, or fewer than are demanded."""
    day = moment.astimezone(jurisdiction.zone).date()
    parties = {f"party:{each.code}" for each in people.parties(connection, jurisdiction.code, day=day)}
    for recipient in recipients:
        if recipient.startswith("party:"):
            there = recipient in parties
        else:
            post, _, area = recipient.removeprefix("post:").partition("@")
            kind, _, code = area.partition(":")
            there = bool(people.duties(connection, jurisdiction.code, day=day, post=post, area=(kind, code)))
        if not there:
            raise BadInput(
                f"nobody is {recipient[:80]} on {day}; name a party or a filled post", field="tasks"
            )
    needed = going_by.rules.handled(case.category).recipients
    if len(standing.kept) + len(recipients) < needed:
        raise BadInput(f"{case.category} needs {needed} recipients (双报告)", field="tasks")


def opened(connection: Connection, jurisdiction: Jurisdiction, case: UUID) -> tuple[CaseFile, Standing]:
    """A case, locked, and what its history comes to. Raises NotFound, or Conflict where the two differ."""
    held = store.locked(connection, jurisdiction.code, [case])[case]
    return held, checked(held, store.histories(connection, [case])[case])


def checked(held: CaseFile, history: list[Link]) -> Standing:
    """What a history comes to. Raises Conflict unless that is what is held of the case."""
    standing = standing_of(link.move for link in history)
    last = history[-1].hash if history else b""
    if (held.state, held.seq, held.head) != (standing.state, standing.seq, last):
        raise Conflict("the case is not what its history says; run gridmap audit verify", field="id")
    return standing


def write(
    connection: Connection, jurisdiction: Jurisdiction, held: CaseFile, standing: Standing, made: Move
) -> CaseFile:
    """Add a decided move to the history; its reporters are told where that is usual. -> the case after it."""
    if made.at < held.changed_at:
        raise Conflict("lies before the last move of the case", field="at")
    link = Link(made, held.head, move_hash(held.id, jurisdiction.code, made, held.head))
    after = apply(standing, made)
    store.append(connection, jurisdiction.code, held.id, link, after)
    if kind := TOLD.get(made.move):
        reports = [id_ for id_, _ in store.reports_of(connection, held.id)]
        notices.notify(connection, jurisdiction.code, held.id, made.seq, kind, reports)
    store.tell(connection, jurisdiction.code)
    return store.get(connection, jurisdiction.code, held.id)


def routed(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    case: CaseFile,
    moment: datetime,
    going_by: Local,
) -> Route:
    """Whom a case goes to by the rules, and by the duties and parties of the day of `moment`."""
    who = _who(connection, jurisdiction, settings, case, moment)
    day = moment.astimezone(jurisdiction.zone).date()
    parties = people.parties(connection, jurisdiction.code, day=day)
    return route(going_by.rules, Place(case.category, case.areas), moment, going_by.calendar, who, parties)


def _who(
    connection: Connection, jurisdiction: Jurisdiction, settings: Settings, case: CaseFile, moment: datetime
) -> Who:
    """The chain at a case's place, by the duties of the day of `moment`."""
    day = moment.astimezone(jurisdiction.zone).date()
    atlas = current_atlas(connection, jurisdiction.code, nearest_tolerance_m=settings.nearest_tolerance_m)
    return who_now(connection, jurisdiction.code, atlas, case, day)


def _other(said: Mapping[str, Any]) -> UUID:
    try:
        return UUID(str(said.get("into")))
    except ValueError:
        raise BadInput('give {"into": the id of the case that it becomes part of}', field="into") from None


def merge(
    connection: Connection,
    jurisdiction: Jurisdiction,
    case: UUID,
    into: UUID,
    actor: Actor,
    *,
    reason: str,
    at: datetime,
) -> CaseFile:
    """Make a case part of another, whose history says so too; -> the case that was merged.

    Raises BadInput(field="into") for itself, Conflict for a private case and one that is not.
    """
    if case == into:
        raise BadInput("a case cannot become part of itself", field="into")
    both = store.locked(connection, jurisdiction.code, [case, into])
    if both[case].private != both[into].private:
        raise Conflict("a private case merges with private ones only", field="into")
    histories = store.histories(connection, [case, into])
    mine, theirs = (checked(both[id_], histories[id_]) for id_ in (case, into))
    reports = [str(id_) for id_, _ in store.reports_of(connection, case)]
    gone = decide(mine, "merge", actor, at, reason, {"into": str(into)})
    said = {"from": str(case), "reports": reports, "handlers": sorted(mine.handlers)}
    taken = decide(theirs, "join", actor, at, reason, said)
    after = write(connection, jurisdiction, both[case], mine, gone)
    write(connection, jurisdiction, both[into], theirs, taken)
    return after


def silent_cases(connection: Connection, jurisdiction: str, calendar: Calendar, now: datetime) -> list[UUID]:
    """The cases with a task that nobody acknowledged in its time, though somebody else could have."""
    waiting = store.Filter(states=("dispatched", "handling"))
    ids = [each.id for each in store.cases(connection, jurisdiction, waiting, sort="opened_at", limit=None)]
    histories = store.histories(connection, ids)
    return [id_ for id_ in ids if silent(standing_of(link.move for link in histories[id_]), calendar, now)]


def pass_on(
    connection: Connection, jurisdiction: Jurisdiction, calendar: Calendar, case: UUID, now: datetime
) -> list[tuple[str, str]]:
    """Hand each task of a case that was met with silence to the next of its chain; -> (from, to) of each."""
    held, standing = opened(connection, jurisdiction, case)
    done: list[tuple[str, str]] = []
    while due := silent(standing, calendar, now):  # asked anew: the next of one may have been that of another
        task = due[0]
        reason = f"{task.silence_minutes} 个工作分钟内无人接收"
        made = decide(standing, "pass_on", CLOCK, now, reason, {"recipient": task.recipient})
        held, standing = write(connection, jurisdiction, held, standing, made), apply(standing, made)
        done.append((task.recipient, made.details["to"]))
    return done
