"""A day of the grid: two reports filed without a network, both recipients of each, one answer sent back, both
checked by somebody else and closed; the office's desk stays open beside it and sees each step by itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gridmap.cases.audit import verify
from gridmap.cases.chores import sign
from gridmap.people import accounts
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Party, Person
from tests.browser.conftest import DESK
from tests.browser.phone import BY, Phone, Village, phone, photo, village
from tests.faces.conftest import TOWN
from tests.signing_in import cookie

FUMES, DUST = "油烟污染", "施工扬尘"
WORD = "a pass phrase for tests"
# login, role of the account, name, post, area, party
STAFF = (
    ("office", "office", "办事处甲", "office", ("subdistrict", "S"), None),
    ("wu", "community", "社区乙", "community_officer", ("community", "C0"), None),
    ("squad", "department", "城管丙", "department_officer", ("subdistrict", "S"), "squad"),
    ("market", "department", "市监丁", "department_officer", ("subdistrict", "S"), "market"),
)


@pytest.fixture(scope="module")
def place(make_settings) -> Iterator[Village]:
    with village(make_settings) as made:
        with made.database.writing() as connection:
            parties = [Party("squad", "squad", "城管执法中队"), Party("market", "market", "市场监管所")]
            people.put_parties(connection, TOWN.code, parties, BY)
            people.put_persons(connection, TOWN.code, [Person(who[0], who[2]) for who in STAFF], BY)
            since = date(2023, 1, 1)
            duties.begin(connection, TOWN, NewDuty("W1", "grid_chief", "grid", "G00", None, since), BY)
            for login, role, _, post, area, party in STAFF:
                duties.begin(connection, TOWN, NewDuty(login, post, *area, party, since), BY)
                accounts.add(connection, TOWN, login, roles=[role], password=WORD, by=BY, person=login)
        yield made


@dataclass
class Office:
    """Somebody's browser at a desk."""

    context: BrowserContext
    page: Page = field(init=False)
    errors: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)  # requests that no answer came to

    def __post_init__(self) -> None:
        self.page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda asked: self.lost.append(f"{asked.url}: {asked.failure}"))

    def opens(self, address: str) -> Office:
        self.page.goto(address)
        return self

    def opens_case(self, case: str) -> Office:
        return self.opens(f"/cases/{case}")

    def leaves(self) -> None:
        """Before somebody else moves the case: its page would load itself again, and Chromium never closes a
        page that it is told to close while that is loading."""
        self.page.goto("about:blank")

    def moves(self, move: str, words: str = "", *, finding: str | None = None) -> None:
        """By the page's own form; -> once the page has shown it, and is left."""
        page = self.page
        before = page.locator(".history li").count()
        page.locator(f"details[data-act='{move}'] summary").click()
        form = page.locator(f"form[data-move='{move}']")
        if finding:
            form.locator(f"input[value='{finding}']").check()
        if words:
            form.locator("textarea").fill(words)
        form.locator("button[type=submit]").click()
        shown = page.locator(f".history li:nth-child({before + 1})")
        refused = form.locator(".refusal:not(:empty)")
        expect(shown.or_(refused), str(self.lost)).to_be_visible()
        assert not refused.count(), (refused.inner_text(), self.lost)
        self.leaves()


@contextmanager
def desk(browser: Browser, place: Village, login: str) -> Iterator[Office]:
    context = browser.new_context(viewport={"width": DESK[0], "height": DESK[1]}, base_url=place.live.url)
    context.add_cookies([cookie(place.live.url, place.secret(login))])
    office = Office(context)
    yield office
    assert office.errors == []
    context.close()


def state(watching: Page, case: str, word: str) -> None:
    """Until the desk that nobody touches shows the case so."""
    expect(watching.locator(f"#case-{case}")).to_contain_text(word)


