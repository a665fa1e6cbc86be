"""`gridmap audit checkpoint|verify|key`: that the histories of cases are as they were written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gridmap.areas import store as areas
from gridmap.cases import audit as histories
from gridmap.cases.audit.kept import file_of, kept_in, read_kept
from gridmap.cases.chores import sign
from gridmap.cases.signing import known_key, public_of, signing_key
from gridmap.cli.areas import AsJson
from gridmap.cli.common import JurisdictionOption, console, existing, opened, read_settings
from gridmap.errors import BadInput

app = typer.Typer(no_args_is_help=True)


@app.callback()
def audit() -> None:
    """Histories of cases: checkpoints, and proving them."""


@app.command("checkpoint")
def checkpoint(jurisdiction: JurisdictionOption = None) -> None:
    """Sign the ends of all histories; prints one line of JSON to keep elsewhere, or nothing when none
    changed."""
    with opened() as database:
        with database.reading() as connection:
            owner = areas.jurisdiction(connection, jurisdiction)
        made = sign(database, owner)
    if made is not None:
        print(made.line())


@app.command("verify")
def verify(
    jurisdiction: JurisdictionOption = None,
    against: Annotated[
        Path | None, typer.Option(help="Lines of checkpoints kept elsewhere; else those of the data folder.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option(help="A public key that may have signed; else that of here.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Go through every history and checkpoint. Exit code 1 where something is not as it was written."""
    elsewhere = read_kept(existing(against).read_text(encoding="utf-8")) if against else None
    with opened() as database, database.reading() as connection:
        owner = areas.jurisdiction(connection, jurisdiction)
        kept = kept_in(file_of(database)) if elsewhere is None else elsewhere
        found = histories.verify(
            connection, owner, against=kept, keys=_keys(key) or _own(known_key(database.settings))
        )
    faults = [
        {"what": f.what, "case": str(f.case) if f.case else None, "seq": f.seq, "text": f.text}
        for f in found.faults
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


def _keys(texts: list[str] | None) -> list[bytes]:
    try:
        return [bytes.fromhex(text) for text in texts or ()]
    except ValueError:
        raise BadInput("is no public key: give 64 hexadecimal digits", field="key") from None


def _own(key: Ed25519PrivateKey | None) -> list[bytes]:
    return [] if key is None else [public_of(key)]


@app.command("key")
def key() -> None:
    """Print the public key of this installation, which is made at first use."""
    print(public_of(signing_key(read_settings())).hex())
