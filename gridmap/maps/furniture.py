"""What stands on every printed map: scale bar, north arrow, the meaning of its lines."""

from __future__ import annotations

import math
from collections.abc import Collection

from gridmap.maps import colours
from gridmap.maps.lettering import CAP_MM, INK, Box, Sheet, width_mm
from gridmap.maps.words import words

BORDER_STYLE = (0, (7, 2, 1.2, 2))
_PLATE = "#ffffffd8"


def scale_bar(sheet: Sheet, box: Box, metres_per_mm: float) -> Box:
    """A bar of a round length of at most 38 mm in the map's lower left corner; returns its plate."""
    target = 38 * metres_per_mm
    step = 10 ** math.floor(math.log10(target))
    length = next(step * factor for factor in (5, 2, 1) if step * factor <= target)
    left, y, wide = box.left + 6, box.bottom - 6, length / metres_per_mm
    plate = Box(left - 3, y - 6.4, wide + 14, 9.4)
    sheet.rectangle(plate, fill=_PLATE)
    for quarter in range(4):
        piece = Box(left + wide * quarter / 4, y - 1.4, wide / 4, 1.4)
        sheet.rectangle(piece, fill="white" if quarter % 2 else INK, edge=INK, line=0.5)
    unit, divisor = ("km", 1000) if length >= 1000 else ("m", 1)
    for share, text in ((0, "0"), (0.5, f"{length / 2 / divisor:g}"), (1, f"{length / divisor:g} {unit}")):
        sheet.text(left + wide * share, y - 2.5, text, 6.5, align="center")
    return plate


def line_keys(sheet: Sheet, box: Box, lang: str, drawn: Collection[str]) -> Box:
    """What the lines mean, on a plate in the map's lower right corner; `drawn` names those there are.

    Returns the plate.
    """
    size, text = 7.2, words(lang)
    every = (
        ("subdistrict_boundary", colours.BORDER_SUBDISTRICT, 1.7, BORDER_STYLE),
        ("community_boundary", colours.BORDER_COMMUNITY, 1.3, "-"),
        ("grid_boundary", colours.GRID_LINE, 0.6, "-"),
        ("main_road", colours.CASING["main_road"], 1.8, "-"),
        ("water", colours.BACKDROP["river"], 2.4, "-"),
    )
    keys = [key for key in every if key[0] in drawn]
    wide = 15 + max(width_mm(text[word], size) for word, *_ in keys)
    plate = Box(box.right - 3 - wide, box.bottom - 5 - 4.1 * len(keys), wide, 2 + 4.1 * len(keys))
    sheet.rectangle(plate, fill=_PLATE)
    for index, (word, colour, width, style) in enumerate(keys):
        y = plate.top + 1 + 4.1 * (index + 0.5)
        sheet.line((plate.left + 2.5, y), (plate.left + 11, y), colour, width, style)
        sheet.text(plate.left + 13, y + size * CAP_MM / 2, text[word], size)
    return plate


def north_arrow(sheet: Sheet, box: Box) -> Box:
    """In the upper right corner; the maps are drawn with north straight up. Returns the room it takes."""
    x, top = box.right - 9, box.top + 6
    axes = sheet.axes(Box(x - 4, top, 8, 12))
    axes.set_axis_off()
    axes.set_xlim(-4, 4)
    axes.set_ylim(0, 12)
    axes.fill([0, -3, 0], [12, 1, 3.6], color=INK, linewidth=0.6)
    axes.fill([0, 3, 0], [12, 1, 3.6], facecolor="white", edgecolor=INK, linewidth=0.6)
    sheet.text(x, top - 1, "N", 8, weight="bold", align="center")
    return Box(x - 4.5, top - 4.5, 9, 17)