def files_two_reports(mine: Phone) -> None:
    mine.offline()
    mine.report("烤肉店油烟直排", category=FUMES, photo=photo())
    mine.report("工地没有洒水", category=DUST, photo=photo(900, 1200))
    mine.waits(2)
    mine.offline(False)
    mine.waits(0)


def signs_in(mine: Phone, login: str) -> None:
    page = mine.page
    page.goto("/my")  # leads to where one signs in, and back
    page.locator("input[name=login]").fill(login)
    page.locator("input[name=password]").fill(WORD)
    page.locator("main form button[type=submit]").first.click()
    expect(page.locator("#who")).to_have_text("王网格")


def test_a_day(browser: Browser, place: Village) -> None:
    with (
        phone(browser, place, login=None) as mine,
        desk(browser, place, "office") as office,
        desk(browser, place, "office") as hall,
        desk(browser, place, "wu") as community,
        desk(browser, place, "squad") as squad,
        desk(browser, place, "market") as market,
    ):
        hall.opens("/desk?sort=-opened_at&state=")
        expect(hall.page.locator("#live-state")).to_have_text("实时更新")
        hall.page.evaluate("window.stayed = true")

        signs_in(mine, "wang")
        mine.installed()
        files_two_reports(mine)
        fumes, dust = str(place.case_of("烤肉店油烟直排")), str(place.case_of("工地没有洒水"))
        for case in (fumes, dust):
            state(hall.page, case, "待立案")
            office.opens_case(case)
            expect(office.page.locator(".photos img")).to_have_count(1)
            office.moves("file")
            state(hall.page, case, "待派遣")
            office.opens_case(case).moves("dispatch")
            state(hall.page, case, "待接收")

        for department in (market, squad):
            department.opens_case(fumes)
            expect(department.page.locator(".task")).to_have_count(2)
            department.moves("acknowledge")
            department.opens_case(fumes).moves("answer", "已责令安装净化器", finding="done")
        state(hall.page, fumes, "待核查")

        squad.opens_case(dust).moves("acknowledge")
        state(hall.page, dust, "处理中")
        squad.opens_case(dust).moves("answer", "已责令洒水", finding="done")
        answers_on_the_phone(mine, dust, "现场已洒水")
        state(hall.page, dust, "待核查")
        community.opens_case(dust).moves("send_back", "复查时仍有扬尘")
        state(hall.page, dust, "处理中")
        squad.opens_case(dust).moves("answer", "已设喷淋", finding="done")
        mine.page.reload()
        answers_on_the_phone(mine, dust, "喷淋已开", again=True)
        state(hall.page, dust, "待核查")

        # who handled it does not check it
        squad.opens_case(dust)
        expect(squad.page.locator(".history li").first).to_be_visible()
        expect(squad.page.locator("form[data-move='check']")).to_have_count(0)
        squad.leaves()
        for case in (fumes, dust):
            community.opens_case(case).moves("check")
            state(hall.page, case, "待结案")
            office.opens_case(case).moves("close")
            state(hall.page, case, "已结案")
        assert hall.page.evaluate("window.stayed"), "the desk was never loaded again"

    moves = [move for move, _ in place.history(dust)]
    assert moves[:3] == ["collect", "file", "dispatch"]
    assert moves.count("answer") == 4
    assert moves[-2:] == ["check", "close"]
    signed = sign(place.database, TOWN)
    assert signed is not None
    with place.database.reading() as connection:
        audit = verify(connection, TOWN, against=[signed], keys=[signed.public_key])
    assert audit.faults == ()
    assert audit.covered == audit.moves > len(moves)


def answers_on_the_phone(mine: Phone, case: str, words: str, *, again: bool = False) -> None:
    card = mine.page.locator(f"#case-{case}")
    if not again:
        mine.page.reload()
        card.get_by_role("button", name="接收").click()
        mine.waits(0)
    card.get_by_role("button", name="反馈").click()
    mine.page.locator("#answer textarea").fill(words)
    mine.page.locator("#answer [data-finding=done]").click()
    mine.waits(0)
