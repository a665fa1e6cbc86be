"""The filters of a list of cases, as they stand in an address: the same on `/api/v1/cases` and on `/desk`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import listing, store
from gridmap.cases.inbox import DUE, urgent
from gridmap.cases.listing import View
from gridmap.cases.store import Filter
from gridmap.cases.workflow import live_states
from gridmap.errors import BadInput
from gridmap.faces.entrance.visits import Visit
from gridmap.faces.shapes.case_wire import STATES
from gridmap.faces.shapes.values import Edge, Flag, Month, span
from gridmap.reports.categories import vocabulary

LIVE, ENDED = "live", "ended"
MINE = "mine"
SORTS = (DUE, *store.SORTS)
NEWEST = "-opened_at"

Position = tuple[datetime, UUID]


@dataclass(frozen=True, slots=True)
class Sent:
    """The filters as they were sent; what was left out or empty is None."""

    state: str | None
    category: str | None
    grid: str | None
    community: str | None
    recipient: str | None
    supervised: bool | None
    overdue: bool | None
    month: str | None
    first: str | None
    last: str | None
    sort: str | None

    def of_page(self) -> Sent:
        """Without what a form left empty; and without `from` and `to`: whatever shares a link hangs a `from`
        of its own on it."""
        words = ("state", "category", "grid", "community", "recipient", "month", "sort")
        given = {name: getattr(self, name) or None for name in words}
        return replace(self, first=None, last=None, **given)

    def wanted(self, connection: Connection, owner: Jurisdiction, mine: frozenset[str]) -> Filter:
        """What is looked for; `mine` are the recipients whom the asker may act as. Raises BadInput."""
        if self.sort is not None and self.sort not in SORTS:
            raise BadInput(f"is one of {', '.join(SORTS)}", field="sort")
        earliest, latest = span(self.month, self.first, self.last, owner.zone)
        if self.category is not None:
            vocabulary(connection, owner.code).check(self.category)
        return Filter(
            states=states_of(self.state),
            category=self.category,
            grid=self.grid,
            community=self.community,
            recipients=self._recipients(mine),
            supervised=self.supervised,
            first=earliest,
            last=latest,
        )

    def _recipients(self, mine: frozenset[str]) -> tuple[str, ...] | None:
        if self.recipient is None:
            return None
        return tuple(sorted(mine)) if self.recipient == MINE else (self.recipient,)


async def _sent(
    state: Annotated[
        str | None,
        Query(
            description="A state, or live or ended for all that are not or are at an end.",
            json_schema_extra={"enum": [LIVE, ENDED, *STATES]},
        ),
    ] = None,
    category: Annotated[str | None, Query(examples=["matter-06011"])] = None,
    grid: Annotated[str | None, Query(description="Code of a grid.")] = None,
    community: Annotated[str | None, Query(description="Code of a community.")] = None,
    recipient: Annotated[
        str | None,
        Query(
            description="Whose turn it is; mine: whoever asks, by their duties.",
            examples=["party:squad", MINE],
        ),
    ] = None,
    supervised: Annotated[Flag, Query(description="Under supervision (督办).")] = None,
    overdue: Annotated[Flag, Query(description="A milestone still to be reached is late now.")] = None,
    month: Month = None,
    first: Annotated[
        str | None, Query(alias="from", description="Opened from.", examples=["2023-06-01"]), Edge
    ] = None,
    last: Annotated[
        str | None, Query(alias="to", description="Opened to.", examples=["2023-06-30"]), Edge
    ] = None,
    sort: Annotated[
        str | None,
        Query(
            description="- means newest first, which -opened_at is by default; due, of live cases: the next"
            " due first.",
            json_schema_extra={"enum": list(SORTS)},
        ),
    ] = None,
) -> Sent:
    return Sent(state, category, grid, community, recipient, supervised, overdue, month, first, last, sort)


SentFilter = Annotated[Sent, Depends(_sent)]


def states_of(word: str | None) -> tuple[str, ...]:
    """The states that a word stands for; none for all of them. Raises BadInput(field="state")."""
    if word is None:
        return ()
    live = live_states()
    if word == LIVE:
        return tuple(live)
    if word == ENDED:
        return tuple(state for state in STATES if state not in live)
    if word not in STATES:
        raise BadInput(f"is one of {LIVE}, {ENDED}, {', '.join(STATES)}", field="state")
    return (word,)


def ordered(
    connection: Connection,
    owner: Jurisdiction,
    service: Visit,
    sent: Sent,
    wanted: Filter,
    now: datetime,
    limit: int,
    after: Position | None,
) -> list[tuple[Position, View]]:
    """A page of cases in the order that was sent, each with its position in the list.

    `after` is the position that the page before ended with.
    """
    sort, overdue, settings = sent.sort or NEWEST, sent.overdue, service.settings
    if sort == DUE:
        found = urgent(
            connection, owner, settings, service.dues, wanted, now, overdue=overdue, limit=limit, after=after
        )
        return [((due, view.case.id), view) for due, view in found]
    views = listing.page(
        connection, owner, settings, wanted, now, overdue=overdue, sort=sort, limit=limit, after=after
    )
    return [(listing.position(view.case, sort), view) for view in views]
