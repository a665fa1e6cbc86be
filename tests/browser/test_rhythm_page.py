"""The page of places and rhythm in a real browser: sizes, languages, keys, and for those who listen."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import DESK, PHONE, Opened
from tests.maps import rhythm_sample as rs

LINKS = {"district": "/", "places": "/p", "rhythm": "/r", "heat": "/h", "language": "/?lang=en"}
Open = Callable[..., Opened]


@pytest.mark.parametrize(
    ("lang", "size"), [("zh", DESK), ("zh", PHONE), ("en", DESK), ("en", PHONE), ("en", (320, 568))]
)
def test_it_opens_and_nothing_overflows(lang: str, size: tuple[int, int], open_html: Open) -> None:
    opened = open_html(rs.page(lang, links=LINKS), size)
    assert opened.errors == []
    assert opened.asked == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= size[0]
    assert opened.page.locator(".place").count() == 3
    assert opened.page.locator("nav.pages a[aria-current=page]").inner_text() in (
        "点位与节律",
        "Places and rhythm",
    )
    assert opened.page.locator(".illustrative").first.is_visible()


def test_long_names_and_many_places_do_not_overflow_a_phone(open_html: Open) -> None:
    name = "{}" + "延安农产品物流园Verylongunbreakablenameofaplace" * 3
    opened = open_html(rs.page(around=rs.found(name, count=40), name=name, links=LINKS), PHONE)
    assert opened.errors == []
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE[0]
    rows = opened.page.locator("tr[data-place]:visible")
    assert rows.count() == 10
    opened.page.locator(".all-rows").click()
    assert rows.count() == 40


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_week_is_read_with_the_keyboard(size: tuple[int, int], open_html: Open) -> None:
    """Arrows go where they point, whether the hours run across or down."""
    around = rs.found()
    page = open_html(rs.page(around=around), size).page
    line = page.locator(".cell-reading")
    rest = line.inner_text()
    busiest = page.locator(".clock td[tabindex='0']")
    assert busiest.count() == 1
    count = int(around.rhythm.every.max())
    assert busiest.inner_text() == str(count)
    busiest.focus()
    assert f"{count} 件" in line.inner_text()
    page.keyboard.press("Home")
    home = page.evaluate("document.activeElement.title")
    assert " 0–1 时" in home
    later, next_day = ("ArrowRight", "ArrowDown") if size == DESK else ("ArrowDown", "ArrowRight")
    page.keyboard.press(later)
    assert " 1–2 时" in line.inner_text()
    page.keyboard.press("End")
    assert " 23–24 时" in line.inner_text()
    page.keyboard.press(later)  # no further
    assert " 23–24 时" in line.inner_text()
    day = line.inner_text()[:2]
    if day != "周日":
        page.keyboard.press(next_day)
        assert line.inner_text()[:2] != day
    assert page.locator(".clock td[tabindex='0']").count() == 1
    page.keyboard.press("Tab")
    assert line.inner_text() == rest


def test_pointing_and_tapping_read_a_cell(open_html: Open) -> None:
    page = open_html(rs.page()).page
    cell = page.locator(".clock tbody tr").nth(2).locator("td").nth(20)
    cell.hover()
    expect(page.locator(".cell-reading")).to_have_text(cell.get_attribute("title") or "")
    phone = open_html(rs.page(), PHONE).page
    cell = phone.locator(".clock tbody tr").nth(2).locator("td").nth(20)
    cell.tap()
    expect(phone.locator(".cell-reading")).to_contain_text("周三 20–21 时")
    box = cell.bounding_box()
    assert box
    assert box["width"] >= 40, "a finger finds it"


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_frame_lies_where_the_hours_are(size: tuple[int, int], open_html: Open) -> None:
    """From six in the evening to midnight, and until one: to the pixel, whichever way the hours run."""
    page = open_html(rs.page(), size).page
    box = page.locator(".clock svg:visible path").last.bounding_box()
    first = page.locator(".clock tbody tr").nth(0).locator("td").nth(0).bounding_box()
    last = page.locator(".clock tbody tr").nth(6).locator("td").nth(23).bounding_box()
    evening = page.locator(".clock tbody tr").nth(0).locator("td").nth(18).bounding_box()
    assert box
    assert first
    assert last
    assert evening
    path = page.locator(".clock svg:visible path").last.get_attribute("d") or ""
    assert ("M18 0" in path or "18 0" in path) if size == DESK else "0 18" in path
    assert box["x"] == pytest.approx(first["x"], abs=3)
    assert box["y"] == pytest.approx(first["y"], abs=3)
    assert box["x"] + box["width"] == pytest.approx(last["x"] + last["width"], abs=3)
    assert box["y"] + box["height"] == pytest.approx(last["y"] + last["height"], abs=3)
    step, axis = (
        (evening["x"] - first["x"], "width") if size == DESK else (evening["y"] - first["y"], "height")
    )
    assert step == pytest.approx(18 * first[axis], rel=0.02)


def test_a_row_leads_to_its_place(open_html: Open) -> None:
    page = open_html(rs.page()).page
    row = page.locator("tr[data-place]").first
    row.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".leaflet-popup .details h2")).to_have_text(row.locator("td").first.inner_text())
    assert "周边上报" in page.locator(".leaflet-popup .details dl").inner_text()


def test_the_form_sends_what_it_shows(open_html: Open) -> None:
    page = open_html(rs.page()).page
    values = page.locator(".effort form").evaluate("form => Object.fromEntries(new FormData(form).entries())")
    assert values == {
        "month": "2023-07",
        "kind": "night_market",
        "campaign": "local-teastall",
        "area": "",
        "first": "2023-07-01",
        "last": "2023-07-31",
        "since": "2023-08-01",
        "until": "2023-08-31",
        "against": "year_before",
    }


@pytest.mark.parametrize(("lang", "size"), [("zh", DESK), ("en", PHONE)], ids=["desk", "phone"])
def test_nothing_stands_in_the_way_of_those_who_listen(
    lang: str, size: tuple[int, int], open_html: Open
) -> None:
    page = open_html(rs.page(lang, links=LINKS), size).page
    found = Axe().run(page, context="body > :not(main)", options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]] == []
    found = Axe().run(page, context="aside", options={"runOnly": ["wcag2a", "wcag2aa"]})
    assert [(each["id"], each["nodes"][0]["html"][:120]) for each in found.response["violations"]] == []


def test_a_text_is_never_a_script(open_html: Open) -> None:
    payload = "</script><img src=x onerror=alert(1)>{{7*7}}${alert(1)}`'\""
    name = payload.replace("{", "{{").replace("}", "}}") + "{}"
    opened = open_html(rs.page(around=rs.found(name), name=name))
    assert opened.errors == []
    assert opened.page.locator("img[src=x]").count() == 0
    assert payload in opened.page.locator("tr[data-place] td").first.inner_text()
    opened.page.locator("tr[data-place]").first.click()
    assert payload in opened.page.locator(".leaflet-popup h2").inner_text()


@pytest.mark.parametrize(
    "around",
    [
        rs.found(reports=0),
        rs.found(count=0),
        rs.found(hours=None),
        rs.found(hours="24/7"),
        rs.found(hours="Jan 10:00-11:00"),
    ],
    ids=["no reports", "no places", "no hours", "always", "never"],
)
def test_what_is_missing_is_said(around, open_html: Open) -> None:
    opened = open_html(rs.page(around=around))
    assert opened.errors == []
    assert opened.page.locator(".clock td").count() == 168
    opening = around.opening
    framed = opening is not None and bool((opening >= 0.5).any()) and not bool((opening >= 0.5).all())
    assert opened.page.locator(".clock svg:visible").count() == int(framed)
    text = opened.page.locator("body").inner_text()
    if not around.places:
        assert "当月没有这类点位" in text
    elif not around.rhythm.every.sum():
        assert "没有相关上报" in text
    elif around.opening is None:
        assert "没有登记营业时间" in text
    elif around.opening.min() == 1:
        assert "全天开放" in text
    else:
        assert "本月都不营业" in text
