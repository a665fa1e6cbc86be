"""A real headless Chromium, and pages that report what a script did and what they asked the network for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from scripts import chromium

expect.set_options(timeout=60_000)  # milliseconds: a loaded machine draws late, and what is wrong stays wrong
DESK, PHONE = (1440, 900), (390, 844)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@dataclass
class Opened:
    """A page that has loaded, with the errors it threw and the addresses it asked for."""

    page: Page
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


# Of a module, not of the session: while the driver lives, its event loop runs in the tests' own thread, and
# the tests of asynchronous code after these could not have one of theirs.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium.executable(), args=chromium.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_html(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """open_html(html, size=DESK): the text as a file on a disk, opened without any network."""
    contexts = []

    def open_(html: str, size: tuple[int, int] = DESK) -> Opened:
        phone = size[0] < 500
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, is_mobile=phone, has_touch=phone, offline=True
        )
        contexts.append(context)
        opened = Opened(context.new_page())
        opened.page.on("pageerror", lambda error: opened.errors.append(str(error)))
        opened.page.on("request", lambda request: opened.asked.append(request.url))
        path = tmp_path / f"page{len(contexts)}.html"
        path.write_text(html, encoding="utf-8")
        opened.page.goto(path.as_uri())
        opened.asked[:] = [url for url in opened.asked if not url.startswith(("file:", "data:", "blob:"))]
        return opened

    yield open_
    for context in contexts:
        context.close()
