"""`gridmap duties import|list|export|begin|end|move|vacancies`."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from gridmap.areas import store as areas
from gridmap.areas.atlas import current_atlas
from gridmap.cli.areas import AsJson, check_folder, format_of, parse_day
from gridmap.cli.common import JurisdictionOption, console, loaded_by, opened
from gridmap.cli.people import Day, Encoding, Format, Out, Sheet, Table, bring, day_of, put, show
from gridmap.errors import BadInput
from gridmap.people import exporting, intake, loading, posts, store

app = typer.Typer(no_args_is_help=True)

Post = Annotated[str, typer.Argument(help="Code or name: grid_chief, 网格长, …")]
Code = Annotated[str, typer.Argument(help="Of the area; of a unit the building's, a hyphen, its number.")]
Kind = Annotated[str | None, typer.Option("--kind", help="Of the area, where the post knows several.")]


@app.callback()
def duties() -> None:
    """Who holds which post for which area, from day to day."""


@app.command("import")
def import_(
    file: Table,
    jurisdiction: JurisdictionOption = None,
    day: Annotated[
        str | None, typer.Option(help="YYYY-MM-DD of rows without valid_from, and of --replace; or today.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="End the duties of FILE's posts that it leaves out.")
    ] = False,
    encoding: Encoding = None,
    sheet: Sheet = None,
    as_json: AsJson = False,
) -> None:
    """Bring duties to what FILE (person, post, area_code, valid_from, valid_to …) says, all or nothing. The
    same file again adds nothing."""
    bring(file, loading.import_duties, jurisdiction, encoding, sheet, as_json, day=day, replace_all=replace)


@app.command("list")
def list_(
    jurisdiction: JurisdictionOption = None,
    person: Annotated[str | None, typer.Option(help="Only of this person, by code.")] = None,
    post: Annotated[str | None, typer.Option(help="Only of this post.")] = None,
    day: Day = None,
    all_: Annotated[bool, typer.Option("--all", help="Past and future ones too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the duties of a day."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        known = store.posts(connection)
        found = store.duties(
            connection,
            chosen.code,
            day=None if all_ else day_of(day, chosen),
            person=person,
            post=posts.find(known, post).code if post else None,
        )
        told = exporting.duty_rows(found, known, current_atlas(connection, chosen.code))
    rows = [
        {"id": str(duty.id), **dict(zip(exporting.DUTY, row, strict=True))}
        for duty, row in zip(found, told, strict=True)
    ]
    show(rows, as_json, "no such duties")


@app.command("export")
def export(
    out: Out,
    format: Format = None,
    day: Day = None,
    all_: Annotated[bool, typer.Option("--all", help="Past and future ones too.")] = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write the duties of a day to a file that can be imported again."""
    check_folder(out)
    format = format_of(out, format, exporting.SUFFIXES)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = store.duties(connection, chosen.code, day=None if all_ else day_of(day, chosen))
        rows = exporting.duty_rows(found, store.posts(connection), current_atlas(connection, chosen.code))
        moment = store.last_change(connection, chosen.code)
    put(exporting.DUTY, rows, out, format, "duties", moment)


@app.command("begin")
def begin(
    person: Annotated[str, typer.Argument(help="The person's code.")],
    post: Post,
    area_code: Code,
    kind: Kind = None,
    party: Annotated[str | None, typer.Option(help="Code of the responsible unit, if any.")] = None,
    day: Annotated[str | None, typer.Option(help="The first day; default today.")] = None,
    until: Annotated[str | None, typer.Option(help="The first day without it; default none.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Give somebody a post for an area."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        new = intake.checked(
            intake.open_desk(connection, chosen),
            person=person,
            post=post,
            area_kind=kind,
            area_code=area_code,
            party=party,
            valid_from=day_of(day, chosen),
            valid_to=parse_day(until, "until") if until else None,
        )
        id_ = intake.begin(connection, chosen, new, loaded_by())
    console.print(str(id_), markup=False, highlight=False)


@app.command("end")
def end(
    duty: Annotated[str, typer.Argument(help="Its id, as `gridmap duties list --json` shows it.")],
    day: Annotated[str | None, typer.Option(help="The first day without it; default today.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """End a duty. One that would end before it began is taken for a mistake: it never was."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        on = day_of(day, chosen)
        intake.end(connection, chosen, _id(duty), on, loaded_by())
    console.print(f"ended on {on}", markup=False, highlight=False)


@app.command("move")
def move(
    duty: Annotated[str, typer.Argument(help="Its id, as `gridmap duties list --json` shows it.")],
    area_code: Code,
    kind: Kind = None,
    person: Annotated[str | None, typer.Option(help="Somebody else from then on, by code.")] = None,
    day: Annotated[str | None, typer.Option(help="The first day in the new place; default today.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """End a duty and begin it for another area, or with another person."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        id_ = intake.move(
            connection,
            chosen,
            _id(duty),
            day_of(day, chosen),
            loaded_by(),
            area_code=area_code,
            area_kind=kind,
            person=person,
        )
    console.print(str(id_), markup=False, highlight=False)


@app.command("vacancies")
def vacancies(
    post: Post,
    kind: Kind = None,
    day: Day = None,
    jurisdiction: JurisdictionOption = None,
    as_json: AsJson = False,
) -> None:
    """List the areas or units for which nobody holds a post."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        asked = posts.find(store.posts(connection), post)
        of = posts.area_kind(asked, kind)
        found = store.vacancies(connection, chosen.code, day_of(day, chosen), asked.code, [of])
    rows = [
        {"kind": each.kind, "code": each.code, "name": each.name, "parent": each.parent_code}
        for each in found
    ]
    show(rows, as_json, "none is vacant")


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise BadInput(f"{text[:40]!r} is not the id of a duty", field="duty") from None
