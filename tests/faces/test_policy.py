"""The Content-Security-Policy of every page: strict, and kept by its own text (in a browser: tests/browser)."""

from __future__ import annotations

import base64
import hashlib
from html.parser import HTMLParser

import pytest

from gridmap.faces.guards import PERMISSIONS
from tests.faces.conftest import Live
from tests.pages import MORE, addresses, routes

SCRIPT_TYPES = {"", "module", "text/javascript", "application/javascript"}  # others are data


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


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (each.split() for each in policy.split(";"))}


def allowed(script: dict[str, str | None], text: str, sources: list[str]) -> bool:
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return f"'sha256-{digest}'" in sources or f"'nonce-{script.get('nonce')}'" in sources


def test_every_page_has_a_strict_policy_and_keeps_it(town: Live) -> None:
    with town.client() as client:
        for address in addresses(town.app, client):
            answer = client.get(address)
            assert answer.headers["content-type"].startswith("text/html"), address
            policy = directives(answer.headers["content-security-policy"])
            assert not {"'unsafe-inline'", "'unsafe-eval'", "*"} & {
                s for each in policy.values() for s in each
            }
            assert policy["default-src"] == ["'none'"]
            assert policy["script-src"][0] == policy["worker-src"][0] == policy["manifest-src"][0] == "'self'"
            assert "blob:" in policy["img-src"]
            page = Text(answer.text)
            assert all(allowed(*script, policy["script-src"]) for script in page.scripts), address
            assert not [name for name in page.attributes if name.startswith("on") or name == "style"], address
            assert "style" not in page.tags, address
            assert all(each.startswith(("/", "data:,")) for each in page.linked), address
            assert answer.headers["permissions-policy"] == PERMISSIONS
            assert answer.headers["cross-origin-opener-policy"] == "same-origin"
            assert "strict-transport-security" not in answer.headers, "over plain HTTP"


def test_the_walk_finds_the_pages(town: Live) -> None:
    found = {route.path for route in routes(town.app)}
    assert found >= {"/", "/maps/places", "/maps/heat", "/maps/rhythm", "/bulletins", "/docs"}
    assert not found & set(MORE)


@pytest.mark.parametrize(
    ("html", "seen"),
    [
        ("<script>go()</script>", 1),
        ("<script type=module>go()</script>", 1),
        ("<script type='application/json'>{}</script><script src='/a.js'></script>", 0),
    ],
)
def test_the_reader_of_pages_sees_scripts(html: str, seen: int) -> None:
    page = Text(html)
    assert len(page.scripts) == seen
    assert not any(allowed(*script, ["'self'", "'nonce-x'"]) for script in page.scripts)
    assert all(
        allowed(*script, ["'sha256-cH9ZeOmMCCcqsHYe64qp7ECk6GTLJEeEyvY5H2eA7D8='"]) is False
        for script in page.scripts
    )


def test_a_file_to_keep_may_do_nothing_here(client) -> None:
    """The exported map holds its scripts in its own text: it is opened from a disk, never from here."""
    answer = client.get("/api/v1/exports/heatmap", params={"month": "2023-06", "format": "html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "<script>" in answer.text
