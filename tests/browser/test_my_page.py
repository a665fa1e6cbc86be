"""The phone of a grid member: reports without a network, each sent once, none lost, refusals shown."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from gridmap.cases.inspections.files import PLAN_COLUMNS, load_plans
from gridmap.cases.inspections.store import last_inspections
from gridmap.geometry.datums import from_wgs84, to_wgs84
from tests.browser.phone import HERE, Phone, Village, phone, photo, village
from tests.faces.conftest import TOWN

# what is sent arrives, but the tab never hears
DEAF = """() => { const real = window.fetch; window.fetch = async (path, options) => {
    const answer = await real(path, options);
    if (options?.method !== "POST") return answer;
    window.arrived = path; return new Promise(() => {}); }; }"""
DESK = {"viewport": {"width": 1440, "height": 900}, "is_mobile": False, "has_touch": False}


@pytest.fixture(scope="module")
def place(make_settings):
    with village(make_settings) as made:
        yield made


@pytest.fixture
def mine(browser: Browser, place: Village):
    with phone(browser, place) as made:
        made.installed()
        yield made


def test_a_report_of_a_usual_category_is_three_touches(mine: Phone, place: Village) -> None:
    """And a photo two more, with nothing to be typed: what keeps it under 20 seconds."""
    mine.report("上一件")
    mine.waits(0)
    for selector in ("#new-report", "#report .picker button", "#report .send"):
        mine.page.locator(selector).first.tap()
    expect(mine.page.locator("#report")).to_be_hidden()
    mine.waits(0)
    (report,) = place.sent("")
    assert (report.lon, report.lat) == HERE


def test_two_reports_made_without_a_network_arrive_once_each(mine: Phone, place: Village) -> None:
    mine.offline()
    mine.report("离线第一件", photo=photo())
    mine.report("离线第二件", photo=photo())
    mine.waits(2)
    mine.page.reload()
    mine.waits(2)
    expect(mine.page.locator("#notices")).to_contain_text("离线：显示的是")
    mine.page.locator("#open-queue").click()
    expect(mine.page.locator(".entry")).to_have_count(2)
    expect(mine.page.locator(".entry .state").first).to_have_text("等待网络")
    expect(mine.page.locator(".entry").first).to_contain_text("照片 1 张")
    mine.page.locator("#queue .close").click()
    assert place.sent("离线第一件") == []
    mine.offline(False)
    mine.waits(0)
    for words in ("离线第一件", "离线第二件"):
        (report,) = place.sent(words)
        assert (report.lon, report.lat) == HERE
        assert (report.datum, report.accuracy_m) == ("wgs84", 12)
        with place.live.client() as client:
            (picture,) = client.get(f"/api/v1/reports/{report.id}/photos").json()["items"]
        assert (picture["width"], picture["height"]) == (1067, 1600)  # upright, and small enough to send
        mine.page.locator("#sent-section").evaluate("node => node.open = true")
        row = mine.page.locator(f"#sent [data-report='{report.id}']")
        expect(row).to_contain_text(words)
        expect(row.locator(".came")).to_have_text(re.compile("已送达，待处理|已收到"))
        place.move(place.case_of(words), "file", "")
        mine.page.reload()
        expect(row.locator(".came")).to_have_text("已立案")


def test_a_tab_killed_before_it_hears_does_not_send_twice(mine: Phone, place: Village) -> None:
    case = place.case(number=0)
    mine.page.evaluate(DEAF)
    mine.report("答复丢了", photo=photo(400, 300))
    mine.page.wait_for_function("() => window.arrived")
    mine.page.close()
    assert len(place.sent("答复丢了")) == 1
    mine.open()
    mine.waits(0)
    assert len(place.sent("答复丢了")) == 1
    # and a move, which has no client id
    mine.page.evaluate(DEAF)
    mine.page.locator(f"#case-{case} button.primary").click()
    mine.page.wait_for_function("() => window.arrived")
    mine.page.close()
    mine.open()
    mine.waits(0)
    assert [move for move, _ in place.history(case)].count("acknowledge") == 1


def test_the_worker_sends_when_the_network_is_back_and_no_page_is_open(mine: Phone, place: Village) -> None:
    """The browser's own event for that, which Chromium lets a developer fire (its DevTools do the same)."""
    mine.offline()
    mine.report("合上手机", photo=photo(400, 300))
    mine.waits(1)
    empty = mine.context.new_page()
    devtools = mine.context.new_cdp_session(empty)
    registered: list[dict] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated", lambda event: registered.extend(event["registrations"])
    )
    devtools.send("ServiceWorker.enable")
    mine.page.close()
    mine.context.set_offline(False)
    event = {"origin": place.live.url, "tag": "gridmap-my", "lastChance": False}
    (worker,) = {each["registrationId"] for each in registered}
    assert place.sent("合上手机") == []
    devtools.send("ServiceWorker.dispatchSyncEvent", {**event, "registrationId": worker})
    deadline = time.monotonic() + 20
    while not place.sent("合上手机"):
        assert time.monotonic() < deadline, "the worker sent nothing"
        empty.wait_for_timeout(50)
    mine.open()
    mine.waits(0)
    (report,) = place.sent("合上手机")
    with place.live.client() as client:
        assert len(client.get(f"/api/v1/reports/{report.id}/photos").json()["items"]) == 1


