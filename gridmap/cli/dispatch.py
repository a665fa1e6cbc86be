"""`gridmap dispatch check|load|show|explain` and `gridmap calendar import|show`: what cases go by."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import Connection

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import local as going_by
from gridmap.cases.calendars import SATURDAY, shipped
from gridmap.cases.dispatch import Place, Route, route
from gridmap.cases.local import store as local_store
from gridmap.cases.rules import COLUMNS
from gridmap.cases.rules import shipped as shipped_rules
from gridmap.cli.areas import AsJson, print_rows
from gridmap.cli.common import JurisdictionOption, console, existing, loaded_by, opened
from gridmap.errors import BadFile, BadInput, NotFound
from gridmap.people import store as people
from gridmap.people.chain import Placed
from gridmap.people.roster import who_now
from gridmap.reports import store as reports
from gridmap.reports.categories import vocabulary
from gridmap.reports.times import parse_time
from gridmap.settings import Settings
from gridmap.tabular import plain_number

app = typer.Typer(no_args_is_help=True)
calendar_app = typer.Typer(no_args_is_help=True)

RuleFile = Annotated[
    Path, typer.Argument(help="CSV of handling, routing or deadlines, known by its columns.")
]


@app.callback()
def dispatch() -> None:
    """Rules of handling, routing and deadlines."""


@calendar_app.callback()
def calendar() -> None:
    """Holidays and make-up days."""


def text_of(file: Path) -> str:
    """A file of UTF-8 text. Raises BadFile or BadInput(field="file")."""
    try:
        return existing(file).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadFile(f"{file} is not UTF-8", field="file") from None


@app.command("check")
def check(file: RuleFile, jurisdiction: JurisdictionOption = None) -> None:
    """Say what is wrong or doubtful about a file of rules. Writes nothing; exit code 1 for doubts."""
    text = text_of(file)
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        kind, said = going_by.check_rules(connection, owner.code, text)
    for each in said:
        console.print(each, markup=False, highlight=False, soft_wrap=True)
    if said:
        raise typer.Exit(1)
    console.print(f"{file.name}: {kind}, nothing is wrong", markup=False, highlight=False)


@app.command("load")
def load(file: RuleFile, jurisdiction: JurisdictionOption = None) -> None:
    """Put a file of rules in force. The one before is kept and no longer counts."""
    text = text_of(file)
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        kind = going_by.load_rules(connection, owner.code, text, file.name, loaded_by())
    console.print(f"{file.name}: {kind} of {owner.name} from now on", markup=False, highlight=False)


@app.command("show")
def show(
    kind: Annotated[str, typer.Argument(help="handling, routing or deadlines.")],
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Print the rules in force, as a file to change and load."""
    if kind not in COLUMNS:
        raise BadInput(f"is one of {', '.join(COLUMNS)}", field="kind")
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        loaded = local_store.rules(connection, owner.code).get(kind)
    print(loaded[0] if loaded else shipped_rules(kind), end="")


@app.command("explain", context_settings={"ignore_unknown_options": True})
def explain(
    report: Annotated[str | None, typer.Option(help="Id of a report; else say category and place.")] = None,
    category: Annotated[str | None, typer.Option(help="Code of a category.")] = None,
    lon: Annotated[str | None, typer.Option(help="Degrees east.")] = None,
    lat: Annotated[str | None, typer.Option(help="Degrees north.")] = None,
    datum: Annotated[str | None, typer.Option(help="wgs84, cgcs2000, gcj02 or bd09; never guessed.")] = None,
    at: Annotated[str | None, typer.Option(help="When it is dispatched; default now.")] = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """Say whom a case would go to, by which rule, and why not by those before it. Writes nothing."""
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        moment = parse_time(at, owner.zone, None) if at else datetime.now(UTC)
        settings = database.settings
        if report is not None:
            found = _by_report(connection, owner, settings, report, moment)
        else:
            found = _by_place(connection, owner, settings, category, (lon, lat, datum), moment)
    rows = [
        {
            "recipient": each.recipient,
            "then": " > ".join(each.then),
            "silence_minutes": each.silence_minutes if each.then else None,
            "vacant": " ".join(each.vacant),
            "note": each.note,
        }
        for each in found.assignments
    ]
    if as_json:
        said = {"rule": found.rule.rule, "working_hours": found.working, "recipients": rows}
        print(json.dumps(said | {"passed": dict(found.passed)}, ensure_ascii=False))
        return
    for rule, why in found.passed:
        console.print(f"not {rule}: {why}", markup=False, highlight=False)
    hours = "working hours" if found.working else "off hours"
    console.print(f"rule {found.rule.rule} ({hours}):", markup=False, highlight=False)
    print_rows(rows, "")


def _by_report(
    connection: Connection, owner: Jurisdiction, settings: Settings, text: str, moment: datetime
) -> Route:
    try:
        found = reports.get(connection, owner.code, UUID(text))
    except ValueError:
        raise NotFound("is no id of a report", field="report") from None
    return _route(connection, owner, settings, found.category, found.placement, moment)


def _by_place(
    connection: Connection,
    owner: Jurisdiction,
    settings: Settings,
    category: str | None,
    where: tuple[str | None, str | None, str | None],
    moment: datetime,
) -> Route:
    lon, lat = plain_number(where[0], "lon"), plain_number(where[1], "lat")
    if category is None or lon is None or lat is None or where[2] is None:
        raise BadInput("give --report, or --category, --lon, --lat and --datum", field="report")
    vocabulary(connection, owner.code).check(category)
    atlas = current_atlas(connection, owner.code, nearest_tolerance_m=settings.nearest_tolerance_m)
    day = moment.astimezone(owner.zone).date()
    placed = atlas.locate(lon, lat, day, datum=where[2])
    return _route(connection, owner, settings, category, placed, moment)


def _route(
    connection: Connection,
    owner: Jurisdiction,
    settings: Settings,
    category: str,
    placed: Any,
    moment: datetime,
) -> Route:
    day = moment.astimezone(owner.zone).date()
    atlas = current_atlas(connection, owner.code, nearest_tolerance_m=settings.nearest_tolerance_m)
    by = going_by.local(connection, owner, settings)
    return route(
        by.rules,
        Place(category, _areas(placed)),
        moment,
        by.calendar,
        who_now(connection, owner.code, atlas, placed, day),
        people.parties(connection, owner.code, day=day),
    )


def _areas(placed: Placed) -> dict[str, str]:
    found = {kind: getattr(placed, kind) for kind in ("building", "compound", "grid", "community")}
    return {kind: area.code for kind, area in found.items() if area is not None}


@calendar_app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV: year, kind (holiday, workday), first, last, name.")],
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Put notices of holidays and make-up days (调休) in force, each in place of one of its year before."""
    text = text_of(file)
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        years = going_by.load_days(connection, owner.code, text, loaded_by())
    for year, days in sorted(years.items()):
        console.print(f"{year}: {days} days", markup=False, highlight=False)


@calendar_app.command("show")
def show_days(
    year: Annotated[int, typer.Option(help="Of the notice.")],
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """List a year's days on which the week does not decide."""
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        own = [each for each in local_store.days(connection, owner.code) if each.year == year]
    chosen = own or [each for each in shipped() if each.year == year]
    rows = [
        {"day": each.day.isoformat(), "week": _week(each.day), "worked": each.working, "name": each.name}
        for each in chosen
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print_rows(rows, f"there is no notice for {year}; gridmap calendar import brings one")


def _week(day: date) -> str:
    return "weekend" if day.weekday() >= SATURDAY else "weekday"
