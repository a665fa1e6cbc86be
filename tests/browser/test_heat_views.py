"""The heat map's third view and its days in a real browser, by mouse and by keyboard."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date

import pytest
from playwright.sync_api import expect

from gridmap.maps.exports import heat_file
from gridmap.maps.heat import heat_page
from gridmap.statistics.daily import Daily
from tests.browser.conftest import DESK, PHONE, Opened
from tests.maps import sample

Open = Callable[..., Opened]
COUNTS = (40, 40, 2, 40, 40, 2, 2, 2, 2)


def days(counts=COUNTS) -> Daily:
    """All of a grid's reports on the first day but one, which comes on the third."""
    codes = [grid.code for grid in sample.heat().grids]
    told = {code: (n - 1, 0, 1, *([0] * 27)) for code, n in zip(codes, counts, strict=True) if n}
    return Daily(date(2023, 6, 1), 30, told, (0,) * 30)


def file(**options) -> str:
    return heat_file(sample.heat(**options), "html", days=days()).body.decode()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_stars_have_their_view(open_html: Open, size) -> None:
    opened = open_html(file(counts=COUNTS), size)
    page = opened.page
    page.locator("label", has_text="显著热点").click()
    expect(page.locator("section[data-mode=star]")).to_be_visible()
    expect(page.locator("section[data-mode=grid]")).to_be_hidden()
    expect(page.locator(".why")).to_be_visible()
    page.locator("path.leaflet-interactive").nth(8).click(force=True)
    expect(page.locator(".reading")).to_contain_text("q 值")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert opened.errors == []
    assert opened.asked == []


def test_the_days_play_and_stop_by_the_keyboard(open_html: Open) -> None:
    opened = open_html(file(counts=COUNTS))
    page = opened.page
    page.locator(".play").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".player .day")).to_have_text("2023-06-01")
    expect(page.locator(".play")).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".player .day")).to_have_text("2023-06-02")
    page.keyboard.press("Enter")
    expect(page.locator(".play")).to_have_attribute("aria-pressed", "false")
    slider = page.locator(".player input[type=range]")
    slider.focus()
    page.keyboard.press("Home")
    first = page.evaluate("document.querySelector('path.leaflet-interactive').getAttribute('fill')")
    page.locator(".player input[type=checkbox]").uncheck()
    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".player .day")).to_have_text("2023-06-02")
    expect(slider).to_have_attribute("aria-valuetext", "2023-06-02")
    empty = page.evaluate("document.querySelector('path.leaflet-interactive').getAttribute('fill')")
    assert first != empty, "on the second day nothing came"
    page.keyboard.press("Escape")
    expect(slider).to_be_hidden()
    assert opened.errors == []


def test_a_file_too_large_for_its_days_says_so(open_html: Open) -> None:
    opened = open_html(heat_page(sample.heat(), daily={}))
    expect(opened.page.locator(".player-note")).to_have_text("网格很多，本文件未附逐日数据")
    expect(opened.page.locator(".play")).to_be_hidden()


def test_what_is_masked_is_hatched_and_said(open_html: Open) -> None:
    heat = sample.heat()
    grids = tuple(dataclasses.replace(g, count=None, previous=None) for g in heat.grids)
    opened = open_html(heat_page(dataclasses.replace(heat, grids=grids, private=True), daily={"items": []}))
    page = opened.page
    assert page.locator("input[value=density]").count() == 0
    assert page.locator(".player").count() == 0
    grid = page.locator("path.leaflet-interactive").nth(4)
    expect(grid).to_have_attribute("fill", "url(#masked)")
    grid.click(force=True)
    expect(page.locator(".reading")).to_contain_text("不公布")
    assert opened.errors == []