def test_a_case_is_taken_on_and_answered_without_a_network(mine: Phone, place: Village) -> None:
    case = place.case(number=1)
    mine.page.reload()
    card = mine.page.locator(f"#case-{case}")
    expect(card).to_contain_text("待接收")
    mine.offline()
    card.get_by_role("button", name="接收").click()
    expect(card).to_contain_text("待发送：接收")
    card.get_by_role("button", name="反馈").click()
    mine.page.locator("#answer textarea").fill("到场已清理")
    mine.page.locator("#answer [data-finding=done]").click()
    expect(card).to_contain_text("待发送：接收、反馈")
    expect(card.get_by_role("button")).to_have_count(0)
    mine.page.reload()
    mine.waits(2)
    mine.offline(False)
    mine.waits(0)
    assert place.history(case)[-2:] == [("acknowledge", ""), ("answer", "到场已清理")]
    expect(mine.page.locator("#mine [data-case]", has_text="待接收")).to_have_count(0)


# what the list is to be: the ids of the cases that wait for me, by when they are due and by how far they are
LISTED = """async ([lon, lat]) => {
    const answer = await fetch("/api/v1/cases?recipient=mine&state=live&limit=100");
    const cases = (await answer.json()).items;
    const far = ({ wgs84: [x, y] }) => Math.hypot((x - lon) * Math.cos(lat * Math.PI / 180), y - lat);
    const by = (key) => [...cases].sort((a, b) => key(a) - key(b)).map((each) => each.id);
    return { deadline: by((each) => Date.parse(each.next.due)), distance: by(far) }; }"""


def test_the_list_is_by_deadline_or_distance_and_numbered_on_the_map(mine: Phone, place: Village) -> None:
    for name, west in (("最远的", 0.0015), ("最近的", 0.0003), ("不远的", 0.0009)):
        place.case(place.report(name, HERE[0] - west, HERE[1]))
    mine.page.reload()
    expect(mine.page.locator("#mine")).to_contain_text("不远的")
    wanted = mine.page.evaluate(LISTED, list(HERE))
    assert wanted["deadline"] != wanted["distance"]
    cards, marks = mine.page.locator("#mine [data-case]"), mine.page.locator("#map .case-mark.mine")
    for order in ("distance", "deadline"):
        mine.page.locator(f"[data-order={order}]").click()
        expect(mine.page.locator(f"[data-order={order}]")).to_have_attribute("aria-pressed", "true")
        assert cards.evaluate_all("all => all.map((each) => each.dataset.case)") == wanted[order]
        assert sorted(map(int, marks.all_inner_texts())) == list(range(1, len(wanted[order]) + 1))
    assert mine.page.locator("#map path").count() > 1  # the outline of my grid, and the circle of the phone


def test_a_task_is_returned_and_a_case_handled_alone_without_a_network(mine: Phone, place: Village) -> None:
    given, found = place.case(number=5), place.case(number=6, dispatched=False)
    mine.page.reload()
    for case in (given, found):
        expect(mine.page.locator(f"#case-{case}")).to_have_count(1)
    mine.offline()
    for case, move, why in ((given, "return", "不在本网格"), (found, "self_handle", "顺手清理了")):
        card = mine.page.locator(f"#case-{case}")
        if case == found:
            mine.page.locator("#others-section summary").click()
        card.locator(f"button[data-move={move}]").click()
        mine.page.locator("#answer .findings button").click()  # which needs a reason
        expect(mine.page.locator("#answer")).to_be_visible()
        mine.page.locator("#answer textarea").fill(why)
        mine.page.locator("#answer .findings button").click()
        expect(card.get_by_role("button")).to_have_count(0)
    mine.waits(2)
    mine.offline(False)
    mine.waits(0)
    assert place.history(given)[-1] == ("return", "不在本网格")
    assert place.history(found)[-1] == ("self_handle", "顺手清理了")


