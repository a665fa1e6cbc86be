"""Text that users give."""

from __future__ import annotations

import pytest

from gridmap.errors import BadInput
from gridmap.text import check_text, flaw, printable, texts


@pytest.mark.parametrize("text", ["a\0b", "\x1b[31m", "half \ud83d", "x" * 11, "a\nb"])
def test_flaws_are_named(text: str) -> None:
    assert flaw(text, limit=10)


def test_good_text_has_none() -> None:
    assert flaw("杨家岭南苑 🏙", limit=10) is None
    assert flaw("two\nlines", limit=10, lines=True) is None


def test_check_text_trims_and_names_the_field() -> None:
    assert check_text("  a\nb ", "note", most=10) == "a\nb"
    for bad in ("", "   ", "x" * 11, "a\0"):
        with pytest.raises(BadInput) as caught:
            check_text(bad, "note", most=10, least=1)
        assert caught.value.field == "note"


def test_texts_walks_keys_and_values() -> None:
    assert list(texts({"a": ["b", {"c": "d"}], "e": 1})) == [
        ("", "a"),
        ("a[0]", "b"),
        ("a[1]", "c"),
        ("a[1].c", "d"),
        ("", "e"),
    ]


def test_printable_leaves_words_and_escapes_the_rest() -> None:
    assert printable("杨家岭 a\x1b[31m\n\ud800") == "杨家岭 a\\x1b[31m\\n\\ud800"
