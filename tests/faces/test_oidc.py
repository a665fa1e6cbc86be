"""Signing in by way of an OpenID provider, whole: a browser, the service, and a real provider on loopback."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey

from gridmap.areas import store as areas
from gridmap.database.sessions import Database
from gridmap.opening import open_gridmap
from gridmap.people import accounts, sessions, throttle
from gridmap.people.oidc import links
from tests.faces.conftest import TOWN, Live, serving
from tests.openid import CLIENT, SECRET, Claims, OpenProvider, providing, rsa

PASSWORD = "延河 bridge 42 lamps"
CALLBACK = "/sign-in/oidc/callback"


@dataclass(frozen=True)
class Scene:
    """A service that knows a provider, the database behind it; office-1 is linked to the provider's user."""

    live: Live
    openid: OpenProvider
    database: Database

    def browser(self) -> httpx.Client:
        return self.live.stranger()

    def leave(self, browser: httpx.Client, onward: str = "/") -> str:
        """The address to which the provider sends the browser back."""
        left = browser.get("/sign-in/oidc", params={"next": onward})
        assert left.status_code == 303, left.text
        back = httpx.get(left.headers["location"])
        assert back.status_code == 302, back.text
        return back.headers["location"]

    def whose(self, browser: httpx.Client) -> str | None:
        """The login that the browser's session is of."""
        with self.database.reading() as connection:
            found = sessions.find(connection, browser.cookies.get("gridmap_session", ""))
        return found.account.login if found else None


@pytest.fixture(scope="module")
def scene(make_settings) -> Iterator[Scene]:
    with providing() as openid:
        settings = make_settings(demonstration=False, oidc_name="街道统一身份", **openid.settings)
        with open_gridmap(settings) as database:
            with database.writing() as connection:
                areas.add_jurisdiction(connection, TOWN)
                for login in ("office-1", "office-2", "office-3"):
                    account = accounts.add(
                        connection, TOWN, login, roles=["office"], password=PASSWORD, by="test"
                    )
                    if login != "office-2":
                        links.link(connection, account, openid.issuer, f"sub of {login}", "test")
                accounts.disable(connection, account, "test")
            openid.user = {"sub": "sub of office-1", "preferred_username": "office-2"}
            with serving(settings) as live:
                yield Scene(live, openid, database)


def test_somebody_signs_in_and_goes_on_where_they_were_going(scene: Scene) -> None:
    with scene.browser() as browser:
        left = browser.get("/sign-in/oidc", params={"next": "/maps/heat?month=2023-06"})
        asked = parse_qs(urlsplit(left.headers["location"]).query)
        assert asked["realm"] == ["a"]  # what the provider's own address says stays in it
        assert asked["redirect_uri"] == [f"{scene.live.url}{CALLBACK}"]
        cookie = left.headers["set-cookie"]
        assert {"HttpOnly", "Path=/sign-in/oidc", "SameSite=lax", "Max-Age=600"} <= set(cookie.split("; "))
        assert "Secure" not in cookie  # on loopback, without TLS
        assert left.headers["cache-control"] == "no-store"
        back = browser.get(httpx.get(left.headers["location"]).headers["location"])
        assert (back.status_code, back.headers["location"]) == (303, "/maps/heat?month=2023-06")
        given = back.headers.get_list("set-cookie")
        session = next(each for each in given if each.startswith("gridmap_session="))
        assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(session.split("; "))
        assert browser.cookies.get("gridmap_oidc") is None
        assert scene.whose(browser) == "office-1"
        assert browser.get("/api/v1/me").json()["name"] == "account:office-1"


def test_the_sign_in_page_leads_there_and_on(scene: Scene) -> None:
    with scene.browser() as browser:
        page = browser.get("/sign-in", params={"next": "/maps/heat?month=2023-06"}).text
        assert 'href="/sign-in/oidc?next=%2Fmaps%2Fheat%3Fmonth%3D2023-06">用“街道统一身份”登录</a>' in page
        assert "Sign in with 街道统一身份" in browser.get("/sign-in?lang=en").text


