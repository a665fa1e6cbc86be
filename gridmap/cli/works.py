"""`gridmap works import|list`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cli.areas import AsJson, parse_day, print_rows
from gridmap.cli.common import JurisdictionOption, console, existing, opened, row_counter
from gridmap.errors import BadInput
from gridmap.works import kinds as vocabulary
from gridmap.works import loading, store

app = typer.Typer(no_args_is_help=True)


@app.callback()
def works() -> None:
    """Work records."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, NDJSON or GeoJSON.")],
    jurisdiction: JurisdictionOption = None,
    datum: Annotated[
        str | None, typer.Option(help="Of the coordinates: wgs84, cgcs2000, gcj02, bd09.")
    ] = None,
    encoding: Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; default the first.")] = None,
    as_json: AsJson = False,
) -> None:
    """Store the work records of FILE, all or nothing. The same file again adds nothing."""
    with opened() as database, row_counter(file.name) as progress, database.adding.writing() as connection:
        done = loading.import_file(
            connection,
            areas.jurisdiction(connection, jurisdiction),
            existing(file),
            datum=datum,
            encoding=encoding,
            sheet=sheet,
            limit=database.settings.file_limit,
            nearest_tolerance_m=database.settings.nearest_tolerance_m,
            progress=progress,
        )
    if as_json:
        print(json.dumps({"file": done.file_name, "created": done.created, "known": done.known}))
    else:
        said = f"{done.file_name}: {done.created:,} new, {done.known:,} already known"
        console.print(said, markup=False, highlight=False)


@app.command("list")
def list_(
    jurisdiction: JurisdictionOption = None,
    kind: Annotated[str | None, typer.Option(help="Only this kind, code or name.")] = None,
    first: Annotated[str | None, typer.Option(help="YYYY-MM-DD.")] = None,
    last: Annotated[str | None, typer.Option(help="YYYY-MM-DD, included.")] = None,
    grid: Annotated[str | None, typer.Option(help="Only in this grid, by code.")] = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    totals: Annotated[bool, typer.Option("--totals", help="Sums by kind instead of records.")] = False,
    as_json: AsJson = False,
) -> None:
    """List work records, newest first, or their sums by kind."""
    days = (parse_day(first, "first") if first else None, parse_day(last, "last") if last else None)
    if limit < 1:
        raise BadInput("give 1 or more", field="limit")
    with opened() as database, database.reading() as connection:
        code = areas.jurisdiction(connection, jurisdiction).code
        known = store.kinds(connection)
        if totals:
            sums = store.totals(connection, code, *days)
            rows = [
                {
                    "kind": each,
                    "name": known[each].name,
                    "quantity": format(quantity.normalize(), "f"),
                    "unit": known[each].unit,
                    "records": count,
                }
                for each, (quantity, count) in sums.items()
                if kind is None or each == vocabulary.find(known, kind).code
            ]
        else:
            chosen = vocabulary.find(known, kind).code if kind else None
            found = store.works(
                connection, code, kind=chosen, first=days[0], last=days[1], grid=grid, limit=limit
            )
            rows = [
                {
                    "occurred_on": work.occurred_on.isoformat(),
                    "kind": work.kind,
                    "quantity": format(work.quantity.normalize(), "f"),
                    "unit": work.unit,
                    "grid": work.grid,
                    "place_name": work.place_name,
                    "reports": len(work.report_ids),
                    "id": str(work.id),
                }
                for work in found
            ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print_rows([{k: v for k, v in row.items() if k != "id"} for row in rows], "no such work records")
