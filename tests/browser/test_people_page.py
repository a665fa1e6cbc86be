"""The page of people in a real browser: a vacancy, a move from Monday, a retirement; accounts, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from gridmap.people import intake, store
from gridmap.people.model import Person
from tests.browser.conftest import DESK, PHONE
from tests.faces.conftest import TOWN, Live, populated, serving
from tests.faces.test_who import eventually
from tests.signing_in import cookie, session

TODAY = TOWN.today()
MONDAY = TODAY + timedelta(days=7 - TODAY.weekday())


@pytest.fixture(scope="module")
def hall(make_settings) -> Iterator[Live]:
    with serving(populated(make_settings)) as live:
        with live.app.state.service.own.writing() as connection:
            people = [Person("p1", "示例甲", "000-0000-0001"), Person("p2", "示例乙", "000-0000-0002")]
            store.put_persons(connection, TOWN.code, people, "test")
            desk = intake.open_desk(connection, TOWN)
            new = intake.checked(desk, person="p2", post="grid_chief", area_code="G11", valid_from=TODAY)
            intake.begin(connection, TOWN, new, "test")
        yield live


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, browser: Browser, hall: Live) -> Iterator[Page]:
    wide, high = request.param
    context = browser.new_context(viewport={"width": wide, "height": high}, base_url=hall.url)
    context.add_cookies([cookie(hall.url, session(hall.settings))])
    page = context.new_page()
    asked: list[str] = []
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if "Content Security" in said.text else None)
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/people")
    yield page
    assert errors == []
    assert not [url for url in asked if "%E7%A4%BA" in url or "000-0000" in url], "a name in an address"
    assert page.evaluate("document.documentElement.scrollWidth") <= wide
    context.close()


def sound(page: Page) -> None:
    """Nothing serious to say for axe."""
    found = Axe().run(page).response["violations"]
    assert [each["id"] for each in found if each["impact"] in ("serious", "critical")] == []


QUICK_HANDS = """(box, [text, option]) => {
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
  const marked = () => document.getElementById(box.getAttribute("aria-activedescendant"))?.textContent ?? "";
  while (!marked().includes(option)) {
    box.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
  }
}"""


def chosen(page: Page, text: str, option: str) -> None:
    """By keys alone, faster than the list: marked in that of half the text before that of the whole comes."""
    box = page.locator("dialog [role=combobox]:visible")
    options = page.locator("dialog [role=option]")
    box.fill(text[:-1])
    expect(options.filter(has_text=option)).to_have_count(1)
    box.evaluate(QUICK_HANDS, [text, option])
    expect(options).to_have_count(1)
    box.press("Enter")


def vacant_on_the_map(hall: Live) -> dict[str, int]:
    """Grid -> whether the district map draws its chief as there: 0 vacant, 2 held."""
    with hall.client() as client:
        text = client.get("/").text
    states = re.search(r'"grid_chief": ?\{([^}]*)\}', text)
    return {code: int(state) for code, state in re.findall(r'"(G\d\d)": ?(\d)', states[1])} if states else {}


def test_a_vacancy_a_move_and_a_retirement(page: Page, hall: Live) -> None:
    phone = page.viewport_size["width"] < 500
    grid, beyond = ("G00", "G01") if not phone else ("G20", "G21")
    name = "示例新长" + grid
    community = page.locator("details.community", has_text="第0社区" if not phone else "第2社区")
    community.locator("summary").click()
    sound(page)
    community.get_by_role("button", name=f"安排人选：第{grid[1:]}网格 网格长").click()
    sound(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="安排人选").click()
    expect(dialog.locator(".wrong").nth(1)).to_have_text("请从列表中选择一项")
    dialog.get_by_label("新来的人").check()
    dialog.get_by_label("姓名").fill(name)
    dialog.get_by_label("电话").fill("晚上打")
    dialog.get_by_role("button", name="安排人选").click()
    expect(dialog.locator(".wrong:visible")).to_contain_text("电话用数字填写")
    expect(dialog.get_by_label("电话")).to_be_focused()
    dialog.get_by_label("电话").fill("000-0000-0009")
    assert vacant_on_the_map(hall)[grid] == 0
    dialog.get_by_role("button", name="安排人选").click()
    expect(page.locator("#said")).to_contain_text(f"{name} 自 {TODAY} 起担任")
    eventually(lambda: vacant_on_the_map(hall)[grid] == 2)

    page.get_by_role("link", name="人员", exact=True).click()
    page.get_by_label("查找").fill(name)
    expect(page.locator("#people-list tbody tr")).to_have_count(1)
    sound(page)
    page.get_by_role("link", name=name).click()
    page.get_by_role("button", name=re.compile("^调动：")).click()
    expect(page.get_by_role("dialog").locator("input[type=date]")).to_have_value(MONDAY.isoformat())
    chosen(page, beyond, f"第{beyond[1:]}网格")
    page.get_by_role("dialog").get_by_role("button", name="调动").click()
    expect(page.locator("#said")).to_contain_text(f"{name} 自 {MONDAY} 起调到")
    rows = page.locator("table[aria-label='职责'] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_contain_text("将任")
    assert vacant_on_the_map(hall)[grid] == 2, "today nothing has changed"

    page.get_by_role("button", name="开通账号").click()
    page.get_by_role("dialog").get_by_role("button", name="开通账号").click()
    secret = page.locator("output.secret")
    expect(secret).to_have_text(re.compile(r"^[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}$"))
    login, password = page.get_by_role("dialog").locator("h2").inner_text().split()[0], secret.inner_text()
    sound(page)
    page.keyboard.press("Escape")
    expect(secret).to_be_visible()  # it cannot be shown again
    page.get_by_role("button", name="我已记下").click()
    expect(secret).to_have_count(0)
    assert signs_in(hall, login, password)

    page.get_by_role("button", name="离任").click()
    expect(page.get_by_role("dialog")).to_contain_text("2 项职责将结束")
    page.get_by_role("dialog").get_by_role("button", name="离任").click()
    expect(page.locator("#said")).to_contain_text("结束职责 2 项")
    expect(page.locator("#person-shown h2")).to_contain_text("起已离任")
    eventually(lambda: vacant_on_the_map(hall)[grid] == 0)
    assert not signs_in(hall, login, password)
    changes = page.locator("table[aria-label='变更记录']")
    expect(changes).to_contain_text("tests-")
    expect(changes).to_contain_text("停用时间")
    sound(page)


def signs_in(hall: Live, login: str, password: str) -> bool:
    with httpx.Client(base_url=hall.url, headers={"origin": hall.url}) as client:
        return client.post("/sign-in", data={"login": login, "password": password}).status_code == 303


def test_accounts_tokens_and_tables(page: Page, tmp_path: Path) -> None:
    page.get_by_role("link", name="账号").click()
    expect(page.locator("#accounts-list")).to_contain_text("本人")
    sound(page)
    page.get_by_role("button", name="开通账号").click()
    assert page.locator("dialog select option").all_inner_texts() == ["网格员", "部门", "社区", "街道办事处"]
    page.get_by_role("button", name="取消").click()
    page.get_by_role("link", name="接口令牌").click()
    page.get_by_role("button", name="新建令牌").click()
    purpose = f"扫描仪{page.viewport_size['width']}"
    page.get_by_label("用途").fill(purpose)
    page.get_by_role("dialog").get_by_role("button", name="新建令牌").click()
    expect(page.locator("output.secret")).to_have_text(re.compile("^gridmap_"))
    page.get_by_role("button", name="我已记下").click()
    page.get_by_role("button", name=f"吊销 {purpose}").click()
    page.get_by_role("dialog").get_by_role("button", name="吊销").click()
    expect(page.locator("#tokens-list tr", has_text=purpose)).to_contain_text("吊销")

    page.get_by_role("link", name="导入导出").click()
    sound(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="人员名单 CSV").click()
    table = tmp_path / "人员.csv"
    text = Path(download.value.path()).read_text("utf-8-sig")
    assert "示例甲" in text
    table.write_text(text + "new,,晚上打,\n")
    page.set_input_files("input[type=file]", table)
    page.get_by_role("button", name="先检查").click()
    expect(page.locator("#upload-result")).to_contain_text("有问题的行")
    expect(page.locator("#upload-result tbody tr").first).to_contain_text("填写名称")
    code = f"new{page.viewport_size['width']}"
    table.write_text(f"{text}{code},示例新到,000-0000-0010,\n")
    page.set_input_files("input[type=file]", table)
    page.get_by_role("button", name="先检查").click()
    expect(page.locator(".counts")).to_contain_text("新增 1")
    sound(page)
    page.get_by_role("button", name="确认导入").click()
    expect(page.locator("#said")).to_contain_text("新增 1")
    page.goto(f"/people#/person/{code}")
    expect(page.locator("#person-shown h2")).to_contain_text("示例新到")


def test_it_speaks_english(page: Page) -> None:
    page.goto("/people?lang=en")
    expect(page.locator("h1")).to_contain_text("People and duties")
    expect(page.locator(".tile").first).to_contain_text("Grid chief")
    page.get_by_role("link", name="Vacancies").click()
    sound(page)
