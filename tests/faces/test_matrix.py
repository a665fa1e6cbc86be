"""Every address × everybody × their own grid, another one, another jurisdiction: who may, and what they see.

What lies elsewhere has marks that no answer may hold: ids, words, and numbers of reports that only a count of
it can give.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
import shapely
from fastapi.routing import APIRoute
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import Range
from starlette.routing import Mount, Route

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.bulletin.archive.publishing import publish
from gridmap.bulletin.packing.model import Package
from gridmap.cases.inspections import files
from gridmap.cases.inspections import store as plans
from gridmap.cases.intake import collect
from gridmap.cases.model import INTAKE
from gridmap.database import tables as t
from gridmap.database.sessions import Database
from gridmap.faces.entrance.rights import RIGHTS
from gridmap.faces.hot import HotRoute
from gridmap.jobs import bulletins as asking
from gridmap.jobs import queue
from gridmap.people import accounts, tokens
from gridmap.people import intake as duties
from gridmap.people import store as people
from gridmap.people.credentials import store as credentials
from gridmap.people.model import NewDuty, Party, Person
from gridmap.photos import intake as photos
from gridmap.photos.model import NewPhoto
from gridmap.reports import intake as reports
from gridmap.reports.model import NewReport
from gridmap.works import intake as works
from gridmap.works.model import NewWork
from tests.faces.conftest import SIDE, SOUTH, TOWN, WEST, Live, populate, populated, serving
from tests.faces.matrix import ROWS, Row
from tests.photos.pictures import telling
from tests.signing_in import COOKIE, bearer, owners, session, token

OTHER = Jurisdiction("other", "外地街道", "Elsewhere", illustrative=True)
OWN_GRID, OTHER_GRID = (0, 0), (2, 2)  # row, column; of two communities
# reports of the month: what lies where shows by its number
NUMBERS = {"own": 11, "grid": 83, "town": 61, "private": 97}
PASSWORD = "four wet lamps"
WHOLE = ("administrator", "office", "token office")
BOUNDED = ("community", "department", "member", "token member")
EVERYBODY = ("nobody", *WHOLE, *BOUNDED)
NAMES = {"p-town": "MARK-town-", "p-gone-town": "MARK-town-gone"}  # of one's own town all know all people
NEIGHBOUR = "neighbour"  # a grid member of the other grid, beside those of the table
PERSONS = {"community": "p-community", "department": "p-squad", "member": "p-member", NEIGHBOUR: "p-grid"}


@dataclass(frozen=True, slots=True)
class Place:
    """What lies in a grid, and by what it can be known."""

    name: str
    owner: Jurisdiction
    row: int
    column: int
    category: str = "matter-06011"
    ids: dict[str, UUID] = field(default_factory=dict)
    reports: list[UUID] = field(default_factory=list)

    @property
    def person(self) -> str:
        """Somebody of the place."""
        return "member" if self.name == "own" else self.name

    @property
    def marks(self) -> list[str]:
        hidden = [id_ for of, id_ in self.ids.items() if of != "stall"]  # places are everybody's
        return [f"MARK-{self.name}-", *map(str, (*self.reports, *hidden))]

    @property
    def lon(self) -> float:
        return WEST + (self.column + 0.5) * SIDE

    @property
    def lat(self) -> float:
        return SOUTH + (self.row + 0.5) * SIDE


@dataclass(frozen=True, slots=True)
class World:
    live: Live
    places: dict[str, Place]
    clients: dict[str, httpx.Client]
    edition: int


@pytest.fixture(scope="module")
def world(make_settings) -> Iterator[World]:
    settings = populated(make_settings)
    places = {
        "own": Place("own", TOWN, *OWN_GRID),
        "grid": Place("grid", TOWN, *OTHER_GRID),
        "town": Place("town", OTHER, *OWN_GRID),
        "private": Place("private", TOWN, *OWN_GRID, "local-dispute"),
    }
    with owners(settings) as database:
        populate(database, OTHER)
        held = _people(database)
        for place in places.values():
            _report(database, place)
            if place.name != "private":
                place.ids["duty"] = held[f"p-gone-{place.name}"]
                _fill(database, place)
        edition = _edition(database)
    with serving(settings) as live:
        clients = {who: _client(live, who) for who in (*EVERYBODY, NEIGHBOUR)}
        yield World(live, places, clients, edition)
        for client in clients.values():
            client.close()


def _people(database: Database) -> dict[str, UUID]:
    """In the town those of PERSONS, all for the own grid, one for the other; one in the other jurisdiction.

    Of each place also somebody who has left; -> whose duty was which.
    """
    squad, since = [Party("squad", "squad", "城管执法中队")], date(2023, 1, 1)
    held = {}
    with database.writing() as connection:
        for owner, codes in ((TOWN, PERSONS.values()), (OTHER, ("p-town",))):
            known = [Person(code, NAMES.get(code, f"示例{code}"), "000-0000-0001") for code in codes]
            people.put_persons(connection, owner.code, known, "test")
        people.put_parties(connection, TOWN.code, squad, "test")
        for owner, person, post, kind, area, party in (
            (TOWN, "p-community", "community_officer", "community", "C0", None),
            (TOWN, "p-squad", "department_officer", "grid", "G00", "squad"),
            (TOWN, "p-member", "grid_member", "grid", "G00", None),
            (TOWN, "p-grid", "grid_member", "grid", "G22", None),
            (OTHER, "p-town", "grid_member", "grid", "G00", None),
        ):
            duties.begin(connection, owner, NewDuty(person, post, kind, area, party, since), "test")
        for owner, person in ((TOWN, "p-gone-own"), (TOWN, "p-gone-grid"), (OTHER, "p-gone-town")):
            gone = Person(person, NAMES.get(person, f"示例{person}"), None, date(2023, 3, 1))
            people.put_persons(connection, owner.code, [gone], "test")
            over = NewDuty(person, "grid_chief", "grid", "G11", None, since, date(2023, 2, 1))
            held[person] = duties.begin(connection, owner, over, "test")
    return held


def _report(database: Database, place: Place) -> None:
    """Reports of September; a photo and a case of the first."""
    drafts = [
        NewReport(
            place.category,
            f"MARK-{place.name}-{number}",
            datetime(2023, 9, 1 + number % 28, 4, number % 60, tzinfo=UTC),
            f"mark-{place.name}-{number}",
            place.lon + (number % 9 - 4) * SIDE / 20,
            place.lat + (number // 9 % 9 - 4) * SIDE / 20,
            "wgs84",
        )
        for number in range(NUMBERS[place.name])
    ]
    outcomes = reports.record(database, place.owner, drafts)
    place.reports.extend(outcome.report_id for outcome in outcomes if outcome.report_id)
    assert len(place.reports) == len(drafts)
    place.ids["report"] = place.reports[0]
    sent = NewPhoto(place.ids["report"], f"MARK-{place.name}-", telling(), "test")
    place.ids["photo"] = photos.add(database, place.owner.code, sent).photo.id
    with database.writing() as connection:
        first = (place.ids["report"], drafts[0].occurred_at)
        (place.ids["case"],) = collect(connection, place.owner, [[first]], INTAKE)


def _fill(database: Database, place: Place) -> None:
    """One of each of the rest."""
    code = place.owner.code
    with database.writing() as connection:
        login = f"MARK-{place.name}-account"
        made = accounts.add(
            connection, place.owner, login, roles=["office"], password="four wet lamps", by="t"
        )
        place.ids["account"] = made.id
        tokens.create(connection, place.owner, f"MARK-{place.name}-token", "office", "test")
        known = {each.name: each.id for each in credentials.tokens(connection, code)}
        place.ids["token"] = known[f"MARK-{place.name}-token"]
    with database.writing() as connection:
        work = NewWork("advert_removed", Decimal(7_000 + NUMBERS[place.name]), date(2023, 9, 2),
                       f"MARK-{place.name}-", place_name=f"MARK-{place.name}-", lon=place.lon, lat=place.lat,
                       datum="wgs84")  # fmt: skip
        (recorded,) = works.record(connection, place.owner, [work])
        assert recorded.work_id
        place.ids["work"] = recorded.work_id
        files = {f"bulletin-{code}-2023-09.{suffix}": b"x" for suffix in ("pdf", "html", "xlsx", "gpkg")}
        manifest = {"files": [{"name": name, "bytes": 1, "sha256": ""} for name in files]}
        files["manifest.json"] = f'"MARK-{place.name}-"'.encode()
        if place.name != "grid":
            month, moment = date(2023, 9, 1), datetime(2023, 10, 1, tzinfo=UTC)
            publish(connection, Package(code, month, "zh", moment, manifest, files), "test")
        job = asking.ask(connection, place.owner, date(2023, 9, 1), "en", f"MARK-{place.name}-")
        place.ids["job"] = job.id
    with database.writing() as connection:
        queue.cancel(connection, place.ids["job"])
        _stall(connection, place)


def _stall(connection: Connection, place: Place) -> None:
    """Something to be inspected by grid members, under one plan for all that there are."""
    place.ids["stall"] = uuid4()
    code = str(place.ids["stall"])
    row = {"jurisdiction": place.owner.code, "kind": "night_market", "code": code, "name": code}
    point = {"geom": shapely.Point(place.lon, place.lat), "valid": Range(None, None)}
    connection.execute(t.place.insert(), [row | point])
    known = [each for plan in plans.plans(connection, place.owner.code) for each in plan.targets or ()]
    text = f"round,夜市,member,place,7,,{';'.join([*known, code])}"
    files.load_plans(connection, place.owner, f"{','.join(files.PLAN_COLUMNS)}\n{text}\n", "test")


def _edition(database: Database) -> int:
    with database.reading() as connection:
        return areas.editions(connection, TOWN.code, "grid")[-1].id


def _client(live: Live, who: str) -> httpx.Client:
    client = live.stranger()
    client.headers["Origin"] = live.url
    role = "member" if who == NEIGHBOUR else who.removeprefix("token ")
    person = PERSONS.get(NEIGHBOUR if who == NEIGHBOUR else role)
    if who.startswith("token"):
        client.headers.update(bearer(token(live.settings, role, jurisdiction=TOWN.code, person=person)))
    elif who != "nobody":
        secret = session(live.settings, role, jurisdiction=TOWN.code, person=person)
        client.cookies.set(COOKIE, secret)
    return client


# the table


def walked(routes) -> Iterator[tuple[str, str]]:
    """(method, path) of every route of an application, however it was included."""
    for route in routes:
        if isinstance(route, HotRoute):  # another way to a route that is there
            continue
        if isinstance(route, Mount):
            yield "GET", route.path
        elif isinstance(route, APIRoute | Route):
            yield from ((method, route.path) for method in (route.methods or ()) if method != "HEAD")
        else:
            yield from walked(route.original_router.routes)


def test_every_route_has_its_row(world: World) -> None:
    there = Counter(walked(world.live.app.routes))
    assert set(there.values()) == {1}
    assert there.keys() == {(row.method, row.path) for row in ROWS}
    assert len(ROWS) == len(there)
    mounted = {(row.method, row.path) for row in ROWS if row.path.startswith("/static")}
    assert there.keys() - mounted == RIGHTS.keys()


FILLED = MappingProxyType({"kind": "grid", "code": "G00", "z": "12", "x": "3293", "y": "1599"})


def ask(world: World, row: Row, who: str, place: Place, jurisdiction: str | None = None) -> httpx.Response:
    query = dict(row.query)
    of = query.pop("of", "report")
    values = {
        "id": str(place.ids[of]),
        "lon": str(place.lon),
        "lat": str(place.lat),
        "fresh": str(uuid4()),
        "edition": str(world.edition),
        "name": NAMES.get(f"p-{place.person}", f"示例p-{place.person}"),
        **FILLED,
    }
    if row.path == "/problems/{code}":
        values["code"] = "not-found"
    if row.path.startswith("/api/v1/people/"):
        gone = row.path.endswith(("/leave", "/return"))
        values["code"] = f"p-gone-{place.name}" if gone else f"p-{place.person}"
    path = re.sub(r"\{(\w+)(:int)?\}", lambda found: values[found[1]], row.path)
    if row.path.startswith("/static"):
        path += "/pages.css" if row.path == "/static" else "/leaflet/leaflet.css"
    if jurisdiction is not None:
        query["jurisdiction"] = jurisdiction
    query = {name: value.format(**values) for name, value in query.items()}
    # whoever signs out comes again for it
    client = _client(world.live, who) if row.path == "/sign-out" else world.clients[who]
    sent = {"json": _filled(row.body, values), "data": _filled(row.form, values), "content": row.content}
    request = client.build_request(
        row.method,
        path,
        params=query,
        headers=row.headers,
        **{how: what for how, what in sent.items() if what is not None},
    )
    answer = client.send(request, stream=row.kind == "stream")
    answer.close()
    return answer


def _filled(body: Any, values: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {name: _filled(value, values) for name, value in body.items()}
    if isinstance(body, list):
        return [_filled(value, values) for value in body]
    if isinstance(body, str):
        text = body.format(**values)
        return float(text) if body in ("{lon}", "{lat}") else text
    return body


def expected(row: Row, who: str, place: Place) -> int:
    if row.kind == "public":
        return row.status
    foreign = place.owner != TOWN
    if who == "nobody":
        if row.kind == "map":
            return row.status
        return 401 if row.path.startswith("/api/") or row.path == "/openapi.json" else 303
    if row.kind in ("whole", "whole one") and who not in WHOLE:
        return 404
    if row.kind == "one" and place.name != "own" and who not in WHOLE:
        return 404
    if foreign and row.path not in ANYWHERE:
        return 404
    return row.others.get(who, row.status)


# what is of no jurisdiction
ANYWHERE = (
    "/docs",
    "/openapi.json",
    "/problems/{code}",
    "/api/v1/me",
    "/api/v1/me/reports",
    "/my",
    "/api/v1/posts",
)
UNNAMED = (*ANYWHERE, "/api/v1/jobs/{id}")  # they take no name of a jurisdiction


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_who_may_and_what_they_see(world: World, row: Row) -> None:
    done: set[str] = set()
    for who in EVERYBODY:
        for place in _places(world, row):
            named = [None]
            if place.owner != TOWN and row.path not in UNNAMED:
                # by its id alone, or by naming the jurisdiction
                named = [OTHER.code] if row.kind not in ("one", "whole one") else [None, OTHER.code]
            elif place.owner == TOWN and who == "nobody" and row.kind == "map":
                named = [TOWN.code]
            for jurisdiction in named:
                answer = ask(world, row, who, place, jurisdiction)
                told = (who, place.name, jurisdiction, answer.status_code)
                status = expected(row, who, place)
                if status == row.status and row.again is not None:
                    status = row.again if place.name in done else row.status
                    done.add(place.name)
                assert answer.status_code == status, (told, row.kind != "stream" and answer.text[:300])
                if row.kind != "stream":
                    _without_foreign(world, row, who, answer)


def _places(world: World, row: Row) -> list[Place]:
    """Those that make a difference to what is asked."""
    if row.kind == "public":
        return [world.places["own"]]
    told = repr((row.path.partition("{id}")[1:], row.query, row.body))
    of_place = row.kind in ("one", "whole one") or any(f"{{{name}}}" in told for name in ("id", "lon"))
    private = row.kind == "one" and row.query.get("of", "report") in world.places["private"].ids
    left_out = {name for name, is_so in (("grid", of_place), ("private", private)) if not is_so}
    return [place for place in world.places.values() if place.name not in left_out]


def _without_foreign(world: World, row: Row, who: str, answer: httpx.Response) -> None:
    elsewhere = ["town"] if who in WHOLE else ["grid", "town", "private"]
    if who == "nobody" or row.kind == "public" or (answer.status_code >= 300 and who not in WHOLE):
        elsewhere = list(world.places)
    if row.kind == "send":
        return  # what comes back is what they sent
    text = answer.text
    for name in elsewhere:
        asked = str(answer.request.url) + answer.request.content.decode("latin-1")
        for mark in world.places[name].marks:
            assert mark not in text or mark in asked, (row, who, name, mark)
    if answer.headers.get("content-type", "").startswith(("application/json", "application/geo+json")):
        numbers = set(_numbers(answer.json()))
        sums = {NUMBERS[name] for name in elsewhere if name != "own"}
        if who in BOUNDED:
            sums |= {NUMBERS["own"] + NUMBERS[name] for name in ("grid", "private")}
            sums.add(7_000 + NUMBERS["grid"])
        assert not numbers & sums, (row, who, numbers & sums)


def _numbers(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        for each in value.values():
            yield from _numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from _numbers(each)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def test_the_marks_are_seen_by_whoever_may(world: World) -> None:
    """Else their absence elsewhere would say nothing."""
    for path in ("/api/v1/reports?limit=500&month=2023-09", "/api/v1/works?month=2023-09"):
        office = world.clients["office"].get(path).text
        assert "MARK-own-" in office
        assert "MARK-grid-" in office
        assert ("MARK-private-" in office) == path.startswith("/api/v1/reports")
        for who in BOUNDED:
            assert "MARK-own-" in world.clients[who].get(path).text
    counts = world.clients["office"].get("/api/v1/stats/monthly?month=2023-09").json()
    assert {NUMBERS["own"] + NUMBERS["private"], NUMBERS["grid"]} <= set(_numbers(counts))
    for who in BOUNDED:
        mine = world.clients[who].get("/api/v1/stats/monthly?month=2023-09").json()
        assert NUMBERS["own"] in set(_numbers(mine))


def test_what_is_not_seen_is_as_what_is_not_there(world: World) -> None:
    """To the byte, but for the id that was asked for."""
    for row in (row for row in ROWS if row.kind in ("one", "whole one") or "of" in row.query):
        nothing = replace(world.places["own"], ids={of: uuid4() for of in world.places["own"].ids})
        of = row.query.get("of", "report")
        there = [place for place in (world.places["grid"], world.places["private"]) if of in place.ids]
        for who in BOUNDED:
            missing = ask(world, row, who, nothing)
            for place in there:
                hidden = ask(world, row, who, place)
                assert hidden.status_code == missing.status_code, (row, who, place.name)
                texts = [
                    answer.text.replace(str(ids[of]), "ID")
                    for answer, ids in ((hidden, place.ids), (missing, nothing.ids))
                ]
                assert texts[0] == texts[1], (row, who, place.name)


# all at once


def test_a_thousand_interleaved_requests_show_nobody_anothers(world: World) -> None:
    """Each answer must be what its asker alone is given, whoever else asks the same service meanwhile."""
    paths = (
        "/api/v1/reports?month=2023-09&limit=200",
        "/api/v1/cases",
        "/api/v1/works?month=2023-09",
        "/api/v1/stats/monthly?month=2023-09",
        "/api/v1/tiles/reports/12/3293/1599.mvt?from=2023-09&to=2023-09",
        f"/api/v1/reports/{world.places['grid'].ids['report']}",
        f"/api/v1/cases/{world.places['own'].ids['case']}",
        "/api/v1/me",
        "/my",
        "/desk",
        "/inspections",
        f"/cases/{world.places['own'].ids['case']}",
    )
    headers = {who: dict(client.headers) for who, client in world.clients.items()}
    cookies = {who: dict(client.cookies) for who, client in world.clients.items()}
    with world.live.stranger() as shared:

        def get(who: str, path: str) -> tuple[int, bytes]:
            request = shared.build_request("GET", path, headers=headers[who])
            if secret := cookies[who].get(COOKIE):
                request.headers["Cookie"] = f"{COOKIE}={secret}"
            answer = shared.send(request)
            return answer.status_code, answer.content

        alone = {(who, path): get(who, path) for who in world.clients for path in paths}
        assert len({answer for (_, path), answer in alone.items() if path == paths[0]}) >= 4
        assert b"MARK-own-" in alone["member", paths[0]][1]
        assert b"MARK-own-" not in alone[NEIGHBOUR, paths[0]][1]
        assert b"MARK-grid-" in alone[NEIGHBOUR, paths[0]][1]
        asked = list(alone) * 12
        random.Random(11).shuffle(asked)
        assert len(asked) >= 1_000
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda each: get(*each), asked))
    wrong = [each for each, answer in zip(asked, answers, strict=True) if answer != alone[each]]
    assert wrong == []