def test_what_is_refused_says_why_and_stays_until_it_is_dismissed(mine: Phone, place: Village) -> None:
    case = place.case(number=2)
    mine.page.reload()
    expect(mine.page.locator(f"#case-{case}")).to_be_visible()
    mine.offline()
    mine.page.locator(f"#case-{case} button.primary").click()
    mine.report("后面的一件照样送到")
    place.move(case, "suspend", "待统一施工")
    mine.offline(False)
    mine.waits(1)
    assert len(place.sent("后面的一件照样送到")) == 1
    expect(mine.page.locator("#notices")).to_contain_text("1 条未被接受")
    mine.page.reload()
    mine.page.locator("#notices button", has_text="查看").click()
    entry = mine.page.locator(".entry")
    expect(entry.locator(".state")).to_have_text("未被接受")
    expect(entry.locator(".sentence")).to_have_text(
        "已有变动，或现在的状态不允许 · 这一步已经办过，或要先办别的步骤"
    )
    entry.get_by_role("button", name="再试一次").click()
    expect(entry.locator(".state")).to_have_text("未被接受")
    entry.get_by_role("button", name="知道了").click()
    expect(entry).to_have_count(0)


def test_nobody_sends_as_another(mine: Phone, place: Village) -> None:
    mine.sign_out()
    mine.report("退出以后记下")
    mine.waits(1)
    expect(mine.page.locator("#notices")).to_contain_text("1 条内容仍存在本机")
    expect(mine.page.locator("#notices a", has_text="登录")).to_be_visible()
    expect(mine.page.locator("#mine")).to_be_hidden()
    mine.sign_in("li")
    mine.page.reload()
    expect(mine.page.locator("#who")).to_have_text("李网格")
    mine.page.locator("#open-queue").click()
    expect(mine.page.locator(".entry .state")).to_have_text("等 王网格 登录后发送")
    mine.page.locator("#send-now").click()
    mine.waits(1)
    assert place.sent("退出以后记下") == []
    mine.sign_in("wang")
    mine.page.reload()
    mine.waits(0)
    assert len(place.sent("退出以后记下")) == 1


def test_the_decision_about_the_datum_is_that_of_the_service(mine: Phone) -> None:
    points = [(109.47, 36.62), (121.47, 31.23), (87.6, 43.8), (114.1, 22.5), (2.35, 48.86)]
    lon, lat = np.array(points).T
    shifted = np.column_stack(from_wgs84(lon, lat, "gcj02"))
    back = np.column_stack(to_wgs84(lon, lat, "gcj02"))
    said = mine.page.evaluate(
        """async (points) => { const m = await import("/static/my/datum.js"); return points.map((p) => ({
            to: m.fromWgs84(p, "gcj02"), from: m.toWgs84(p, "gcj02"), same: m.fromWgs84(p, "wgs84") })); }""",
        points,
    )
    np.testing.assert_allclose([each["to"] for each in said], shifted, rtol=0, atol=1e-11)
    np.testing.assert_allclose([each["from"] for each in said], back, rtol=0, atol=1e-11)
    assert [tuple(each["same"]) for each in said] == points
    known = {"lon": 109.47, "lat": 36.62, "radius": 20}
    paris = {"lon": 2.35, "lat": 48.86, "radius": 20}
    gcj = {"lon": shifted[0, 0], "lat": shifted[0, 1]}
    near = {"lon": 109.4703, "lat": 36.6201}  # 29 m off
    for place, reading, expected in (
        (known, {**known, "accuracy": 10}, ("wgs84", "fits")),
        (known, {**near, "accuracy": 10}, ("wgs84", "fits")),
        (known, {**gcj, "accuracy": 10}, ("gcj02", "fits")),
        (known, {**gcj, "accuracy": 150}, ("gcj02", "fits")),
        (known, {**gcj, "accuracy": 300}, (None, "inaccurate")),
        (known, {**known, "accuracy": 300}, (None, "inaccurate")),
        (known, {**known, "accuracy": 0}, (None, "inaccurate")),
        (known, {"lon": 109.4727, "lat": 36.62, "accuracy": 10}, (None, "elsewhere")),  # between the two
        (known, {"lon": 109.49, "lat": 36.62, "accuracy": 10}, (None, "elsewhere")),
        ({**known, "radius": 300}, {**known, "accuracy": 10}, (None, "ambiguous")),
        (paris, {**paris, "accuracy": 10}, (None, "ambiguous")),
    ):
        found = mine.page.evaluate(
            """async ([reading, known]) => (await import("/static/my/datum.js")).decide(reading, known)""",
            [reading, place],
        )
        assert (found["datum"], found["why"]) == expected, (reading, place)


