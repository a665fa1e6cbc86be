"""The command line: `gridmap`. One Typer app per domain, mounted here; errors become one red line."""

from __future__ import annotations

import sys
from typing import NoReturn

import sqlalchemy.exc
import typer

from gridmap.cli import (
    areas,
    backdrop,
    bulletins,
    demo,
    district,
    exports,
    hotspots,
    locate,
    moves,
    places,
    reports,
    scale,
    serve,
    statistics,
    works,
)
from gridmap.cli.common import errors
from gridmap.database.faults import of_database
from gridmap.errors import AreasRefused, GridmapError

app = typer.Typer(
    name="gridmap",
    help="Responsibility grids, reports and monthly heat maps of a subdistrict (街道网格).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("init")(district.init)
app.command("demo")(demo.demo)
# "-71.06" would else be taken for an option
app.command("locate", context_settings={"ignore_unknown_options": True})(locate.locate)
app.command("serve")(serve.serve_command)
app.add_typer(areas.app, name="areas", help="Editions of areas: check, import, list, export.")
app.add_typer(places.app, name="places", help="Places: import, list, export.")
app.add_typer(backdrop.app, name="backdrop", help="Rivers, roads and hills drawn under the grids.")
app.add_typer(reports.app, name="reports", help="Reports from files.")
app.add_typer(works.app, name="works", help="Work records: import, list.")
statistics.app.command("hotspots")(hotspots.hotspots)
statistics.app.command("moves")(moves.moves)
app.add_typer(statistics.app, name="stats", help="Counts and the scales of the maps.")
app.add_typer(exports.app, name="export", help="Maps, numbers and figures as files.")
app.add_typer(bulletins.app, name="bulletin", help="Published bulletins: list, get.")
app.add_typer(
    scale.app, name="scale", help="Reports in partitioned GeoParquet, on many processes or machines."
)


def main() -> None:
    """Entry point. Exit code 2 for what the user can mend, 1 for areas that failed their check."""
    try:
        app()
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except GridmapError as error:
        _end(str(error), 1 if isinstance(error, AreasRefused) else 2)
    except sqlalchemy.exc.DBAPIError as error:
        _end(str(of_database(error) or f"the database refused: {str(error.orig).splitlines()[0]}"), 2)
    except OSError as error:
        _end(f"{error.filename or 'the system'}: {error.strerror or error}", 2)


def _end(message: str, code: int) -> NoReturn:
    errors.print(f"gridmap: {message}", style="red", markup=False, highlight=False)
    sys.exit(code)