def test_the_session_that_a_browser_had_ends(scene: Scene) -> None:
    with scene.browser() as browser:
        browser.get(scene.leave(browser))
        before = browser.cookies["gridmap_session"]
        browser.get(scene.leave(browser))
        assert browser.cookies["gridmap_session"] != before
    with scene.database.reading() as connection:
        assert sessions.find(connection, before) is None


@pytest.mark.parametrize(
    ("onward", "goes"),
    [
        ("/cases?state=live&q=茶摊", "/cases?state=live&q=%E8%8C%B6%E6%91%8A"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
        ("/" + "x" * 3_000, "/"),
    ],
)
def test_it_goes_on_within_our_own_pages_only(scene: Scene, onward: str, goes: str) -> None:
    with scene.browser() as browser:
        back = browser.get(scene.leave(browser, onward))
        assert (back.status_code, back.headers["location"]) == (303, goes)


Forge = Callable[[OpenProvider, Claims], str]
STRANGER, EC = rsa("stranger"), ECKey.generate_key("P-256", {"kid": "ec", "use": "sig"})


def changed(**changes: object) -> Forge:
    def forge(openid: OpenProvider, claims: Claims) -> str:
        return openid.sign({n: v for n, v in (claims | changes).items() if v is not None})

    return forge


def by_hand(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    """What no library makes."""
    said = ".".join(_base64(json.dumps(part).encode()) for part in (header, claims))
    return f"{said}.{_base64(sign(said.encode()))}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def unsigned(openid: OpenProvider, claims: Claims) -> str:
    return by_hand({"alg": "none", "kid": openid.key.get("kid")}, claims, lambda said: b"")


def confused(openid: OpenProvider, claims: Claims) -> str:
    """HS256, its secret the public key that everybody knows."""
    public = openid.key.as_pem(private=False)
    header = {"alg": "HS256", "kid": openid.key.get("kid")}
    return by_hand(header, claims, lambda said: hmac.digest(public, said, "sha256"))


def critical(openid: OpenProvider, claims: Claims) -> str:
    """Rightly signed, but with a header that must be understood, and is not."""
    key = openid.key.raw_value
    header = {"alg": "RS256", "kid": openid.key.get("kid"), "crit": ["odd"], "odd": 1}
    return by_hand(header, claims, lambda said: key.sign(said, PKCS1v15(), SHA256()))


def tampered(openid: OpenProvider, claims: Claims) -> str:
    header, _, signature = openid.sign(claims).split(".")
    return ".".join((header, openid.sign(claims | {"sub": "sub of office-2"}).split(".")[1], signature))


WRONG: dict[str, Forge] = {
    "another issuer": changed(iss="https://other.example.cn"),
    "no issuer": changed(iss=None),
    "the issuer with a slash": lambda o, c: o.sign(c | {"iss": f"{o.issuer}/"}),
    "another's": changed(aud="another"),
    "another's among others": changed(aud=["another", "third"], azp="another"),
    "several's, unsaid whose": changed(aud=[CLIENT, "another"]),
    "asked for by another": changed(aud=[CLIENT, "another"], azp="another"),
    "asked for by several": changed(azp=[CLIENT]),
    "nobody's": changed(aud=None),
    "another nonce": changed(nonce="x" * 43),
    "no nonce": changed(nonce=None),
    "nonces": lambda o, c: o.sign(c | {"nonce": [c["nonce"]]}),
    "over": lambda o, c: o.sign(c | {"exp": c["iat"] - 61}),
    "never over": changed(exp=None),
    "over in words": changed(exp="never"),
    "of tomorrow": lambda o, c: o.sign(c | {"iat": c["iat"] + 86_400}),
    "of no time": changed(iat=None),
    "not yet": lambda o, c: o.sign(c | {"nbf": c["iat"] + 3_600}),
    "about nobody": changed(sub=None),
    "about nothing": changed(sub=""),
    "about a number": changed(sub=1),
    "about too much": changed(sub="x" * 256),
    "unsigned": unsigned,
    "signed with the public key": confused,
    "signed by a stranger": lambda o, c: o.sign(c, key=STRANGER),
    "signed by a stranger in the key's name": lambda o, c: o.sign(c, key=STRANGER, kid=o.key.get("kid")),
    "with its own key": lambda o, c: o.sign(c, key=STRANGER, kid="own", jwk=STRANGER.as_dict(private=False)),
    "of another sort of key": lambda o, c: o.sign(c, "ES256", key=EC, kid=o.key.get("kid")),
    "with what must be understood": critical,
    "tampered with": tampered,
    "no token": lambda o, c: "x.y.z",
    "encrypted": lambda o, c: "a.b.c.d.e",
    "empty": lambda o, c: "",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_token_signs_nobody_in(scene: Scene, wrong: str) -> None:
    with scene.browser() as browser:
        back = scene.leave(browser)
        with scene.openid.minting(lambda claims: WRONG[wrong](scene.openid, claims)):
            refused = browser.get(back)
        assert refused.status_code == 401, refused.text
        assert "身份凭证不对" in refused.text
        assert browser.cookies.get("gridmap_session") is None
        assert scene.whose(browser) is None


def test_other_right_tokens_sign_in(scene: Scene) -> None:
    scene.openid.others = [EC]
    scene.live.app.state.service.provider._published = None
    with scene.browser() as browser:
        back = scene.leave(browser)
        with scene.openid.minting(lambda claims: scene.openid.sign(claims, "ES256", key=EC)):
            assert browser.get(back).status_code == 303
    with scene.browser() as browser:
        back = scene.leave(browser)
        several = {"aud": [CLIENT, "another"], "azp": CLIENT}
        with scene.openid.minting(lambda claims: scene.openid.sign(claims | several, "PS256", typ="JWT")):
            assert browser.get(back).status_code == 303
        assert scene.whose(browser) == "office-1"


def test_an_answer_fits_only_the_browser_it_began_in(scene: Scene) -> None:
    with scene.browser() as browser, scene.browser() as other, scene.browser() as third:
        back = scene.leave(browser)
        assert "不是从这个浏览器" in other.get(back).text  # no cookie at all
        scene.leave(third)
        assert third.get(back).status_code == 401  # the cookie of another journey
        assert scene.whose(other) is scene.whose(third) is None
        assert browser.get(back).status_code == 303  # and nobody has used it up meanwhile


def test_an_answer_is_good_once(scene: Scene) -> None:
    with scene.browser() as browser:
        back = scene.leave(browser)
        cookie = browser.cookies.get("gridmap_oidc", path="/sign-in/oidc")
        assert browser.get(back).status_code == 303
        again = httpx.get(back, cookies={"gridmap_oidc": cookie})
        assert again.status_code == 401
        assert "used already" in again.text
        scene.openid.asked.clear()
        assert browser.get(back).status_code == 401  # and the browser has no cookie any more
        assert scene.openid.asked == []


def test_a_code_is_good_only_for_the_journey_it_was_given_on(scene: Scene) -> None:
    """A stolen code, brought with the thief's own state: PKCE."""
    with scene.browser() as browser, scene.browser() as thief:
        stolen = parse_qs(urlsplit(scene.leave(browser)).query)["code"][0]
        own = urlsplit(scene.leave(thief))
        query = {name: values[0] for name, values in parse_qs(own.query).items()} | {"code": stolen}
        refused = thief.get(own.path, params=query)
        assert refused.status_code == 401
        assert "不再认这次登录" in refused.text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "x"}, "不是从这个浏览器"),
        ({"state": ""}, "不是从这个浏览器"),
        ({"iss": "https://other.example.cn"}, "没有让您登录"),
        ({"iss": None}, "没有让您登录"),
        ({"code": None}, "没有让您登录"),
        ({"code": "made-up"}, "不再认这次登录"),
    ],
)
def test_an_answer_that_was_changed_on_the_way(
    scene: Scene, change: dict[str, str | None], said: str
) -> None:
    with scene.browser() as browser:
        back = urlsplit(scene.leave(browser))
        query = {name: values[0] for name, values in parse_qs(back.query).items()} | change
        refused = browser.get(back.path, params={n: v for n, v in query.items() if v is not None})
        assert refused.status_code == 401
        assert said in refused.text
        assert scene.whose(browser) is None