def test_a_phone_that_speaks_gcj02_is_found_out_once(browser: Browser, place: Village) -> None:
    building = (109.46325, 36.60325)  # the middle of 1号楼
    lon, lat = (float(value) for value in from_wgs84(*building, "gcj02"))
    with phone(browser, place, at=(lon, lat)) as mine:
        mine.installed()
        mine.page.locator("#notices button", has_text="核对坐标系").click()
        mine.page.locator("#datum input").fill("1号楼")
        mine.page.locator("#datum .found button").click()
        verdict = mine.page.locator("#datum .verdict")
        expect(verdict).to_have_attribute("data-why", "fits")
        expect(verdict).to_contain_text("GCJ-02 0 米")
        mine.page.get_by_role("button", name="就用它").click()
        expect(mine.page.locator("#notices")).not_to_contain_text("坐标系")
        mine.page.reload()
        mine.report("坐标系核对过")
        mine.waits(0)
        (report,) = place.sent("坐标系核对过")
        assert (report.datum, report.lon, report.lat) == ("gcj02", lon, lat)
        assert report.wgs84 == pytest.approx(building, abs=1e-8)


def test_a_pin_moved_by_hand_is_in_the_map_s_own_datum(mine: Phone, place: Village) -> None:
    mine.page.locator("#new-report").click()
    expect(mine.page.locator("#report .where")).to_contain_text("误差约 12 米")
    expect(
        mine.page.locator("#report path.leaflet-interactive, #report .leaflet-overlay-pane path")
    ).not_to_have_count(0)
    box = mine.page.locator("#report .map").bounding_box()
    mine.page.mouse.click(box["x"] + 80, box["y"] + 80)
    expect(mine.page.locator("#report .where")).to_have_text("位置：手动选点")
    mine.page.locator("#report .picker button").first.click()
    mine.page.locator("#report textarea").fill("手动选点")
    mine.page.locator("#report .send").click()
    expect(mine.page.locator("#report")).to_be_hidden()
    mine.waits(0)
    (report,) = place.sent("手动选点")
    assert report.datum == "wgs84"
    assert report.accuracy_m is None
    assert 50 < np.hypot((report.lon - HERE[0]) * 89_500, (report.lat - HERE[1]) * 111_000) < 500


def test_a_pin_is_put_by_keyboard(mine: Phone, place: Village) -> None:
    mine.page.locator("#new-report").click()
    expect(mine.page.locator("#report .where")).not_to_have_text("")
    mine.page.locator("#report .map").focus()
    mine.page.keyboard.press("ArrowRight")
    mine.page.wait_for_timeout(400)  # the map glides
    mine.page.keyboard.press("Enter")
    expect(mine.page.locator("#report .where")).to_have_text("位置：手动选点")
    mine.page.locator("#report .picker button", has_text="积存垃圾渣土").first.click()
    mine.page.locator("#report textarea").fill("键盘选点")
    mine.page.locator("#report .send").click()
    expect(mine.page.locator("#report")).to_be_hidden()  # it is in the queue, perhaps gone from it again
    mine.waits(0)
    (report,) = place.sent("键盘选点")
    assert report.wgs84[0] > HERE[0] + 1e-4
    assert report.wgs84[1] == pytest.approx(HERE[1], abs=1e-5)


def test_work_is_recorded_as_quickly(mine: Phone, place: Village) -> None:
    mine.offline()
    mine.page.locator("#new-work").click()
    mine.page.locator("#work .more").click()
    mine.page.locator("#work .picker input").fill("小广告")
    mine.page.locator("#work .found button", has_text="小广告清除").click()
    for _ in range(4):
        mine.page.locator("#work .more-of-it").click()
    expect(mine.page.locator("#work .unit")).to_have_text("条")
    mine.page.locator("#work .send").click()
    mine.waits(1)
    mine.offline(False)
    mine.waits(0)
    with place.live.client() as client:
        found = client.get("/api/v1/works", params={"kind": "advert_removed"}).json()["items"]
    (work,) = found
    assert (work["quantity"], work["unit"], work["grid"]["code"]) == (5, "条", "G00")
    # what was used comes first the next time
    mine.page.locator("#new-work").click()
    expect(mine.page.locator("#work .chips button").first).to_have_text("小广告清除")
    mine.page.locator("#work .close").click()


