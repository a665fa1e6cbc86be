"""The command line: `gridmap`. One Typer app per domain, mounted here; errors become one red line."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any, NoReturn, cast

import sqlalchemy.exc
import typer
from typer.core import TyperGroup
from typer.main import get_group

from gridmap.cli.common import errors
from gridmap.database.faults import of_database
from gridmap.errors import AreasRefused, GridmapError

# name -> the module in this folder that has it, what it is called there, its help
COMMANDS = {
    "init": ("district", "init", None),
    "demo": ("demo", "demo", None),
    "locate": ("locate", "locate", None),
    "serve": ("serve", "serve_command", None),
    "areas": ("areas", "app", "Editions of areas: check, import, list, export."),
    "places": ("places", "app", "Places: import, list, export."),
    "backdrop": ("backdrop", "app", "Rivers, roads and hills drawn under the grids."),
    "reports": ("reports", "app", "Reports from files."),
    "works": ("works", "app", "Work records: import, list."),
    "cases": ("cases", "app", "Cases: list, show, open, move, merge, reopen."),
    "dispatch": ("dispatch", "app", "Rules that cases go by: check, load, show, explain."),
    "calendar": ("dispatch", "calendar_app", "Holidays and make-up days: import, show."),
    "audit": ("audit", "app", "Histories of cases: checkpoint, verify, key."),
    "inspections": ("inspections", "app", "Inspections on a schedule (三排查): plans, import, coverage."),
    "people": ("people", "app", "People: import, list, export, leave; who changed what."),
    "duties": ("duties", "app", "Who holds which post where: import, move, vacancies …"),
    "parties": ("people", "parties", "Responsible units 责任单位: import, list, export."),
    "account": ("accounts", "app", "Accounts that sign in."),
    "token": ("accounts", "token", "Tokens of machines."),
    "stats": ("statistics", "app", "Counts and the scales of the maps."),
    "export": ("exports", "app", "Maps, numbers and figures as files."),
    "bulletin": ("bulletins", "app", "Published bulletins: list, get."),
    "scale": ("scale", "app", "Reports in partitioned GeoParquet, on many processes or machines."),
}
INTERRUPTED = 130  # as Typer ends for Ctrl-C, and shells do: 128 and the signal's number
# "-71.06" would else be taken for an option
SETTINGS = {"locate": {"ignore_unknown_options": True}}


class _Commands(TyperGroup):
    """A command is imported when it is asked for: all of them take seconds, most a part of one."""

    def __init__(self, **given: Any):
        super().__init__(**given)
        # what a help lists, and a word written wrongly is held to
        self.commands = cast(Any, dict.fromkeys(COMMANDS))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, name, about = COMMANDS[cmd_name]
        found = getattr(import_module(f"gridmap.cli.{module}"), name)
        mounted = typer.Typer()
        if isinstance(found, typer.Typer):
            mounted.add_typer(found, name=cmd_name, help=about)
        else:
            mounted.command(cmd_name, context_settings=SETTINGS.get(cmd_name))(found)
        return get_group(mounted).commands[cmd_name]


app = typer.Typer(
    cls=_Commands,
    name="gridmap",
    help="Responsibility grids, reports and monthly heat maps of a subdistrict (街道网格).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _all() -> None:
    """What makes of `app` a group, whatever commands it has."""


def main() -> None:
    """Entry point. Exit code 2 for what the user can mend, 1 for areas that failed their check, 130 for an
    interrupt."""
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
    except Exception as error:
        if not _comes_of_interrupt(error):
            raise
        sys.exit(INTERRUPTED)


def _comes_of_interrupt(error: BaseException | None) -> bool:
    """Whether Ctrl-C lies behind it: a compiled module that is just loading makes an ImportError of one."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__cause__ or error.__context__
    return error is not None


def _end(message: str, code: int) -> NoReturn:
    errors.print(f"gridmap: {message}", style="red", markup=False, highlight=False)
    sys.exit(code)
