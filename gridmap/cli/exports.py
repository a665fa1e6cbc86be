"""`gridmap export heatmap`: a month's map and numbers as files, to print, mail and archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cli.common import JurisdictionOption, console, opened
from gridmap.errors import BadInput
from gridmap.statistics.monthly import month_heat, parse_month

app = typer.Typer(no_args_is_help=True)


@app.callback()
def export() -> None:
    """The month's maps and numbers as files."""


@app.command("heatmap")
def heatmap(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    out: Annotated[Path, typer.Option(help="Folder for the files; made where missing.")],
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    format: Annotated[
        list[str] | None, typer.Option(help="html, png, pdf, xlsx, csv, gpkg, geojson; default all.")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a month's heat map: HTML that opens from a memory stick, A4 PNG and PDF, and the numbers."""
    # drawing libraries take a second to import, which other commands need not wait for
    from gridmap.maps.exports import FORMATS, check_format, heat_file

    first_day = parse_month(month)
    formats = [check_format(each) for each in format or FORMATS]
    if lang not in ("zh", "en"):
        raise BadInput("give zh or en", field="lang")
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
        heat = month_heat(database, chosen, first_day, category)
    _make_folder(out)
    for each in formats:
        made = heat_file(heat, each, lang)
        path = out / made.name
        # whole or not at all: a reader never sees half a file
        unfinished = path.with_suffix(path.suffix + ".part")
        unfinished.write_bytes(made.body)
        unfinished.replace(path)
        console.print(f"{path}  {len(made.body) / 1024:,.0f} KB", markup=False, highlight=False)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be a folder: {error.strerror}", field="--out") from None
