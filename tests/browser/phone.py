"""A grid member's phone: a real Chromium at phone size on a real service, two members of a small town."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from uuid import UUID

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect

from gridmap.cases import store as cases
from gridmap.cases.intake import collect, open_waiting
from gridmap.cases.model import Actor
from gridmap.cases.moving import make
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.people import accounts, sessions
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Person
from gridmap.reports import store as reports
from gridmap.reports.intake import record
from gridmap.reports.model import NewReport, Report
from tests.faces.conftest import TOWN, Live, populate, serving
from tests.signing_in import cookie, owners

PHONE = {"width": 390, "height": 844}
HERE = (109.464, 36.604)  # in G00, some 50 m from building P1-1
OFFICE = Actor("account:office", frozenset({"office"}))
MEMBER = "post:grid_member@grid:G00"
BY = "test"


@dataclass
class Village:
    """The town behind a service, and its database as its owner sees it."""

    live: Live
    database: Database

    def sent(self, words: str) -> list[Report]:
        """The reports with these words."""
        with self.database.reading() as connection:
            found = reports.reports(connection, TOWN.code, limit=1000)
        return [report for report in found if report.description == words]

    def report(self, words: str, lon: float, lat: float) -> Report:
        """Sent by somebody else."""
        draft = NewReport("matter-06010", words, datetime.now(UTC), words, lon, lat, "wgs84")
        record(self.database, TOWN, [draft])
        return self.sent(words)[0]

    def case(self, report: Report | None = None, *, number: int = 0, dispatched: bool = True) -> UUID:
        """A case of a report, or of one of the town's in G00, filed, dispatched to its member; -> its id."""
        with self.database.writing() as connection:
            if report is None:
                found = reports.reports(connection, TOWN.code, grid="G00", limit=1000)
                report = [each for each in found if each.client_id.startswith("town-")][number]
            (case,) = collect(connection, TOWN, [[(report.id, report.occurred_at)]], OFFICE)
            make(connection, TOWN, self.database.settings, case, "file", OFFICE)
            if dispatched:
                task = {"tasks": [{"recipient": MEMBER}]}
                make(connection, TOWN, self.database.settings, case, "dispatch", OFFICE, details=task)
        return case

    def case_of(self, words: str) -> UUID:
        """The case of the one report with these words; opened now, where the service has not yet done it."""
        (report,) = self.sent(words)
        with self.database.writing() as connection:
            open_waiting(connection, TOWN, now=datetime.now(UTC))
            return cases.cases_of(connection, TOWN.code, [report.id])[report.id]

    def history(self, case: UUID) -> list[tuple[str, str]]:
        """(move, reason) of a case."""
        with self.database.reading() as connection:
            (links,) = cases.histories(connection, [UUID(str(case))]).values()
        return [(link.move.move, link.move.reason) for link in links]

    def move(self, case: UUID, move: str, reason: str) -> None:
        """Made by the office, behind the member's back."""
        with self.database.writing() as connection:
            make(connection, TOWN, self.database.settings, case, move, OFFICE, reason=reason)

    def secret(self, login: str) -> str:
        """A session of an account."""
        with self.database.writing() as connection:
            return sessions.begin(connection, accounts.find(connection, TOWN.code, login))


@contextmanager
def village(make_settings) -> Iterator[Village]:
    settings = make_settings(demonstration=False)
    with open_gridmap(settings) as database:
        populate(database)
        with database.writing() as connection:
            members = (("wang", "W1", "王网格", "G00"), ("li", "W2", "李网格", "G11"))
            people.put_persons(connection, TOWN.code, [Person(p, name) for _, p, name, _ in members], BY)
            for login, person, _, grid in members:
                since = date(2023, 1, 1)
                duty = NewDuty(person, "grid_member", "grid", grid, None, since)
                duties.begin(connection, TOWN, duty, BY)
                word = "a pass phrase for tests"
                accounts.add(connection, TOWN, login, roles=["member"], password=word, by=BY, person=person)
    with serving(settings) as live, owners(settings) as database:
        yield Village(live, database)


@dataclass
class Phone:
    """A browser's own storage, and the page in it."""

    context: BrowserContext
    village: Village
    page: Page = field(init=False)
    errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page = self.open()

    def open(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._said)
        page.goto("/my")
        self.page = page
        return page

    def _said(self, message) -> None:
        if "Content Security Policy" in message.text:
            self.errors.append(message.text)

    def sign_in(self, login: str) -> None:
        self.context.add_cookies([cookie(self.village.live.url, self.village.secret(login))])

    def sign_out(self) -> None:
        self.context.clear_cookies()

    def installed(self) -> None:
        """Until the worker has every file and the page."""
        self.page.wait_for_function("() => navigator.serviceWorker.controller")
        self.page.wait_for_load_state("networkidle")
        expect(self.page.locator("#net")).to_have_text("在线")

    def offline(self, off: bool = True) -> None:
        self.context.set_offline(off)
        expect(self.page.locator("#net")).to_have_text("离线" if off else "在线")

    def report(self, words: str, *, category: str = "积存垃圾渣土", photo: bytes | None = None) -> None:
        page = self.page
        page.locator("#new-report").click()
        expect(page.locator("#report .where")).not_to_have_text("")
        choice = page.locator("#report .picker button", has_text=category)
        if not choice.count():
            page.locator("#report .more").click()
            page.locator("#report .picker input").fill(category)
        choice.first.click()
        page.locator("#report textarea").fill(words)
        if photo is not None:
            file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}
            page.locator("#report input[type=file]").set_input_files(file)
            expect(page.locator("#report .photos img")).to_have_count(1)
        page.locator("#report .send").click()
        expect(page.locator("#report")).to_be_hidden()

    def until(self, script: str) -> None:
        """Until a script, which may wait itself, comes to something true."""
        for _ in range(200):
            if self.page.evaluate(script):
                return
            self.page.wait_for_timeout(50)
        raise AssertionError(script)

    def waits(self, number: int) -> None:
        expect(self.page.locator("#queue-number")).to_have_text(str(number))


@contextmanager
def phone(browser: Browser, village: Village, login: str | None = "wang", **options) -> Iterator[Phone]:
    """A phone at HERE, signed in; nothing may have gone wrong on its pages, nor stick out at their side."""
    lon, lat = options.pop("at", HERE)
    context = browser.new_context(
        **{"viewport": PHONE, "is_mobile": True, "has_touch": True} | options,
        base_url=village.live.url,
        permissions=["geolocation"],
        geolocation={"longitude": lon, "latitude": lat, "accuracy": 12},
    )
    if login is not None:
        context.add_cookies([cookie(village.live.url, village.secret(login))])
    made = Phone(context, village)
    yield made
    assert made.errors == [], made.errors
    assert made.page.evaluate("document.documentElement.scrollWidth") <= made.page.viewport_size["width"]
    context.close()


def photo(width: int = 3000, height: int = 2000) -> bytes:
    """A JPEG as a camera held upright writes it: lying down, with a note that it is to be turned."""
    picture = Image.new("RGB", (width, height), "#4477aa")
    notes = Image.Exif()
    notes[0x0112] = 6  # orientation: turn by a quarter, clockwise
    target = io.BytesIO()
    picture.save(target, "JPEG", exif=notes)
    return target.getvalue()
