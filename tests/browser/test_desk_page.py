"""The desk in a real browser: two side by side, many cases at once, the forms of a case, axe."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases.intake import collect
from gridmap.opening import open_gridmap
from tests.browser.conftest import DESK, PHONE
from tests.browser.test_every_page import barriers
from tests.cases.conftest import MEMBER, send, settle
from tests.faces.conftest import Live, serving
from tests.signing_in import cookie, session

OWNER = Jurisdiction("test", "测试街道", "Test", illustrative=True)


@pytest.fixture(scope="module")
def live(make_settings, tmp_path_factory) -> Iterator[Live]:
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, OWNER)
        settle(connection, OWNER, tmp_path_factory.mktemp("district"))
        references = send(connection, OWNER, settings, *["matter-06010"] * 6, "matter-06027", "local-dispute")
        start = datetime.now(UTC) - timedelta(days=3)
        collect(connection, OWNER, [[r] for r in references], MEMBER, at=start)
    with serving(settings) as live:
        yield live


@pytest.fixture
def desk(browser: Browser, live: Live) -> Iterator:
    """desk(size) -> a page of somebody of the office, signed in; without an error at the end."""
    contexts: list[tuple[BrowserContext, list[str], int]] = []

    def open_(size: tuple[int, int] = DESK) -> Page:
        context = browser.new_context(
            viewport={"width": size[0], "height": size[1]}, base_url=live.url, has_touch=size is PHONE
        )
        context.add_cookies([cookie(live.url, session(live.settings, "office"))])
        page, errors = context.new_page(), []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
        contexts.append((context, errors, size[0]))
        return page

    yield open_
    for context, errors, wide in contexts:
        assert errors == []
        for page in context.pages:
            assert page.evaluate("document.documentElement.scrollWidth") <= wide
        context.close()


def number(page: Page, key: str):
    return page.locator(f"#numbers [data-key='{key}'] b")


def test_what_one_desk_moves_the_other_sees_without_asking(desk) -> None:
    here, there = desk(), desk()
    for page in (here, there):
        page.goto("/desk?category=matter-06010&state=live&sort=due")
        expect(page.locator("#live-state")).to_have_text("实时更新")
    before = int(number(there, "filed").inner_text())
    there.evaluate("window.stayed = true")
    kept = there.locator("#live tbody tr").nth(3)
    kept_id = kept.get_attribute("data-case")
    kept.locator(".choose input").check()
    kept.locator(".choose input").focus()
    here.locator("#live tbody tr a").first.click()
    here.get_by_text("立案", exact=True).first.click()
    here.locator("form[data-move='file'] button").click()
    expect(here.locator(".standing")).to_contain_text("待派遣")
    expect(number(there, "filed")).to_have_text(str(before + 1))
    expect(there.locator("#told")).to_contain_text("已更新")
    assert there.evaluate("window.stayed"), "it was not loaded again"
    box = there.locator(f"#case-{kept_id} .choose input")
    expect(box).to_be_checked()
    expect(box).to_be_focused()
    there.close()


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_many_are_moved_and_who_is_refused_is_told_why(desk, live, size) -> None:
    page = desk(size)
    page.goto("/desk?category=matter-06010&state=collected&sort=due")
    expect(page.locator("#live-state")).to_be_visible()
    rows = page.locator("#live tbody tr")
    chosen = [rows.nth(n).get_attribute("data-case") for n in (0, 1)]
    for id_ in chosen:
        page.locator(f"#case-{id_} .choose input").check()
    expect(page.locator("#bulk-count")).to_have_text("已选 2 件")
    # somebody else moves one of them: what was chosen is what was seen, and is not moved over that
    page.route("**/desk/changes*", lambda route: route.abort())
    with live.client() as other:
        moved = other.post(
            f"/api/v1/cases/{chosen[0]}/moves", json={"move": "supervise", "reason": "多次反映"}
        )
        assert moved.status_code == 201
    page.select_option("#bulk-move", "file")
    page.locator("#bulk button[type=submit]").click()
    refused = page.locator(f"#case-{chosen[0]} .outcome")
    expect(refused).to_contain_text("未办")
    expect(refused).to_contain_text("请看过最新情况再办")
    expect(page.locator("#bulk-note")).to_have_text("已办 1 件，未办 1 件")
    expect(page.locator(f"#case-{chosen[1]}")).to_have_count(0)  # it is filed, and this list is of the others
    expect(page.locator("#bulk-count")).to_have_text("已选 1 件")


def test_a_refusal_on_a_case_says_what_would_be_right(desk, live) -> None:
    page = desk()
    page.goto("/desk?category=local-dispute&state=live")
    page.locator("#live tbody tr a").first.click()
    expect(page.locator(".private")).to_contain_text("不公开案件")
    page.route("**/desk/changes*", lambda route: route.abort())
    case = page.locator("#case").get_attribute("data-case")
    with live.client() as other:
        assert (
            other.post(f"/api/v1/cases/{case}/moves", json={"move": "file", "reason": ""}).status_code == 201
        )
    page.get_by_text("不立案", exact=True).first.click()
    form = page.locator("form[data-move='refuse']")
    form.locator("textarea").fill("已调解")
    form.locator("button").click()
    expect(form.locator(".refusal")).to_have_text("已有变动，或现在的状态不允许 · 请看过最新情况再办")


def test_the_rules_proposal_and_a_chosen_point(desk) -> None:
    page = desk()
    page.goto("/desk?category=matter-06027&state=live")
    page.locator("#live tbody tr a").first.click()
    page.get_by_text("立案", exact=True).first.click()
    page.locator("form[data-move='file'] button").click()
    page.get_by_text("派遣", exact=True).first.click()
    expect(page.locator(".proposal")).to_contain_text("拟派 市场监管所、城管执法中队")
    page.locator("form[data-move='dispatch'] button").click()
    expect(page.locator(".task")).to_have_count(2)
    page.get_by_text("更正位置或类别").click()
    page.get_by_text("在地图上点选新位置").click()
    page.locator("#case-map").click(position={"x": 60, "y": 60})
    expect(page.locator(".chosen")).to_contain_text("新位置")
    clicked = page.locator(".chosen").inner_text()
    page.locator("#case-map").focus()
    for key in ("ArrowRight", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(400)  # the map glides
    expect(page.locator(".chosen")).to_contain_text("新位置")
    assert page.locator(".chosen").inner_text() != clicked
    form = page.locator("form[data-correct]")
    form.locator("textarea").fill("挪到实处")
    form.locator("button").click()
    expect(page.locator(".move-correct")).to_contain_text("位置")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_axe_finds_nothing_serious(desk, size, lang) -> None:
    page = desk(size)
    page.goto(f"/desk?lang={lang}")
    expect(page.locator("#live-state")).to_be_visible()
    page.locator("#live tbody .choose input:visible").first.check()
    assert barriers(page) == []
    page.locator("#live tbody tr a").first.click()
    page.locator("details.act summary").first.click()
    expect(page.locator("#case-map .leaflet-pane").first).to_be_attached()
    assert barriers(page) == []
