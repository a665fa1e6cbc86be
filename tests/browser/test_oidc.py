"""Signing in by an OpenID provider in a real browser: its cookies go along from another site's page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from gridmap.areas import store as areas
from gridmap.opening import open_gridmap
from gridmap.people import accounts
from gridmap.people.oidc import links
from tests.faces.conftest import TOWN, Live, serving
from tests.openid import OpenProvider, providing

PASSWORD = "延河 bridge 42 lamps"


@pytest.fixture(scope="module")
def openid() -> Iterator[OpenProvider]:
    with providing() as up:
        yield up


@pytest.fixture(scope="module")
def office(make_settings, openid: OpenProvider) -> Iterator[Live]:
    settings = make_settings(demonstration=False, oidc_name="统一身份", **openid.settings)
    with open_gridmap(settings) as database, database.writing() as connection:
        areas.add_jurisdiction(connection, TOWN)
        made = accounts.add(connection, TOWN, "office-1", roles=["office"], password=PASSWORD, by="test")
        links.link(connection, made, openid.issuer, str(openid.user["sub"]), "test")
    with serving(settings) as live:
        yield live


@pytest.mark.parametrize("asks", [True, False])
def test_a_browser_comes_back_signed_in(
    office: Live, openid: OpenProvider, browser: Browser, asks: bool
) -> None:
    openid.asks = asks
    home = office.url.replace("127.0.0.1", "localhost")  # to a browser another site than the provider's
    page = browser.new_page()
    page.goto(f"{home}/docs")
    assert page.url.startswith(f"{home}/sign-in?next=")
    page.click("text=用“统一身份”登录")
    if asks:
        assert page.url.startswith(openid.issuer)
        page.click("text=Sign in")
    page.wait_for_url(f"{home}/docs")
    kept = {each["name"]: each for each in page.context.cookies()}
    assert "gridmap_oidc" not in kept
    assert (kept["gridmap_session"]["httpOnly"], kept["gridmap_session"]["sameSite"]) == (True, "Lax")
    page.context.close()