def test_a_draft_outlives_the_tab(mine: Phone) -> None:
    mine.page.locator("#new-report").click()
    mine.page.locator("#report textarea").fill("写到一半")
    choice = mine.page.locator("#report .chips button").nth(1)
    name = choice.inner_text()
    choice.click()
    mine.until(
        """async () => (await (await import("/static/my/store.js")).kept("draft/account:wang"))?.category"""
    )
    mine.page.close()
    mine.open()
    mine.page.locator("#new-report").click()
    expect(mine.page.locator("#report textarea")).to_have_value("写到一半")
    expect(mine.page.locator("#report .picker [aria-pressed=true]")).to_have_text(name)
    mine.page.locator("#report .close").click()


SHEETS = ("#new-report", "#new-work", "#open-queue", "#check-datum")


@pytest.mark.parametrize("options", [{}, DESK], ids=["phone", "desk"])
def test_everybody_can_use_it(browser: Browser, place: Village, options: dict) -> None:
    place.case(number=3 if options else 4)
    with phone(browser, place, **options) as mine:
        mine.installed()
        for opener in (None, *SHEETS):
            if opener:
                mine.page.locator(opener).click()
                expect(mine.page.locator("dialog[open]")).to_be_visible()
            found = Axe().run(mine.page).response["violations"]
            serious = [
                (each["id"], each["nodes"][0]["html"])
                for each in found
                if each["impact"] in ("serious", "critical")
            ]
            assert serious == [], opener
            scope = "dialog[open]" if opener else "body"
            for control in mine.page.locator(
                f"{scope} :is(button, a, summary, input:not([type=file], [type=checkbox]))"
            ).all():
                box = control.bounding_box()
                if box and box["width"]:
                    assert box["height"] >= 44, control.evaluate("node => node.outerHTML")
            if opener:
                mine.page.keyboard.press("Escape")
                expect(mine.page.locator("dialog[open]")).to_have_count(0)


def test_it_speaks_english_also_without_a_network(mine: Phone) -> None:
    mine.offline()
    mine.page.locator("#language").click()
    expect(mine.page.locator("h1")).to_contain_text("My grids")
    expect(mine.page.locator("#new-report")).to_have_text("Report")
    mine.page.goto("/my")
    expect(mine.page.locator("#net")).to_have_text("Offline")
    mine.context.set_offline(False)


def test_it_can_be_installed(mine: Phone) -> None:
    devtools = mine.context.new_cdp_session(mine.page)
    missing = devtools.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert {each["errorId"] for each in missing} <= {"in-incognito"}  # as all contexts of tests are
    manifest = devtools.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert mine.page.evaluate("navigator.serviceWorker.controller.scriptURL").endswith("/my-worker.js")


def test_a_new_version_takes_the_place_of_the_old(mine: Phone) -> None:
    names = mine.page.evaluate("caches.keys()")
    assert len(names) == 1
    mine.page.evaluate("caches.open('gridmap-my-of-before')")
    mine.page.evaluate("navigator.serviceWorker.getRegistration('/my').then((r) => r.unregister())")
    mine.page.reload()
    mine.until("caches.keys().then((names) => names.length === 1)")
    assert mine.page.evaluate("caches.keys()") == names


def test_a_round_without_a_network(mine: Phone, place: Village) -> None:
    """One tap where all is well; where it is not, that and a report of it, at the building."""
    plans = "daily,楼栋排查,member,building,7,,\nsmoke,油烟排查,member,place,30,matter-06027,M1\n"
    with place.database.writing() as connection:
        load_plans(connection, TOWN, f"{','.join(PLAN_COLUMNS)}\n{plans}", "test")
    mine.page.reload()
    expect(mine.page.locator("#rounds-number")).to_have_text("2")
    mine.offline()
    mine.page.locator("#rounds-section summary").click()
    mine.page.locator("[data-round='daily/P1-1']").get_by_role("button", name="正常").click()
    expect(mine.page.locator("#rounds-number")).to_have_text("1")
    mine.page.locator("[data-round='smoke/M1']").get_by_role("button", name="有问题").click()
    expect(mine.page.locator("#report textarea")).to_have_value("油烟排查：东早市 ")
    expect(mine.page.locator("#report .where")).to_contain_text("手动")
    mine.page.locator("#report .send").click()
    mine.waits(3)
    expect(mine.page.locator("#rounds-section")).to_be_hidden()
    mine.offline(False)
    mine.waits(0)
    (report,) = place.sent("油烟排查：东早市")
    assert (report.category, report.placement.grid.code) == ("matter-06027", "G00")
    with place.database.reading() as connection:
        pairs = [("daily", "P1-1"), ("smoke", "M1")]
        found = last_inspections(connection, TOWN.code, pairs, TOWN.today())
    assert [(each.plan, each.by, each.trouble) for each in found] == [
        ("daily", "account:wang", False),
        ("smoke", "account:wang", True),
    ]
