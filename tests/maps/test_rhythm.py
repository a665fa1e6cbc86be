"""Hours as colours and frames, and what the words say of a campaign: never more than the interval allows."""

from __future__ import annotations

import math
import re
from datetime import date

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from gridmap.maps import colours
from gridmap.maps.clock import LIMITS, _ink, clock, factor_of, frame, notes
from gridmap.maps.efforts import sentences
from gridmap.statistics.rhythm import open_shares
from tests.maps import rhythm_sample as rs


def area(path: str) -> shapely.Geometry:
    """What an SVG path of straight rings encloses (even-odd)."""
    whole = shapely.Polygon()
    for ring in re.findall(r"M([^Z]+)Z", path):
        corners = [tuple(map(float, pair.split())) for pair in ring.split("L")]
        whole = shapely.symmetric_difference(whole, shapely.Polygon(corners))
    return whole


@settings(max_examples=40)
@given(arrays(np.bool_, (7, 96)))
def test_the_frame_is_the_open_quarters(open_) -> None:
    boxes = [shapely.box(q / 4, d, (q + 1) / 4, d + 1) for d, q in np.argwhere(open_)]
    assert shapely.symmetric_difference(area(frame(open_)), shapely.union_all(boxes)).area < 1e-9
    turned = [shapely.box(d, q / 4, d + 1, (q + 1) / 4) for d, q in np.argwhere(open_)]
    assert shapely.symmetric_difference(area(frame(open_, tall=True)), shapely.union_all(turned)).area < 1e-9


def test_cells_say_what_they_count() -> None:
    found = rs.found()
    made = clock(found.rhythm, found.opening, "zh")
    assert [len(row) for row in made.rows] == [24] * 7
    for row in made.rows:
        for cell in row:
            count = found.rhythm.every[cell.day, cell.hour]
            assert cell.text == (str(count) if count else "")
            assert f"{made.days[cell.day]} {cell.hour}–{cell.hour + 1} 时" in cell.says
    evening, night = made.rows[4][20], made.rows[4][3]
    assert evening.says.endswith("（营业时间）")
    assert night.says.endswith("（不营业）")
    day, hour = made.first
    assert found.rhythm.every[day, hour] == found.rhythm.every.max()
    total = sum(int(re.search(r"营业外 (\d+)", c.says)[1]) for row in made.rows for c in row if c.text)
    assert total == found.rhythm.beyond.sum()


def test_a_colour_means_the_same_in_every_month() -> None:
    busy, quiet = (clock(rs.found(reports=n).rhythm, None, "zh") for n in (400, 40))
    assert busy.legend == quiet.legend
    by_count = {}
    for made in (busy, quiet):
        for row in made.rows:
            for cell in row:
                assert by_count.setdefault(cell.text, cell.fill) == cell.fill
    assert [factor_of(n) for n in (0, 20, 200, 201, 2_000, 2_001)] == [1, 1, 1, 10, 10, 100]
    assert len(colours.classes(len(LIMITS))) == 6


def test_numbers_can_be_read_on_their_colour() -> None:
    for fill in (colours.ZERO, *colours.classes(len(LIMITS))):
        ink, ground = colours.luminance(_ink(fill)), colours.luminance(fill)
        high, low = max(ink, ground), min(ink, ground)
        assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize(
    ("hours", "framed", "says"),
    [
        ("Mo-Su 18:00-01:00", True, "蓝框"),
        ("24/7", False, "全天开放"),
        ("Jan 10:00-11:00", False, "都不营业"),
        (None, False, "没有登记"),
    ],
)
def test_what_is_said_of_the_hours(hours, framed, says) -> None:
    opening = open_shares([hours], date(2023, 7, 1), 31)
    assert bool(clock(rs.found().rhythm, opening, "zh").wide) == framed
    assert says in notes(opening, 1, "zh")[0]
    assert notes(opening, 10, "en")[1].startswith("With so many")


@pytest.mark.parametrize(
    ("before", "after", "zh", "en"),
    [
        (136, 30, "减少超出偶然波动", "The fall is more than chance"),
        (30, 136, "增加超出偶然波动", "The rise is more than chance"),
        (20, 21, "可能只是偶然", "may be chance"),
        (0, 5, "之前没有上报，之后有 5 件", "Nothing was reported before and 5 after"),
        (0, 0, "无从比较", "Nothing was reported in either span"),
    ],
)
def test_words_say_what_the_interval_allows(before, after, zh, en) -> None:
    found = rs.campaign(before, after)
    assert zh in sentences(found, "zh")[0]
    assert en in sentences(found, "en")[0]
    if before or after:
        assert "前后不等于因果" in sentences(found, "zh")[-1]
        assert "not cause and effect" in sentences(found, "en")[-1]


@settings(max_examples=60)
@given(st.integers(1, 300), st.integers(1, 300), st.floats(1, 5))
def test_a_finding_that_uneven_days_explain_is_called_weak(before, after, spread) -> None:
    from dataclasses import replace

    found = replace(rs.campaign(before, after), spread=spread, against=None)
    said, ratio = sentences(found, "en"), found.ratio
    excludes_one = ratio.high < 1 or ratio.low > 1
    bold = "more than chance." in said[0]
    end = ratio.high if ratio.high < 1 else ratio.low
    survives = excludes_one and (
        (math.log(ratio.ratio) + math.sqrt(spread) * math.log(end / ratio.ratio)) * math.log(ratio.ratio) > 0
    )
    assert bold == survives
    assert ("proves little" in said[0]) == (excludes_one and not survives)
    assert any("times as much as by chance" in line for line in said) == (spread >= 1.3)


def test_the_page_has_both_languages_whole() -> None:
    zh, en = rs.page("zh"), rs.page("en")
    assert '<html lang="zh-CN">' in zh
    assert "点位与节律" in zh
    english = re.sub(r"<script.*?</script>|<style>.*?</style>", "", en, flags=re.DOTALL)
    for text in ("Places and rhythm", "Reports nearby", "Before and after a campaign", "Events and services"):
        assert text in english
    assert "周" not in english, "weekdays in English"
    assert rs.page("zh") == zh, "the same input gives the same bytes"


def test_places_without_capacity_or_hours_have_a_dash() -> None:
    html = rs.page("zh", rs.found(hours=None))
    row = re.search(r'<tr data-place="2".*?</tr>', html, re.DOTALL)[0]
    assert re.findall(r"<td>(?:<b>)?([^<]*)", row)[0] == "—", "no capacity, so it stands last"
    assert row.count("—") == 3
