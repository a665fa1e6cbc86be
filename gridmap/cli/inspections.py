"""`gridmap inspections plans|import|coverage`: 三排查."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cases.inspections import covered, files, tally
from gridmap.cases.inspections.model import INSPECTORS
from gridmap.cli.areas import AsJson, parse_day, print_rows
from gridmap.cli.common import JurisdictionOption, console, loaded_by, opened
from gridmap.cli.dispatch import text_of

app = typer.Typer(no_args_is_help=True)


@app.callback()
def about() -> None:
    """Inspections on a schedule, and what nobody looked at."""


@app.command("plans")
def plans(
    file: Annotated[Path, typer.Argument(help=f"CSV: {', '.join(files.PLAN_COLUMNS)}.")],
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Put plans in force: who inspects what, every how many days."""
    text = text_of(file)
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        loaded = files.load_plans(connection, owner, text, loaded_by())
    console.print(f"{file.name}: {len(loaded)} plans", markup=False, highlight=False)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=f"CSV: {', '.join(files.COLUMNS)}.")],
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Store the inspections of FILE, all or nothing. The same file again adds nothing."""
    text = text_of(file)
    with opened() as database, database.writing() as connection:
        new, known = files.load(connection, areas.jurisdiction(connection, jurisdiction), text)
    console.print(f"{file.name}: {new:,} new, {known:,} already known", markup=False, highlight=False)


@app.command("coverage")
def coverage(
    jurisdiction: JurisdictionOption = None,
    day: Annotated[str | None, typer.Option(help="As of this day (YYYY-MM-DD); default today.")] = None,
    plan: Annotated[str | None, typer.Option(help="Only the targets of this plan, one by one.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say of each plan how many of its targets are covered, and which buildings nobody looks at."""
    asked = parse_day(day, "day") if day else None
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        known, found, blind = covered(connection, owner, asked or owner.today())
    rows = [
        {
            "plan": each.code,
            "name": each.name,
            "inspector": INSPECTORS[each.inspector][0],
            "every_days": each.every_days,
            "targets": counted["targets"],
            "covered": counted["covered"],
        }
        for each, counted in ((plan, tally(found, plan.code)) for plan in known)
    ]
    details = [
        {
            "target": c.target,
            "last": c.last.isoformat() if c.last else None,
            "covered": c.covered,
            "trouble": c.trouble,
        }
        for c in found
        if c.plan == plan
    ]
    if as_json:
        print(json.dumps({"plans": rows, "blind": blind, "targets": details}, ensure_ascii=False))
        return
    print_rows(details if plan else rows, "there is no such plan")
    shown = ", ".join(blind[:20]) + (" …" if len(blind) > 20 else "")
    console.print(
        f"{len(blind):,} buildings are covered by no plan{': ' if blind else ''}{shown}", markup=False
    )
