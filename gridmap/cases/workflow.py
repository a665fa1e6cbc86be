"""Which move is allowed, to whom, and what it makes of a case. Pure; the table itself is workflow.csv.

A history is folded into a `Standing`; `decide` looks in the table for the one row by which a move may be made
now, and `apply` adds it. Nothing else changes the state of a case.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from gridmap.cases.model import DISPATCHER, FINDINGS, Actor, Move, Standing, Task
from gridmap.errors import BadInput, Conflict, Forbidden
from gridmap.text import check_text

NEW = "new"  # what a case is before its first move
BEFORE = "before"  # as a target: what the case goes on as, suspended until then
REASON_MOST = 2_000
ACTOR_MOST = 100
# what the details of a move may hold; of any other move, nothing
DETAILS: dict[str, tuple[str, ...]] = {
    "collect": ("reports", "category", "duplicates"),
    "dispatch": ("tasks", "rule", "rules"),
    "acknowledge": ("recipient",),
    "return": ("recipient",),
    "pass_on": ("recipient", "to"),
    "answer": ("recipient", "finding"),
    "extend": ("hours", "days"),
    "merge": ("into",),
    "join": ("from", "reports", "handlers"),
    "correct": ("report", "number", "changed", "rerouted"),
}


@dataclass(frozen=True, slots=True)
class State:
    """Where a case can stand; `ends`: nothing more is to be done."""

    state: str
    name: str
    name_en: str
    ends: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the table: from `source` this move leads to `target`, for those who are one of `who`.

    `other_eyes`: not for anybody who handled the case. `when` is a condition on its tasks: see _CONDITIONS.
    """

    move: str
    name: str
    name_en: str
    source: str
    target: str
    who: tuple[str, ...]
    reason: bool
    other_eyes: bool
    when: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("gridmap.cases").joinpath(name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def states() -> dict[str, State]:
    """code -> state, in the order in which a case goes through them."""
    return {
        row["state"]: State(row["state"], row["name"], row["name_en"], row["ends"] == "yes")
        for row in _rows("states.csv")
    }


def live_states() -> list[str]:
    """States of a case with which something is still to be done."""
    return [state.state for state in states().values() if not state.ends]


def in_hand(state: str, waiting_for: tuple[str, ...]) -> tuple[str, ...]:
    """The recipients whose turn it is: while no task is open the office's, until the case ends."""
    return () if states()[state].ends else waiting_for or (DISPATCHER,)


@cache
def rules() -> tuple[Rule, ...]:
    """The table of moves, as the file has it."""
    return tuple(
        Rule(
            row["move"],
            row["name"],
            row["name_en"],
            row["source"],
            row["target"],
            who=tuple(row["who"].split()),
            reason=row["reason"] == "yes",
            other_eyes=row["other_eyes"] == "yes",
            when=row["when"],
        )
        for row in _rows("workflow.csv")
    )


@cache
def moves() -> dict[str, tuple[str, str]]:
    """move -> (Chinese, English), in the order of the table."""
    return {rule.move: (rule.name, rule.name_en) for rule in rules()}


def _others_wait(standing: Standing, details: Mapping[str, Any]) -> bool:
    return any(recipient != details.get("recipient") for recipient in standing.waiting_for)


def _others_keep(standing: Standing, details: Mapping[str, Any]) -> bool:
    given_back = {details.get("recipient"), *(task.recipient for task in standing.returned)}
    return "recipient" in details and any(task.recipient not in given_back for task in standing.tasks)


_CONDITIONS = {
    "": lambda standing, details: True,
    "others": _others_wait,
    "last": lambda standing, details: not _others_wait(standing, details),
    "whole": lambda standing, details: not _others_keep(standing, details),
    "part": _others_keep,
    "returned": lambda standing, details: bool(standing.returned),
    "tasks": lambda standing, details: bool(standing.tasks),
    "no_tasks": lambda standing, details: not standing.tasks,
    "rerouted": lambda standing, details: details.get("rerouted") is True,
    "same_route": lambda standing, details: details.get("rerouted") is not True,
}


def holds(rule: Rule, standing: Standing, details: Mapping[str, Any]) -> bool:
    """Whether a row is the one for a case that stands so: its state and its condition."""
    return rule.source == standing.state and bool(_CONDITIONS[rule.when](standing, details))


def permits(rule: Rule, actor: Actor, standing: Standing) -> bool:
    """Whether a row lets this actor move."""
    if rule.other_eyes and actor.name in standing.handlers:
        return False
    own = bool(actor.recipients & {task.recipient for task in standing.tasks})
    return any(who == "anyone" or who in actor.roles or (who == "recipient" and own) for who in rule.who)


def possible(standing: Standing, actor: Actor) -> list[str]:
    """The moves that this actor may make now, in the order of the table; details aside."""
    found = {
        rule.move
        for rule in rules()
        if rule.source == standing.state
        and permits(rule, actor, standing)
        and _has_task(rule.move, actor, standing)
    }
    return [move for move in moves() if move in found and move not in ("collect", "join")]


def _has_task(move: str, actor: Actor, standing: Standing) -> bool:
    if move == "dispatch":
        return standing.state == "filed" or bool(standing.returned)
    if move == "return" and "office" in actor.roles:
        return True
    return move not in (*_OF_TASK, "pass_on") or bool(tasks_for(move, actor, standing))


# which tasks a move can be about, and what is said of one that it cannot
_OF_TASK: dict[str, tuple[Callable[[Task], bool], str]] = {
    "acknowledge": (lambda t: t.open and t.acknowledged_at is None, "acknowledged or returned already"),
    "answer": (
        lambda t: t.open and t.acknowledged_at is not None,
        "to be acknowledged first, or answered or returned already",
    ),
    "return": (lambda t: t.open, "answered or returned already"),
}


def tasks_for(move: str, actor: Actor, standing: Standing) -> list[Task]:
    """The tasks that an acknowledgement, answer, return or passing on by this actor can be about; of another
    move, none."""
    if move == "pass_on":
        return _passable(standing)
    if move not in _OF_TASK:
        return []
    able, _ = _OF_TASK[move]
    return [task for task in standing.tasks if task.recipient in actor.recipients and able(task)]


def decide(
    standing: Standing,
    move: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    details: Mapping[str, Any] | None = None,
) -> Move:
    """The move as it will stand in the history.

    Raises BadInput(field="move") for a word that is no move, BadInput for a missing reason or detail,
    Conflict(field="move") where the state does not have it, Forbidden where this actor may not make it.
    """
    check_text(actor.name, "actor", most=ACTOR_MOST, least=1, lines=False)
    if move not in moves():
        raise BadInput(f"{move[:40]!r} is no move; there are {', '.join(moves())}", field="move")
    said = _details(standing, move, actor, dict(details or {}))
    here = [rule for rule in rules() if rule.move == move and holds(rule, standing, said)]
    if not here:
        of_state = [rule.move for rule in rules() if rule.source == standing.state and rule.move != move]
        there_are = dict.fromkeys(of_state)
        hint = f"it can take {', '.join(there_are)}" if there_are else "nothing more is done with it"
        raise Conflict(f"a case that is {standing.state} cannot take {move}; {hint}", field="move")
    (rule,) = here
    if not permits(rule, actor, standing):
        if rule.other_eyes and actor.name in standing.handlers:
            raise Forbidden(f"whoever handled a case cannot {move} it; let somebody else", field="move")
        raise Forbidden(f"{move} is for {', '.join(rule.who)}", field="move")
    reason = check_text(reason, "reason", most=REASON_MOST, least=1 if rule.reason else 0)
    target = (standing.before or NEW) if rule.target == BEFORE else rule.target
    return Move(standing.seq + 1, move, standing.state, target, actor.name, at, reason, said)


def _details(standing: Standing, move: str, actor: Actor, said: dict[str, Any]) -> dict[str, Any]:
    """What a move carries, complete: a recipient who has one task only need not name it."""
    if unknown := next((name for name in said if name not in DETAILS.get(move, ())), None):
        there_are = ", ".join(DETAILS.get(move, ())) or "none"
        raise BadInput(f"{move} has no detail {unknown[:40]!r}; there are {there_are}", field="details")
    under_way = standing.state in ("dispatched", "handling")
    if move in _OF_TASK and under_way and not _takes_back_all(standing, move, actor, said):
        said["recipient"] = _own_task(standing, move, actor, said.get("recipient"))
    if move == "pass_on" and under_way:
        said["recipient"], said["to"] = _next_of(standing, said.get("recipient"))
    if move == "answer" and said.get("finding") not in tuple(FINDINGS):
        raise BadInput(f"say what was found: {', '.join(FINDINGS)}", field="finding")
    if move == "dispatch":
        _check_given(standing, said.get("tasks"))
    if move == "extend":
        amounts = [said.get(unit) for unit in ("hours", "days") if said.get(unit) is not None]
        if len(amounts) != 1 or type(amounts[0]) is not int or not 0 < amounts[0] <= 1_000:
            raise BadInput('give {"hours": 8} or {"days": 3}', field="details")
    return said


def _takes_back_all(standing: Standing, move: str, actor: Actor, said: Mapping[str, Any]) -> bool:
    """Whether it is the office's return of a case, and not of a task of its own."""
    if move != "return" or "office" not in actor.roles or "recipient" in said:
        return False
    return not tasks_for(move, actor, standing)


def _check_given(standing: Standing, tasks: Sequence[Mapping[str, Any]] | None) -> None:
    if standing.state != "filed" and not standing.returned:
        return  # the table refuses it
    if not tasks:
        raise BadInput("name at least one recipient", field="tasks")
    kept = {task.recipient for task in standing.kept}
    if again := next((task["recipient"] for task in tasks if task["recipient"] in kept), None):
        raise BadInput(f"{again} has a task of this case already", field="tasks")


def _own_task(standing: Standing, move: str, actor: Actor, named: object) -> str:
    own = [task for task in standing.tasks if task.recipient in actor.recipients]
    if named is not None:
        own = [task for task in own if task.recipient == named]
    if not own:
        raise Forbidden(f"{move} is for whom the case was dispatched to", field="move")
    able = [task for task in tasks_for(move, actor, standing) if task in own]
    if not able:
        raise Conflict(f"the task of {own[0].recipient} is {_OF_TASK[move][1]}", field="move")
    if len(able) > 1:
        raise BadInput(f"say for whom: {', '.join(t.recipient for t in able)}", field="recipient")
    return able[0].recipient


def _next_of(standing: Standing, named: object) -> tuple[str, str]:
    """Whose task is passed on, and to whom."""
    able = _passable(standing)
    whose = ", ".join(task.recipient for task in able)
    if named is not None:
        able = [task for task in able if task.recipient == named]
    if len(able) != 1:
        raise Conflict(f"say whose unacknowledged task: {whose or 'there is none'}", field="recipient")
    return able[0].recipient, str(next_of(standing, able[0]))


def _passable(standing: Standing) -> list[Task]:
    return [task for task in standing.tasks if next_of(standing, task) is not None]


def next_of(standing: Standing, task: Task) -> str | None:
    """Who gets a task that is not acknowledged: the next of its chain, but nobody who has one already, who
    would answer for both, or gave one back."""
    if not task.passes_on:
        return None
    taken = {each.recipient for each in standing.tasks} | standing.gave_back
    return next((each for each in task.then if each not in taken), None)


def apply(standing: Standing, move: Move) -> Standing:
    """The standing after a move that was decided."""
    before = standing.before if move.target == "suspended" else None
    after = replace(standing, state=move.target, seq=move.seq, before=before)
    match move.move:
        case "dispatch":
            tasks = tuple(_task(each, move.at) for each in move.details["tasks"])
            gave_back = standing.gave_back if standing.kept else frozenset[str]()
            return _given(replace(after, tasks=standing.kept + tasks, gave_back=gave_back))
        case "acknowledge":
            said = {"acknowledged_at": move.at, "acknowledged_by": move.actor}
            return _handled(_changed(after, move.details["recipient"], said), move.actor)
        case "answer":
            said = {"answered_at": move.at, "answered_by": move.actor, "answer": move.reason}
            said["finding"] = move.details["finding"]
            return _handled(_changed(after, move.details["recipient"], said), move.actor)
        case "return" if move.target != "filed":
            recipient = move.details["recipient"]
            returned = _changed(after, recipient, {"returned_at": move.at})
            return replace(returned, gave_back=standing.gave_back | {recipient})
        case "pass_on":
            return _given(_passed_on(after, move.details["recipient"], move.details["to"], move.at))
        case "self_handle":
            return _handled(after, move.actor)
        case "send_back" if move.target == "handling":
            again: dict[str, Any] = {"answered_at": None, "answered_by": None, "finding": None, "answer": ""}
            return replace(after, tasks=tuple(replace(task, **again) for task in standing.tasks))
        case "suspend":
            return replace(after, before=standing.state)
        case "supervise":
            return replace(after, supervised=True)
        case "merge":
            return replace(after, merged_into=UUID(move.details["into"]))
        case "join":  # who handled what became part of this one, handled this one
            return replace(after, handlers=standing.handlers.union(move.details.get("handlers", ())))
        case "reopen":
            return replace(after, tasks=(), reopened=standing.reopened + 1)
        case "correct" if before and move.details.get("rerouted") is True:
            return replace(after, tasks=(), before="filed")  # it is dispatched anew once it is resumed
    return replace(after, tasks=()) if move.target == "filed" and standing.tasks else after


def _task(said: Mapping[str, Any], at: datetime) -> Task:
    return Task(said["recipient"], at, tuple(said.get("then", ())), said.get("silence_minutes"))


def _given(standing: Standing) -> Standing:
    return replace(standing, recipients=standing.recipients.union(task.recipient for task in standing.tasks))


def _handled(standing: Standing, actor: str) -> Standing:
    return replace(standing, handlers=standing.handlers | {actor})


def _changed(standing: Standing, recipient: str, values: Mapping[str, Any]) -> Standing:
    def new(task: Task) -> Task:
        return replace(task, **values) if task.recipient == recipient else task

    return replace(standing, tasks=tuple(map(new, standing.tasks)))


def _passed_on(standing: Standing, recipient: str, to: str, at: datetime) -> Standing:
    (task,) = (task for task in standing.tasks if task.recipient == recipient)
    rest = task.then[task.then.index(to) + 1 :]
    return _changed(standing, recipient, {"recipient": to, "then": rest, "given_at": at})


def standing_of(history: Iterable[Move]) -> Standing:
    """What a history comes to."""
    standing = Standing()
    for move in history:
        standing = apply(standing, move)
    return standing
