"""What all commands share: opening the database, the consoles, who is at the keyboard, progress bars."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput
from gridmap.opening import open_gridmap
from gridmap.settings import Settings

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

console = Console()
errors = Console(stderr=True, soft_wrap=True)

IncludeOption = Annotated[
    str | None,
    typer.Option(help="Doubtful coordinates not to leave out: pile, whole_degree, uncertain, with commas."),
]
AsOfOption = Annotated[
    str | None,
    typer.Option(
        help="As was known at the end of this day (YYYY-MM-DD), or at this moment (with its offset)."
    ),
]
EditionOption = Annotated[
    int | None, typer.Option(help="Re-cut to this edition of grids; areas list numbers them.")
]
JurisdictionOption = Annotated[
    str | None, typer.Option("--jurisdiction", help="Its code; not needed when there is only one.")
]


def read_settings() -> Settings:
    """Settings from the environment. Raises BadInput naming the variable."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "GRIDMAP_" + "_".join(str(part) for part in first["loc"]).upper()
        raise BadInput(first["msg"], field=name if first["loc"] else "settings") from None


def known_at(text: str | None, jurisdiction: Jurisdiction) -> datetime | None:
    """The moment of --as-of. Raises BadInput(field="as_of")."""
    if text is None:
        return None
    from gridmap.faces.shapes import values  # FastAPI takes a second to import

    return values.known_at(text, jurisdiction.zone)


@contextmanager
def opened() -> Iterator[Database]:
    """The database of the environment's settings, migrated; closed (and the private server left) after."""
    with open_gridmap(read_settings()) as database:
        yield database


def loaded_by() -> str:
    """Who loads a file, for the record: the name of the system account."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def existing(path: Path) -> Path:
    """Raise BadInput(field="file") unless it is a file that can be read."""
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}", field="file") from None


def tell_loaded(done: DataclassInstance, *, as_json: bool) -> None:
    """Say what became of a file: a dataclass of its `file_name` and of counts, in words or as JSON."""
    counts = asdict(done)
    name = counts.pop("file_name")
    if as_json:
        print(json.dumps({"file": name, **counts}, ensure_ascii=False))
    else:
        said = ", ".join(f"{count:,} {what}" for what, count in counts.items())
        console.print(f"{name}: {said}", markup=False, highlight=False)


@contextmanager
def row_bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """A progress bar over a known number of rows; -> what to call with how many are done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(label, total=total)
        yield lambda rows: progress.update(task, completed=rows)


@contextmanager
def row_counter(label: str) -> Iterator[Callable[[int], None]]:
    """A progress line that counts rows; -> what to call with how many are done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(label)
        yield lambda rows: progress.update(task, description=f"{label}: {rows:,} rows")


@contextmanager
def step_bar(label: str, named: Callable[[str], str]) -> Iterator[Callable[[int, int, str], None]]:
    """A progress bar over steps; -> what to call before each with its number, of how many, and its name."""
    doing = TextColumn("{task.fields[doing]}")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), doing)
    with Progress(*columns, console=errors, transient=True) as progress:
        task = progress.add_task(label, total=None, doing="")

        def at_step(step: int, steps: int, name: str) -> None:
            progress.update(task, total=steps, completed=step - 1, doing=named(name))

        yield at_step
