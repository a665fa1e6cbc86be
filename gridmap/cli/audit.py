"""`gridmap audit checkpoint|verify|key`: that the histories of cases are as they were written."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cases import audit as histories
from gridmap.cases.signing import public_of, signing_key
from gridmap.cli.areas import AsJson
from gridmap.cli.common import JurisdictionOption, console, existing, opened, read_settings

app = typer.Typer(no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Histories of cases: checkpoints, and proving them."""


@app.command("checkpoint")
def checkpoint(jurisdiction: JurisdictionOption = None) -> None:
    """Sign the ends of all histories; prints one line of JSON to keep elsewhere, or nothing when none
    changed."""
    with opened() as database, database.writing() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        made = histories.checkpoint(connection, owner, signing_key(database.settings), datetime.now(UTC))
    if made is not None:
        print(made.line())


@app.command("verify")
def verify(
    jurisdiction: JurisdictionOption = None,
    against: Annotated[
        Path | None, typer.Option(help="Lines that `audit checkpoint` printed, kept elsewhere.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The public key that all must be signed with.")] = None,
    as_json: AsJson = False,
) -> None:
    """Go through every history and checkpoint. Exit code 1 where something is not as it was written."""
    kept = histories.read_kept(existing(against).read_text(encoding="utf-8")) if against else []
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        of_here = [each for each in kept if each.checkpoint.jurisdiction == owner.code]
        found = histories.verify(connection, owner, against=of_here)
    faults = [
        {"what": f.what, "case": str(f.case) if f.case else None, "seq": f.seq, "text": f.text}
        for f in found.faults
    ]
    strangers = [each for each in found.keys if key is not None and each != key.lower()]
    faults += [
        {"what": "forged", "case": None, "seq": None, "text": f"signed with the key {each}"}
        for each in strangers
    ]
    if as_json:
        numbers = {name: getattr(found, name) for name in ("cases", "moves", "covered", "checkpoints")}
        print(json.dumps(numbers | {"keys": found.keys, "faults": faults}, ensure_ascii=False))
    else:
        for fault in faults:
            where = f"case {fault['case']}: " if fault["case"] else ""
            console.print(f"{where}{fault['text']}", markup=False, highlight=False, soft_wrap=True)
        said = f"{found.cases:,} cases, {found.moves:,} moves, {found.covered:,} of them under a checkpoint"
        console.print(said, markup=False, highlight=False)
        for each in found.keys:
            console.print(f"signed with the key {each}", markup=False, highlight=False, soft_wrap=True)
    if faults:
        raise typer.Exit(1)


@app.command("key")
def key() -> None:
    """Print the public key of this installation, which is made at first use."""
    print(public_of(signing_key(read_settings())).hex())
