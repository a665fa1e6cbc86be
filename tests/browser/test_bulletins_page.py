"""The page of bulletins in a real browser: what is published, making one with its progress, cancelling it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.model import Package
from gridmap.faces.pages.menu import PAGES
from tests.browser.conftest import DESK, PHONE
from tests.faces.conftest import Live, populated, serving
from tests.signing_in import cookie, session

PATIENCE = 60_000  # milliseconds


def package(text: bytes) -> Package:
    names = [f"bulletin-town-2023-05.{suffix}" for suffix in ("pdf", "html", "xlsx", "gpkg")]
    manifest = {"reports": 30, "files": [{"name": name, "bytes": 912_345, "sha256": ""} for name in names]}
    files = dict.fromkeys(names, text) | {"manifest.json": b"{}"}
    return Package("town", date(2023, 5, 1), "zh", datetime(2023, 6, 1, tzinfo=UTC), manifest, files)


@pytest.fixture(scope="module")
def press(make_settings) -> Iterator[Live]:
    with serving(populated(make_settings)) as live:
        for text in (b"one", b"two"):
            with live.app.state.service.own.writing() as connection:
                publish(connection, package(text), "gridmap")
        yield live


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, browser: Browser, press: Live) -> Iterator[Page]:
    wide, high = request.param
    context = browser.new_context(viewport={"width": wide, "height": high}, base_url=press.url)
    context.add_cookies([cookie(press.url, session(press.settings))])
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto("/bulletins")
    yield page
    assert errors == []
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    context.close()


def test_what_is_published_can_be_had(page: Page) -> None:
    month = page.locator("section.bulletin[data-month='2023-05']")
    expect(month.locator("h2")).to_have_text("2023年5月")
    expect(month.locator(".number").first).to_contain_text("第 2 号")
    expect(month.locator(".number").first).to_contain_text("自动发布")
    assert month.locator(".files").first.locator("a").count() == 6
    with page.expect_download() as download:
        month.locator(".files").first.get_by_text("打印 PDF").click()
    assert download.value.suggested_filename == "bulletin-town-2023-05.pdf"
    earlier = month.locator("details .number")
    expect(earlier).to_be_hidden()
    month.locator("summary").click()
    expect(earlier).to_contain_text("第 1 号")
    touched = ".files a:visible, .making button, nav.pages a, header .language, .entrance button"
    for link in page.locator(touched).all():
        assert link.bounding_box()["height"] >= 36, "a thumb has to find it"


def test_one_is_made_with_its_progress_and_cancelled(page: Page) -> None:
    page.select_option("#month", "2023-06")
    page.get_by_role("button", name="制作并发布").click()
    card = page.locator(".job")
    expect(card).to_contain_text("2023年6月")
    expect(card.locator(".state")).to_have_text("正在制作", timeout=PATIENCE)
    expect(card.locator(".progress .quiet")).to_contain_text("/ 13", timeout=PATIENCE)
    page.reload()  # who comes back finds it under way
    expect(card.locator(".progress .quiet")).to_contain_text("/ 13", timeout=PATIENCE)
    card.get_by_role("button", name="取消").click()
    expect(card.locator(".state")).to_contain_text("已取消", timeout=PATIENCE)
    card.get_by_role("button", name="知道了").click()
    expect(card).to_have_count(0)


def test_a_refusal_is_shown(page: Page) -> None:
    page.evaluate("document.querySelector('#month option').value = '2099-01'")
    page.select_option("#month", "2099-01")
    page.get_by_role("button", name="制作并发布").click()
    expect(page.locator(".job .state")).to_contain_text("has not begun")


def test_it_speaks_english_and_leads_on(page: Page) -> None:
    expect(page.locator("nav.pages a[aria-current=page]")).to_have_text("月报")
    assert page.locator("nav.pages a").count() == len(PAGES)
    assert page.locator("header .language").count() == 1
    page.get_by_text("English").click()
    expect(page.locator("h1")).to_contain_text("Testing Town")
    expect(page.locator("p.none")).to_have_text("No bulletin has been published yet")
    page.goto("/maps/heat")
    page.get_by_role("link", name="Bulletins").click()
    expect(page.locator("#making")).to_be_visible()
