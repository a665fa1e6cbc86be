"""Every page that the service has, found from its routes, so that a page to come is walked as well; and what
its policy must be and its text must not hold.

An address with a parameter in its path needs an example here; a route without one fails whoever walks.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser

import httpx
from fastapi import FastAPI
from fastapi.routing import APIRoute

from gridmap.faces.entrance.guards import PERMISSIONS
from gridmap.faces.entrance.rights import RIGHTS

# a path of a route -> the address of an example, given a client that may ask for one
EXAMPLES: dict[str, Callable[[httpx.Client], str]] = {
    "/problems/{code}": lambda _: "/problems/bad-input",
    "/cases/{id}": lambda client: f"/cases/{_first_case(client)}",
}
# the same pages as people come to them, and as they are when something is wrong: (address, role)
MORE = (
    ("/?lang=en", None),
    ("/maps/places?kind=parking", "office"),
    ("/maps/heat?month=2010-01", "office"),
    ("/maps/rhythm?kind=parking", "office"),
    ("/maps/rhythm?lang=en", "office"),
    ("/nothing", "office"),
    ("/maps/heat?month=x", "office"),
)
NO_PAGES = frozenset(  # what pages fetch, and what programs ask
    {"/healthz", "/openapi.json", "/favicon.ico", "/basemap/{z:int}/{x:int}/{y:int}"}
    | {"/my-worker.js", "/my/ground", "/desk/changes"}
)
FOR_MEMBERS = frozenset({"/my"})  # open to others as well, but made for them

Walk = list[tuple[str, str | None]]  # (address, role that opens it; None: nobody has signed in)


def _first_case(client: httpx.Client) -> str:
    """Where there is none, what a guess would be."""
    found = client.get("/api/v1/cases", params={"limit": 1}).json()["items"]
    return found[0]["id"] if found else "none"


def routes(app: FastAPI) -> Iterator[APIRoute]:
    """Routes that a browser can open and that are no part of the interface for programs."""
    waiting = list(app.routes)
    while waiting:
        route = waiting.pop(0)
        if (included := getattr(route, "original_router", None)) is not None:
            waiting[:0] = included.routes
        elif (
            isinstance(route, APIRoute)
            and "GET" in (route.methods or ())
            and not route.path.startswith("/api/")
            and route.path not in NO_PAGES
        ):
            yield route


def walk(app: FastAPI, client: httpx.Client) -> Walk:
    """An address of each page, and MORE. `client`: of the office, to look examples up with."""
    found: Walk = []
    for route in routes(app):
        assert "{" not in route.path or route.path in EXAMPLES, f"{route.path} needs an example in {__name__}"
        address = EXAMPLES[route.path](client) if route.path in EXAMPLES else route.path
        roles = RIGHTS[("GET", route.path)]
        if roles is None:
            found.append((address, None))
        if roles is None or route.path not in FOR_MEMBERS:
            found.append((address, "office" if roles is None or "office" in roles else min(roles)))
        else:
            found.append((address, "member"))
    return [*dict.fromkeys(found), *MORE]


SCRIPT_TYPES = {"", "module", "text/javascript", "application/javascript"}  # others are data
NEVER = {"'unsafe-inline'", "'unsafe-eval'", "*", "http:", "https:"}


class Text(HTMLParser):
    """What of a page's text a policy has a say in."""

    def __init__(self, html: str):
        super().__init__()
        self.scripts: list[tuple[dict[str, str | None], str]] = []
        self.linked: list[str] = []
        self.attributes: set[str] = set()
        self.tags: set[str] = set()
        self._script: dict[str, str | None] | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.tags.add(tag)
        self.attributes.update(given)
        self.linked += [given[name] or "" for name in ("src", "href") if name in given and tag != "a"]
        if tag == "script" and "src" not in given and (given.get("type") or "") in SCRIPT_TYPES:
            self._script = given

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._script = None

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self.scripts.append((self._script, data))


def allowed(script: dict[str, str | None], text: str, sources: list[str]) -> bool:
    """Whether sources of script-src let a script in a page's text run (CSP 3, 6.7.3)."""
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    nonce = script.get("nonce")
    return f"'sha256-{digest}'" in sources or (bool(nonce) and f"'nonce-{nonce}'" in sources)


def faults(headers: Mapping[str, str], html: str) -> list[str]:
    """What is wrong with a page's headers, or with its text as they are."""
    given = headers.get("content-security-policy", "default-src *")
    policy = {name: sources for name, *sources in (each.split() for each in given.split(";"))}
    page, found = Text(html), []
    if loose := NEVER & {source for sources in policy.values() for source in sources}:
        found.append(f"the policy allows {loose}")
    for name, source in (("default", "'none'"), ("script", "'self'"), ("style", "'self'"), ("img", "blob:"),
                         ("worker", "'self'"), ("manifest", "'self'")):  # fmt: skip
        if source not in policy.get(f"{name}-src", []):
            found.append(f"the policy's {name}-src lacks {source}")
    found += [
        f"a script that may not run: {text[:80]}"
        for script, text in page.scripts
        if not allowed(script, text, policy.get("script-src", []))
    ]
    found += [f"an attribute {name}" for name in page.attributes if name.startswith("on") or name == "style"]
    found += ["a <style>"] * ("style" in page.tags)
    found += [
        f"from elsewhere: {at}" for at in page.linked if not at.startswith(("/", "data:,")) or at[:2] == "//"
    ]
    if headers.get("permissions-policy") != PERMISSIONS:
        found.append("no Permissions-Policy")
    if headers.get("cross-origin-opener-policy") != "same-origin":
        found.append("no Cross-Origin-Opener-Policy")
    return found
