"""A sheet of paper measured in millimetres, and text on it in the vendored font.

Every text is drawn as it stands: no mathematics (a `$` in a name must not be read as a formula), and a
character that the font lacks becomes 〓, the printer's mark for a missing type.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Rectangle

from gridmap.maps.page import ASSETS

DPI = 240
MISSING = "〓"
INK, QUIET, RULE = "#1d2430", "#5b6472", "#c9c4b8"
_MM_PER_INCH = 25.4
_MM_PER_POINT = 0.3528
_MEASURED_AT = 100.0  # points: large, so that whole pixels do not matter
CAP_MM = 0.29  # height of a Han character's ink above the baseline per point of size
_FILES = {"regular": "fonts/gridmap-sans-regular.ttf", "bold": "fonts/gridmap-sans-bold.ttf"}

# matplotlib's PDF settings belong to the whole process: one file at a time.
one_at_a_time = threading.Lock()


def font(weight: str = "regular") -> FontProperties:
    """The vendored font in one of its two weights."""
    return FontProperties(fname=str(ASSETS / _FILES[weight]))


@cache
def _glyphs() -> frozenset[int]:
    return frozenset(FT2Font(str(ASSETS / _FILES["regular"])).get_charmap())


def printable(text: str) -> str:
    """The text with control characters dropped, blanks evened and unknown characters marked."""
    even = " ".join("".join(" " if c.isspace() else c for c in text if c.isspace() or c >= " ").split())
    return "".join(c if ord(c) in _glyphs() else MISSING for c in even)


def width_mm(text: str, size: float, weight: str = "regular") -> float:
    """How far a text of `size` points advances. The font knows no kerning: widths add up."""
    return sum(_advance(c, weight) for c in text) * size * _MM_PER_POINT


def fitted(text: str, size: float, room_mm: float, weight: str = "regular") -> str:
    """The printable text, cut with … where it is broader than its room."""
    text = printable(text)
    if width_mm(text, size, weight) <= room_mm:
        return text
    while text and width_mm(text + "…", size, weight) > room_mm:
        text = text[:-1]
    return text + "…"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in millimetres from the sheet's upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.left + self.width

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def meets(self, other: Box) -> bool:
        """Whether the two have more than an edge in common."""
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


def ink_box(x: float, baseline: float, text: str, size: float, weight: str) -> Box:
    """What the letters of a printable text centred on x cover, in millimetres: measured, not estimated."""
    wide, high, below = (extent * size * _MM_PER_POINT for extent in _extent(text, weight))
    return Box(x - wide / 2, baseline + below - high, wide, high)


@cache
def _face(weight: str) -> FT2Font:
    face = FT2Font(str(ASSETS / _FILES[weight]))
    face.set_size(_MEASURED_AT, 72)
    return face


@cache
def _advance(character: str, weight: str) -> float:
    """In ems; what the font lacks is as broad as the mark for it."""
    known = character if ord(character) in _glyphs() else MISSING
    glyph = _face(weight).load_char(ord(known), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _MEASURED_AT


def _extent(text: str, weight: str) -> tuple[float, float, float]:
    """Width, height and descent of the ink, in ems."""
    face = _face(weight)
    face.set_text(text, 0.0, flags=LoadFlags.NO_HINTING)
    wide, high = face.get_width_height()
    unit = 64 * _MEASURED_AT
    return wide / unit, high / unit, face.get_descent() / unit


class Sheet:
    """A figure of the given size in millimetres. All methods measure from the upper left corner."""

    def __init__(self, width: float, height: float):
        self.width, self.height = width, height
        self.figure = Figure(
            figsize=(width / _MM_PER_INCH, height / _MM_PER_INCH), dpi=DPI, facecolor="white"
        )

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        *,
        weight: str = "regular",
        colour: str = INK,
        align: str = "left",
        room: float | None = None,
    ) -> None:
        """One line with its baseline at y; cut to `room` millimetres where given."""
        shown = printable(text) if room is None else fitted(text, size, room, weight)
        self.figure.text(
            x / self.width,
            1 - y / self.height,
            shown,
            fontproperties=font(weight),
            fontsize=size,
            color=colour,
            ha=align,
            va="baseline",
            parse_math=False,
        )

    def rectangle(self, box: Box, *, fill: str = "none", edge: str = "none", line: float = 0.5) -> None:
        """A filled or outlined rectangle; `line` in points."""
        low = (box.left / self.width, 1 - box.bottom / self.height)
        self.figure.add_artist(
            Rectangle(
                low,
                box.width / self.width,
                box.height / self.height,
                transform=self.figure.transFigure,
                facecolor=fill,
                edgecolor=edge,
                linewidth=line,
            )
        )

    def mosaic(self, boxes: Sequence[Box], fills: Sequence[str], edge: str = "white") -> None:
        """Many filled rectangles at once."""
        edges = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes]).reshape(-1, 4)
        xs, ys = edges[:, [0, 2, 2, 0]] / self.width, 1 - edges[:, [1, 1, 3, 3]] / self.height
        self.figure.add_artist(
            PolyCollection(
                list(np.stack([xs, ys], axis=2)),
                facecolors=list(fills),
                edgecolors=edge,
                linewidths=0.5,
                transform=self.figure.transFigure,
            )
        )

    def dot(
        self, middle: tuple[float, float], radius: float, *, fill: str = "white", edge: str = INK
    ) -> None:
        """A small ring or disc."""
        self.figure.add_artist(
            Ellipse(
                (middle[0] / self.width, 1 - middle[1] / self.height),
                2 * radius / self.width,
                2 * radius / self.height,
                transform=self.figure.transFigure,
                facecolor=fill,
                edgecolor=edge,
                linewidth=0.9,
            )
        )

    def line(
        self,
        start: tuple[float, float],
        end: tuple[float, float],
        colour: str = RULE,
        width: float = 0.5,
        style: Any = "-",
    ) -> None:
        """A straight line; `width` in points."""
        xs, ys = zip(start, end, strict=True)
        self.figure.add_artist(
            Line2D(
                [x / self.width for x in xs],
                [1 - y / self.height for y in ys],
                transform=self.figure.transFigure,
                color=colour,
                linewidth=width,
                linestyle=style,
            )
        )

    def axes(self, box: Box) -> Axes:
        """Bare axes that fill a box."""
        place = (
            box.left / self.width,
            1 - box.bottom / self.height,
            box.width / self.width,
            box.height / self.height,
        )
        axes = self.figure.add_axes(place)
        axes.set_xticks([])
        axes.set_yticks([])
        return axes

    def png(self) -> bytes:
        file = io.BytesIO()
        FigureCanvasAgg(self.figure).print_png(file, metadata={"Software": None})
        return file.getvalue()

    def pdf(self, metadata: dict[str, Any]) -> bytes:
        file = io.BytesIO()
        FigureCanvasPdf(self.figure).print_pdf(file, metadata=metadata)
        return file.getvalue()
