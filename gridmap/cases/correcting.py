"""A correction of a report, and what it means for its case: place, category, recipients."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.cases import moving, store
from gridmap.cases.local import Local, local
from gridmap.cases.model import Actor, CaseFile, Standing
from gridmap.cases.workflow import decide
from gridmap.errors import Conflict, Forbidden
from gridmap.reports import store as reports
from gridmap.reports.corrections import Change, Corrected, correct
from gridmap.settings import Settings

MAY = frozenset({"office", "community", "member"})


def correct_report(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    report: UUID,
    change: Change,
    actor: Actor,
    *,
    reason: str,
    at: datetime | None = None,
) -> Corrected:
    """Correct a report; where it is in a case, that goes to whom it belongs now, and its history says so.

    Raises as `corrections.correct` and `workflow.decide`.
    """
    reports.get(connection, jurisdiction.code, report)  # whoever does not see it is not told more than that
    if not actor.roles & MAY:
        raise Forbidden(f"correcting a report is for {', '.join(sorted(MAY))}", field="id")
    of_report = store.cases_of(connection, jurisdiction.code, [report]).get(report)
    if of_report is None:
        return correct(connection, jurisdiction, settings, report, change, by=actor.name, reason=reason)
    case = store.final(connection, of_report)
    before = store.get(connection, jurisdiction.code, case)
    done = correct(connection, jurisdiction, settings, report, change, by=actor.name, reason=reason)
    _, standing = moving.opened(connection, jurisdiction, case)
    going_by = local(connection, jurisdiction, settings)
    (first, *_) = store.histories(connection, [case])[case]
    if first.move.details["reports"][0] == str(report):
        reference = (report, done.after.occurred_at)
        private = going_by.rules.handled(done.after.category).private
        store.replace(connection, case, reference, done.after.category, private)
    held = store.get(connection, jurisdiction.code, case)
    moment = at or datetime.now(UTC)
    said = {
        "report": str(report),
        "number": done.number,
        "changed": list(done.changed),
        "rerouted": (before.category, before.areas) != (held.category, held.areas)
        and _elsewhere(connection, jurisdiction, settings, held, standing, moment, going_by),
    }
    made = decide(standing, "correct", actor, moment, reason, said)
    moving.write(connection, jurisdiction, held, standing, made)
    return done


def _elsewhere(
    connection: Connection,
    jurisdiction: Jurisdiction,
    settings: Settings,
    held: CaseFile,
    standing: Standing,
    moment: datetime,
    going_by: Local,
) -> bool:
    """Whether the rules send the case, as it is now, to others than it was sent to."""
    if not standing.waiting_for:
        return False
    try:
        found = moving.routed(connection, jurisdiction, settings, held, moment, going_by)
    except Conflict:
        return True
    fitting = [{each.recipient, *each.then} for each in found.assignments]
    recipients = [task.recipient for task in standing.tasks]
    return len(fitting) != len(recipients) or not all(
        any(recipient in some for some in fitting) for recipient in recipients
    )
