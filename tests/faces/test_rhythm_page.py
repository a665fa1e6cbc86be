"""`/maps/rhythm` over HTTP: the same numbers as REST, months that step, and a form that is never lost."""

from __future__ import annotations

import html
import re

import pytest

from tests.faces.test_pages import links

PATH = "/maps/rhythm"
DAYS = {"first": "2023-05-01", "last": "2023-05-31", "since": "2023-06-01", "until": "2023-06-30"}


def text_of(page: str) -> str:
    without = re.sub(r"<(script|style)\b.*?</\1>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", without)))


def test_it_comes_whole_and_from_here_alone(client) -> None:
    answer = client.get(PATH)
    assert answer.status_code == 200
    for address in re.findall(r'<(?:script|link|img)\b[^>]*?(?:src|href)="([^"]+)"', answer.text):
        assert address.startswith(("/static/", "data:"))
        if address.startswith("/"):
            assert client.get(address).status_code == 200
    for path in ("/", "/maps/places", "/maps/heat", PATH):
        assert 'href="/maps/rhythm"' in client.get(path).text


@pytest.mark.parametrize("kind", ["morning_market", "night_market", "parking"])
def test_it_says_what_rest_says(client, kind) -> None:
    asked = {"month": "2023-05", "kind": kind}
    page = client.get(PATH, params=asked).text
    told = client.get("/api/v1/stats/rhythm", params=asked).json()
    cells = re.findall(r'<td role="gridcell".*?>(?:<span>(\d+)</span>)?</td>', page)
    assert [int(cell or 0) for cell in cells] == [count for day in told["reports"] for count in day]
    around = client.get("/api/v1/stats/around", params=asked).json()["items"]
    rows = re.findall(r'<tr data-place="\d+".*?</tr>', page, re.DOTALL)
    assert len(rows) == len(around)
    for row, each in zip(rows, around, strict=True):
        assert each["place"]["name"] in row
        assert f"<b>{each['per_100_spaces']:.1f}</b>" in row


def test_months_step_and_keep_what_was_asked(client) -> None:
    page = client.get(PATH, params={"month": "2023-06", "kind": "parking", "category": "matter-09009"}).text
    addresses = list(links(page).values())
    for month in ("2023-05", "2023-07"):
        assert f"{PATH}?month={month}&kind=parking&category=matter-09009" in addresses
    first = client.get(PATH, params={"month": "2023-05"}).text
    assert f"{PATH}?month=2023-04" not in first
    english = links(page)["English"]
    assert "month=2023-06" in english
    assert "category=matter-09009" in english
    assert "June 2023" in client.get(english).text


def test_an_empty_month_is_a_page_too(client) -> None:
    text = text_of(client.get(PATH, params={"month": "2010-01"}).text)
    assert "本月这些点位周边没有相关上报" in text
    assert "本月没有活动与服务记录" in text
    assert "当月没有这类点位" in text_of(client.get(PATH, params={"kind": "trunk_market"}).text)


@pytest.mark.parametrize(
    ("params", "says"),
    [
        ({"month": "2023-13"}, "月份写作"),
        ({"kind": "shops"}, "点位种类"),
        ({"kind": "day_care"}, "点位种类"),
        ({"category": "none"}, "类别用编码"),
        ({"category": "local-dispute"}, "类别用编码"),
        ({"jurisdiction": "nowhere"}, "辖区"),
    ],
)
def test_what_cannot_be_shown_is_a_page(client, params, says) -> None:
    answer = client.get(PATH, params=params)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"].startswith("text/html")
    assert says in answer.text


def test_a_campaign_is_what_rest_says(client) -> None:
    page = text_of(
        client.get(PATH, params={"campaign": "matter-09001", "against": "local-teastall", **DAYS}).text
    )
    asked = {"category": "matter-09001", "from": "2023-05-01", "to": "2023-05-31", "until": "2023-06-30"}
    told = client.get("/api/v1/stats/campaign", params=asked | {"against": "local-teastall"}).json()
    assert f"{told['before']['reports']} 件 / 31 天" in page
    assert f"{told['after']['per_week']:.1f}" in page
    assert f"{told['ratio']['ratio']:.2f} {told['ratio']['low']:.2f}–{told['ratio']['high']:.2f}" in page
    assert f"本次变化是它的 {told['against']['change']['ratio']:.2f} 倍" in page
    assert "前后不等于因果" in page


def test_without_days_the_two_months_stand_there(client) -> None:
    page = client.get(PATH, params={"month": "2023-06"}).text
    values = re.findall(r'<input type="date" name="(\w+)" required value="([^"]*)"', page)
    assert dict(values) == DAYS
    assert "系统里没有登记治理的起止日期" in page
    assert "还没有可以比较的两段时间" in client.get(PATH, params={"month": "2023-05"}).text


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"first": "2023-06-15"}, "这些日期不能比较"),
        ({"until": ""}, "这些日期不能比较"),
        ({"until": "2031-01-01"}, "2023-05-01 至 2023-07-31"),
        ({"last": "<b>"}, "这些日期不能比较"),
        ({"against": "year_before"}, "这样无法对照"),
        ({"campaign": "none"}, "这样无法对照"),
        ({"campaign": "local-dispute", "area": "community/C0"}, "这样无法对照"),
        ({"area": "grid"}, "这样无法对照"),
    ],
)
def test_what_cannot_be_compared_is_said_in_the_form(client, changed, says) -> None:
    answer = client.get(PATH, params={"month": "2023-06", **DAYS, **changed})
    assert answer.status_code == 200
    assert says in text_of(answer.text)
    assert "<b>" + '"' not in answer.text
    assert 'role="alert"' in answer.text


def test_a_link_that_was_shared_still_works(client) -> None:
    assert client.get(f"{PATH}?month=2023-06&from=singlemessage&isappinstalled=0").status_code == 200
