"""`gridmap places import|list|export`."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cli.areas import AsJson, check_folder, format_of, parse_day, print_rows
from gridmap.cli.common import JurisdictionOption, console, errors, existing, opened, tell_loaded
from gridmap.errors import BadInput
from gridmap.places import loading, store
from gridmap.places.exporting import SUFFIXES, export_places
from gridmap.places.model import PLACE_KINDS

app = typer.Typer(no_args_is_help=True)

Day = Annotated[str | None, typer.Option(help="YYYY-MM-DD; default today.")]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help=f"{', '.join(PLACE_KINDS)}.")]


@app.callback()
def places() -> None:
    """Places of public interest."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, XLSX, NDJSON; GeoJSON, GPKG, Shapefile …")],
    jurisdiction: JurisdictionOption = None,
    datum: Annotated[
        str | None, typer.Option(help="Of lon and lat in a table: wgs84, cgcs2000, gcj02, bd09.")
    ] = None,
    kind: Annotated[str | None, typer.Option(help="Of a file without a column of kinds.")] = None,
    valid_from: Annotated[
        str | None,
        typer.Option(help="YYYY-MM-DD from which changes hold, for rows without their own; default today."),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Close places of these kinds that FILE leaves out.")
    ] = False,
    encoding: Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")] = None,
    sheet: Annotated[str | None, typer.Option(help="Of a workbook; default the first.")] = None,
    layer: Annotated[str | None, typer.Option(help="Of a file with several layers.")] = None,
    as_json: AsJson = False,
) -> None:
    """Bring the places to what FILE says, all or nothing. The same file again adds nothing."""
    day = parse_day(valid_from, "valid_from") if valid_from else None
    with opened() as database, errors.status(file.name), database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        done = loading.import_file(
            connection,
            chosen,
            existing(file),
            datum=datum,
            kind=kind,
            valid_from=day,
            replace=replace,
            encoding=encoding,
            sheet=sheet,
            layer=layer,
            limit=database.settings.file_limit,
        )
    tell_loaded(done, as_json=as_json)


@app.command("list")
def list_(
    jurisdiction: JurisdictionOption = None,
    kind: Kinds = None,
    day: Day = None,
    open_at: Annotated[str | None, typer.Option(help="YYYY-MM-DDTHH:MM, clocks of the jurisdiction.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the places that are valid on a day, or open at a moment."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        moment = None
        if open_at is not None:
            moment = _moment(open_at)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=chosen.zone)
        on = (
            parse_day(day, "day")
            if day
            else moment.astimezone(chosen.zone).date()
            if moment
            else chosen.today()
        )
        found = store.places(connection, chosen.code, day=on, kinds=kind, open_at=moment)
    rows = []
    for place in found:
        point = place.geometry.representative_point()
        rows.append(
            {
                "kind": place.kind,
                "code": place.code,
                "name": place.name,
                "lon": round(point.x, 6),
                "lat": round(point.y, 6),
                "capacity": place.capacity,
                "opening_hours": place.opening_hours,
                "valid_from": place.valid_from.isoformat() if place.valid_from else None,
            }
        )
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
    else:
        print_rows(rows, "no such places")


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{text!r} is not a time; write it like 2023-06-18T20:30", field="open_at") from None


@app.command("export")
def export(
    out: Annotated[Path, typer.Option(help="The file to write.")],
    format: Annotated[
        str | None, typer.Option(help=f"{', '.join(SUFFIXES)}; default what OUT ends in.")
    ] = None,
    kind: Kinds = None,
    day: Day = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write the places that are valid on a day to a file."""
    check_folder(out)
    format = format_of(out, format, SUFFIXES)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        on = parse_day(day, "day") if day else chosen.today()
        found = store.places(connection, chosen.code, day=on, kinds=kind)
    export_places(found, out, format=format)
    console.print(f"{len(found):,} places in {out}", markup=False, highlight=False)