def test_who_is_refused_there_is_told_so_here(scene: Scene) -> None:
    scene.openid.denies = "access_denied"
    with scene.browser() as browser:
        refused = browser.get(scene.leave(browser))
        scene.openid.denies = None
        assert refused.status_code == 401
        assert "“街道统一身份”没有让您登录" in refused.text
        assert refused.headers["cache-control"] == "no-store"
        assert 'href="/sign-in"' in refused.text


@pytest.mark.parametrize(
    ("subject", "said"),
    [
        ("sub of nobody", "<code>sub of nobody</code>"),
        ("sub of office-3", "已停用"),
        ("<b>&", "&lt;b&gt;&amp;"),
    ],
)
def test_nobody_gets_in_without_an_account_in_use(scene: Scene, subject: str, said: str) -> None:
    """Nor by being called like one: no setting says so."""
    with scene.browser() as browser:
        back = scene.leave(browser)
        with scene.openid.minting(lambda claims: scene.openid.sign(claims | {"sub": subject})):
            refused = browser.get(back)
        assert refused.status_code == 401
        assert said in refused.text
        assert scene.whose(browser) is None
    with scene.database.reading() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM account")).scalar_one() == 3


def test_a_setting_lets_the_first_sign_in_match_a_login(scene: Scene) -> None:
    with (
        serving(scene.database.settings.model_copy(update={"oidc_match_login": True})) as live,
        live.stranger() as browser,
    ):
        matching = Scene(live, scene.openid, scene.database)
        back = matching.leave(browser)
        with scene.openid.minting(lambda claims: scene.openid.sign(claims | {"sub": "new"})):
            assert browser.get(back).status_code == 303
        assert matching.whose(browser) == "office-2"
    with scene.browser() as browser:  # linked from now on, whatever they come to be called there
        back = scene.leave(browser)
        renamed = {"sub": "new", "preferred_username": "office-1"}
        with scene.openid.minting(lambda claims: scene.openid.sign(claims | renamed)):
            assert browser.get(back).status_code == 303
        assert scene.whose(browser) == "office-2"


