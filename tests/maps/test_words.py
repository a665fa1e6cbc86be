"""Every word that a script or template asks for is there, in both languages, and none is idle."""

from __future__ import annotations

import re
from datetime import date

from gridmap.maps.page import ASSETS
from gridmap.maps.words import (
    _PAGES,
    kind_name,
    month_name,
    refusals,
    short_name,
    short_number,
    titled,
    words,
)

MAPS = ASSETS.parent
USED = "\n".join(
    path.read_text(encoding="utf-8")
    for pattern in ("*.py", "templates/*.html", "assets/gridmap/*.js", "static/**/*.js")
    for folder in (MAPS, MAPS.parent / "bulletin", MAPS.parent / "faces" / "pages")
    for path in folder.rglob(pattern)
    if path.parent.name != "words"
)


def test_what_templates_and_scripts_ask_for_is_there() -> None:
    asked = set(re.findall(r"(?<!maps\.)\bwords\.([a-z_0-9]+)", USED)) - {
        "import",
        "py",
        "js",
        "months",
    }  # modules; pages.bulletins makes it
    assert asked <= words("zh").keys()
    assert len(asked) > 30


def test_both_languages_have_every_word() -> None:
    assert words("zh").keys() == words("en").keys()
    assert [key for key in words("zh") if not words("zh")[key]] == []
    assert [key for key in words("en") if not words("en")[key] and key != "reports_unit"] == []
    assert not re.search(
        "[\u4e00-\u9fff]", "".join(text for key, text in words("en").items() if key != "other_language")
    )


def test_no_word_is_idle() -> None:
    """Those of refusals are put together by a script: see tests/faces/test_refusals.py."""
    plain = words("zh").keys() - refusals.WORDS.keys()
    assert [key for key in plain if not re.search(rf"\b{key}\b", USED)] == []


def test_no_page_takes_the_word_of_another() -> None:
    keys = [key for page in _PAGES for key in page]
    assert sorted(keys) == sorted(set(keys))


def test_names() -> None:
    assert month_name(date(2023, 6, 1), "zh") == "2023年6月"
    assert month_name(date(2023, 6, 1), "en") == "June 2023"
    assert kind_name("night_market", "zh") == "夜市"
    assert kind_name("kite_field", "en") == "kite_field"
    assert titled("新城街道", None, "en") == "新城街道"
    assert short_name("阳光社区第01网格", "阳光社区") == "第01网格"
    assert short_name("阳光社区", "阳光社区") == "阳光社区"
    assert short_name("Grid 7", "") == "Grid 7"


def test_large_numbers_are_short() -> None:
    numbers = (0, 75, 9_999, 10_000, 12_345, 785_221, 999_960, 10_000_000, 250_000_000)
    assert [short_number(n, "zh") for n in numbers] == [
        *("0", "75", "9999", "1万", "1.23万", "78.5万", "100万", "1000万", "2.5亿")
    ]
    assert [short_number(n, "en") for n in numbers[3:]] == ["10k", "12.3k", "785k", "1M", "10M", "250M"]
    assert short_number(2.5, "zh") == "2.5"
