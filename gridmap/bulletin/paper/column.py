"""A column of print that is filled from the top: headings, paragraphs, tables, each as high as it needs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gridmap.bulletin.typesetting import lines
from gridmap.maps import colours
from gridmap.maps.lettering import INK, QUIET, RULE, Box, Sheet, printable, width_mm

MM_PER_POINT = 0.3528
BODY, NOTE = 9.2, 7.6  # points
_LEADING = 1.62  # of the size: Han characters fill their em, and need air between the lines
_ASCENT = 0.88  # of an em above the baseline, about where its ink ends


def measure(size: float, weight: str = "regular") -> Callable[[str], float]:
    """Widths of printable text in millimetres."""
    return lambda text: width_mm(text, size, weight)


def broken(text: str, room: float, size: float, weight: str = "regular") -> list[str]:
    """A paragraph in lines of at most `room` millimetres."""
    return lines(printable(text), room, measure(size, weight))


def leading(size: float) -> float:
    """Millimetres from baseline to baseline."""
    return size * MM_PER_POINT * _LEADING


class Column:
    """`y` is where the next thing begins; nothing is written below the box unless it is asked for."""

    def __init__(self, sheet: Sheet, box: Box):
        self.sheet, self.box, self.y = sheet, box, box.top

    @property
    def room(self) -> float:
        """Millimetres that are left."""
        return self.box.bottom - self.y

    def gap(self, millimetres: float) -> None:
        self.y += millimetres

    def title(self, text: str, size: float = 17.0) -> None:
        """A page's heading, smaller where it is long."""
        size *= min(1.0, self.box.width / max(width_mm(printable(text), size, "bold"), 1))
        self.y += size * MM_PER_POINT
        self.sheet.text(self.box.left, self.y, text, size, weight="bold")
        self.y += 3.6

    def heading(self, text: str, size: float = 10.0) -> None:
        """Over a table or a few paragraphs, with a rule under it."""
        self.y += size * MM_PER_POINT
        self.sheet.text(
            self.box.left,
            self.y,
            text,
            size,
            weight="bold",
            colour=colours.BORDER_SUBDISTRICT,
            room=self.box.width,
        )
        self.y += 1.7
        self.sheet.line((self.box.left, self.y), (self.box.right, self.y), RULE, 0.6)
        self.y += 1.4

    def paragraph(self, text: str, size: float = BODY, colour: str = INK, weight: str = "regular") -> None:
        for line in broken(text, self.box.width, size, weight):
            self.sheet.text(
                self.box.left,
                self.y + size * MM_PER_POINT * _ASCENT + (leading(size) - size * MM_PER_POINT) / 2,
                line,
                size,
                colour=colour,
                weight=weight,
            )
            self.y += leading(size)
        self.y += 0.22 * leading(size)

    def notes(self, texts: Sequence[str]) -> None:
        """Small paragraphs."""
        for text in texts:
            self.paragraph(text, NOTE, QUIET)


def height(texts: Sequence[str], width: float, size: float = BODY) -> float:
    """Of paragraphs, as `Column.paragraph` writes them."""
    return sum((len(broken(text, width, size)) + 0.22) * leading(size) for text in texts)


HEADING_MM = 10.0 * MM_PER_POINT + 3.1