def test_nothing_of_codes_and_tokens_is_logged(scene: Scene, capfd: pytest.CaptureFixture[str]) -> None:
    tokens = []

    def forge(claims: Claims) -> str:
        tokens.append(scene.openid.sign(claims, key=STRANGER))
        return tokens[0]

    with scene.browser() as browser:
        back = scene.leave(browser)
        with scene.openid.minting(forge):
            refused = browser.get(back).text
    query = parse_qs(urlsplit(back).query)
    said = "".join(capfd.readouterr()) + refused
    secrets = [query["code"][0], query["state"][0], SECRET, *tokens[0].split(".")]
    assert [each for each in secrets if each in said] == []


def test_an_address_that_tries_too_often_waits(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "ADDRESS", 5)
    with scene.database.writing() as connection:
        connection.execute(sa.text("DELETE FROM sign_in_attempt"))
    with scene.browser() as browser:
        for _ in range(5):
            assert browser.get(scene.leave(browser).replace("code=", "code=x")).status_code == 401
        refused = browser.get(scene.leave(browser))
        assert refused.status_code == 429
        assert "过一会儿再试" in refused.text


def test_a_provider_that_is_away_is_said_to_be(make_settings) -> None:
    settings = make_settings(
        demonstration=False, oidc_issuer="http://127.0.0.1:9", oidc_client_id=CLIENT, oidc_name="统一身份"
    )
    with serving(settings) as live, live.stranger() as browser:
        answer = browser.get("/sign-in/oidc")
        assert answer.status_code == 503
        assert "暂时不能用“统一身份”登录" in answer.text
        english = browser.get("/sign-in/oidc?lang=en").text
        assert "does not work at the moment" in english


def test_where_no_provider_is_set_up_there_is_no_such_address(client: httpx.Client) -> None:
    assert client.get("/sign-in/oidc").status_code == 404
    assert client.get(CALLBACK, params={"state": "x", "code": "y"}).status_code == 404
