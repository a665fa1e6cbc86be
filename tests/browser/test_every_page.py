"""Every page of the service in a real browser, on a phone and on a desk: it works, it keeps its policy, and
nobody is shut out by how it is made (axe)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from gridmap import demonstration
from gridmap.cases.demonstrating import demonstrate
from gridmap.opening import open_gridmap
from gridmap.people import sessions
from gridmap.people.accounts import demonstration_accounts
from tests.browser.conftest import DESK, PHONE
from tests.faces.conftest import Live, serving
from tests.pages import faults, walk
from tests.signing_in import cookie, owners

SIZES = {"desk": DESK, "phone": PHONE}
WATCH = """window.broken = [];
document.addEventListener("securitypolicyviolation",
    event => broken.push([event.effectiveDirective, event.blockedURI, event.sourceFile].join(" ")));"""
TOO_WIDE = """() => {
    const wide = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= wide) return [];
    return [...document.querySelectorAll("main *, .stage *, .below *, header *, .bar *")]
        .filter(each => each.getBoundingClientRect().right > wide + 1 && !each.closest(".folium-map"))
        .slice(-3).map(each => each.outerHTML.slice(0, 160));
}"""
AXE = Axe()
SETTLE = 400  # milliseconds in which a page fetches what it shows; the desk listens on and on


@pytest.fixture(scope="module")
def district(make_settings) -> Iterator[Live]:
    """The demonstration with its cases, so that pages are full; its own, because it is asked by everybody."""
    settings = make_settings()
    with open_gridmap(settings) as database:
        demonstration.load(database)
        demonstrate(database, demonstration.JURISDICTION, now=datetime(2023, 12, 31, 4, tzinfo=UTC))
    with serving(settings) as live:
        yield live


def session_of(live: Live, role: str) -> str:
    """The secret of a session of the demonstration's account with that role, which has somebody's sight."""
    with owners(live.settings) as database, database.writing() as connection:
        accounts = demonstration_accounts(connection, demonstration.JURISDICTION)
        return sessions.begin(connection, next(each for each in accounts if role in each.roles))


@contextmanager
def watched(
    browser: Browser, live: Live, size: tuple[int, int], role: str | None = "office"
) -> Iterator[tuple[Page, list[str]]]:
    """A page of somebody with that role, None of nobody, and a growing list of what went wrong on it."""
    phone = size[0] < 500
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, base_url=live.url
    )
    if role is not None:
        context.add_cookies([cookie(live.url, session_of(live, role))])
    context.add_init_script(WATCH)
    page, wrong = context.new_page(), []
    documents: set[str] = set()  # that a page itself was refused, a browser says as well

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and message.location.get("url") not in documents:
            wrong.append(f"{page.url}: {message.text}")

    page.on("pageerror", lambda error: wrong.append(f"{page.url}: {error}"))
    page.on(
        "response", lambda answer: documents.add(answer.url) if answer.request.is_navigation_request() else 0
    )
    page.on("console", said)
    try:
        yield page, wrong
    finally:
        context.close()


def opened(page: Page, address: str) -> list[str]:
    """Open it. -> what its headers lack, and which directives of its policy were broken."""
    answer = page.goto(address)
    assert answer is not None
    page.wait_for_timeout(SETTLE)
    if page.locator(".folium-map").count():
        expect(page.locator(".leaflet-pane path, .leaflet-pane canvas, .place").first).to_be_attached()
    wrong = [*faults(answer.headers, answer.text()), *page.evaluate("window.broken")]
    return [f"{address}: {each}" for each in wrong]


def barriers(page: Page) -> list[str]:
    """What axe finds serious or critical, once nothing fades or slides any more."""
    page.wait_for_function("() => document.getAnimations().every(each => each.playState !== 'running')")
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
        visits = walk(district.app, client)
    for role in {role for _, role in visits}:
        with watched(browser, district, SIZES[size], role) as (page, wrong):
            for address in (address for address, of in visits if of == role):
                found += opened(page, address)
                found += [f"{address}: {each}" for each in barriers(page)]
                found += [f"{address}: wider than the screen: {each}" for each in page.evaluate(TOO_WIDE)]
            found += wrong
    assert found == []


def press_play(page: Page) -> None:
    page.locator(".play").click()
    expect(page.locator(".player .day")).to_contain_text("-0")
    first = page.locator(".player .day").inner_text()
    expect(page.locator(".player .day")).not_to_have_text(first)  # it moves
    page.locator(".player input[type=range]").focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".player .day")).to_contain_text("-30")
    expect(page.locator(".play")).to_have_attribute("aria-pressed", "false")


def choose(view: str) -> Callable[[Page], None]:
    def press(page: Page) -> None:
        page.locator(f"label:has(input[name=mode][value={view}])").click()
        expect(page.locator(f"section[data-mode~={view}]").first).to_be_visible()
        page.locator(".leaflet-overlay-pane path").nth(3).click(force=True)
        expect(page.locator(".reading h2")).to_be_visible()

    return press


def search(page: Page) -> None:
    page.fill("#search", "第0")
    expect(page.locator("#results li").first).to_be_visible()


def find(page: Page) -> None:
    search(page)
    page.locator("#search").press("Enter")
    expect(page.locator(".leaflet-popup .details")).to_be_visible()


def open_drawer(page: Page) -> None:
    page.locator(".drawer-handle").click()
    expect(page.locator("aside")).to_be_visible()


def press_place(page: Page) -> None:
    page.locator("button[data-place], tr[data-place]").first.click()
    expect(page.locator(".leaflet-popup .details")).to_be_visible()


STEPS: dict[str, tuple[str, Callable[[Page], None], str]] = {
    "the days play": ("/maps/heat", press_play, "desk"),
    "stars": ("/maps/heat?month=2023-06&category=matter-09001", choose("star"), "desk"),
    "density": ("/maps/heat", choose("density"), "phone"),
    "search": ("/", search, "phone"),
    "an area": ("/", find, "desk"),
    "the drawer": ("/", open_drawer, "phone"),
    "a place": ("/maps/places?kind=parking", press_place, "phone"),
    "a place by hours": ("/maps/rhythm", press_place, "desk"),
}


@pytest.mark.parametrize("step", STEPS)
def test_so_does_what_opens_on_it(browser: Browser, district: Live, step: str) -> None:
    address, go, size = STEPS[step]
    with watched(browser, district, SIZES[size]) as (page, wrong):
        opened(page, address)
        go(page)
        assert [*wrong, *page.evaluate("window.broken"), *barriers(page)] == []


def test_the_watch_sees_what_a_policy_forbids(browser: Browser, district: Live) -> None:
    """Else the silence above would mean nothing."""
    with watched(browser, district, DESK) as (page, wrong):
        opened(page, "/docs")
        page.evaluate("""() => {
            const script = document.createElement("script");
            script.textContent = "window.ran = true";
            document.body.append(script);
            document.body.insertAdjacentHTML("beforeend", "<p style='color:red' onclick='go()'>x</p>");
        }""")
        page.wait_for_function("window.broken.length >= 3")
        assert page.evaluate("window.ran") is None
        assert {each.split()[0] for each in page.evaluate("window.broken")} == {
            "script-src-elem",
            "script-src-attr",
            "style-src-attr",
        }
        assert len(wrong) >= 3, "the console says so too"
