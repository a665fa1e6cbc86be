"""Lines: nothing lost, nothing too broad, no mark where it must not stand, no word broken."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.bulletin.paper.column import measure
from gridmap.bulletin.typesetting import NOT_AT_END, NOT_AT_START, lines

MARKS = "".join(sorted(NOT_AT_START | NOT_AT_END))
texts = st.text(st.sampled_from("网格上报共有件热点 新城" + "abz019.-/%" + MARKS), max_size=120)
rooms = st.floats(20, 120)
width = measure(10)


def bare(text: str) -> str:
    return re.sub(r"\s", "", text)


@given(texts, rooms)
def test_nothing_is_lost_and_nothing_is_too_broad(text: str, room: float) -> None:
    made = lines(text, room, width)
    assert bare("".join(made)) == bare(text)
    assert all(width(line) <= room or len(line) == 1 for line in made)
    assert all(line == line.strip() and line for line in made)


@given(
    st.text(st.sampled_from("网格上报共有件热点新城 ab1。，、（）《》“”："), max_size=120), st.floats(40, 120)
)
def test_marks_stand_where_they_may(text: str, room: float) -> None:
    # a cluster of marks can be broader than the line, and then is broken anywhere
    if any(width(run) > room - 8 for run in re.findall(r"[^\s网格上报共有件热点新城]+", text)):
        return
    made = lines(text, room, width)
    assert not any(line[0] in NOT_AT_START for line in made[1:])
    assert not any(line[-1] in NOT_AT_END for line in made[:-1])


@given(st.lists(st.sampled_from(["网格", "上报", "Getis–Ord", "9,999", "0.05", "WGS-84", " "]), max_size=30),
       st.floats(30, 90))  # fmt: skip
def test_words_and_numbers_stay_whole(parts: list[str], room: float) -> None:
    text = "网".join(parts)
    made = lines(text, room, width)
    for word in re.findall(r"[!-~–]+", text):
        assert any(word in line for line in made)


@given(st.integers(0, 60), st.floats(20, 90))
def test_a_line_holds_as_much_as_it_can(many: int, room: float) -> None:
    made = lines("网" * many, room, width)
    fits = int(room / width("网") + 1e-9)
    assert all(len(line) == fits for line in made[:-2])


def test_the_last_character_is_not_alone() -> None:
    text = "检验了七十个网格没有一个显著。"
    for room in range(15, 60):
        made = lines(text, room, width)
        if len(made) > 1:
            assert sum(unicodedata.east_asian_width(c) == "W" for c in made[-1].rstrip("。")) > 1


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("", []),
        ("   ", []),
        ("上报共 786 件", ["上报共", "786 件"]),  # a number keeps its unit
        ("网格上（热点）。", ["网格上", "（热点）。"]),
        ("新城区——新城", ["新城区——", "新城"]),
        ("由 Getis–Ord 得出", ["由 Getis–Ord", "得出"]),
    ],
)
def test_examples(text: str, made: list[str]) -> None:
    assert lines(text, 21, width) == made
