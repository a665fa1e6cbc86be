"""By when: the clocks of a case, computed from its history. Pure; nothing of this is ever stored.

A milestone's clock runs from entering its states until leaving them. 延时 adds to the clock to handle; while
a case is suspended (挂账) its clocks stand still. Each recipient acknowledges on a clock of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from gridmap.cases.calendars import Calendar, Span
from gridmap.cases.model import Move
from gridmap.cases.rules import Deadline, Rules, Term
from gridmap.cases.workflow import standing_of

_OF_STATE = {
    "collected": "file",
    "filed": "dispatch",
    "dispatched": "handle",
    "handling": "handle",
    "answered": "check",
    "checked": "close",
}


@dataclass(frozen=True, slots=True)
class Clock:
    """A milestone's clock. `due` None: it stands still. `done_at` None: it is still to be reached.

    `recipient`: whose it is, of a task to acknowledge. `overdue`: reached, or now, after `due`. `known`:
    the holidays of all its years are.
    """

    milestone: str
    since: datetime
    due: datetime | None
    done_at: datetime | None
    overdue: bool
    term: Term
    provisional: bool
    known: bool
    recipient: str | None = None


@dataclass(frozen=True, slots=True)
class _Run:
    milestone: str
    since: datetime
    until: datetime | None
    recipient: str | None = None


def clocks(
    history: Sequence[Move], category: str, rules: Rules, calendar: Calendar, now: datetime
) -> list[Clock]:
    """All clocks of a case, those of milestones reached among them, by when they began."""
    holds = _holds(history, now)
    extensions = [move for move in history if move.move == "extend"]
    made = []
    for run in sorted(chain(_runs(history), _tasks(history)), key=lambda r: (r.since, r.recipient or "")):
        deadline = rules.deadline(category, run.milestone)
        if deadline is not None:
            made.append(_clock(run, deadline, calendar, holds, extensions, now))
    return made


def running(found: Iterable[Clock]) -> list[Clock]:
    """Those still to be reached, the next due first; what stands still comes last."""
    return sorted((c for c in found if c.done_at is None), key=lambda c: (c.due is None, c.due or c.since))


def _runs(history: Sequence[Move]) -> list[_Run]:
    """The milestones that a case went through."""
    runs: list[_Run] = []
    for move in history:
        if move.target == "suspended":
            continue
        milestone = _OF_STATE.get(move.target)
        last = runs[-1] if runs and runs[-1].until is None else None
        if last is not None:
            if last.milestone == milestone:
                continue
            runs[-1] = _Run(last.milestone, last.since, move.at)
        if milestone is not None:
            runs.append(_Run(milestone, move.at, None))
    return runs


def _tasks(history: Sequence[Move]) -> list[_Run]:
    """The clocks to acknowledge, of the tasks of the last dispatch."""
    standing = standing_of(history)
    if standing.state not in ("dispatched", "handling", "suspended", "answered", "checked"):
        return []
    return [
        _Run("acknowledge", task.given_at, task.acknowledged_at or task.returned_at, task.recipient)
        for task in standing.tasks
    ]


def _holds(history: Sequence[Move], now: datetime) -> list[tuple[Span, bool]]:
    """The spans in which a case was suspended, and whether each is over."""
    holds: list[tuple[Span, bool]] = []
    start: datetime | None = None
    for move in history:
        if move.target == "suspended" and move.source != "suspended":
            start = move.at
        elif start is not None and move.source == "suspended" and move.target != "suspended":
            holds.append(((start, move.at), True))
            start = None
    return [*holds, ((start, max(start, now)), False)] if start is not None else holds


def _clock(
    run: _Run,
    deadline: Deadline,
    calendar: Calendar,
    holds: Sequence[tuple[Span, bool]],
    extensions: Sequence[Move],
    now: datetime,
) -> Clock:
    until = run.until or now
    due = deadline.term.end(run.since, calendar)
    if run.milestone == "handle":
        for move in extensions:
            if run.since <= move.at <= until:
                due = extension(move).end(due, calendar)
    stands = False
    for (start, end), over in holds:
        if start < due and run.since <= start <= until:
            if deadline.term.unit == "days":
                due = calendar.after_days(due, calendar.days_ended(start, end))
            else:
                due = calendar.after(due, calendar.worked(start, end))
            stands = not over and run.until is None
    return Clock(
        run.milestone,
        run.since,
        None if stands else due,
        run.until,
        not stands and until > due,
        deadline.term,
        deadline.provisional,
        calendar.knows(run.since, due),
        run.recipient,
    )


def extension(move: Move) -> Term:
    """By how much a move extends the clock to handle."""
    unit = "days" if move.details.get("days") else "hours"
    return Term(int(move.details[unit]), unit)
