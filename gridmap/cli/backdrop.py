"""`gridmap backdrop import`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.backdrop import loading
from gridmap.backdrop.model import BACKDROP_KINDS
from gridmap.cli.common import JurisdictionOption, console, existing, opened

app = typer.Typer(no_args_is_help=True)


@app.callback()
def backdrop() -> None:
    """Rivers, roads and hills drawn under the grids."""


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=f"With a field kind: {', '.join(BACKDROP_KINDS)}.")],
    jurisdiction: JurisdictionOption = None,
    layer: Annotated[str | None, typer.Option(help="Of a file with several layers.")] = None,
    encoding: Annotated[str | None, typer.Option(help="Default: UTF-8 or GB18030, found out.")] = None,
    crs: Annotated[str | None, typer.Option(help="For a file that names none.")] = None,
    datum: Annotated[
        str | None, typer.Option(help="gcj02 or bd09, when the file's degrees are that.")
    ] = None,
) -> None:
    """Replace the backdrop of a jurisdiction by what FILE holds."""
    with opened() as database, database.writing() as connection:
        count = loading.import_file(
            connection,
            areas.jurisdiction(connection, jurisdiction),
            existing(file),
            layer=layer,
            encoding=encoding,
            crs=crs,
            datum=datum,
            limit=database.settings.file_limit,
        )
    console.print(f"{count:,} lines and polygons are the backdrop now", markup=False, highlight=False)
