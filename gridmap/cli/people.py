"""`gridmap people import|list|export|leave|changes` and `gridmap parties import|list|export`."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cli.areas import AsJson, check_folder, format_of, parse_day, print_rows
from gridmap.cli.common import JurisdictionOption, console, errors, existing, loaded_by, opened, tell_loaded
from gridmap.errors import BadInput
from gridmap.people import exporting, loading, persons, store
from gridmap.people.exporting import SUFFIXES
from gridmap.people.loading import Loaded
from gridmap.people.model import Change, check_party_kind

app = typer.Typer(no_args_is_help=True)
parties = typer.Typer(no_args_is_help=True)

Day = Annotated[str | None, typer.Option(help="YYYY-MM-DD; default today.")]
Table = Annotated[Path, typer.Argument(help="CSV, TSV, XLSX or NDJSON.")]
Encoding = Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")]
Sheet = Annotated[str | None, typer.Option(help="Of a workbook; default the first.")]
Out = Annotated[Path, typer.Option(help="The file to write.")]
Format = Annotated[str | None, typer.Option(help=f"{', '.join(SUFFIXES)}; default what OUT ends in.")]


@app.callback()
def people() -> None:
    """People."""


@parties.callback()
def of_parties() -> None:
    """Responsible units 责任单位."""


@app.command("import")
def import_people(
    file: Table,
    jurisdiction: JurisdictionOption = None,
    day: Annotated[str | None, typer.Option(help="From which --replace counts; default today.")] = None,
    replace: Annotated[bool, typer.Option("--replace", help="Whom FILE leaves out, leaves.")] = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Bring people to what FILE (code, name, phone, left_on) says, all or nothing. Who leaves ends their
    duties. The same file again adds nothing."""
    bring(file, loading.import_people, jurisdiction, encoding, sheet, as_json, day=day, replace_all=replace)


def bring(
    file: Path,
    import_file: Callable[..., Loaded],
    jurisdiction: str | None,
    encoding: str | None,
    sheet: str | None,
    as_json: bool,
    *,
    day: str | None = None,
    **options: Any,
) -> None:
    """Import a table and say what became of it."""
    if day is not None:
        options["day"] = parse_day(day, "day")
    with opened() as database, errors.status(file.name), database.writing() as connection:
        done = import_file(
            connection,
            areas.jurisdiction(connection, jurisdiction),
            existing(file),
            by=loaded_by(),
            encoding=encoding,
            sheet=sheet,
            limit=database.settings.file_limit,
            **options,
        )
    tell_loaded(done, as_json=as_json)


@app.command("list")
def list_people(
    jurisdiction: JurisdictionOption = None,
    day: Day = None,
    all_: Annotated[bool, typer.Option("--all", help="Also those who have left.")] = False,
    as_json: AsJson = False,
) -> None:
    """List people, with the posts they hold on a day."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        on = day_of(day, chosen)
        posts = store.posts(connection)
        held: dict[str, dict[str, int]] = {}
        for duty in store.duties(connection, chosen.code, day=on):
            of = held.setdefault(duty.person, {})
            of[duty.post] = of.get(duty.post, 0) + 1
        found = store.persons(connection, chosen.code, day=None if all_ else on)
    rows = [
        {
            **dict(zip(exporting.PERSON, row, strict=True)),
            "posts": ", ".join(f"{posts[post].name} {n}" for post, n in held.get(each.code, {}).items()),
        }
        for each, row in zip(found, exporting.people_rows(found), strict=True)
    ]
    show(rows, as_json, "nobody")


@app.command("export")
def export_people(out: Out, format: Format = None, jurisdiction: JurisdictionOption = None) -> None:
    """Write everybody there ever was to a file that can be imported again."""
    format = _checked(out, format)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        rows = exporting.people_rows(store.persons(connection, chosen.code))
        moment = store.last_change(connection, chosen.code)
    put(exporting.PERSON, rows, out, format, "people", moment)


@app.command("leave")
def leave(
    person: Annotated[str, typer.Argument(help="The person's code.")],
    day: Day = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Somebody leaves: DAY is the first without them, their duties and accounts."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        on = day_of(day, chosen)
        left = persons.leave(connection, chosen, person, on, loaded_by())
    said = f"{person} leaves on {on}; duties ended: {left.duties:,}, accounts: {len(left.accounts)}"
    console.print(said, markup=False, highlight=False)


@app.command("changes")
def changes(
    jurisdiction: JurisdictionOption = None,
    subject: Annotated[str | None, typer.Option(help="person, duty, party or account.")] = None,
    key: Annotated[str | None, typer.Option(help="Code, login or id of one of them.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Who changed what of people, duties, parties and accounts, and when."""
    if subject not in (None, "person", "duty", "party", "account"):
        raise BadInput(f"{subject!r} is not one of person, duty, party, account", field="subject")
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = store.changes(connection, chosen.code, subject=subject, key=key, limit=limit)
    rows = [
        {
            "recorded_at": each.recorded_at.astimezone(chosen.zone).isoformat(timespec="seconds"),
            "recorded_by": each.recorded_by,
            "subject": each.subject,
            "key": each.key,
            "changed": json.dumps(_difference(each), ensure_ascii=False),
        }
        for each in found
    ]
    show(rows, as_json, "no changes")


def _difference(change: Change) -> dict[str, Any]:
    """What is new: of a new row its values, of a changed one [was, now]."""
    new = change.was is None
    return {name: now if new else [was, now] for name, was, now in change.differences}


@parties.command("import")
def import_parties(
    file: Table,
    jurisdiction: JurisdictionOption = None,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Bring responsible units to what FILE (code, kind, name …) says, all or nothing."""
    bring(file, loading.import_parties, jurisdiction, encoding, sheet, as_json)


@parties.command("list")
def list_parties(
    jurisdiction: JurisdictionOption = None,
    kind: Annotated[str | None, typer.Option(help="squad, market, police, justice, property …")] = None,
    day: Day = None,
    as_json: AsJson = False,
) -> None:
    """List the responsible units of a day."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        of = check_party_kind(kind) if kind else None
        found = store.parties(connection, chosen.code, kind=of, day=day_of(day, chosen))
    rows = [dict(zip(exporting.PARTY, row, strict=True)) for row in exporting.party_rows(found)]
    show(rows, as_json, "no such parties")


@parties.command("export")
def export_parties(out: Out, format: Format = None, jurisdiction: JurisdictionOption = None) -> None:
    """Write every responsible unit to a file that can be imported again."""
    format = _checked(out, format)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        rows = exporting.party_rows(store.parties(connection, chosen.code))
        moment = store.last_change(connection, chosen.code)
    put(exporting.PARTY, rows, out, format, "parties", moment)


def day_of(text: str | None, jurisdiction: Jurisdiction) -> date:
    return parse_day(text, "day") if text else jurisdiction.today()


def show(rows: Sequence[dict[str, Any]], as_json: bool, nothing: str) -> None:
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print_rows(rows, nothing)


def _checked(out: Path, format: str | None) -> str:
    check_folder(out)
    return format_of(out, format, SUFFIXES)


def put(
    fields: Sequence[str],
    rows: Sequence[Sequence[Any]],
    out: Path,
    format: str,
    what: str,
    moment: datetime,
) -> None:
    """Write a table and say so; `moment`: of the last change of people."""
    exporting.write(fields, rows, out, format=format, moment=moment)
    console.print(f"{len(rows):,} {what} in {out}", markup=False, highlight=False)
