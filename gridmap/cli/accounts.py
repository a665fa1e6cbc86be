"""`gridmap account add|list|password|disable|enable|link|unlink` and `gridmap token create|list|revoke`.

Secrets are asked for on the terminal or read from standard input, never taken from an argument: those stand
in everybody's process list. A token is printed once, alone on standard output.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gridmap.areas import store as areas
from gridmap.cli.areas import AsJson
from gridmap.cli.common import JurisdictionOption, console, errors, loaded_by, opened, read_settings
from gridmap.cli.people import show
from gridmap.errors import BadInput
from gridmap.people import accounts, tokens
from gridmap.people.credentials import store
from gridmap.people.credentials.model import ROLES
from gridmap.people.oidc import links
from gridmap.people.oidc import store as linked
from gridmap.people.secrets import PASSWORD_MOST

app = typer.Typer(no_args_is_help=True)
token = typer.Typer(no_args_is_help=True)

Login = Annotated[str, typer.Argument(help="The login name.")]
Person = Annotated[
    str | None, typer.Option(help="Code of the person whose duties bound what is seen; for the last three.")
]
FromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from standard input, its first line.")
]


@app.callback()
def account() -> None:
    """Accounts of people."""


@token.callback()
def of_tokens() -> None:
    """Tokens of machines."""


@app.command("add")
def add(
    login: Login,
    role: Annotated[list[str], typer.Option(help=f"{', '.join(ROLES)}; may be given several times.")],
    name: Annotated[str | None, typer.Option(help="To be shown; default the person's, or the login.")] = None,
    person: Person = None,
    password_stdin: FromStdin = False,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Add an account. The first administrator comes from here."""
    password = _password(password_stdin)
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        made = accounts.add(
            connection,
            chosen,
            login,
            roles=role,
            password=password,
            by=loaded_by(),
            name=name,
            person=person,
        )
    said = f"{made.login} ({', '.join(made.roles)}) may sign in to {chosen.code}"
    console.print(said, markup=False, highlight=False)


@app.command("list")
def list_(jurisdiction: JurisdictionOption = None, as_json: AsJson = False) -> None:
    """List accounts."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = store.accounts(connection, chosen.code)
        by_oidc = linked.links(connection, chosen.code)
    rows = [
        {
            "login": each.login,
            "name": each.name,
            "roles": ", ".join(each.roles),
            "person": each.person,
            "demonstration": each.demonstration,
            "oidc": " ".join(by_oidc.get(each.login, ())) or None,
            "disabled_at": each.disabled_at.isoformat(timespec="seconds") if each.disabled_at else None,
        }
        for each in found
    ]
    show(rows, as_json, "no accounts")


@app.command("password")
def password(
    login: Login, password_stdin: FromStdin = False, jurisdiction: JurisdictionOption = None
) -> None:
    """Set another password; every session of the account ends."""
    secret = _password(password_stdin)
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = accounts.find(connection, chosen.code, login)
        accounts.set_password(connection, found, secret, loaded_by())
    console.print(f"{found.login} has another password", markup=False, highlight=False)


@app.command("disable")
def disable(login: Login, jurisdiction: JurisdictionOption = None) -> None:
    """Take an account out of use, and end its sessions."""
    _disable(login, jurisdiction, disabled=True)


@app.command("enable")
def enable(login: Login, jurisdiction: JurisdictionOption = None) -> None:
    """Let an account that was disabled sign in again."""
    _disable(login, jurisdiction, disabled=False)


@app.command("link")
def link(
    login: Annotated[str, typer.Option(help="The login name.")],
    oidc_subject: Annotated[
        str, typer.Option(help="The number (sub) by which the OpenID provider knows them.")
    ],
    oidc_issuer: Annotated[
        str | None, typer.Option(help="The provider; default that of GRIDMAP_OIDC_ISSUER.")
    ] = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Let somebody whom the OpenID provider knows sign in to an account by it."""
    issuer = oidc_issuer or read_settings().oidc_issuer
    if issuer is None:
        raise BadInput("no provider is set up; set GRIDMAP_OIDC_ISSUER, or name it", field="oidc_issuer")
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = accounts.find(connection, chosen.code, login)
        links.link(connection, found, issuer, oidc_subject, loaded_by())
    console.print(f"{found.login} may sign in by {issuer}", markup=False, highlight=False)


@app.command("unlink")
def unlink(
    login: Annotated[str, typer.Option(help="The login name.")], jurisdiction: JurisdictionOption = None
) -> None:
    """Take such a link away; every session of the account ends."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = accounts.find(connection, chosen.code, login)
        links.unlink(connection, found, loaded_by())
    console.print(f"{found.login} is linked to nobody", markup=False, highlight=False)


def _disable(login: str, jurisdiction: str | None, *, disabled: bool) -> None:
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = accounts.find(connection, chosen.code, login)
        accounts.disable(connection, found, loaded_by(), disabled=disabled)
    console.print(f"{found.login} may{' not' if disabled else ''} sign in", markup=False, highlight=False)


@token.command("create")
def create(
    name: Annotated[str, typer.Option(help="What it is for; one name per token in use.")],
    role: Annotated[str, typer.Option(help=f"What it may: {', '.join(ROLES)}.")],
    person: Person = None,
    jurisdiction: JurisdictionOption = None,
) -> None:
    """Make a token and print it, alone and only this once. It is sent as `Authorization: Bearer …`."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        secret = tokens.create(connection, chosen, name, role, loaded_by(), person=person)
    print(secret)
    errors.print("keep it: it is stored nowhere and cannot be shown again", style="dim")


@token.command("list")
def list_tokens(jurisdiction: JurisdictionOption = None, as_json: AsJson = False) -> None:
    """List tokens, the revoked ones last."""
    with opened() as database, database.reading() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        found = store.tokens(connection, chosen.code)
    rows = [
        {
            "name": each.name,
            "role": each.role,
            "person": each.person,
            "made_at": each.recorded_at.isoformat(timespec="seconds"),
            "made_by": each.recorded_by,
            "last_used_at": each.last_used_at.isoformat(timespec="seconds") if each.last_used_at else None,
            "revoked_at": each.revoked_at.isoformat(timespec="seconds") if each.revoked_at else None,
        }
        for each in found
    ]
    show(rows, as_json, "no tokens")


@token.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Of the token.")], jurisdiction: JurisdictionOption = None
) -> None:
    """Take a token out of use for good."""
    with opened() as database, database.writing() as connection:
        chosen = areas.jurisdiction(connection, jurisdiction)
        tokens.revoke(connection, chosen.code, name)
    console.print(f"{name} is revoked", markup=False, highlight=False)


def _password(from_stdin: bool) -> str:
    """Raises BadInput(field="password") where none can be asked for."""
    if from_stdin:
        return sys.stdin.readline(PASSWORD_MOST + 2).rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadInput("there is no terminal to ask on; give --password-stdin", field="password")
    secret: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return secret
