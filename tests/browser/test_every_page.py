"""Every page of the service in a real browser, at a phone and at a desk: it works, its policy is never broken,
and nobody is shut out by how it is made (axe)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gridmap.database.sessions import Database
from tests.browser.conftest import DESK, PHONE
from tests.faces.conftest import Live, serving
from tests.pages import addresses

SIZES = {"desk": DESK, "phone": PHONE}
WATCH = """window.broken = [];
document.addEventListener("securitypolicyviolation",
    event => broken.push([event.effectiveDirective, event.blockedURI, event.sourceFile].join(" ")));"""
AXE = Axe()


@pytest.fixture(scope="module")
def district(demo_database: Database) -> Iterator[Live]:
    """The demonstration, whose pages are full."""
    with serving(demo_database.settings) as live:
        yield live


@contextmanager
def watched(browser: Browser, live: Live, size: tuple[int, int]) -> Iterator[tuple[Page, list[str]]]:
    """A page, and a growing list of what went wrong on it."""
    phone = size[0] < 500
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, base_url=live.url
    )
    context.add_init_script(WATCH)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on("console", lambda said: wrong.append(f"{page.url}: {said.text}") if said.type == "error" else None)
    try:
        yield page, wrong
    finally:
        context.close()


def opened(page: Page, address: str) -> list[str]:
    """Open it. -> which directives of its policy were broken."""
    page.goto(address, wait_until="networkidle")
    if page.locator(".folium-map").count():
        expect(page.locator(".leaflet-pane path, .leaflet-pane canvas, .place").first).to_be_attached()
    return [f"{address}: {each}" for each in page.evaluate("window.broken")]


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical."""
    found = AXE.run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{each['impact']} {each['id']}: {node['html'][:160]} {node['failureSummary'][:400]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.mark.parametrize("size", SIZES)
def test_every_page_works_within_its_policy_and_for_everybody(
    browser: Browser, district: Live, size: str
) -> None:
    found: list[str] = []
    with district.client() as client:
        everywhere = addresses(district.app, client)
        refused = {address for address in everywhere if client.get(address).status_code >= 400}
    with watched(browser, district, SIZES[size]) as (page, wrong):
        for address in everywhere:
            found += opened(page, address)
            found += [f"{address}: {each}" for each in barriers(page)]
            if page.evaluate("document.documentElement.scrollWidth") > SIZES[size][0]:
                found.append(f"{address}: wider than the screen")
    wrong = [each for each in wrong if not ("status of 4" in each and any(a in each for a in refused))]
    assert [*wrong, *found] == []
