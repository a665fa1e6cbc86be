"""`gridmap cases list|show|open|move|merge|reopen|correct|pass-on|workflow`."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import typer

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import drawing, listing, moving, store
from gridmap.cases.chores import pass_on_silent
from gridmap.cases.correcting import correct_report
from gridmap.cases.intake import collect, references
from gridmap.cases.model import Actor
from gridmap.cases.workflow import live_states, moves, states
from gridmap.cli.areas import AsJson, print_rows
from gridmap.cli.common import JurisdictionOption, console, loaded_by, opened
from gridmap.errors import BadInput, NotFound
from gridmap.faces.shapes.case_wire import case as as_case
from gridmap.faces.shapes.case_wire import clock as as_clock
from gridmap.faces.shapes.case_wire import move as as_move
from gridmap.reports.corrections import Change
from gridmap.tabular import plain_number

app = typer.Typer(no_args_is_help=True)

CaseId = Annotated[str, typer.Argument(metavar="CASE", help="The id of a case.")]
Reason = Annotated[str, typer.Option(help="Why; most moves need it.")]
As = Annotated[str, typer.Option("--as", help="Roles: office, community, member, department; with commas.")]
By = Annotated[str | None, typer.Option(help="Who moves; default the name of the system account.")]
For = Annotated[
    list[str] | None, typer.Option("--for", help="Recipient to act as: party:CODE, post:POST@KIND:CODE.")
]


class Format(StrEnum):
    table = "table"
    mermaid = "mermaid"
    document = "document"


@app.callback()
def cases() -> None:
    """Cases: who handles what was reported."""


def _actor(by: str | None, roles: str, recipients: list[str] | None) -> Actor:
    named = frozenset(role.strip() for role in roles.split(",") if role.strip())
    if unknown := named - {"office", "community", "member", "department"}:
        raise BadInput(f"{min(unknown)!r} is no role", field="as")
    return Actor(by or f"cli:{loaded_by()}", named, frozenset(recipients or ()))


def _id(text: str, what: str = "case") -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(f"{text[:60]!r} is no id of a {what}", field=what) from None


def _short(view: listing.View, owner: Jurisdiction) -> dict[str, Any]:
    upcoming, file = view.next_clock, view.case
    due = upcoming.due if upcoming else None
    return {
        "id": str(file.id),
        "state": file.state,
        "category": file.category,
        "grid": file.grid.code if file.grid else None,
        "opened_at": file.opened_at.astimezone(owner.zone).isoformat(" ", "minutes")[:16],
        "next": upcoming.milestone if upcoming else None,
        "due": due.astimezone(owner.zone).isoformat(" ", "minutes")[:16] if due else None,
        "overdue": "yes" if view.overdue else "",
        "waiting_for": " ".join(file.waiting_for),
        "reports": len(view.reports),
    }


@app.command("list")
def list_(
    jurisdiction: JurisdictionOption = None,
    state: Annotated[str | None, typer.Option(help="A state; live: all that are not at an end.")] = None,
    category: Annotated[str | None, typer.Option(help="Only this category, by code.")] = None,
    grid: Annotated[str | None, typer.Option(help="Only in this grid, by code.")] = None,
    recipient: Annotated[str | None, typer.Option(help="Whose turn it is.")] = None,
    overdue: Annotated[bool, typer.Option("--overdue", help="Only what is late now.")] = False,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """List cases, newest first, with what is due next."""
    if limit < 1:
        raise BadInput("give 1 or more", field="limit")
    if state is not None and state not in (*states(), "live"):
        raise BadInput(f"is live or one of {', '.join(states())}", field="state")
    chosen = tuple(live_states()) if state == "live" else (state,) if state else ()
    wanted = store.Filter(
        states=chosen, category=category, grid=grid, recipients=(recipient,) if recipient else None
    )
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        found = listing.page(
            connection,
            owner,
            database.settings,
            wanted,
            datetime.now(UTC),
            overdue=True if overdue else None,
            limit=limit,
        )
        rows = [_short(view, owner) for view in found]
        whole = [as_case(view, owner.zone) for view in found]
    if as_json:
        print(json.dumps(whole, ensure_ascii=False, default=str))
    else:
        print_rows(rows, "no such cases")


@app.command("show")
def show(case: CaseId, jurisdiction: JurisdictionOption = None, as_json: AsJson = False) -> None:
    """Show one case: its clocks and its history."""
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        view = listing.one(connection, owner, database.settings, _id(case), datetime.now(UTC))
    zone = owner.zone
    clocks = [as_clock(each, zone) for each in view.clocks]
    history = [as_move(each, zone) for each in view.history]
    if as_json:
        whole = as_case(view, zone) | {"clocks": clocks, "history": history, "reports": view.reports}
        print(json.dumps(whole, ensure_ascii=False, default=str))
        return
    print_rows([_short(view, owner)], "")
    print_rows(
        [{k: row[k] for k in ("milestone", "recipient", "due", "done_at", "overdue")} for row in clocks], ""
    )
    names = ("seq", "at", "move", "target", "actor", "reason")
    print_rows([{name: row[name] for name in names} for row in history], "")


@app.command("open")
def open_(
    reports: Annotated[list[str], typer.Argument(help="Ids of reports: all of them are one case.")],
    jurisdiction: JurisdictionOption = None,
    by: By = None,
) -> None:
    """Open a case from reports; prints its id."""
    ids = [_id(text, "report") for text in reports]
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        found = references(connection, owner.code, ids)
        (made,) = collect(connection, owner, [found], _actor(by, "member", None))
    print(made)


def _move(
    case: str, name: str, actor: Actor, reason: str, details: dict[str, Any], jurisdiction: str | None
) -> None:
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        after = moving.make(
            connection, owner, database.settings, _id(case), name, actor, reason=reason, details=details
        )
    waiting = f", waiting for {', '.join(after.waiting_for)}" if after.waiting_for else ""
    console.print(f"{after.id}: {after.state}{waiting}", markup=False, highlight=False, soft_wrap=True)


@app.command("move")
def move(
    case: CaseId,
    name: Annotated[str, typer.Argument(metavar="MOVE", help=", ".join(moves()))],
    jurisdiction: JurisdictionOption = None,
    reason: Reason = "",
    details: Annotated[str, typer.Option(help='JSON, as {"finding": "done"} or {"hours": 8}.')] = "{}",
    as_: As = "office",
    by: By = None,
    for_: For = None,
) -> None:
    """Make a move that the table of moves allows."""
    try:
        said = json.loads(details)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise BadInput('is a JSON object, as {"finding": "done"}', field="details")
    _move(case, name, _actor(by, as_, for_), reason, said, jurisdiction)


@app.command("merge")
def merge(
    case: CaseId,
    into: Annotated[str, typer.Argument(help="The case that it becomes part of.")],
    reason: Annotated[str, typer.Option(help="Why they are one.")],
    jurisdiction: JurisdictionOption = None,
    as_: As = "office",
    by: By = None,
) -> None:
    """Make a case part of another; the reporters of both stay informed."""
    _move(case, "merge", _actor(by, as_, None), reason, {"into": str(_id(into))}, jurisdiction)


@app.command("reopen")
def reopen(
    case: CaseId,
    reason: Annotated[str, typer.Option(help="Why it is not done with.")],
    jurisdiction: JurisdictionOption = None,
    as_: As = "office",
    by: By = None,
) -> None:
    """Begin a case that has ended anew."""
    _move(case, "reopen", _actor(by, as_, None), reason, {}, jurisdiction)


@app.command("correct", context_settings={"ignore_unknown_options": True})
def correct(
    report: Annotated[str, typer.Argument(help="The id of a report, whether it is in a case or not.")],
    reason: Annotated[str, typer.Option(help="How it is known.")],
    category: Annotated[str | None, typer.Option(help="Code of the right category.")] = None,
    lon: Annotated[str | None, typer.Option(help="Degrees east of the right point.")] = None,
    lat: Annotated[str | None, typer.Option(help="Degrees north.")] = None,
    datum: Annotated[str | None, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09; never guessed.")] = None,
    jurisdiction: JurisdictionOption = None,
    as_: As = "office",
    by: By = None,
) -> None:
    """Move a report's point or change its category; counts and its case follow, what it was is kept."""
    change = Change(category, plain_number(lon, "lon"), plain_number(lat, "lat"), datum)
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        done = correct_report(
            *(connection, owner, database.settings, _id(report, "report"), change),
            _actor(by, as_, None),
            reason=reason,
        )
    grids = [each.placement.grid.code if each.placement.grid else "-" for each in (done.before, done.after)]
    said = f"correction {done.number}: {' and '.join(done.changed)}; grid {grids[0]} -> {grids[1]}"
    console.print(said, markup=False, highlight=False)


@app.command("pass-on")
def pass_on(jurisdiction: JurisdictionOption = None) -> None:
    """Hand each task that was met with silence to the next of its chain (三长联动)."""
    with opened() as database:
        with database.reading() as connection:
            owner = areas.jurisdiction(connection, jurisdiction)
        done = pass_on_silent(database, owner, datetime.now(UTC))
    rows = [{"case": str(case), "from": was, "to": now} for case, was, now in done]
    print_rows(rows, "no task was met with silence for too long")


@app.command("workflow")
def workflow(format_: Annotated[Format, typer.Option("--format", help="How.")] = Format.table) -> None:
    """Print the table of moves. Needs no database."""
    drawn = {"table": drawing.table, "mermaid": drawing.mermaid, "document": drawing.document}
    print(drawn[format_.value](), end="")
