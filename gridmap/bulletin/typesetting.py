"""Lines of Chinese and Latin text: where a line may end, and where it never does.

Pure: text and a measure in, lines out. The rules are those of CLREQ (W3C, Requirements for Chinese Text
Layout) at its basic level, as GB/T 15834 has them for punctuation; no justification, no hanging punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

NOT_AT_START = frozenset("。，、；：？！）〕］｝〉》」』】〗”’…—～·％‰℃°.,;:?!)]}%")
NOT_AT_END = frozenset("（〔［｛〈《「『【〖“‘([{￥¥$＄")

_BLANKS = re.compile(r"\s+")


def lines(text: str, room: float, width: Callable[[str], float]) -> list[str]:
    """The text in lines of at most `room`, in the unit of `width`; an empty text has none.

    A line ends at a blank, which then is not printed, or beside a Han character, but never before a mark of
    NOT_AT_START nor after one of NOT_AT_END. Latin words and numbers stay whole, and so does a number with
    the unit after its blank (`12 件`). Only what is broader than a whole line by itself is broken anywhere.
    A last line is not left with a single character where the one before can spare some.
    """
    made = [""]
    for piece in _pieces(text):
        longer = made[-1] + piece
        if not made[-1] or width(longer.rstrip()) <= room:
            made[-1] = longer if made[-1] else piece.lstrip()
        else:
            made.append(piece.lstrip())
        while width(made[-1].rstrip()) > room and len(made[-1].rstrip()) > 1:
            fits = _fitting(made[-1], room, width)
            made[-1:] = [made[-1][:fits], made[-1][fits:]]
    return _not_alone([line.strip() for line in made if line.strip()], room, width)


def _pieces(text: str) -> list[str]:
    """The text in pieces between which a line may end; blanks stand at the end of a piece."""
    made: list[str] = []
    before = ""
    for character in _BLANKS.sub(" ", text.strip()):
        if before and not _may_end(before, character):
            made[-1] += character
        else:
            made.append(character)
        before = made[-1]
    return made


def _may_end(before: str, character: str) -> bool:
    """Whether a line may end after the piece and begin with the character."""
    last = before.rstrip()[-1:]
    if character == " " or character in NOT_AT_START or last in NOT_AT_END:
        return False
    if before.endswith(" "):
        return not (last.isdigit() and _wide(character))
    return _wide(last) or _wide(character)


def _wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF" if character else False


def _fitting(text: str, room: float, width: Callable[[str], float]) -> int:
    """How many characters fit, one at the least."""
    many = 1
    while many < len(text) and width(text[: many + 1]) <= room:
        many += 1
    return many


def _not_alone(made: list[str], room: float, width: Callable[[str], float]) -> list[str]:
    """A last line of one character, its marks not counted, gets the end of the line before."""
    if len(made) < 2 or sum(c not in NOT_AT_START for c in made[-1]) > 1:
        return made
    pieces = _pieces(made[-2])
    joined = pieces[-1] + made[-1] if pieces else ""
    if len(pieces) < 3 or not _wide(pieces[-1][:1]) or width(joined) > room:
        return made
    return [*made[:-2], "".join(pieces[:-1]).rstrip(), joined]
