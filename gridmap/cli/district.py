"""`gridmap init`: begin with the demonstration district, or with an empty one of one's own."""

from __future__ import annotations

from typing import Annotated
from zoneinfo import available_timezones

import typer

from gridmap import demonstration
from gridmap.areas import store
from gridmap.areas.model import Jurisdiction
from gridmap.cli.common import console, errors, opened, read_settings
from gridmap.errors import BadInput
from gridmap.text import check_text


def init(
    empty: Annotated[bool, typer.Option("--empty", help="A real district of your own.")] = False,
    jurisdiction: Annotated[str | None, typer.Option(help="Its code, for example 610602006.")] = None,
    name: Annotated[str | None, typer.Option(help="Its name, for example 新城街道.")] = None,
    name_en: Annotated[str | None, typer.Option(help="Its name in English.")] = None,
    time_zone: Annotated[str | None, typer.Option(help="Of its months; default Asia/Shanghai.")] = None,
) -> None:
    """Make the database and begin: the demonstration district, or with --empty one of your own."""
    if not empty:
        if jurisdiction or name:
            raise BadInput("goes with --empty", field="--jurisdiction" if jurisdiction else "--name")
        with opened() as database:
            with errors.status("demonstration") as status:
                demonstration.load(database, lambda step: status.update(f"demonstration: {step}"))
            console.print("The demonstration district 新城街道 (示意数据) is loaded.", highlight=False)
        return
    made = _jurisdiction(jurisdiction, name, name_en, time_zone)
    with opened() as database, database.writing() as connection:
        store.add_jurisdiction(connection, made)
    console.print(
        f"{made.code} {made.name} is there, empty. Next: gridmap areas import FILE --jurisdiction {made.code}"
        " --kind grid --code-field … --name-field …",
        highlight=False,
        markup=False,
    )


def _jurisdiction(
    code: str | None, name: str | None, name_en: str | None, time_zone: str | None
) -> Jurisdiction:
    if not code or not name:
        raise BadInput(
            "give --jurisdiction CODE and --name NAME", field="--jurisdiction" if not code else "--name"
        )
    if not (len(code) <= 32 and code.isascii() and code.replace("-", "").replace("_", "").isalnum()):
        raise BadInput("give up to 32 letters, digits, - and _", field="--jurisdiction")
    zone = time_zone or read_settings().time_zone
    if zone not in available_timezones():
        raise BadInput(f"{zone!r} is not a time zone; try Asia/Shanghai", field="--time-zone")
    return Jurisdiction(
        code,
        check_text(name, "--name", most=100, least=1, lines=False),
        check_text(name_en, "--name-en", most=100, least=1, lines=False) if name_en else None,
        zone,
    )
