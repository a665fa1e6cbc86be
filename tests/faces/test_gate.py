"""The gate itself: credentials in every form, their end, other sites' pages, and the page to sign in."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import httpx
import pytest
import sqlalchemy as sa

from gridmap.areas import store as areas
from gridmap.areas.model import Jurisdiction
from gridmap.faces.keeping import news
from gridmap.people import accounts, intake, sessions, throttle, tokens
from gridmap.people import store as people
from gridmap.people.accounts import Trial
from gridmap.people.credentials.model import Account
from gridmap.people.model import Person
from tests.faces.conftest import TOWN, Live, populated, serving
from tests.faces.test_writing import report
from tests.signing_in import COOKIE, bearer, owners, session, token

REAL = Jurisdiction("yonder", "真街道")
PASSWORD = "three lamps by the river"
PATIENCE = 5.0
HERE = {"lon": 109.465, "lat": 36.605, "datum": "wgs84"}


@pytest.fixture(scope="module")
def gatehouse(make_settings) -> Iterator[Live]:
    """A made-up town with accounts of the demonstration, and a real jurisdiction beside it."""
    settings = populated(make_settings)
    with owners(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, REAL)
        people.put_persons(connection, TOWN.code, [Person("p1", "示例网格长", "000-0000-0001")], "test")
        desk = intake.open_desk(connection, TOWN)
        duty = intake.checked(
            desk, person="p1", post="grid_chief", area_code="G00", valid_from=date(2023, 1, 1)
        )
        intake.begin(connection, TOWN, duty, "test")
        trials = [
            Trial("demo.office", "office", None, "示例街道办(演示账号)"),
            Trial("demo.chief", "member", "p1", "示例网格长(演示账号)"),
        ]
        accounts.add_demonstration(connection, TOWN, trials)
        accounts.add(connection, REAL, "real.office", roles=["office"], password=PASSWORD, by="test")
    with serving(settings) as live:
        yield live


@pytest.fixture
def stranger(gatehouse: Live) -> Iterator[httpx.Client]:
    with gatehouse.stranger() as client:
        yield client


@pytest.fixture
def account(gatehouse: Live) -> Account:
    """A new account of the town, with PASSWORD."""
    with owners(gatehouse.settings) as database, database.writing() as connection:
        login = f"clerk-{uuid4()}"
        return accounts.add(connection, TOWN, login, roles=["office"], password=PASSWORD, by="test")


def sign_in(client: httpx.Client, login: str, password: str = PASSWORD, **more: str) -> httpx.Response:
    return client.post("/sign-in", data={"login": login, "password": password, **more})


def eventually(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def is_in(client: httpx.Client) -> bool:
    return client.get("/api/v1/me").status_code == 200


# credentials


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/areas"),
        ("GET", "/api/v1/none"),
        ("GET", "/api/v1"),
        ("GET", "/api/v1/openapi.json"),
        ("GET", "/openapi.json"),
        ("HEAD", "/api/v1/reports"),
        ("POST", "/api/v1/reports"),
        ("DELETE", "/api/v1/jobs/none"),
        ("GET", "/%61pi/v1/reports"),
    ],
)
@pytest.mark.parametrize("wrong", [{}, bearer("gridmap_" + "x" * 43)], ids=["none", "wrong"])
def test_the_interface_answers_nobody_without_credentials(stranger, method, path, wrong) -> None:
    answer = stranger.request(method, path, headers=wrong)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    if method != "HEAD":
        assert answer.json()["type"] == "/problems/not-signed-in"
        assert answer.json() == stranger.get("/api/v1/cases").json()  # says neither what is there nor why


@pytest.mark.parametrize(
    "given",
    [
        b"Bearer",
        b"Bearer gridmap_",
        b"Bearer %b=",
        b"Bearer %b, Bearer %b",
        b"Bearer \xff%b",
        b"Token %b",
        b"%b",
        b"Basic %b",
        b"Bearer " + b"gridmap_" + b"x" * 4_000,
        b"Bearer gridmap_\xe7\xbd\x91",
    ],
)
def test_odd_headers_let_nobody_in(gatehouse, stranger, given) -> None:
    known = token(gatehouse.settings).encode()
    odd = given.replace(b"%b", known)
    assert stranger.get("/api/v1/areas", headers=[(b"Authorization", odd)]).status_code == 401


def test_two_tokens_are_none(gatehouse, stranger) -> None:
    known = bearer(token(gatehouse.settings))["Authorization"]
    assert stranger.get("/api/v1/me", headers=[("Authorization", known)] * 2).status_code == 401


@pytest.mark.parametrize("how", ["Bearer {}", "bearer {}", "BEARER   {}"])
def test_a_token_lets_in_everywhere(gatehouse, stranger, how) -> None:
    headers = {"Authorization": how.format(token(gatehouse.settings))}
    assert stranger.get("/api/v1/areas", headers=headers).status_code == 200
    assert stranger.get("/maps/heat", headers=headers).status_code == 200
    export = stranger.get("/api/v1/exports/heatmap?month=2023-06&format=csv", headers=headers)
    assert export.status_code == 200


def test_the_token_decides_where_there_is_a_cookie_too(gatehouse, stranger) -> None:
    stranger.cookies.set(COOKIE, session(gatehouse.settings))
    assert is_in(stranger)
    assert stranger.get("/api/v1/me", headers=bearer("gridmap_wrong")).status_code == 401
    other = stranger.get("/api/v1/me", headers=bearer(token(gatehouse.settings, "administrator")))
    assert other.json()["roles"] == ["administrator"]
    assert stranger.get("/api/v1/me", headers={"Authorization": "Basic eDp5"}).status_code == 200  # a proxy's


def test_a_token_is_no_session_and_a_session_no_token(gatehouse, stranger) -> None:
    secret = session(gatehouse.settings)
    assert stranger.get("/api/v1/me", headers=bearer(secret)).status_code == 401
    stranger.cookies.set(COOKIE, token(gatehouse.settings))
    assert not is_in(stranger)


# their end


@pytest.fixture(scope="module")
def second(gatehouse: Live) -> Iterator[Live]:
    """Another worker on the same database."""
    with serving(gatehouse.settings) as live:
        yield live


@pytest.mark.parametrize("end", ["revoke", "sign out", "disable", "password"])
def test_what_ends_ends_in_every_worker_at_once(gatehouse, second, account, end, monkeypatch) -> None:
    monkeypatch.setattr(news, "TRUSTED_SECONDS", float("inf"))  # not for want of it
    with owners(gatehouse.settings) as database, gatehouse.stranger() as one, second.stranger() as two:
        with database.writing() as connection:
            name = str(uuid4())
            secret = tokens.create(connection, TOWN, name, "office", "test")
            cookie = sessions.begin(connection, account)
        for client in (one, two):
            if end == "revoke":
                client.headers.update(bearer(secret))
            else:
                client.cookies.set(COOKIE, cookie)
            assert is_in(client)  # and is remembered
        with database.writing() as connection:
            if end == "revoke":
                tokens.revoke(connection, TOWN.code, name)
            elif end == "sign out":
                sessions.end(connection, cookie)
            elif end == "disable":
                accounts.disable(connection, account, "test")
            else:
                accounts.set_password(connection, account, "another lamp by a bridge", "test")
        begun = time.monotonic()
        eventually(lambda: not is_in(one) and not is_in(two))
        assert time.monotonic() - begun < 1.0


def test_while_nothing_is_heard_the_database_is_asked(gatehouse, monkeypatch) -> None:
    service = gatehouse.app.state.service
    monkeypatch.setattr(service.account_news, "stamp", lambda of: None)
    with owners(gatehouse.settings) as database, gatehouse.stranger() as client:
        with database.writing() as connection:
            secret = tokens.create(connection, TOWN, "unheard", "office", "test")
        client.headers.update(bearer(secret))
        assert is_in(client)
        with database.writing() as connection:
            tokens.revoke(connection, TOWN.code, "unheard")
        assert not is_in(client)


@pytest.mark.parametrize("since", [sessions.IDLE, sessions.LONGEST], ids=["idle", "at last"])
def test_sessions_expire(gatehouse, stranger, account, since) -> None:
    now = datetime.now(UTC)
    with owners(gatehouse.settings) as database, database.writing() as connection:
        secret = sessions.begin(connection, account, now - since)
        if since == sessions.LONGEST:
            sessions.see(connection, secret, now)
    stranger.cookies.set(COOKIE, secret)
    assert not is_in(stranger)


def test_use_is_remembered(gatehouse, stranger, account) -> None:
    with owners(gatehouse.settings) as database:
        earlier = datetime.now(UTC) - timedelta(hours=1)
        with database.writing() as connection:
            stranger.cookies.set(COOKIE, sessions.begin(connection, account, earlier))
        assert is_in(stranger)
        with database.reading() as connection:
            seen = sa.text("SELECT seen_at FROM session WHERE account_id = :id")
            assert connection.scalar(seen, {"id": account.id}) > earlier
            used = sa.text("SELECT last_used_at FROM token WHERE last_used_at IS NOT NULL LIMIT 1")
            assert connection.scalar(used) is not None


def test_hot_requests_do_not_ask_the_database_each(gatehouse) -> None:
    asked = []
    engine = gatehouse.app.state.service.database.engine
    with gatehouse.client() as client:
        assert client.get("/api/v1/locate", params=HERE).status_code == 200
        sa.event.listen(engine, "before_cursor_execute", listener := lambda *given: asked.append(given[2]))
        try:
            for _ in range(50):
                assert client.get("/api/v1/locate", params=HERE).status_code == 200
        finally:
            sa.event.remove(engine, "before_cursor_execute", listener)
    assert len([statement for statement in asked if "token" in statement]) <= 2


def test_a_hundred_at_once_ask_once(gatehouse, stranger) -> None:
    asked = []
    engine = gatehouse.app.state.service.database.engine
    secret = token(gatehouse.settings)

    def ask(_: int) -> int:
        return stranger.get("/api/v1/locate", params=HERE, headers=bearer(secret)).status_code

    sa.event.listen(engine, "before_cursor_execute", listener := lambda *given: asked.append(given[2]))
    try:
        with ThreadPoolExecutor(20) as pool:
            assert set(pool.map(ask, range(100))) == {200}
    finally:
        sa.event.remove(engine, "before_cursor_execute", listener)
    assert sum("FROM token" in statement for statement in asked) <= 3


# other sites


OURS = [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "{own}"}]
FOREIGN = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "{own}"},
    {"Origin": "http://evil.example"},
    {"Origin": "{own}.evil.example"},
    {"Origin": "null"},
    {"Origin": ""},
]


def said(headers: dict[str, str], live: Live) -> dict[str, str]:
    return {name: value.replace("{own}", live.url) for name, value in headers.items()}


@pytest.mark.parametrize("headers", OURS)
def test_a_session_changes_things_from_our_pages(gatehouse, stranger, headers) -> None:
    stranger.cookies.set(COOKIE, session(gatehouse.settings))
    sent = stranger.post("/api/v1/reports", json=report(), headers=said(headers, gatehouse))
    assert sent.status_code == 201


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_session_changes_nothing_from_elsewhere(gatehouse, stranger, headers) -> None:
    stranger.cookies.set(COOKIE, session(gatehouse.settings))
    sent = stranger.post("/api/v1/reports", json=report(), headers=said(headers, gatehouse))
    assert (sent.status_code, sent.json()["type"]) == (403, "/problems/forbidden")
    assert stranger.post("/sign-out", headers=said(headers, gatehouse)).status_code == 403
    assert is_in(stranger)


@pytest.mark.parametrize("headers", FOREIGN)
def test_a_token_cannot_be_made_to_be_sent(gatehouse, headers) -> None:
    with gatehouse.client() as client:
        sent = client.post("/api/v1/reports", json=report(), headers=said(headers, gatehouse))
    assert sent.status_code == 201


@pytest.mark.parametrize("headers", FOREIGN[1:])
def test_nobody_is_signed_in_from_elsewhere(gatehouse, stranger, headers) -> None:
    for path in ("/sign-in", "/sign-in/demonstration"):
        sent = stranger.post(path, data={"login": "demo.office"}, headers=said(headers, gatehouse))
        assert sent.status_code == 403
        assert "set-cookie" not in sent.headers


# the page


@pytest.mark.parametrize(
    ("path", "where"),
    [
        ("/maps/heat?month=2023-06&category=matter-09001",
         "/sign-in?next=/maps/heat%3Fmonth%3D2023-06%26category%3Dmatter-09001"),
        ("/bulletins", "/sign-in?next=/bulletins"),
        ("/docs", "/sign-in?next=/docs"),
        ("/no/such/page", "/sign-in?next=/no/such/page"),
        ("/网格", "/sign-in?next=/%25E7%25BD%2591%25E6%25A0%25BC"),
    ],
)  # fmt: skip
def test_pages_lead_to_signing_in_and_back(stranger, path, where) -> None:
    answer = stranger.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, where)
    shown = stranger.get(where)
    assert shown.status_code == 200
    (next_,) = set(re.findall(r'name="next" value="([^"]*)"', shown.text))
    entered = stranger.post(
        "/sign-in/demonstration", data={"login": "demo.office", "next": next_.replace("&amp;", "&")}
    )
    assert entered.status_code == 303
    assert httpx.URL(entered.headers["location"]) == httpx.URL(path)


@pytest.mark.parametrize(
    "next_",
    [
        "//evil.example/",
        "///evil.example",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        " //evil.example",
        "evil.example",
        "/sign-out",
        "/sign-in?next=//evil.example",
        "/" + "x" * 5_000,
        "",
    ],
)
def test_nobody_is_led_elsewhere(stranger, next_) -> None:
    data = {"login": "demo.office", "next": next_}
    assert stranger.post("/sign-in/demonstration", data=data).headers["location"] == "/"
    assert "evil.example" not in stranger.get("/sign-in", params={"next": next_.strip()}).text


def test_the_form_signs_in_and_out(gatehouse, stranger, account) -> None:
    answer = sign_in(stranger, f" {account.login.upper()} ", next="/maps/heat")
    assert (answer.status_code, answer.headers["location"]) == (303, "/maps/heat")
    assert re.fullmatch(
        rf"{COOKIE}=[\w-]{{43}}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax",
        answer.headers["set-cookie"],
    )
    me = stranger.get("/api/v1/me").json()
    assert (me["name"], me["roles"], me["person"]) == (f"account:{account.login}", ["office"], None)
    page = stranger.get("/docs").text
    assert account.name in page
    assert 'action="/sign-out"' in page
    own = {"Origin": gatehouse.url}
    secret = stranger.cookies[COOKIE]
    left = stranger.post("/sign-out", headers=own)
    assert (left.status_code, left.headers["location"]) == (303, "/sign-in")
    assert COOKIE not in stranger.cookies
    stranger.cookies.set(COOKIE, secret)
    eventually(lambda: not is_in(stranger))


def test_the_cookie_of_an_encrypted_way_takes_no_other(gatehouse, account) -> None:
    transport = httpx.ASGITransport(gatehouse.app)

    async def ask() -> httpx.Response:
        async with httpx.AsyncClient(transport=transport, base_url="https://localhost") as client:
            return await client.post("/sign-in/demonstration", data={"login": "demo.office"})

    assert "; Secure" in asyncio.run(ask()).headers["set-cookie"]


def test_signing_in_again_ends_the_session_before(stranger, account) -> None:
    sign_in(stranger, account.login)
    before = stranger.cookies[COOKIE]
    sign_in(stranger, account.login)
    assert is_in(stranger)
    stranger.cookies.set(COOKIE, before)
    eventually(lambda: not is_in(stranger))


def test_wrong_sign_ins_are_all_the_same(gatehouse, stranger, account) -> None:
    with owners(gatehouse.settings) as database, database.writing() as connection:
        login = f"gone-{uuid4()}"
        gone = accounts.add(connection, TOWN, login, roles=["office"], password=PASSWORD, by="test")
        accounts.disable(connection, gone, "test")
    answers = [
        sign_in(stranger, account.login, "not this one"),
        sign_in(stranger, f"nobody-{uuid4()}"),
        sign_in(stranger, gone.login),
        sign_in(stranger, "demo.office", "any"),
        sign_in(stranger, "", ""),
        sign_in(stranger, "\x00", "\udcff".encode("utf-8", "replace").decode()),
        stranger.post("/sign-in/demonstration", data={"login": account.login}),
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert all("用户名或密码不对" in answer.text for answer in answers)
    assert not any("set-cookie" in answer.headers for answer in answers)
    assert "Login or password is wrong" in stranger.post("/sign-in?lang=en", data={"login": "x"}).text


def test_guessing_is_slowed_down(stranger, account) -> None:
    for _ in range(throttle.LOGIN_THERE):
        assert sign_in(stranger, account.login, "guess").status_code == 401
    refused = sign_in(stranger, account.login)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) == throttle.WINDOW.total_seconds()
    assert "15 分钟" in refused.text


# the demonstration


def test_a_click_signs_in_to_the_demonstration(stranger) -> None:
    for path in ("/", "/sign-in"):
        page = stranger.get(path, params={"jurisdiction": TOWN.code}).text
        assert "演示账号" in page
        assert re.findall(r'name="login" value="([^"]+)"', page) == ["demo.office", "demo.chief"]
    entered = stranger.post("/sign-in/demonstration", data={"login": "demo.chief"})
    assert (entered.status_code, entered.headers["location"]) == (303, "/")
    assert stranger.get("/api/v1/me").json() == {
        "name": "account:demo.chief",
        "title": "示例网格长(演示账号)",
        "roles": ["member"],
        "person": "p1",
        "areas": [{"kind": "grid", "code": "G00", "name": "第00网格"}],
        "recipients": ["post:grid_chief@grid:G00"],
        "case_roles": ["member"],
        "inspects": ["member"],
    }
    assert "演示账号" in stranger.get("/").text  # in the header, all the time


@pytest.mark.parametrize("login", ["real.office", "nobody", ""])
def test_no_other_account_opens_by_a_click(stranger, login) -> None:
    answer = stranger.post("/sign-in/demonstration", data={"login": login})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_a_real_district_shows_no_demonstration(stranger) -> None:
    page = stranger.get("/", params={"jurisdiction": REAL.code})
    assert page.status_code == 200
    assert "/sign-in/demonstration" not in page.text
    assert "登录" in page.text


# what is public, and what is one's own


def test_the_public_map_shows_areas_and_places_only(gatehouse, stranger) -> None:
    public = stranger.get("/", params={"jurisdiction": TOWN.code}).text
    with gatehouse.client() as client:
        inside = client.get("/").text
    assert "第00网格" in public
    assert "东早市" in public
    assert '"chiefs":null' in public
    assert '"chiefs":null' not in inside
    assert 'href="/sign-in?next=' in public
    assert "/sign-out" not in public
    for link in ("/maps/heat", "/bulletins"):
        assert f'href="{link}' in public


@pytest.mark.parametrize("path", ["/healthz", "/favicon.ico", "/static/pages.css", "/sign-in"])
def test_what_is_public(stranger, path) -> None:
    assert stranger.get(path).status_code == 200
    assert stranger.get(path, headers=bearer("gridmap_wrong")).status_code == 200


def test_another_jurisdiction_is_as_if_it_were_not_there(gatehouse) -> None:
    with gatehouse.client() as client:
        client.headers.update(bearer(token(gatehouse.settings, jurisdiction=TOWN.code)))
        assert [j["code"] for j in client.get("/api/v1/jurisdictions").json()["items"]] == [TOWN.code]
        own = {"month": "2023-06"}
        for path, query in (
            ("/api/v1/areas", {}),
            ("/api/v1/reports", {}),
            ("/api/v1/locate", HERE),
            ("/api/v1/stats/monthly", {}),
            ("/api/v1/exports/heatmap", own),
            ("/api/v1/tiles/reports.json", {}),
            ("/maps/heat", {}),
            ("/", {}),
        ):
            there = client.get(path, params={**query, "jurisdiction": REAL.code})
            nowhere = client.get(path, params={**query, "jurisdiction": "none"})
            assert there.status_code == nowhere.status_code == 404, path
            assert there.text.replace(REAL.code, "none") == nowhere.text
            assert client.get(path, params=query).status_code == 200
        sent = client.post("/api/v1/reports", params={"jurisdiction": REAL.code}, json=report())
        assert sent.status_code == 404
        assert not client.get("/api/v1/reports", params={"jurisdiction": TOWN.code}).is_error
