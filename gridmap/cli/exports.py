"""`gridmap export`: a month's map and numbers, and a year's figures, as files to print, mail and archive."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cli.bulletins import export_bulletin
from gridmap.cli.common import (
    AsOfOption,
    EditionOption,
    IncludeOption,
    JurisdictionOption,
    console,
    errors,
    known_at,
    opened,
)
from gridmap.errors import BadInput
from gridmap.statistics.daily import daily
from gridmap.statistics.doubts import doubts_of
from gridmap.statistics.heat import month_heat
from gridmap.statistics.months import parse_month

app = typer.Typer(no_args_is_help=True)


@app.callback()
def export() -> None:
    """Maps, numbers and figures as files."""


@app.command("heatmap")
def heatmap(
    month: Annotated[str, typer.Option(help="YYYY-MM.")],
    out: Annotated[Path, typer.Option(help="Folder for the files; made where missing.")],
    category: Annotated[str | None, typer.Option(help="Its code; default: all categories.")] = None,
    format: Annotated[
        list[str] | None, typer.Option(help="html, png, pdf, xlsx, csv, gpkg, geojson; default all.")
    ] = None,
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    include: IncludeOption = None,
    as_of: AsOfOption = None,
    edition: EditionOption = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a month's heat map: HTML that opens from a memory stick, A4 PNG and PDF, and the numbers."""
    # drawing libraries take a second to import, which other commands need not wait for
    from gridmap.maps.exports import FORMATS, check_format, heat_file

    first_day, asked = parse_month(month), doubts_of(include)
    formats = [check_format(each) for each in format or FORMATS]
    if lang not in ("zh", "en"):
        raise BadInput("give zh or en", field="lang")
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
        moment = known_at(as_of, chosen)
        heat = month_heat(database, chosen, first_day, category, include=asked, as_of=moment, edition=edition)
        wanted = "html" in formats and heat.plain and not heat.private
        days = daily(database, chosen, first_day, category) if wanted else None
    _make_folder(out)
    for each in formats:
        made = heat_file(heat, each, lang, days)
        _write(out / made.name, made.body)
        console.print(f"{out / made.name}  {len(made.body) / 1024:,.0f} KB", markup=False, highlight=False)


app.command("bulletin")(export_bulletin)


@app.command("annual")
def annual_command(
    year: Annotated[int, typer.Option(help="YYYY.")],
    out: Annotated[Path, typer.Option(help="Folder for the files; made where missing.")],
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a year's figures, each with its query and its rows: annual.html, annual.csv, annual.json, rows/.

    Ends with 1 when a sum between the figures does not hold; the files are written all the same.
    """
    from gridmap.annual.deriving import annual
    from gridmap.annual.writing import annual_files

    with opened() as database, database.reading() as connection:
        figures = annual(connection, areas.jurisdiction(connection, jurisdiction), year)
    files = annual_files(figures, lang)
    _make_folder(out / "rows")
    for name, body in files.items():
        _write(out / name, body)
    derived = sum(figure.value is not None for figure in figures.figures)
    missing = len(figures.figures) - derived
    console.print(f"{out / 'annual.html'}  {derived} figures, {missing} cannot be derived", markup=False)
    wrong = [one for one in figures.sums if not one.holds]
    for one in wrong:
        parts = " + ".join(f"{part.wanted.key} {part.value}" for part in one.parts)
        errors.print(f"gridmap: {parts} is not {one.whole.wanted.key} {one.whole.value}", style="red")
    if wrong:
        raise typer.Exit(1)


def _write(path: Path, body: bytes) -> None:
    """Whole or not at all: a reader never sees half a file."""
    unfinished = path.with_suffix(path.suffix + ".part")
    unfinished.write_bytes(body)
    unfinished.replace(path)


def _make_folder(out: Path) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"{out} cannot be a folder: {error.strerror}", field="--out") from None
