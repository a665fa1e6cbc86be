"""The Content-Security-Policy of every page: strict, and kept by its text (in a browser: tests/browser)."""

from __future__ import annotations

import pytest

from gridmap.faces.entrance.guards import PAGE_POLICY, PERMISSIONS
from tests.faces.conftest import Live
from tests.pages import faults, routes, walk

HEADERS = {
    "content-security-policy": PAGE_POLICY,
    "permissions-policy": PERMISSIONS,
    "cross-origin-opener-policy": "same-origin",
}


def test_every_page_has_a_strict_policy_and_keeps_it(town: Live) -> None:
    """Those that a town without people has; the browser walks all of the demonstration's."""
    with town.client() as office, town.stranger() as stranger:
        clients = {"office": office, None: stranger}
        visits = [(address, clients[role]) for address, role in walk(town.app, office) if role in clients]
        assert len(visits) > 12
        for address, client in visits:
            answer = client.get(address)
            assert answer.headers["content-type"].startswith("text/html"), address
            assert faults(answer.headers, answer.text) == [], address
            assert "strict-transport-security" not in answer.headers, "over plain HTTP"


def test_the_walk_finds_the_pages(town: Live) -> None:
    found = {route.path for route in routes(town.app)}
    assert found >= {"/", "/sign-in", "/maps/places", "/maps/heat", "/maps/rhythm", "/bulletins", "/docs"}


@pytest.mark.parametrize(
    ("html", "says"),
    [
        ("<script>go()</script>", "a script that may not run"),
        ("<script type=module nonce=''>go()</script>", "a script that may not run"),
        ("<p onclick='go()'>", "an attribute onclick"),
        ("<p style='color:red'>", "an attribute style"),
        ("<style>p { color: red }</style>", "a <style>"),
        ("<script src='//elsewhere.example/a.js'></script>", "from elsewhere"),
    ],
)
def test_what_a_page_must_not_hold_is_seen(html: str, says: str) -> None:
    (found,) = faults(HEADERS, html)
    assert found.startswith(says)


def test_what_a_page_may_hold_is_let_be() -> None:
    html = "<script type='application/json'>{}</script><script src='/a.js'></script><script>1</script>"
    by_hash = PAGE_POLICY.replace(
        "script-src 'self'", "script-src 'self' 'sha256-a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s='"
    )
    assert faults(HEADERS | {"content-security-policy": by_hash}, html) == []


@pytest.mark.parametrize("source", ["'unsafe-inline'", "'unsafe-eval'", "https:"])
def test_a_loose_policy_is_seen(source: str) -> None:
    loose = PAGE_POLICY.replace("script-src 'self'", f"script-src 'self' {source}")
    assert faults(HEADERS | {"content-security-policy": loose}, "") == [f"the policy allows { {source}!r}"]


def test_a_file_to_keep_may_do_nothing_here(client) -> None:
    """The exported map holds its scripts in its own text: it is opened from a disk, never from here."""
    answer = client.get("/api/v1/exports/heatmap", params={"month": "2023-06", "format": "html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "<script>" in answer.text
