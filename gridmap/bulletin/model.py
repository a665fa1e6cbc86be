"""What a page of the bulletin holds, for paper and screen alike. Values only."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Align = Literal["left", "right"]
Tone = Literal["", "up", "down", "strong", "quiet"]


@dataclass(frozen=True, slots=True)
class Bar:
    """Shares 0 … 1 of the longest: `now` as a bar, the earlier ones as marks on it (None: not known)."""

    now: float
    month: float | None = None
    year: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    text: str = ""
    tone: Tone = ""
    bar: Bar | None = None
    fill: str | None = None  # a small field of colour before the text


@dataclass(frozen=True, slots=True)
class Heading:
    """Of a column. `share`: of what is left over, for columns that may be cut; 0 is as broad as it needs."""

    label: str
    align: Align = "left"
    share: float = 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """Numbers of a column come with the same number of decimals, so that they align on the point."""

    caption: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Cell, ...], ...]
    more: int = 0  # rows that are left to the numbers' own file
    empty: str = ""  # what to say without rows


@dataclass(frozen=True, slots=True)
class Words:
    """Paragraphs under a small heading."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One page: what its heading, paragraphs, tables and notes say."""

    title: str
    lead: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    words: tuple[Words, ...] = ()
    notes: tuple[str, ...] = ()
    figures: dict[str, str] = field(default_factory=dict)  # what a picture shows, in words, by its name
