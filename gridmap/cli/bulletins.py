"""`gridmap export bulletin`, which makes one, and `gridmap bulletin`: what is published, and getting it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from gridmap.areas import store as areas
from gridmap.bulletin.archive import store
from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.checking import check
from gridmap.bulletin.packing.model import MANIFEST
from gridmap.cli.common import JurisdictionOption, console, errors, loaded_by, opened, step_bar
from gridmap.cli.folders import check_folder, write_all
from gridmap.errors import BadInput, NotFound
from gridmap.maps.words import words
from gridmap.statistics.months import parse_month

app = typer.Typer(no_args_is_help=True)

MonthOption = Annotated[str, typer.Option(help="YYYY-MM.")]
OutOption = Annotated[Path, typer.Option(help="Folder for the files of this bulletin; made where missing.")]
LangOption = Annotated[str, typer.Option(help="zh or en.")]


def export_bulletin(
    month: MonthOption,
    out: OutOption,
    lang: LangOption = "zh",
    publish_it: Annotated[
        bool, typer.Option("--publish", help="Publish it too: the next number where the data have changed.")
    ] = False,
    edition: Annotated[
        int | None, typer.Option(help="Cut to an edition of the grids, see areas list; not to be published.")
    ] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a month's bulletin: A4 PDF, HTML, XLSX, GPKG, manifest. Ctrl-C cancels and leaves nothing."""
    from gridmap.bulletin.packing.making import package

    first_day = parse_month(month)
    if publish_it and edition is not None:
        raise BadInput("is what was published then, cut anew; leave out --publish", field="edition")
    check_folder(out)
    with opened() as database:
        with database.reading() as connection:
            chosen = areas.jurisdiction(connection, jurisdiction)
            check(connection, chosen, first_day, lang)
        with step_bar(f"{chosen.name} {month}", lambda name: words(lang)[f"step_{name}"]) as progress:
            made = package(database, chosen, first_day, lang=lang, edition=edition, progress=progress)
        _refuse_another(out, made.files)
        said = ""
        if publish_it:
            with database.writing() as connection:
                bulletin, new = publish(connection, made, loaded_by())
                what = "published" if new else "nothing has changed, it is still"
                said = f"{what} no. {bulletin.number} of {month}"
                write_all(out, made.files)  # what cannot be written is not published either
        else:
            write_all(out, made.files)
    _say(out, made.files)
    if said:
        console.print(said, highlight=False)


@app.command("list")
def list_(jurisdiction: JurisdictionOption = None) -> None:
    """Published bulletins, the newest month first."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        known = store.bulletins(connection, chosen.code)
    if not known:
        errors.print(f"{chosen.code} has published no bulletin yet", markup=False)
        return
    table = Table("month", "lang", "no.", "published", "by", "reports", "software")
    for each in known:
        moment = each.published_at.astimezone(chosen.zone)
        table.add_row(
            *(f"{each.month:%Y-%m}", each.lang, str(each.number), f"{moment:%Y-%m-%d %H:%M}"),
            *(each.published_by, f"{each.manifest['reports']:,}", each.software),
        )
    console.print(table)


@app.command("get")
def get(
    month: MonthOption,
    out: OutOption,
    number: Annotated[int | None, typer.Option(help="Which of the month's; default the last.")] = None,
    lang: LangOption = "zh",
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Write a published bulletin's files, byte for byte as they were published."""
    first_day = parse_month(month)
    check_folder(out)
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = store.find(connection, chosen.code, first_day, lang, number)
        if found is None:
            which = f" no. {number}" if number is not None else ""
            raise NotFound(f"no bulletin{which} of {month} in {lang} is published", field="month")
        files = store.files(connection, found)
    _refuse_another(out, files)
    write_all(out, files)
    _say(out, files)


def _refuse_another(out: Path, files: dict[str, bytes]) -> None:
    """A folder holds one bulletin: its manifest would take the place of another's."""
    there = {path.name for path in out.glob("bulletin-*")} if out.is_dir() else set()
    if (out / MANIFEST).exists() and there and not there & files.keys():
        raise BadInput(f"{out} holds another bulletin already; give each a folder of its own", field="--out")


def _say(out: Path, files: dict[str, bytes]) -> None:
    for name, body in files.items():
        console.print(f"{out / name}  {len(body) / 1024:,.0f} KB", markup=False, highlight=False)
