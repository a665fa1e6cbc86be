"""Who asks, as the gate (gate.py) has found it and the scope of a request says it; and the way to sign in."""

from __future__ import annotations

from urllib.parse import quote

from starlette.types import Scope

from gridmap.database.asker import Asker

ASKER = "gridmap.asker"  # in the scope of every request that has been let in
COOKIE = "gridmap_session"
SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"


def asker_of(scope: Scope) -> Asker | None:
    """None on what is public, for somebody who has not signed in."""
    asker: Asker | None = scope.get(ASKER)
    return asker


def sign_in_address(scope: Scope) -> str:
    """Of the page to sign in, and then to come back to what was asked for here."""
    return sign_in_and_back(address_of(scope))


def address_of(scope: Scope) -> str:
    """Path and query, as they were asked for."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{query}" if query else "")


def sign_in_and_back(address: str) -> str:
    """The same, to come back to an address of ours; not to one that is about signing in, secrets and all."""
    if address in ("", "/") or address.startswith(SIGN_IN):
        return SIGN_IN
    return f"{SIGN_IN}?next={quote(address, safe='/')}"
