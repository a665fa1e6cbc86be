"""`gridmap reports`: import a file, its rows placed; audit what is stored against SQL."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.cli.areas import check_folder, format_of
from gridmap.cli.common import JurisdictionOption, console, existing, loaded_by, opened, row_counter
from gridmap.reports.audit import Verdict, audit
from gridmap.reports.categories import vocabulary
from gridmap.reports.exporting import SUFFIXES, export_reports
from gridmap.reports.files import Summary, import_file
from gridmap.reports.model import PLACED_KINDS
from gridmap.reports.reading import Reading
from gridmap.statistics.counts.folding import fold
from gridmap.statistics.months import month_span, parse_month

app = typer.Typer(no_args_is_help=True)


def _heading(what: str) -> typer.models.OptionInfo:
    return typer.Option(
        help=f"The column of {what}; usual headings are recognised.", rich_help_panel="Columns"
    )


@app.callback()
def reports() -> None:
    """Reports: import, export, audit."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, GeoJSON or NDJSON.")],
    jurisdiction: JurisdictionOption = None,
    datum: Annotated[str | None, typer.Option(help="One of wgs84, cgcs2000, gcj02, bd09.")] = None,
    category: Annotated[str | None, typer.Option(help="Code for rows whose file names none.")] = None,
    add_categories: Annotated[bool, typer.Option(help="Make local categories of unknown names.")] = False,
    dates: Annotated[str | None, typer.Option(help="dmy or mdy, where 05/06/2023 could be either.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; default the first.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Refused rows; FILE.rejected.csv here.")] = None,
    id_field: Annotated[str | None, _heading("the reporter's own id")] = None,
    category_field: Annotated[str | None, _heading("the category, code or name")] = None,
    description_field: Annotated[str | None, _heading("the words")] = None,
    time_field: Annotated[str | None, _heading("when it occurred")] = None,
    lon_field: Annotated[str | None, _heading("the longitude")] = None,
    lat_field: Annotated[str | None, _heading("the latitude")] = None,
    accuracy_field: Annotated[str | None, _heading("the accuracy in metres")] = None,
    datum_field: Annotated[str | None, _heading("the datum of each row")] = None,
    area_field: Annotated[str | None, _heading("the compound or building")] = None,
) -> None:
    """Store the reports of FILE in one transaction. The same file again adds nothing. Exit code 1 when no
    row of it could be used."""
    columns = {
        "client_id": id_field,
        "category": category_field,
        "description": description_field,
        "occurred_at": time_field,
        "lon": lon_field,
        "lat": lat_field,
        "accuracy_m": accuracy_field,
        "datum": datum_field,
        "named_area": area_field,
    }
    reading = Reading(datum, columns, category, add_categories, dates, encoding, sheet)
    aside = rejects or Path(f"{file.name}.rejected.csv")
    with opened() as database, row_counter(file.name) as progress:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
        summary = import_file(
            database,
            chosen,
            existing(file),
            reading,
            loaded_by=loaded_by(),
            rejects=aside,
            progress=progress,
        )
        fold(database)
    _print(summary, aside)
    if summary.rejected and not summary.accepted and not summary.known:
        raise typer.Exit(1)


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[str | None, typer.Option(help=f"{', '.join(SUFFIXES)}; default by the ending.")] = None,
    first: Annotated[str | None, typer.Option("--from", help="First month, YYYY-MM; default: all.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last month, YYYY-MM.")] = None,
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write reports to a file, however many. CSV and NDJSON can be imported again; any GIS opens GeoJSON and
    GeoPackage."""
    check_folder(out)
    format = format_of(out, format, SUFFIXES)
    months = [parse_month(month) if month else None for month in (first, last)]
    with opened() as database, database.reading() as connection, row_counter(out.name) as progress:
        chosen = areas.jurisdiction(connection, jurisdiction)
        if category is not None:
            vocabulary(connection, chosen.code).check(category)
        written = export_reports(
            connection,
            chosen,
            out,
            format=format,
            first=month_span(chosen, months[0])[0] if months[0] else None,
            last=month_span(chosen, months[1])[1] if months[1] else None,
            category=category,
            progress=progress,
        )
    console.print(f"{written:,} reports in {out}", markup=False, highlight=False)


@app.command("audit")
def audit_(
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="First day; default the first report's.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day; default the last report's.")
    ] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Compare every stored placement with what PostGIS says; print those that differ. Exit code 1 when some
    do. Changes nothing."""
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
        differences = 0
        for each in audit(database, chosen, since and since.date(), until and until.date()):
            differences += 1
            console.print(
                f"{each.id} {each.occurred_at.astimezone(chosen.zone):%Y-%m-%d}"
                f" stored: {_verdict(each.stored)}; SQL: {_verdict(each.judged)}",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
    console.print(f"{differences:,} placements differ from SQL's" if differences else "no placement differs")
    if differences:
        raise typer.Exit(1)


def _verdict(verdict: Verdict) -> str:
    """The method and the areas, as code/edition."""
    areas_ = [f"{kind} {code}" for kind in PLACED_KINDS if (code := getattr(verdict, kind))]
    return ", ".join([verdict.method, *areas_])


def _print(summary: Summary, aside: Path) -> None:
    table = Table(show_header=False, box=None)
    lines: list[tuple[str, object]] = [
        ("rows", summary.rows),
        ("accepted", summary.accepted),
        ("already known", summary.known),
        ("rejected", summary.rejected),
        *((f"  placed: {method}", count) for method, count in sorted(summary.methods.items())),
        ("outside every grid", summary.methods.get("outside", 0)),
        ("near a grid's edge", summary.near_edge),
        ("for a person to look at", summary.needs_review),
    ]
    for label, value in lines:
        table.add_row(label, f"{value:,}")
    console.print(f"{escape(summary.file_name)} ({summary.encoding})", highlight=False)
    console.print(table)
    used = ", ".join(f"{name} ← {heading}" for name, heading in summary.columns.items())
    console.print(f"columns: {used}", markup=False, highlight=False)
    if summary.order:
        words = {"dmy": "day/month/year", "mdy": "month/day/year"}[summary.order]
        console.print(f"dates were read as {words}", markup=False, highlight=False)
    if "category" not in summary.columns:
        console.print("no column of categories recognised; name one with --category-field", style="yellow")
    if summary.new_categories:
        console.print(f"new local categories: {', '.join(summary.new_categories)}", markup=False)
    for lon, lat, count in summary.piles:
        console.print(
            f"piled on one coordinate: {count} rows at lon {lon}, lat {lat} — a default value?",
            style="yellow",
            highlight=False,
        )
    for rejected in sorted(summary.first_rejected, key=lambda each: each.number):
        where = f"row {rejected.number}" + (f", {rejected.field}" if rejected.field else "")
        console.print(f"rejected: {where}: {rejected.reason}", markup=False, highlight=False, style="red")
    if summary.rejected:
        console.print(f"all {summary.rejected:,} rejected rows with their reasons: {aside}", markup=False)
