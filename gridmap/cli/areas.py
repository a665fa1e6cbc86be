"""`gridmap areas check|import|list|export`: editions of areas, judged before anything is written."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from gridmap.areas import loading, store
from gridmap.areas.exporting import DRIVERS, SUFFIXES, export_areas
from gridmap.areas.verdicts import CheckReport
from gridmap.cli.common import JurisdictionOption, console, errors, existing, loaded_by, opened, read_settings
from gridmap.cli.reportview import print_report, print_summary, print_table
from gridmap.errors import AreasRefused, BadFile, BadInput, GridmapError, TooLarge

app = typer.Typer(no_args_is_help=True)

CodeField = Annotated[str | None, typer.Option(help="The field of codes; default `code` if there is one.")]
NameField = Annotated[str | None, typer.Option(help="The field of names; default `name` if there is one.")]
ParentField = Annotated[str | None, typer.Option(help="The field of the parents' codes; default `parent`.")]
Layer = Annotated[str | None, typer.Option(help="Of a file with several layers.")]
Datum = Annotated[str | None, typer.Option(help="gcj02 or bd09, when the file's degrees are really that.")]
Encoding = Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")]
Crs = Annotated[str | None, typer.Option(help="For a file that names none, e.g. EPSG:4545.")]
CodeRule = Annotated[str | None, typer.Option(help="cn-grid: 15 digits, 6+3+3+3, serials west-east.")]
AsJson = Annotated[bool, typer.Option("--json", help="The whole report for a program.")]


@app.callback()
def areas() -> None:
    """Editions of areas."""


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Shapefile (or .zip), .gpkg, .geojson, .kml, .fgb.")],
    kind: Annotated[str, typer.Option(help="subdistrict, community, grid, compound or building.")] = "grid",
    jurisdiction: Annotated[str | None, typer.Option(help="A code, for --code-rule.")] = None,
    code_field: CodeField = None,
    name_field: NameField = None,
    parent_field: ParentField = None,
    layer: Layer = None,
    datum: Datum = None,
    encoding: Encoding = None,
    crs: Crs = None,
    code_rule: CodeRule = None,
    as_json: AsJson = False,
) -> None:
    """Say of every feature whether it is accepted, warned or refused, and why. Writes nothing, needs no
    database. Exit code 1 when anything is refused."""
    limit = read_settings().file_limit
    judged: list[CheckReport | tuple[Path, GridmapError]] = []
    for path in files:
        try:
            judged.append(
                loading.check_file(
                    existing(path),
                    kind=kind,
                    jurisdiction=jurisdiction,
                    code_field=code_field,
                    name_field=name_field,
                    parent_field=parent_field,
                    layer=layer,
                    datum=datum,
                    encoding=encoding,
                    crs=crs,
                    code_rule=code_rule,
                    limit=limit,
                )
            )
        except (BadFile, TooLarge) as error:
            if len(files) == 1 and not as_json:
                raise AreasRefused(error.message, field=error.field) from error
            judged.append((path, error))
    if as_json:
        documents = [each.to_dict() if isinstance(each, CheckReport) else _unread(*each) for each in judged]
        print(json.dumps(documents if len(files) > 1 else documents[0], ensure_ascii=False))
    elif len(files) == 1 and isinstance(judged[0], CheckReport):
        print_report(console, judged[0])
    else:
        print_summary(console, judged)
    if not all(isinstance(each, CheckReport) and each.passed for each in judged):
        raise typer.Exit(1)


def _unread(path: Path, error: GridmapError) -> dict[str, Any]:
    return {
        "file": path.name,
        "passed": False,
        "error": {"code": error.code, "field": error.field, "message": error.message},
    }


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Shapefile (or .zip), .gpkg, .geojson, .kml, .fgb.")],
    kind: Annotated[str, typer.Option(help="subdistrict, community, grid, compound or building.")],
    jurisdiction: JurisdictionOption = None,
    code_field: CodeField = None,
    name_field: NameField = None,
    parent_field: ParentField = None,
    layer: Layer = None,
    datum: Datum = None,
    encoding: Encoding = None,
    crs: Crs = None,
    code_rule: CodeRule = None,
    valid_from: Annotated[str | None, typer.Option(help="YYYY-MM-DD; needed from the second on.")] = None,
    as_json: AsJson = False,
) -> None:
    """Check FILE and store its areas as an edition, all or nothing. The same file again adds nothing."""
    day = parse_day(valid_from, "valid_from") if valid_from else None
    reports: list[CheckReport] = []

    waiting = errors.status(f"reading {file.name}")

    def show(report: CheckReport) -> None:
        waiting.stop()
        reports.append(report)
        if not as_json:
            print_report(console, report)

    try:
        with opened() as database, waiting, database.writing() as connection:
            chosen = store.jurisdiction(connection, jurisdiction)
            before = {edition.id for edition in store.editions(connection, chosen.code, kind)}
            edition = loading.import_file(
                connection,
                chosen,
                existing(file),
                kind=kind,
                valid_from=day,
                loaded_by=loaded_by(),
                on_report=show,
                limit=database.settings.file_limit,
                code_field=code_field,
                name_field=name_field,
                parent_field=parent_field,
                layer=layer,
                datum=datum,
                encoding=encoding,
                crs=crs,
                code_rule=code_rule,
            )
            replaced, new, ended = store.changes(connection, edition)
    except AreasRefused:
        if as_json and reports:
            print(json.dumps({"edition": None, "report": reports[0].to_dict()}, ensure_ascii=False))
        raise
    added = edition.id not in before
    if as_json:
        report = reports[0].to_dict() if reports else None
        changed = {"replaced": replaced, "new": new, "ended": ended}
        document = {"edition": edition.id, "added": added, **changed, "report": report}
        print(json.dumps(document, ensure_ascii=False))
        return
    since = f"valid from {edition.valid_from}" if edition.valid_from else "valid from the beginning"
    said = f"edition {edition.id}: {edition.area_count:,} areas of kind {kind} in {chosen.code}, {since}"
    console.print(said if added else f"already loaded as {said}", markup=False, highlight=False)
    if edition.valid_from and added:
        text = f"from that day: {replaced:,} boundaries replaced, {new:,} new, {ended:,} ended"
        console.print(text, markup=False, highlight=False)
    if day and not edition.valid_from:
        console.print(f"it is the first, so it is valid before {day} as well", style="yellow")


@app.command("list")
def list_(
    jurisdiction: JurisdictionOption = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the editions of a jurisdiction."""
    if kind is not None:
        store.check_kind(kind)
    with opened() as database, database.reading() as connection:
        chosen = store.jurisdiction(connection, jurisdiction)
        editions = store.editions(connection, chosen.code, kind)
    rows = [
        {
            "edition": e.id,
            "kind": e.kind,
            "areas": e.area_count,
            "valid_from": e.valid_from.isoformat() if e.valid_from else None,
            "file": e.file_name,
            "sha256": e.sha256,
            "loaded_by": e.loaded_by,
            "recorded_at": e.recorded_at.isoformat(),
        }
        for e in editions
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    shown = ("edition", "kind", "areas", "valid_from", "file", "loaded_by", "recorded_at")
    print_rows([{key: row[key] for key in shown} for row in rows], f"no areas in {chosen.code} yet")


@app.command("export")
def export(
    kind: Annotated[str, typer.Option(help="subdistrict, community, grid, compound or building.")],
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[str | None, typer.Option(help=f"{', '.join(DRIVERS)}; default by the ending.")] = None,
    day: Annotated[str | None, typer.Option(help="YYYY-MM-DD; default today.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write the areas of a kind, as valid on a day, to a file. A Shapefile comes as a .zip."""
    store.check_kind(kind)
    check_folder(out)
    format = format_of(out, format, SUFFIXES)
    with opened() as database, database.reading() as connection:
        chosen = store.jurisdiction(connection, jurisdiction)
        found = store.areas(
            connection, chosen.code, kind=kind, day=parse_day(day, "day") if day else chosen.today()
        )
    if not found:
        raise BadInput(f"{chosen.code} has no {kind} on that day", field="kind")
    export_areas(found, out, format=format, notice="示意数据" if chosen.illustrative else None)
    console.print(f"{len(found):,} areas in {out}", markup=False, highlight=False)


def parse_day(text: str, field: str) -> date:
    """A day of a flag. Raises BadInput naming it."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise BadInput(f"{text!r} is not a day; write it like 2023-06-18", field=field) from None


def format_of(out: Path, format: str | None, suffixes: Mapping[str, str]) -> str:
    """The format that a file's ending says. Raises BadInput where --format says another, or none is known."""
    by_suffix = {suffix: name for name, suffix in suffixes.items()}
    said = by_suffix.get(out.suffix.lower())
    if format is not None and format not in suffixes:
        raise BadInput(f"{format!r} is not a format; give one of {', '.join(suffixes)}", field="format")
    if said is None or format not in (None, said):
        right = suffixes[format] if format else ", ".join(by_suffix)
        raise BadInput(f"{out.name} should end in {right}", field="out")
    return said


def check_folder(out: Path) -> None:
    """Raise BadInput(field="out") unless a file can be put there."""
    if out.is_dir() or not out.parent.is_dir():
        raise BadInput(f"{out} is not a file in a folder that there is", field="out")


def print_rows(rows: Sequence[dict[str, Any]], nothing: str) -> None:
    """A plain table of dicts with the same keys, or a line when there are none."""
    if not rows:
        console.print(nothing, markup=False)
        return
    table = Table(box=None, header_style="bold")
    for key, value in rows[0].items():
        table.add_column(key, justify="right" if isinstance(value, int | float) else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text("" if value is None else str(value)) for value in row.values()))
    print_table(console, table)
