"""Values of jobs. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

State = Literal["waiting", "running", "cancelling", "done", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
LIVING: frozenset[State] = frozenset({"waiting", "running", "cancelling"})


@dataclass(frozen=True, slots=True)
class Job:
    """One job. It is at step `step` of `steps` (None: it has not begun), which is `doing`.

    `queued` is its id in the queue, `asked` what was asked for, `made` what came of it once it is done,
    `error` why it failed.
    """

    id: UUID
    queued: int
    kind: str
    jurisdiction: str
    asked: dict[str, Any]
    asked_by: str
    state: State
    step: int
    steps: int | None
    doing: str | None
    made: dict[str, Any] | None
    error: str | None
    recorded_at: datetime

    @property
    def lives(self) -> bool:
        """Whether something may still come of it."""
        return self.state in LIVING
