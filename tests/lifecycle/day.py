"""A day's work over HTTP against a real service that is killed on the way, and what must be true after it.

Whoever works sends each thing again, word for word and under the same id or `seq`, until it is acknowledged;
what was acknowledged is remembered here and looked for afterwards. Nothing else than a request is "sent".
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from PIL import Image

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.cases import store as cases
from gridmap.cases.moving import TOLD, checked
from gridmap.opening import open_gridmap
from gridmap.people import accounts, tokens
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.model import NewDuty, Person
from gridmap.settings import Settings
from tests.cases.conftest import INSIDE, settle
from tests.lifecycle.running import GRIDMAP, REPOSITORY, Running, processes_of, session_of

TOWN = Jurisdiction("test", "测试街道")
PASSWORD = "延河 bridge 42 lamps"
# login -> (role, person): the grid's member and chief, a community officer, officers of squad and market
WORKERS = {
    "member": ("member", "p2"),
    "chief": ("member", "p1"),
    "community": ("community", "p3"),
    "squad": ("department", "p4"),
    "market": ("department", "p5"),
}
CHIEF = "post:grid_chief@grid:g1"
PATIENCE = 60.0  # seconds until a service that hangs fails its test

Ask = Callable[[httpx.Client], httpx.Response]


def settle_town(folder: Path) -> str:
    """A district with people, duties and accounts in a folder; -> a token of its office."""
    with (
        open_gridmap(Settings(data_dir=folder, demonstration=False)) as database,
        database.writing() as connection,
    ):
        areas.add_jurisdiction(connection, TOWN)
        settle(connection, TOWN, folder)
        officers = [Person("p4", "示例p4", "000-0000-0004"), Person("p5", "示例p5", "000-0000-0005")]
        people.put_persons(connection, TOWN.code, officers, "test")
        for person, party in (("p4", "squad"), ("p5", "market")):
            since = date(2023, 1, 1)
            new = NewDuty(person, "department_officer", "subdistrict", "s", party, since)
            duties.begin(connection, TOWN, new, "test")
        for login, (role, person) in WORKERS.items():
            accounts.add(connection, TOWN, login, roles=[role], password=PASSWORD, by="test", person=person)
        return tokens.create(connection, TOWN, "the office", "office", "test")


@dataclass(frozen=True)
class Blow:
    """When a request is to end in a kill: after this share of the time that such a one takes, or, past 1,
    after its answer. `everything`: the database server too, as when the machine loses power."""

    share: float
    everything: bool = False


@dataclass
class Mortal:
    """A service that is started again whenever it was killed. `plan`: number of a request -> its blow."""

    folder: Path
    plan: dict[int, Blow] = field(default_factory=dict)
    took: dict[str, float] = field(default_factory=dict)  # by sort of request, undisturbed
    asked: int = 0
    happened: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._start()

    def _start(self) -> None:
        self.service = Running(self.folder)
        self.service.wait_for(200)
        # a connection for each request: one that rests is closed by the server, which is no kill
        self.client = httpx.Client(
            base_url=f"http://127.0.0.1:{self.service.port}",
            timeout=PATIENCE,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    def ask(self, sort: str, request: Ask) -> tuple[httpx.Response, bool]:
        """(the answer, whether it had to be sent more than once). Killed on the way, it is sent again."""
        blow = self.plan.get(self.asked)
        self.asked += 1
        killer = self._killer(sort, blow) if blow else None
        again, began = False, time.perf_counter()
        while True:
            try:
                answer = request(self.client)
            except httpx.TransportError:
                assert killer is not None, f"{sort} broke, and nobody killed the service"
                again = True
                self._come_back(killer)
                killer = None
                continue
            if killer is not None:
                self.happened["killed after the answer" if killer.is_alive() else "killed about it"] += 1
                self._come_back(killer)
            elif not again:
                self.took[sort] = time.perf_counter() - began
            self.happened["sent again"] += again
            return answer, again

    def _killer(self, sort: str, blow: Blow) -> threading.Timer:
        pids = [self.service.process.pid]
        pids += [pid for pid in processes_of(self.folder) if pid not in pids] if blow.everything else []

        def kill() -> None:
            for pid in pids:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

        killer = threading.Timer(blow.share * self.took.get(sort, 0.05), kill)
        killer.start()
        return killer

    def _come_back(self, killer: threading.Timer) -> None:
        killer.join()
        self.client.close()
        assert self.service.process.wait(PATIENCE) == -signal.SIGKILL
        deadline = time.monotonic() + PATIENCE
        while left := [each for each in session_of(self.service).values() if "postgres" not in each]:
            assert time.monotonic() < deadline, f"it left behind {left}"
            time.sleep(0.02)
        for pipe in (self.service.process.stdout, self.service.process.stderr):
            pipe.close()
        self._start()
        self.happened["killed"] += 1

    def end(self) -> None:
        self.client.close()
        assert self.service.end() == 0


@dataclass
class Day:
    """One day of the district. What was acknowledged: reports, photos and works by client id, cases by id."""

    mortal: Mortal
    office: str
    name: str
    started: datetime = field(default_factory=lambda: datetime.now(UTC).replace(microsecond=0))
    cookies: dict[str, str] = field(default_factory=dict)
    reports: dict[str, str] = field(default_factory=dict)
    photos: dict[str, tuple[str, str]] = field(default_factory=dict)  # (report, photo)
    works: dict[str, str] = field(default_factory=dict)
    moves: dict[str, list[tuple[str, str]]] = field(default_factory=dict)  # (move, reason)
    committed_unheard: int = 0

    def live(self) -> None:
        """Reports with photos, work, and two cases through all hands to their end."""
        for login in WORKERS:
            self.sign_in(login)
        fumes = self.report("fumes", "matter-06027")
        self.photo("fumes-1", fumes, "red")
        self.photo("fumes-2", fumes, "blue")
        dust = self.report("dust", "matter-08004")
        rubbish = self.report("rubbish", "matter-06011")
        self.photo("rubbish-1", rubbish, "green")
        self.work("adverts", [rubbish, dust])
        case = self.case_of(fumes)
        self.move(case, "office", "file")
        self.move(case, "office", "dispatch")
        for who in ("squad", "market"):
            self.move(case, who, "acknowledge", recipient=f"party:{who}")
        for who in ("market", "squad"):
            self.move(case, who, "answer", "已要求整改", recipient=f"party:{who}", finding="done")
        self.move(case, "community", "send_back", "油烟仍未净化")
        for who in ("squad", "market"):
            self.move(case, who, "answer", "已安装净化器", recipient=f"party:{who}", finding="done")
        self.move(case, "member", "check", "现场看过")
        self.move(case, "community", "close")
        case = self.case_of(dust)
        self.move(case, "community", "file")
        self.move(case, "office", "dispatch")
        self.move(case, "chief", "acknowledge", recipient=CHIEF)
        self.move(case, "squad", "acknowledge", recipient="party:squad")
        self.move(case, "office", "supervise", "群众反映强烈")
        self.move(case, "squad", "answer", "已覆盖", recipient="party:squad", finding="done")
        self.move(case, "chief", "answer", "已查看", recipient=CHIEF, finding="not_found")
        self.move(case, "member", "check", "已看过")
        self.move(case, "office", "close")

    def sign_in(self, login: str) -> None:
        form = {"login": login, "password": PASSWORD}
        answer, _ = self.mortal.ask("sign in", lambda c: c.post("/sign-in", data=form, headers=_own(c)))
        assert answer.status_code == 303, answer.text
        self.cookies[login] = answer.cookies["gridmap_session"]
        self.mortal.client.cookies.clear()  # each request says itself whose it is

    def report(self, name: str, category: str) -> str:
        body = {
            "client_id": f"{self.name}/{name}",
            "category": category,
            "description": f"{self.name}的{name}",
            "occurred_at": (self.started - timedelta(minutes=5)).isoformat(),
            "location": {"lon": INSIDE[0], "lat": INSIDE[1], "datum": "wgs84", "accuracy_m": 8},
        }
        made = self._created("report", "member", "/api/v1/reports", json=body)
        self.reports[body["client_id"]] = made["id"]
        return made["id"]

    def photo(self, name: str, report: str, colour: str) -> None:
        picture = BytesIO()
        Image.new("RGB", (1600, 1200), colour).save(picture, "JPEG")
        client_id = f"{self.name}/{name}"
        made = self._created(
            "photo",
            "member",
            f"/api/v1/reports/{report}/photos?client_id={client_id}",
            content=picture.getvalue(),
            headers={"Content-Type": "image/jpeg"},
        )
        self.photos[client_id] = (report, made["id"])

    def work(self, name: str, reports: Sequence[str]) -> None:
        body = {
            "client_id": f"{self.name}/{name}",
            "kind": "advert_removed",
            "quantity": 42,
            "occurred_on": self.started.astimezone(TOWN.zone).date().isoformat(),
            "location": {"lon": INSIDE[0], "lat": INSIDE[1], "datum": "wgs84"},
            "report_ids": list(reports),
        }
        self.works[body["client_id"]] = self._created("work", "member", "/api/v1/works", json=body)["id"]

    def _created(self, sort: str, who: str, path: str, **sent: Any) -> dict[str, Any]:
        """What was stored, by this sending or by one whose answer was lost."""
        more = sent.pop("headers", {})
        answer, again = self.mortal.ask(sort, lambda c: c.post(path, headers=self._as(who, c) | more, **sent))
        assert answer.status_code in ((200, 201) if again else (201,)), answer.text
        self.committed_unheard += answer.status_code == 200
        return answer.json()

    def case_of(self, report: str) -> str:
        """The one case that the report has become."""
        listed = self._read("/api/v1/cases?state=collected")["items"]
        all_ = [self._read(f"/api/v1/cases/{each['id']}") for each in listed]
        (whole,) = [each for each in all_ if report in each["reports"]]
        self.moves[whole["id"]] = [(each["move"], each["reason"]) for each in whole["history"]]
        assert [move for move, _ in self.moves[whole["id"]]] == ["collect"]
        return whole["id"]

    def move(self, case: str, who: str, move: str, reason: str = "", **details: str) -> None:
        """A move after the last one that was acknowledged. Where its answer was lost and it is refused
        because there has been another since, that other must be this very one."""
        seen = self.moves[case]
        body = {"move": move, "reason": reason, "details": details, "seq": len(seen)}
        path = f"/api/v1/cases/{case}/moves"
        answer, again = self.mortal.ask("move", lambda c: c.post(path, headers=self._as(who, c), json=body))
        if again and answer.status_code == 409:
            self.committed_unheard += 1
            whole = self._read(f"/api/v1/cases/{case}")
        else:
            assert answer.status_code == 201, answer.text
            whole = answer.json()
        seen.append((move, reason))
        assert [(each["move"], each["reason"]) for each in whole["history"]] == seen

    def _read(self, path: str) -> Any:
        answer, _ = self.mortal.ask("read", lambda c: c.get(path, headers=self._as("office", c)))
        assert answer.status_code == 200, answer.text
        return answer.json()

    def _as(self, who: str, client: httpx.Client) -> dict[str, str]:
        if who == "office":
            return {"Authorization": f"Bearer {self.office}"}
        return {"Cookie": f"gridmap_session={self.cookies[who]}"} | _own(client)

    def check(self) -> None:
        """All that was acknowledged is there as it was, over HTTP."""
        for client_id, id_ in self.reports.items():
            found = self._read(f"/api/v1/reports/{id_}")
            assert (found["client_id"], found["placement"]["grid"]["code"]) == (client_id, "g1")
            sent = [photo for report, photo in self.photos.values() if report == id_]
            listed = self._read(f"/api/v1/reports/{id_}/photos")["items"]
            assert [each["id"] for each in listed] == sent
        for _, id_ in self.photos.values():
            answer, _ = self.mortal.ask(
                "read", lambda c, id_=id_: c.get(f"/api/v1/photos/{id_}", headers=self._as("office", c))
            )
            assert Image.open(BytesIO(answer.content)).size == (1600, 1200)
        for id_ in self.works.values():
            assert len(self._read(f"/api/v1/works/{id_}")["report_ids"]) == 2
        for id_, moves in self.moves.items():
            whole = self._read(f"/api/v1/cases/{id_}")
            assert [(each["move"], each["reason"]) for each in whole["history"]] == moves
            assert (whole["state"], whole["seq"]) == ("closed", len(moves))


def _own(client: httpx.Client) -> dict[str, str]:
    """As a browser says that a page of ours sent it."""
    return {"Origin": str(client.base_url).rstrip("/")}


def blows(count: int, requests: int, seed: int) -> dict[int, Blow]:
    """As many, at different requests; every fifth takes the database server too."""
    chance = random.Random(seed)
    numbers = sorted(chance.sample(range(requests), count))
    return {number: Blow(chance.uniform(0, 1.3), order % 5 == 4) for order, number in enumerate(numbers)}


def check_all(folder: Path, days: Sequence[Day]) -> None:
    """Of an ended service's folder: nothing is there twice, nothing is half done, and all of it verifies."""
    environment = os.environ | {"GRIDMAP_DATA_DIR": str(folder)}
    for words in (("audit", "verify"), ("stats", "verify")):
        done = subprocess.run(
            [*GRIDMAP, *words], cwd=REPOSITORY, env=environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr
    with (
        open_gridmap(Settings(data_dir=folder, demonstration=False)) as database,
        database.reading() as connection,
    ):
        for table, column in (("report", "reports"), ("photo", "photos"), ("work", "works")):
            stored = connection.scalars(sa.select(sa.column("client_id")).select_from(sa.table(table))).all()
            assert sorted(stored) == sorted(id_ for day in days for id_ in getattr(day, column))
        keys = connection.execute(sa.text("SELECT count(*) FROM report_key")).scalar_one()
        linked = connection.execute(sa.text("SELECT count(*) FROM work_report")).scalar_one()
        assert (keys, linked) == (sum(len(day.reports) for day in days), sum(2 for _ in days))
        moves = {id_: made for day in days for id_, made in day.moves.items()}
        held = cases.cases(connection, TOWN.code, cases.Filter(), sort="opened_at", limit=None)
        assert {str(each.id) for each in held} == moves.keys()
        histories = cases.histories(connection, [each.id for each in held])
        for each in held:
            standing = checked(each, histories[each.id])
            assert (standing.state, tuple(each.waiting_for)) == ("closed", tuple(standing.waiting_for))
            told = sa.text("SELECT kind FROM case_notice WHERE case_id = :case ORDER BY id")
            notices = connection.execute(told, {"case": each.id}).scalars().all()
            assert notices == [TOLD[move] for move, _ in moves[str(each.id)] if move in TOLD]
