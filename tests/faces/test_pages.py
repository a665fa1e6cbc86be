"""The pages over HTTP: that they come, in which language, where their links lead (looks: tests/browser)."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.faces.conftest import CATEGORIES


@pytest.mark.parametrize(
    "path", ["/", "/maps/places", "/maps/places?kind=parking", "/maps/heat", "/bulletins", "/docs"]
)
def test_pages_come_whole_and_from_here_alone(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="zh-CN">' in answer.text
    assert "试验街道" in answer.text or path == "/docs"
    fetched = re.findall(r'<(?:script|link|img)\b[^>]*?(?:src|href)="([^"]+)"', answer.text)
    for address in fetched:
        assert address.startswith(("/static/", "/favicon.ico", "data:"))
        if address.startswith("/"):
            assert client.get(address).status_code == 200


def links(text: str) -> dict[str, str]:
    found = re.findall(r'<a[^>]*?href="([^"]+)"[^>]*>\s*([^<]*?)\s*</a>', text)
    return {label: address.replace("&amp;", "&") for address, label in found}


def test_the_language_switch_keeps_the_rest(client):
    page = client.get("/maps/heat", params={"month": "2023-06", "category": CATEGORIES[0]})
    to_english = links(page.text)["English"]
    assert "month=2023-06" in to_english
    assert f"category={CATEGORIES[0]}" in to_english
    english = client.get(to_english)
    assert '<html lang="en">' in english.text
    assert "June 2023" in english.text
    assert "Testing Town" in english.text


def test_a_chosen_language_stays(town):
    with town.client() as client:
        assert client.get("/", params={"lang": "en"}).cookies["lang"] == "en"
        assert '<html lang="en">' in client.get("/").text
        assert '<html lang="en">' in client.get("/nothing").text


@pytest.mark.parametrize(
    "cookie", ['lang=xx"<script>', "lang=", "lang=zh; lang=fr", "=;;\u00ff".encode("latin-1")]
)
def test_a_strange_cookie_means_chinese(client, cookie):
    assert '<html lang="zh-CN">' in client.get("/nothing", headers={"cookie": cookie}).text
    assert client.get("/", headers={"cookie": cookie}).status_code == 200


def test_heat_opens_on_the_last_month_with_reports_and_walks(client):
    newest = client.get("/api/v1/reports", params={"limit": 1}).json()["items"][0]["occurred_at"][:7]
    year, month = newest.split("-")
    assert f"{year}年{int(month)}月" in client.get("/maps/heat").text
    june = client.get("/maps/heat?month=2023-06").text
    assert "/maps/heat?month=2023-05" in june
    assert "/maps/heat?month=2023-07" in june
    first = client.get("/api/v1/stats/monthly").json()["items"][0]["month"]
    text = client.get("/maps/heat", params={"month": first}).text
    before = f"{int(first[:4]) - (first[5:] == '01')}-{(int(first[5:]) - 2) % 12 + 1:02d}"
    assert f"/maps/heat?month={before}" not in text


def test_an_empty_month_is_a_page_too(client):
    assert "本月无上报" in client.get("/maps/heat?month=2010-01").text


def test_downloads_lead_to_the_exports(client):
    text = client.get("/maps/heat", params={"month": "2023-06", "category": CATEGORIES[0]}).text
    addresses = [a for a in links(text).values() if a.startswith("/api/v1/exports/heatmap")]
    assert len(addresses) == 7
    for address in addresses:
        assert client.get(address).status_code == 200
        assert f"category={CATEGORIES[0]}" in address


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/maps/heat?month=2023-13", "月份写作"),
        ("/maps/heat?month=%00", "月份写作"),
        ("/maps/heat?month=2023-06&category=none", "类别"),
        ("/maps/places?kind=shops", "点位"),
        ("/?jurisdiction=nowhere", "辖区"),
        ("/?lang=fr", "语言"),
        ("/nothing", "没有这个页面"),
        ("/basemap/3/1/1", "没有这个页面"),
        ("/problems/none", "没有这个页面"),
    ],
)
def test_errors_of_pages_are_pages(client, path, says):
    answer = client.get(path)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("text/html")
    assert says in answer.text
    assert 'href="/"' in answer.text


@pytest.mark.parametrize("path", ["/nothing?month=2023-06&x=%3Cb%3E", "/docs", "/problems/not-found"])
def test_every_page_has_the_switch(client, path):
    page = client.get(path)
    assert '<html lang="zh-CN">' in page.text
    (switch,) = re.findall(r'<a class="language" href="([^"]+)"', page.text)
    english = client.get(html.unescape(switch))
    assert english.status_code == page.status_code
    assert '<html lang="en"' in english.text
    (back,) = re.findall(r'<a class="language" href="([^"]+)"', english.text)
    asked = parse_qs(urlsplit(html.unescape(back)).query)
    assert asked == parse_qs(urlsplit(path).query) | {"lang": ["zh"]}


def test_what_came_in_an_address_is_not_a_script(client):
    answer = client.get("/maps/heat", params={"month": "<script>alert(1)</script>"})
    assert answer.status_code == 422
    assert "<script>alert" not in answer.text


def test_strange_parameters_of_a_shared_link_are_passed_over(client):
    assert client.get("/maps/heat?month=2023-06&from=singlemessage&isappinstalled=0").status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/static/vendor/build_font.py",
        "/static/vendor/../page.py",
        "/static/vendor/%2e%2e/page.py",
        "/static/vendor/..%2f..%2fsettings.py",
        "/static/vendor/",
        "/static/%00.css",
        "/static/" + "a" * 5000 + ".css",
    ],
)
def test_no_other_file_is_served(client, path):
    assert client.get(path).status_code == 404


def test_files_may_be_kept(client):
    answer = client.get("/static/vendor/leaflet/leaflet.js")
    assert "max-age" in answer.headers["cache-control"]
    again = client.get("/static/vendor/leaflet/leaflet.js", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304


def test_problem_types_have_a_page(client):
    for path in ("/api/v1/areas?kind=x", "/api/v1/reports/x", "/api/v1/locate?lon=0&lat=0&datum=wgs84"):
        kind = client.get(path).json()["type"]
        assert client.get(kind).status_code == 200
