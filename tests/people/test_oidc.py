"""Signing in by way of a provider, below the pages: journeys, what a provider publishes, tokens, links."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey
from pydantic import ValidationError
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput, Conflict, NotSignedIn, ProviderUnavailable
from gridmap.people import accounts, sessions
from gridmap.people import store as people
from gridmap.people.credentials.model import Account
from gridmap.people.oidc import idtokens, links, provider, store
from gridmap.people.oidc.journey import LASTS, Journey
from gridmap.people.oidc.model import Identity
from gridmap.people.oidc.provider import AGAIN_SECONDS, KEPT_SECONDS, Provider
from gridmap.settings import Settings
from tests.openid import CLIENT, SECRET, OpenProvider, providing, rsa

NOW = datetime(2026, 11, 28, 9, tzinfo=UTC)
PASSWORD = "延河 bridge 42 lamps"
KEY = rsa("one")
REST = {"issuer": "https://id.example.cn", "client_id": "c", "nonce": "n"}
CLAIMS = {"iss": "https://id.example.cn", "aud": "c", "sub": "s", "nonce": "n", "iat": NOW.timestamp()}
CLAIMS |= {"exp": NOW.timestamp() + 300}


@pytest.fixture
def openid() -> Iterator[OpenProvider]:
    with providing() as up:
        yield up


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def known_to(openid: OpenProvider, clock: Clock) -> Provider:
    return Provider(openid.issuer, CLIENT, SECRET, clock)


def test_a_journey_is_read_back_from_its_cookie_for_ten_minutes() -> None:
    journey = Journey.begin("/cases?state=live&q=茶摊", NOW)
    assert Journey.read(journey.cookie, NOW + LASTS) == journey
    told = {journey.state, journey.nonce, journey.verifier, journey.challenge}
    assert len(told) == 4
    assert all(len(each) == 43 and each not in journey.cookie for each in told)
    assert Journey.begin("/", NOW).state != Journey.begin("/", NOW).state
    for moment in (NOW + LASTS + timedelta(seconds=1), NOW - timedelta(minutes=2)):
        with pytest.raises(NotSignedIn):
            Journey.read(journey.cookie, moment)


@given(st.text())
def test_any_other_cookie_is_none(text: str) -> None:
    with pytest.raises(NotSignedIn) as caught:
        Journey.read(text, NOW)
    assert caught.value.field == "state"


@given(st.from_regex(r"[A-Za-z0-9_-]{43}\.[A-Za-z0-9_-]{0,20}", fullmatch=True))
def test_a_cookie_that_somebody_made_up_breaks_nothing(text: str) -> None:
    with suppress(NotSignedIn):  # what is not even base64
        assert Journey.read(f"{int(NOW.timestamp())}.{text}", NOW).state


def signed(claims: dict[str, object], key=KEY, algorithm: str = "RS256") -> str:
    return OpenProvider("", key=key).sign(claims, algorithm)


def checked(token: str) -> Identity:
    idtokens.signed_with(token)
    return idtokens.check(token, KEY, moment=NOW, **REST)


RIGHT = signed(CLAIMS)


@pytest.mark.parametrize("algorithm", idtokens.ALGORITHMS)
def test_every_allowed_algorithm_is_checked_with_its_key(algorithm: str) -> None:
    curve = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}.get(algorithm)
    key = ECKey.generate_key(curve, {"kid": "e"}) if curve else KEY
    token = signed(CLAIMS, key, algorithm)
    assert idtokens.signed_with(token) == (algorithm, key.get("kid"))
    found = idtokens.key_for(idtokens.public_keys([key.as_dict(private=False)]), algorithm, key.get("kid"))
    assert found is not None
    assert idtokens.check(token, found, moment=NOW, **REST) == Identity(REST["issuer"], "s", None)


@given(st.integers(0, len(RIGHT) - 1), st.characters(codec="ascii"))
def test_a_token_with_any_character_changed_is_refused(place: int, other: str) -> None:
    wrong = RIGHT[:place] + other + RIGHT[place + 1 :]
    # the last digit of base64 carries bits that nobody reads
    if wrong == RIGHT or place == len(RIGHT) - 1:
        return
    with pytest.raises(NotSignedIn) as caught:
        checked(wrong)
    assert caught.value.field == "id_token"


@given(st.text())
def test_nonsense_is_refused(text: str) -> None:
    for token in (text, f"{text}.{text}.{text}"):
        with pytest.raises(NotSignedIn):
            checked(token)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.dictionaries(st.sampled_from([*sorted(CLAIMS), "azp", "nbf", "preferred_username"]), ANYTHING))
def test_claims_that_are_anything_break_nothing(changes: dict[str, object]) -> None:
    claims = CLAIMS | changes
    try:
        found = checked(signed(claims))
    except NotSignedIn:
        return
    assert (found.issuer, found.subject) == (claims["iss"], claims["sub"])
    assert (claims["nonce"], claims.get("azp", "c")) == ("n", "c")
    assert "c" in ([claims["aud"]] if isinstance(claims["aud"], str) else claims["aud"])
    assert claims["iat"] - 60 <= NOW.timestamp() < claims["exp"] + 60


@pytest.mark.parametrize(("seconds", "holds"), [(359, True), (361, False), (-59, True), (-61, False)])
def test_clocks_may_differ_by_a_minute(seconds: int, holds: bool) -> None:
    moment = NOW + timedelta(seconds=seconds)
    if holds:
        assert idtokens.check(RIGHT, KEY, moment=moment, **REST).subject == "s"
    else:
        with pytest.raises(NotSignedIn):
            idtokens.check(RIGHT, KEY, moment=moment, **REST)


def test_keys_that_cannot_sign_for_the_provider_are_passed_over() -> None:
    enc, oct_ = rsa("e").as_dict(private=False) | {"use": "enc"}, OctKey.generate_key(256).as_dict()
    listed = [enc, oct_, {"kty": "future"}, {"kty": "RSA", "n": 1}, "key", None]
    assert idtokens.public_keys(listed) == ()
    bound = idtokens.public_keys([KEY.as_dict(private=False) | {"alg": "RS256"}])
    assert idtokens.key_for(bound, "PS256", "one") is None
    assert idtokens.key_for(bound, "RS256", "one") is not None
    two = idtokens.public_keys([rsa("a").as_dict(private=False), rsa("b").as_dict(private=False)])
    assert idtokens.key_for(two, "RS256", None) is None
    assert idtokens.key_for(two[:1], "RS256", None) == two[0]


def test_a_new_key_is_fetched_once_and_an_unknown_one_not_again_and_again(openid: OpenProvider) -> None:
    clock, first = Clock(), openid.key
    known = known_to(openid, clock)
    assert known.identity(openid.sign(openid.claims("n")), "n").subject == "248289761001"
    assert openid.asked == ["/.well-known/openid-configuration", "/keys"]
    openid.key = rsa("second")
    rotated = openid.sign(openid.claims("n"))
    with pytest.raises(NotSignedIn):  # fetched just now: whoever sends nonsense does not make us fetch
        known.identity(rotated, "n")
    assert len(openid.asked) == 2
    clock.now += AGAIN_SECONDS
    assert known.identity(rotated, "n").subject == "248289761001"
    assert len(openid.asked) == 4
    clock.now += AGAIN_SECONDS
    stranger = rsa("stranger")
    for _ in range(3):
        with pytest.raises(NotSignedIn, match="no key of its own"):
            known.identity(openid.sign(openid.claims("n"), key=stranger), "n")
    assert len(openid.asked) == 6
    with pytest.raises(NotSignedIn):  # what the provider has taken back
        known.identity(openid.sign(openid.claims("n"), key=first), "n")
    clock.now += KEPT_SECONDS
    known.published()
    assert len(openid.asked) == 8


@pytest.mark.parametrize(
    "changes",
    [
        {"issuer": "https://other.example.cn"},
        {"issuer": None},
        {"authorization_endpoint": "http://id.example.cn/authorize"},
        {"token_endpoint": "http://id.example.cn/token"},
        {"token_endpoint": "https://user:pass@id.example.cn/token"},
        {"jwks_uri": "ftp://127.0.0.1/keys"},
        {"jwks_uri": None},
        {"padding": "x" * provider.LARGEST_ANSWER},
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_not_used(openid: OpenProvider, changes) -> None:
    openid.changes = changes
    with pytest.raises(ProviderUnavailable):
        known_to(openid, Clock()).sign_in_url(Journey.begin("/"), "http://127.0.0.1/x")


def test_a_provider_that_failed_is_left_in_peace_for_a_while(openid: OpenProvider) -> None:
    clock = Clock()
    known, openid.changes = known_to(openid, clock), {"issuer": "https://other.example.cn"}
    for _ in range(5):
        with pytest.raises(ProviderUnavailable):
            known.published()
    assert len(openid.asked) == 1
    openid.changes, clock.now = {}, clock.now + AGAIN_SECONDS
    assert known.published().names_itself


def test_a_provider_that_hangs_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provider, "STEP_SECONDS", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        known = Provider(f"http://127.0.0.1:{silent.getsockname()[1]}", CLIENT, SECRET)
        with pytest.raises(ProviderUnavailable, match="does not answer"):
            known.published()


def an_account(connection: Connection, jurisdiction: Jurisdiction, login: str = "office-1") -> Account:
    return accounts.add(connection, jurisdiction, login, roles=["office"], password=PASSWORD, by="test")


WHO = Identity("https://id.example.cn", "s-1", "Office-1")


def whose(connection: Connection, who: Identity, *, match: bool = False) -> str | None:
    found = links.account_of(connection, who, match_login=match)
    return found.login if found else None


def test_an_account_is_linked_by_issuer_and_subject(connection, jurisdiction) -> None:
    account, other = an_account(connection, jurisdiction), an_account(connection, jurisdiction, "office-2")
    links.link(connection, account, WHO.issuer, " s-1 ", "test")
    assert whose(connection, WHO) == "office-1"
    assert whose(connection, replace(WHO, issuer="https://x.cn")) is None
    assert whose(connection, replace(WHO, subject="S-1")) is None
    assert store.links(connection, jurisdiction.code) == {"office-1": (WHO.issuer, "s-1")}
    with pytest.raises(Conflict, match="linked to 'office-1'"):
        links.link(connection, other, WHO.issuer, "s-1", "test")
    with pytest.raises(Conflict, match="linked already"):
        links.link(connection, account, WHO.issuer, "s-2", "test")
    secret = sessions.begin(connection, account)
    links.unlink(connection, account, "test")
    assert sessions.find(connection, secret) is None
    assert whose(connection, WHO) is None
    with pytest.raises(BadInput):
        links.unlink(connection, account, "test")
    history = people.changes(connection, jurisdiction.code, subject="account", key="office-1")
    assert [each.now["oidc_subject"] for each in history] == [None, "s-1", None]


@pytest.mark.parametrize("subject", ["", " ", "a\0", "x" * 256])
def test_a_subject_that_can_be_none_is_refused(connection, jurisdiction, subject: str) -> None:
    account = an_account(connection, jurisdiction)
    with pytest.raises(BadInput) as caught:
        links.link(connection, account, WHO.issuer, subject, "test")
    assert caught.value.field == "oidc_subject"


def test_a_login_is_matched_only_where_a_setting_says_so(connection, jurisdiction) -> None:
    an_account(connection, jurisdiction)
    assert whose(connection, WHO) is None
    assert whose(connection, replace(WHO, login=None), match=True) is None
    assert whose(connection, replace(WHO, login="nobody\ud800"), match=True) is None
    assert whose(connection, WHO, match=True) == "office-1"
    assert whose(connection, replace(WHO, login="else")) == "office-1"
    # linked now: the name alone opens it to nobody else
    assert whose(connection, replace(WHO, subject="s-2"), match=True) is None


def test_no_match_takes_an_account_that_is_out_of_use(connection, jurisdiction) -> None:
    account = an_account(connection, jurisdiction)
    accounts.disable(connection, account, "test")
    assert whose(connection, WHO, match=True) is None
    with pytest.raises(Conflict):
        links.link(connection, account, WHO.issuer, "s-1", "test")


def test_an_account_of_the_demonstration_cannot_be_linked(connection, jurisdiction) -> None:
    made_up = replace(jurisdiction, illustrative=True)
    trials = [accounts.Trial("office-1", "office", None, "示例")]
    (account,) = accounts.add_demonstration(connection, made_up, trials)
    with pytest.raises(Conflict, match="demonstration"):
        links.link(connection, account, WHO.issuer, "s-1", "test")
    assert whose(connection, WHO, match=True) is None
    with pytest.raises(sa.exc.IntegrityError, match="ck_account_oidc_real"), connection.begin_nested():
        connection.execute(sa.text("UPDATE account SET oidc_issuer = 'i', oidc_subject = 's'"))


@pytest.mark.parametrize(
    "given",
    [
        {"oidc_issuer": "http://id.example.cn"},
        {"oidc_issuer": "https://u:p@id.example.cn"},
        {"oidc_issuer": "https://id.example.cn/?a=b"},
        {"oidc_issuer": "id.example.cn"},
        {"oidc_issuer": "https://[", "oidc_client_id": "c"},
        {"oidc_client_id": None},
        {"oidc_issuer": None},
    ],
)
def test_settings_that_would_not_do_are_refused(given: dict[str, str | None]) -> None:
    right = {"oidc_issuer": "https://id.example.cn/realms/a", "oidc_client_id": "c"}
    assert Settings(**right).oidc_issuer == right["oidc_issuer"]
    with pytest.raises(ValidationError):
        Settings(**right | given)
    assert "SECRET" not in repr(Settings(**right, oidc_client_secret="SECRET"))
