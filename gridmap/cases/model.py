"""Values of the cases domain. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from gridmap.reports.model import PLACED_KINDS, AreaRef

# What somebody may be to a case, from their duties; the table of moves names these. `recipient` is not held
# but follows from the tasks of a case, and `anyone` is everybody.
ROLES: dict[str, tuple[str, str]] = {
    "member": ("网格员、网格长、楼栋长、单元长", "grid member and the three chiefs"),
    "community": ("社区", "community"),
    "department": ("责任单位", "department or property company"),
    "office": ("街道网格中心", "subdistrict office"),
    "system": ("系统", "the service itself"),
}

# What a recipient found. Two that differ are a disagreement, and shown as one.
FINDINGS: dict[str, tuple[str, str]] = {
    "done": ("已处理", "dealt with"),
    "not_found": ("现场未发现", "nothing found there"),
    "not_ours": ("不属本单位职责", "not ours to deal with"),
    "not_possible": ("暂无法处理", "cannot be dealt with"),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: a lasting name, the roles, and the recipients that they may act as.

    `recipients` are written as in tasks: party:SQUAD, post:grid_member@grid:610602006003012; the office has
    DISPATCHER besides, for which no task is.
    """

    name: str
    roles: frozenset[str] = frozenset()
    recipients: frozenset[str] = frozenset()


DISPATCHER = "role:office"  # who waits to name somebody else for a task that was returned
INTAKE = Actor("system:intake", frozenset({"system"}))
CLOCK = Actor("system:clock", frozenset({"system"}))


@dataclass(frozen=True, slots=True)
class Move:
    """One line of a case's history. `details` are JSON without floats; `source` and `target` are states."""

    seq: int  # from 1
    move: str
    source: str
    target: str
    actor: str
    at: datetime
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Task:
    """What one recipient is to do. `then` are who gets it after `silence_minutes` of working time each."""

    recipient: str
    given_at: datetime
    then: tuple[str, ...] = ()
    silence_minutes: int | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None
    finding: str | None = None
    answer: str = ""
    returned_at: datetime | None = None

    @property
    def open(self) -> bool:
        """Whether its recipient still has to answer."""
        return self.answered_at is None and self.returned_at is None

    @property
    def passes_on(self) -> bool:
        """Whether silence hands it to the next."""
        untouched = self.acknowledged_at is None and self.returned_at is None
        return untouched and bool(self.then) and self.silence_minutes is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """What a history comes to: all that decides the next move."""

    state: str = "new"
    before: str | None = None  # what it goes on as, while it is suspended
    seq: int = 0
    tasks: tuple[Task, ...] = ()  # of the last dispatch
    recipients: frozenset[str] = frozenset()  # all who have or ever had a task
    gave_back: frozenset[str] = frozenset()  # recipients who returned a task of the last dispatch
    handlers: frozenset[str] = frozenset()  # actors who ever handled it: none of them may check it
    supervised: bool = False
    reopened: int = 0
    merged_into: UUID | None = None

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """The recipients who still have to answer; the office, while one who returned is not replaced."""
        if (self.before if self.state == "suspended" else self.state) not in ("dispatched", "handling"):
            return ()
        waiting = tuple(task.recipient for task in self.tasks if task.open)
        return (*waiting, DISPATCHER) if self.returned else waiting

    @property
    def kept(self) -> tuple[Task, ...]:
        """The tasks that were not returned."""
        return tuple(task for task in self.tasks if task.returned_at is None)

    @property
    def returned(self) -> tuple[Task, ...]:
        """The tasks that were returned, and for which nobody else was named yet."""
        return tuple(task for task in self.tasks if task.returned_at is not None)

    @property
    def disagree(self) -> bool:
        """Whether two recipients found different things."""
        return len({task.finding for task in self.tasks if task.finding}) > 1


@dataclass(frozen=True, slots=True)
class CaseFile:
    """What a case's history comes to, with where it is. `wgs84` is (lon, lat); the areas those of its report.

    `head` is the hash of its last move. `waiting_for` are the recipients who still have to answer, and
    DISPATCHER while one who returned is not replaced.
    """

    id: UUID
    category: str
    private: bool
    wgs84: tuple[float, float] | None
    grid: AreaRef | None
    community: AreaRef | None
    compound: AreaRef | None
    building: AreaRef | None
    occurred_at: datetime
    opened_at: datetime
    changed_at: datetime
    state: str
    seq: int
    head: bytes
    waiting_for: tuple[str, ...]
    supervised: bool
    merged_into: UUID | None

    @property
    def areas(self) -> dict[str, str]:
        """Kind of area -> code, as far as it lies in one."""
        found = {kind: getattr(self, kind) for kind in PLACED_KINDS}
        return {kind: area.code for kind, area in found.items() if area is not None}


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reporter of a report was told, and by which move of which case."""

    report_id: UUID
    case_id: UUID
    seq: int
    kind: str
    recorded_at: datetime
