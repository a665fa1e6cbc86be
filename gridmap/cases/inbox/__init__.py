"""What a desk sees first: how many cases wait, are late or are new, and which are due next.

What is due follows from histories and is never stored. But a history only grows, so `Dues` remembers what the
next milestone of each case is due by, under the hash of its last move: after a move one history is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import listing
from gridmap.cases import store as cases
from gridmap.cases.deadlines import clocks, running
from gridmap.cases.inbox import store
from gridmap.cases.inbox.store import Line
from gridmap.cases.listing import View
from gridmap.cases.local import Local, local
from gridmap.cases.store import Filter
from gridmap.cases.workflow import in_hand, live_states
from gridmap.errors import BadInput
from gridmap.settings import Settings

DUE = "due"  # the order: what is due next comes first
KEPT_MOST = 100_000  # cases remembered of one jurisdiction
NEVER = datetime(2200, 1, 1, tzinfo=UTC)  # what stands still comes last
READ_AT_ONCE = 500  # histories

Known = dict[UUID, tuple[bytes, datetime]]


@dataclass(slots=True)
class Dues:
    """By when the next milestone of a case is to be reached, of every case that was asked for before.

    Shared between threads, and between people: it is asked for cases that somebody sees already.
    """

    _of: dict[str, tuple[Local, Known]] = field(default_factory=dict)

    def of(
        self, connection: Connection, jurisdiction: str, lines: Sequence[Line], going_by: Local
    ) -> dict[UUID, datetime]:
        """Case -> when its next milestone is due; NEVER where nothing is, or it is suspended."""
        before = self._of.get(jurisdiction)
        if before is None or before[0] != going_by or len(before[1]) > KEPT_MOST:
            before = self._of[jurisdiction] = (going_by, {})
        known = before[1]
        missing = [line for line in lines if known.get(line.id, (b"",))[0] != line.head]
        for start in range(0, len(missing), READ_AT_ONCE):
            some = missing[start : start + READ_AT_ONCE]
            histories = cases.histories(connection, [line.id for line in some])
            for line in some:
                links = histories[line.id]
                moves = [link.move for link in links]
                found = clocks(moves, line.category, going_by.rules, going_by.calendar, moves[-1].at)
                due = next((clock.due for clock in running(found)), None)
                known[line.id] = (links[-1].hash, due or NEVER)
        return {line.id: known[line.id][1] for line in lines}


@dataclass(frozen=True, slots=True)
class Numbers:
    """`waiting`, `overdue`, `supervised`: of the live cases; `today`: opened today; `states`: of those cases
    that fit a filter, by state."""

    waiting: int
    overdue: int
    supervised: int
    today: int
    states: Mapping[str, int]


def numbers(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    dues: Dues,
    wanted: Filter,
    now: datetime,
    *,
    mine: frozenset[str],
    overdue: bool | None = None,
) -> Numbers:
    """At a moment, of all that is seen; `states` under the filter (but for its own states) and `overdue`."""
    code = jurisdiction.code
    live = store.lines(connection, code, Filter(states=tuple(live_states())))
    due = dues.of(connection, code, live, local(connection, jurisdiction, settings))
    today = datetime.combine(now.astimezone(jurisdiction.zone).date(), time(), jurisdiction.zone)
    every_state = replace(wanted, states=())
    if overdue is None:
        states: Mapping[str, int] = store.counts(connection, code, every_state)
    else:
        some = store.lines(connection, code, replace(wanted, states=tuple(live_states())))
        states = Counter(line.state for line in some if (due[line.id] < now) is overdue)
    return Numbers(
        waiting=sum(1 for line in live if not mine.isdisjoint(in_hand(line.state, line.waiting_for))),
        overdue=sum(1 for line in live if due[line.id] < now),
        supervised=sum(1 for line in live if line.supervised),
        today=store.opened_since(connection, code, today),
        states=states,
    )


def urgent(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    dues: Dues,
    wanted: Filter,
    now: datetime,
    *,
    overdue: bool | None = None,
    limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[tuple[datetime, View]]:
    """Live cases that fit, with when each is due, the next due first. `after`: (due, id) of the page before.

    Raises BadInput(field="sort") unless only live states are asked for: nothing else is due.
    """
    if not wanted.states or not set(wanted.states) <= set(live_states()):
        raise BadInput(f"{DUE} is of live cases; add state=live, or choose another order", field="sort")
    going_by = local(connection, jurisdiction, settings)
    lines = store.lines(connection, jurisdiction.code, wanted)
    due = dues.of(connection, jurisdiction.code, lines, going_by)
    order = sorted(
        (moment, id_) for id_, moment in due.items() if overdue is None or (moment < now) is overdue
    )
    chosen = [pair for pair in order if after is None or pair > after][:limit]
    rows = {row.id: row for row in cases.by_ids(connection, jurisdiction.code, [id_ for _, id_ in chosen])}
    views = listing.views(connection, [rows[id_] for _, id_ in chosen], going_by, now)
    return [(moment, view) for (moment, _), view in zip(chosen, views, strict=True)]
