"""Cases as they are read: with what their history comes to and their clocks at a moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import store
from gridmap.cases.deadlines import Clock, clocks, running
from gridmap.cases.local import Local, local
from gridmap.cases.model import CaseFile, Move, Notice, Standing
from gridmap.cases.notices import store as notices
from gridmap.cases.workflow import in_hand, standing_of
from gridmap.settings import Settings

LOOKED_AT = 200  # cases of which one batch is read when only the overdue ones are asked for


@dataclass(frozen=True, slots=True)
class View:
    """A case at a moment. `clocks` are all of them, those that were reached too; `reports` its own."""

    case: CaseFile
    standing: Standing
    clocks: tuple[Clock, ...]
    history: tuple[Move, ...]
    reports: tuple[UUID, ...]

    @property
    def in_hand(self) -> tuple[str, ...]:
        """The recipients whose turn it is."""
        return in_hand(self.case.state, self.case.waiting_for)

    @property
    def next_clock(self) -> Clock | None:
        """What is due next; what stands still only where nothing else runs."""
        return next(iter(running(self.clocks)), None)

    @property
    def overdue(self) -> bool:
        """Whether a milestone that is still to be reached is late."""
        return any(clock.overdue for clock in running(self.clocks))


def page(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    wanted: store.Filter,
    now: datetime,
    *,
    overdue: bool | None = None,
    sort: str = "-opened_at",
    limit: int = 100,
    after: tuple[datetime, UUID] | None = None,
) -> list[View]:
    """Cases that fit, as `store.cases`; with `overdue` those only that are (not) late at `now`."""
    going_by = local(connection, jurisdiction, settings)
    found: list[View] = []
    size = limit if overdue is None else max(limit, LOOKED_AT)
    while len(found) < limit:
        rows = store.cases(connection, jurisdiction.code, wanted, sort=sort, limit=size, after=after)
        seen = views(connection, rows, going_by, now)
        found += [view for view in seen if overdue is None or view.overdue is overdue]
        if len(rows) < size:
            break
        after = position(rows[-1], sort)
    return found[:limit]


def position(case: CaseFile, sort: str) -> tuple[datetime, UUID]:
    """Where a page that ends with this case ended."""
    moment: datetime = getattr(case, store.SORTS[sort][0])
    return moment, case.id


def views(connection: Connection, rows: Sequence[CaseFile], going_by: Local, now: datetime) -> list[View]:
    """The same cases, with their histories read at once."""
    ids = [row.id for row in rows]
    histories, reports = store.histories(connection, ids), store.own_reports(connection, ids)
    made = []
    for row in rows:
        moves = tuple(link.move for link in histories[row.id])
        found = clocks(moves, row.category, going_by.rules, going_by.calendar, now)
        made.append(View(row, standing_of(moves), tuple(found), moves, tuple(reports[row.id])))
    return made


def one(
    connection: Connection, jurisdiction: Jurisdiction, settings: Settings, id_: UUID, now: datetime
) -> View:
    """One case. Raises NotFound(field="id")."""
    case = store.get(connection, jurisdiction.code, id_)
    return views(connection, [case], local(connection, jurisdiction, settings), now)[0]


def told(connection: Connection, jurisdiction: Jurisdiction, reports: Sequence[UUID]) -> list[Notice]:
    """What the reporters of these reports were told."""
    found = notices.told(connection, jurisdiction.code, reports)
    return [notice for id_ in reports for notice in found[id_]]
