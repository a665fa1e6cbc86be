"""The page: one file that asks nobody, says what the paper says, and can be read without its pictures."""

from __future__ import annotations

import base64
import dataclasses
import io
import itertools
import re
from datetime import UTC, date, datetime
from html.parser import HTMLParser

import pytest
from PIL import Image

from gridmap.bulletin.html import bulletin_html
from gridmap.demonstration import JURISDICTION
from gridmap.errors import BadInput
from gridmap.statistics.digests.making import digest
from tests.bulletin import sample
from tests.bulletin.test_printing import ODD


class Page(HTMLParser):
    """Tags in their order, the text, and what the page would load."""

    def __init__(self, page: bytes):
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("style", "script"):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def june(demo_database):
    return digest(demo_database, JURISDICTION, date(2023, 6, 1))


@pytest.fixture(scope="module")
def page(june) -> Page:
    return Page(bulletin_html(june))


def test_it_is_one_file_that_asks_nobody(page) -> None:
    assert not page.open
    for tag in ("script", "link", "iframe", "object"):
        assert not page.all(tag)
    for picture in page.all("img"):
        head, data = (picture["src"] or "").split(",", 1)
        assert head == "data:image/png;base64"
        size = Image.open(io.BytesIO(base64.b64decode(data))).size
        assert size == (int(picture["width"] or 0), int(picture["height"] or 0))
    assert all((link["href"] or "").startswith("#") for link in page.all("a"))


def test_it_says_what_the_paper_says(page, june) -> None:
    assert {"lang": "zh-CN"} in page.all("html")
    for wanted in (
        "新城街道", "2023年6月", "示意数据", "本月看点", "暴露垃圾", "金圣国际夜市", "小广告清除", "4,559",
        "不说明什么", "Benjamini", "数据截至 20", f"{june.heat.total:,}", str(june.hot.seed),
    ):  # fmt: skip
        assert wanted in page.text
    for each in june.categories:
        assert each.category.name in page.text


def test_it_can_be_read_without_its_pictures(page) -> None:
    assert len(page.all("h1")) == 1
    assert all((picture["alt"] or "").strip() for picture in page.all("img"))
    names = [tag for tag, _ in page.tags]
    assert names.count("caption") == names.count("table") > 10
    headings = [int(tag[1]) for tag in names if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(headings))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert {(link["href"] or "")[1:] for link in page.all("a")} <= set(ids)


def test_the_same_digest_gives_the_same_bytes_whenever() -> None:
    town = sample.digest()
    later = dataclasses.replace(town.heat, generated_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert bulletin_html(town) == bulletin_html(dataclasses.replace(town, heat=later))


def test_english() -> None:
    page = Page(bulletin_html(sample.digest(), lang="en"))
    assert {"lang": "en"} in page.all("html")
    assert "What to look at" in page.text
    with pytest.raises(BadInput, match="language"):
        bulletin_html(sample.digest(), lang="de")


@pytest.mark.parametrize("name", ["empty", "one grid", "first month", "any name"])
def test_any_month_is_a_page(name: str) -> None:
    page = Page(bulletin_html(ODD[name]()))
    assert not page.open
    assert not page.all("b") or name != "any name" or all("style" in each for each in page.all("b"))


def test_steps_are_told() -> None:
    told: list[str] = []
    bulletin_html(sample.empty(), step=told.append)
    assert told == [
        "cover",
        "heat",
        "significant",
        "categories",
        "change",
        "places",
        "works",
        "method",
        "file",
    ]
