"""The parts of a case's page, put into words: reports, tasks, clocks, history, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.deadlines import Clock
from gridmap.cases.dispatch import token
from gridmap.cases.listing import View
from gridmap.cases.model import Actor, Move, Notice, Task
from gridmap.cases.workflow import possible, rules, states, tasks_for
from gridmap.faces.pages.case_words import CORRECTED, LOCATED, MILESTONES, NOTICES, Speaker, Term, short
from gridmap.faces.pages.maps import Asked
from gridmap.reports.model import Report

DUPLICATES_MOST = 5


@dataclass(frozen=True, slots=True)
class SeenReport:
    """A report of the case; `rows` are (label, text) of where and how exactly."""

    id: UUID
    number: int
    text: str
    occurred: str
    category: str
    rows: tuple[tuple[str, str], ...]
    told: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenTask:
    """A recipient, how far it is, and its own clock to acknowledge."""

    name: str
    holders: tuple[str, ...]
    given: str
    acknowledged: str | None
    term: Term | None
    late: bool
    finding: str | None
    look: str
    answered: str | None
    answer: str
    then: tuple[str, ...]
    returned: str | None


@dataclass(frozen=True, slots=True)
class SeenClock:
    milestone: str
    whose: str
    since: str
    due: str
    done: str | None
    late: bool
    term: Term | None
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeenMove:
    """A line of the history. `more`: what it carried beside the reason."""

    seq: int
    move: str
    name: str
    target: str
    actor: str
    at: str
    reason: str
    more: str


@dataclass(frozen=True, slots=True)
class Other:
    """Another case, to be looked at or merged into."""

    id: UUID
    number: str
    url: str
    text: str
    state: str


@dataclass(frozen=True, slots=True)
class Offer:
    """A move that may be made now: its form. `own`: (token, name) of the recipients it could be for;
    `routed`: the rules could name the recipients."""

    move: str
    name: str
    reason: bool
    own: tuple[tuple[str, str], ...]
    routed: bool


def reports_seen(here: Sequence[Report], told: Sequence[Notice], speaker: Speaker) -> list[SeenReport]:
    return [_report(number, each, told, speaker) for number, each in enumerate(here, start=1)]


def _report(number: int, report: Report, told: Sequence[Notice], speaker: Speaker) -> SeenReport:
    rows = [(speaker.word("recorded"), speaker.moment(report.recorded_at))]
    placement = report.placement
    if report.wgs84 is not None:
        lon, lat = report.wgs84
        rows.append((speaker.word("position"), f"{lat:.6f}, {lon:.6f}"))
    if report.accuracy_m is not None:
        rows.append((speaker.word("accuracy"), f"± {report.accuracy_m:g} m"))
    rows.append((speaker.word("located"), speaker.word(LOCATED[placement.method])))
    if report.needs_review and placement.candidates:
        said = "、" if speaker.lang == "zh" else ", "
        likely = [
            f"{speaker.names.area('grid', code, speaker.lang)} {share:.0%}"
            for code, share in placement.candidates
        ]
        rows.append((speaker.word("candidates"), said.join(likely[:3])))
    mine = [
        f"{speaker.moment(notice.recorded_at)} {speaker.word(NOTICES[notice.kind])}"
        for notice in told
        if notice.report_id == report.id
    ]
    return SeenReport(
        report.id,
        number,
        report.description,
        speaker.moment(report.occurred_at),
        speaker.category(report.category),
        tuple(rows),
        tuple(mine),
    )


def task_seen(task: Task, clocks: Sequence[Clock], speaker: Speaker) -> SeenTask:
    own = [each for each in clocks if each.milestone == "acknowledge" and each.recipient == task.recipient]
    clock = own[-1] if own else None
    running = clock is not None and clock.done_at is None
    return SeenTask(
        name=speaker.recipient(task.recipient),
        holders=speaker.names.holders(task.recipient),
        given=speaker.moment(task.given_at),
        acknowledged=speaker.moment(task.acknowledged_at) if task.acknowledged_at else None,
        term=speaker.term(clock) if clock is not None and running else None,
        late=clock is not None and clock.overdue,
        finding=speaker.finding(task.finding) if task.finding else None,
        look=task.finding or "open",
        answered=speaker.moment(task.answered_at) if task.answered_at else None,
        answer=task.answer,
        then=tuple(map(speaker.recipient, task.then)) if task.passes_on else (),
        returned=speaker.moment(task.returned_at) if task.returned_at else None,
    )


def clock_seen(clock: Clock, speaker: Speaker) -> SeenClock:
    notes = [
        speaker.word(key)
        for key, is_so in (("provisional_term", clock.provisional), ("calendar_unknown", not clock.known))
        if is_so
    ]
    return SeenClock(
        speaker.word(MILESTONES[clock.milestone]),
        speaker.recipient(clock.recipient) if clock.recipient else "",
        speaker.moment(clock.since),
        speaker.moment(clock.due) if clock.due else speaker.word("stands_still"),
        speaker.moment(clock.done_at) if clock.done_at else None,
        clock.overdue,
        speaker.term(clock) if clock.done_at is None else None,
        tuple(notes),
    )


def move_seen(move: Move, speaker: Speaker) -> SeenMove:
    details, more = move.details, ""
    match move.move:
        case "dispatch":
            more = speaker.word("to_them").format(
                names=_listed([t["recipient"] for t in details["tasks"]], speaker)
            )
        case "pass_on":
            more = speaker.word("to_them").format(names=_listed([details["to"]], speaker))
        case "acknowledge" | "return" if "recipient" in details:
            more = _listed([details["recipient"]], speaker)
        case "answer":
            more = f"{_listed([details['recipient']], speaker)}: {speaker.finding(details['finding'])}"
        case "extend":
            unit = "days" if details.get("days") else "hours_long"
            more = speaker.word(unit).format(n=details.get("days") or details.get("hours"))
        case "merge":
            more = f"→ {UUID(details['into']).hex[-6:].upper()}"
        case "join":
            more = f"← {UUID(details['from']).hex[-6:].upper()}"
        case "correct":
            more = _listed([], speaker, [speaker.word(CORRECTED[what]) for what in details["changed"]])
    target = speaker.state(move.target) if move.target != move.source else ""
    return SeenMove(
        move.seq,
        move.move,
        speaker.move(move.move),
        target,
        speaker.actor(move.actor),
        speaker.moment(move.at),
        move.reason,
        more,
    )


def _listed(tokens: Sequence[str], speaker: Speaker, named: Sequence[str] = ()) -> str:
    between = "、" if speaker.lang == "zh" else ", "
    return between.join([*map(speaker.recipient, tokens), *named])


def others_seen(
    connection: Connection, owner: Jurisdiction, view: View, speaker: Speaker, asked: Asked
) -> list[Other]:
    """The likely duplicates that were proposed at intake, those of them that may be seen and are live."""
    ids = [UUID(text) for text in view.history[0].details.get("duplicates", ())][:DUPLICATES_MOST]
    found = store.by_ids(connection, owner.code, ids)
    return [
        Other(
            each.id,
            short(each),
            asked.url(f"/cases/{each.id}"),
            f"{speaker.category(each.category)} · {speaker.moment(each.opened_at)}",
            speaker.state(each.state),
        )
        for each in sorted(found, key=lambda each: ids.index(each.id))
        if each.state in states() and not states()[each.state].ends
    ]


def offers(view: View, actor: Actor, speaker: Speaker) -> list[Offer]:
    """What the table of moves lets this actor do now, each with what its form needs."""
    standing = view.standing
    made = []
    for move in possible(standing, actor):
        if move == "correct":  # that is a correction of a report: it has a form of its own
            continue
        here = [rule for rule in rules() if rule.move == move and rule.source == standing.state]
        own = tasks_for(move, actor, standing)
        named = tuple((task.recipient, speaker.recipient(task.recipient)) for task in own)
        reason, routed = any(rule.reason for rule in here), standing.state == "filed"
        made.append(Offer(move, speaker.move(move), reason, named, routed))
    return made


def correctable(view: View) -> bool:
    return any(rule.move == "correct" and rule.source == view.standing.state for rule in rules())


def posts_filled(view: View, speaker: Speaker) -> list[tuple[str, str]]:
    """(token, name) of the filled posts of the chain at the case's place, the nearest first."""
    names = speaker.names
    found = []
    for step in names.roster.who(names.atlas, view.case, names.day).steps:
        if not step.vacant:
            found.append((token(step), speaker.recipient(token(step))))
    return found
