"""How reports become cases: one by one or several together, at once where their category says so.

Likely duplicates are proposed in the first line of a case's history; a person merges them.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import local, store
from gridmap.cases.ledger import START, move_hash
from gridmap.cases.model import INTAKE, Actor, Standing
from gridmap.cases.notices import store as notices
from gridmap.cases.rules import Rules
from gridmap.cases.workflow import decide, live_states
from gridmap.errors import BadInput, Conflict, NotFound
from gridmap.reports import store as reports
from gridmap.reports.intake import new_ids

DUPLICATES_MOST = 5  # proposed for one report
REPORTS_MOST = 100  # in a case at its opening
KEPT_SECONDS = 10.0
WAIT_MOST = timedelta(days=7)  # since it occurred: what is older was entered for the record
OPENED_MOST = 200

Reference = tuple[UUID, datetime]  # a report: its id and when it occurred


def collect(
    connection: Connection,
    jurisdiction: Jurisdiction,
    groups: Sequence[Sequence[Reference]],
    actor: Actor,
    *,
    rules: Rules | None = None,
    at: datetime | None = None,
) -> list[UUID]:
    """Open a case for each group of reports; -> their ids. A case has category and place of its first report.

    Raises NotFound(field="reports") for a report that there is not, Conflict for one that is in a case,
    BadInput for a group of none, of too many, or of private reports and others.
    """
    going_by = rules or local.rules(connection, jurisdiction.code)
    everything = [each for group in groups for each in group]
    known = store.categories_of(connection, jurisdiction.code, everything)
    _check(connection, jurisdiction.code, groups, known, going_by)
    moment = at or datetime.now(UTC)
    made = []
    for id_, group in zip(new_ids(len(groups)), groups, strict=True):
        category = known[group[0][0]]
        said = {"reports": [str(report) for report, _ in group], "category": category}
        if found := duplicates(connection, jurisdiction.code, group[0], category, going_by):
            said["duplicates"] = [str(case) for case in found]
        move = decide(Standing(), "collect", actor, moment, "", said)
        hash_ = move_hash(id_, jurisdiction.code, move, START)
        private = going_by.handled(category).private
        made.append(store.NewCase(id_, category, private, tuple(group), move, hash_, START))
    if made:
        store.insert(connection, jurisdiction.code, made)
        for new in made:
            ids = [report for report, _ in new.reports]
            notices.notify(connection, jurisdiction.code, new.id, 1, "collected", ids)
        store.tell(connection, jurisdiction.code)
    return [new.id for new in made]


def _check(
    connection: Connection,
    jurisdiction: str,
    groups: Sequence[Sequence[Reference]],
    known: Mapping[UUID, str],
    rules: Rules,
) -> None:
    ids = [report for group in groups for report, _ in group]
    if any(report not in known for report in ids):
        raise NotFound("there is no such report", field="reports")
    if len(set(ids)) < len(ids):
        raise BadInput("a report is named twice", field="reports")
    if taken := store.cases_of(connection, jurisdiction, ids):
        report, case = next(iter(taken.items()))
        raise Conflict(f"the report {report} is in the case {case} already", field="reports")
    for group in groups:
        if not 1 <= len(group) <= REPORTS_MOST:
            raise BadInput(f"give 1 to {REPORTS_MOST} reports", field="reports")
        if len({rules.handled(known[report]).private for report, _ in group}) > 1:
            raise BadInput("private reports do not go together with others", field="reports")


def duplicates(
    connection: Connection, jurisdiction: str, report: Reference, category: str, rules: Rules
) -> list[UUID]:
    """Live cases that are probably about the same: their category of the same group, near and recent."""
    handling = rules.handled(category)
    same = [row.category for row in rules.handling if row.group == handling.group]
    return store.likely(
        connection,
        jurisdiction,
        report,
        live=live_states(),
        categories=list({*same, category}),
        near_m=handling.near_m,
        recent=handling.recent,
        most=DUPLICATES_MOST,
    )


def references(connection: Connection, jurisdiction: str, ids: Sequence[UUID]) -> list[Reference]:
    """Reports by their ids alone. Raises NotFound(field="reports")."""
    found = []
    for id_ in ids:
        try:
            found.append((id_, reports.get(connection, jurisdiction, id_).occurred_at))
        except NotFound:
            raise NotFound(f"there is no report {id_}", field="reports") from None
    return found


@dataclass(slots=True)
class Opening:
    """Opens cases in the transaction that stores their reports, for the categories that say `at_once`.

    Which these are is remembered for KEPT_SECONDS: most reports are of none, and cost nothing more.
    """

    _kept: dict[str, tuple[float, Rules]] = field(default_factory=dict)

    def __call__(
        self, connection: Connection, jurisdiction: Jurisdiction, stored: Sequence[tuple[UUID, datetime, str]]
    ) -> None:
        """`stored`: (id, occurred_at, category) of the reports that are new in this transaction."""
        rules = self._rules(connection, jurisdiction.code)
        groups = [[(id_, at)] for id_, at, category in stored if rules.handled(category).opens == "at_once"]
        if groups:
            collect(connection, jurisdiction, groups, INTAKE, rules=rules)

    def _rules(self, connection: Connection, jurisdiction: str) -> Rules:
        kept = self._kept.get(jurisdiction)
        if kept is None or time.monotonic() - kept[0] > KEPT_SECONDS:
            kept = self._kept[jurisdiction] = (time.monotonic(), local.rules(connection, jurisdiction))
        return kept[1]


def open_waiting(connection: Connection, jurisdiction: Jurisdiction, *, now: datetime) -> list[UUID]:
    """Open a case for each report of the last WAIT_MOST that somebody sent and that is in none; -> their ids.

    At most OPENED_MOST, those that came first. Reports from files are none, as nobody waits for an answer to
    them, unless somebody corrected them. Categories that are opened by hand are left to that.
    """
    rules = local.rules(connection, jurisdiction.code)
    waiting = store.without_case(connection, jurisdiction.code, now - WAIT_MOST, OPENED_MOST)
    groups = [[(id_, at)] for id_, at, category in waiting if rules.handled(category).opens != "by_hand"]
    return collect(connection, jurisdiction, groups, INTAKE, rules=rules) if groups else []
