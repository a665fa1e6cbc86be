"""The maps in a real browser: nothing asked of the network, nothing overflows, everything can be used."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from gridmap.maps.coverage import HELD, LOOKS, VACANT, coverage
from gridmap.maps.district import district_page
from gridmap.maps.heat import heat_page
from gridmap.maps.page import Link
from gridmap.maps.places import places_page
from tests.browser.conftest import DESK, PHONE, Opened
from tests.maps import sample

LINKS = {"district": "/", "places": "/maps/places", "heat": "/maps/heat", "language": "/?lang=en"}
CHOICES = [Link("全部类别", "#all", True), Link("未及时清理的暴露垃圾和积存垃圾渣土以及其他", "#x")]
Open = Callable[..., Opened]


def district(lang: str = "zh") -> str:
    return district_page(
        sample.JURISDICTION, True, sample.areas(), sample.places(), sample.backdrop(), lang=lang, links=LINKS
    )


def places(lang: str = "zh") -> str:
    kinds = {place.kind: f"/maps/places?kind={place.kind}" for place in sample.places()}
    return places_page(
        sample.JURISDICTION, True, sample.areas(), sample.places(), sample.backdrop(), kinds=kinds,
        all_url="/a", lang=lang, links=LINKS,
    )  # fmt: skip


def heat(lang: str = "zh") -> str:
    downloads = {name: f"/{name}" for name in ("HTML", "PNG", "PDF", "XLSX", "CSV", "GPKG", "GeoJSON")}
    return heat_page(
        sample.heat(),
        lang=lang,
        links=LINKS,
        prev_url="/a",
        next_url="/b",
        categories=CHOICES,
        downloads=downloads,
    )


def long_names() -> str:
    name = "{}" + "延安农产品物流园Verylongunbreakablenameofaplace" * 4
    return heat_page(sample.heat(name=name), links=LINKS)


PAGES = {"district": district, "places": places, "heat": heat}


@pytest.mark.parametrize("size", [DESK, PHONE, (320, 568)], ids=["desk", "phone", "small"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_from_a_memory_stick(
    page: str, lang: str, size: tuple[int, int], open_html: Open
) -> None:
    opened = open_html(PAGES[page](lang), size)
    assert opened.errors == []
    assert opened.asked == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert opened.page.locator(".leaflet-interactive, .place").count() > 0
    assert opened.page.locator(".illustrative").first.is_visible()


def test_long_names_do_not_overflow_a_phone(open_html: Open) -> None:
    opened = open_html(long_names(), PHONE)
    opened.page.locator(".ranking tbody tr").first.click()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


@pytest.mark.parametrize("page", PAGES)
def test_the_page_has_a_language_a_title_and_a_way_on(page: str, open_html: Open) -> None:
    opened = open_html(PAGES[page]("en"))
    assert opened.page.evaluate("document.documentElement.lang") == "en"
    assert "Xincheng Subdistrict" in opened.page.title()
    assert opened.page.locator("nav.pages a").count() == 3
    assert opened.page.locator("nav.pages a[aria-current=page]").count() == 1
    assert opened.page.locator("a.language").get_attribute("href") == "/?lang=en"


@pytest.mark.parametrize(
    ("typed", "found"), [("鲁艺社区第02", "鲁艺社区第02网格"), ("003003", "上城社区第03网格")]
)
def test_a_grid_is_found_by_name_or_code_with_the_keyboard(typed: str, found: str, open_html: Open) -> None:
    page = open_html(district()).page
    page.locator("#search").focus()
    page.keyboard.type(typed)
    expect(page.locator("#results li b").first).to_have_text(found)
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .details h2")).to_have_text(found)
    expect(page.locator("#results")).to_be_hidden()
    assert "610602006" in page.locator(".leaflet-popup .details dl").inner_text()


def test_the_arrows_move_through_the_results(open_html: Open) -> None:
    page = open_html(district()).page
    page.fill("#search", "第02网格")
    page.locator("#search").focus()
    page.keyboard.press("ArrowDown")
    second = page.locator("#results li").nth(1)
    expect(second).to_have_attribute("aria-selected", "true")
    name = second.locator("b").inner_text()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .details h2")).to_have_text(name)


def test_nothing_found_is_said(open_html: Open) -> None:
    page = open_html(district()).page
    page.fill("#search", "查无此格")
    expect(page.locator("#results [role=status]")).to_have_text("没有找到，请换个名称或编码")
    page.keyboard.press("Escape")
    expect(page.locator("#results")).to_be_hidden()


def test_places_are_switched_on_and_off_by_kind(open_html: Open) -> None:
    page = open_html(district()).page
    assert page.locator(".place").count() == 7
    page.locator('input[value="place:parking"]').uncheck()
    assert page.locator(".place").count() == 5
    page.locator('button[data-all="off"]').click()
    assert page.locator(".place").count() == 0
    page.locator('button[data-all="on"]').click()
    assert page.locator(".place").count() == 7


def test_a_click_tells_about_a_place_and_an_area(open_html: Open) -> None:
    page = open_html(district()).page
    page.locator('.place[title="金圣国际早市"]').click()
    expect(page.locator(".details")).to_contain_text("每天 06:00–09:30")
    page.keyboard.press("Escape")
    page.fill("#search", "阳光社区第01网格")
    page.keyboard.press("Enter")
    expect(page.locator(".details h2").last).to_have_text("阳光社区第01网格")
    expect(page.locator(".details").last).to_contain_text("km²")


def test_on_a_phone_the_layers_are_a_drawer(open_html: Open) -> None:
    page = open_html(district(), PHONE).page
    expect(page.locator("#aside")).to_be_hidden()
    page.locator(".drawer-handle").tap()
    expect(page.locator("#aside")).to_be_visible()
    page.locator('input[value="place:parking"]').uncheck()
    page.locator(".drawer-handle").tap()
    expect(page.locator("#aside")).to_be_hidden()
    assert page.locator(".place").count() == 5


def test_the_heat_map_reads_a_grid_out(open_html: Open) -> None:
    page = open_html(heat()).page
    page.locator(".ranking tbody tr").first.click()
    reading = page.locator(".reading")
    expect(reading.locator("h2")).to_have_text("上城社区第02网格")
    expect(reading).to_contain_text("75")
    expect(reading).to_contain_text("73 (+2)")
    expect(reading).to_contain_text("119.0 件/km²")


def test_a_tap_on_a_grid_reads_it_out(open_html: Open) -> None:
    page = open_html(heat(), PHONE).page
    page.locator("path.leaflet-interactive").nth(4).tap(force=True)
    expect(page.locator(".reading h2")).to_have_text("鲁艺社区第02网格")


def test_the_surface_takes_the_place_of_the_classes(open_html: Open) -> None:
    page = open_html(heat()).page
    assert page.locator("img.surface").count() == 0
    page.locator("input[value=density]").check(force=True)
    expect(page.locator("img.surface")).to_be_visible()
    expect(page.locator("section[data-mode=density]")).to_be_visible()
    expect(page.locator("section[data-mode=grid]")).to_be_hidden()
    assert page.evaluate("document.querySelector('img.surface').naturalWidth") > 100


def test_a_month_without_reports_says_so(open_html: Open) -> None:
    opened = open_html(heat_page(sample.heat(counts=(0,) * 9)))
    expect(opened.page.locator(".empty")).to_have_text("本月无上报")
    opened.page.locator("input[value=density]").check(force=True)
    assert opened.errors == []


def test_the_list_of_places_leads_to_the_map(open_html: Open) -> None:
    page = open_html(places()).page
    page.locator("button[data-place]").first.click()
    expect(page.locator(".leaflet-popup .details h2")).to_have_text("大剧院停车场")


def test_an_empty_district_opens(open_html: Open) -> None:
    opened = open_html(district_page(sample.JURISDICTION, False, [], [], []))
    assert opened.errors == []


def test_where_chiefs_are_is_shown_one_post_at_a_time(open_html: Open) -> None:
    grid = next(area for area in sample.areas() if area.kind == "grid")
    chiefs = coverage(sample.areas(), {"grid_chief": {grid.code}})
    opened = open_html(district_page(sample.JURISDICTION, True, sample.areas(), [], [], chiefs=chiefs), DESK)
    page, drawn = opened.page, opened.page.locator(".leaflet-chiefs-pane path")
    assert drawn.count() == 0
    page.locator("input[value='chiefs:grid_chief']").check()
    expect(drawn).to_have_count(chiefs.counts["grid_chief"][0])
    assert drawn.first.get_attribute("fill") == LOOKS[HELD]
    assert drawn.last.get_attribute("fill") == LOOKS[VACANT]  # on top
    page.locator("input[value='chiefs:building_chief']").check()
    expect(page.locator("input[value='chiefs:grid_chief']")).not_to_be_checked()
    expect(drawn).to_have_count(chiefs.counts["building_chief"][0])
    drawn.first.dispatch_event("click")
    expect(page.locator(".leaflet-popup .details")).to_contain_text("空缺")
    assert opened.errors == []


def test_subdistricts_are_drawn_and_found_where_there_are_too_many_communities(
    open_html: Open, monkeypatch
) -> None:
    monkeypatch.setattr("gridmap.maps.layers.AREAS_DRAWN", 2)
    towns = [area for area in sample.areas() if area.kind in ("subdistrict", "community")]
    opened = open_html(district_page(sample.JURISDICTION, True, towns, [], [], links=LINKS), DESK)
    switch = opened.page.locator("input[data-layer][value=subdistrict]")
    expect(switch).to_be_checked()
    paths = opened.page.locator(".leaflet-overlay-pane path, .leaflet-tint-pane path")
    drawn = paths.count()
    switch.uncheck()
    assert paths.count() == drawn - 1
