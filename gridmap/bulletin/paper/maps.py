"""The bulletin's own maps and their legends: where to look, what is significant, what has changed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import shapely

from gridmap.bulletin.content import change
from gridmap.bulletin.content.cover import Point
from gridmap.bulletin.voice import Voice
from gridmap.maps import colours, facts, sheetmap
from gridmap.maps.layers import tints, widest
from gridmap.maps.lettering import CAP_MM, INK, Box, Sheet, width_mm
from gridmap.maps.sheetmap import View
from gridmap.statistics.digests.model import Digest
from gridmap.statistics.model import MonthHeat

LEGEND_MM = 8.5
_FIELD_EDGE = "#8f8a7e"


def shape(heat: MonthHeat) -> float:
    """Height of the outline by its width, on the ground."""
    west, south, east, north = heat.outline.bounds
    return float((north - south) / max((east - west) * math.cos(math.radians((north + south) / 2)), 1e-12))


def fitted_height(heat: MonthHeat, width: float, room: float) -> float:
    """Of a map so wide: no more of the room than a broad district fills, its furniture below it."""
    return min(room, max(80.0, width * shape(heat) * 1.1 + 24))


def where_to_look(sheet: Sheet, box: Box, digest: Digest, points: Sequence[Point], voice: Voice) -> None:
    """Communities in tints, and the number of each point at the areas that it speaks of."""
    heat = digest.heat
    names = sorted({grid.community for grid in heat.grids if grid.community})
    members = [shapely.union_all([g.geometry for g in heat.grids if g.community == name]) for name in names]
    tint = dict(zip(names, (colours.COMMUNITY_TINTS[t] for t in tints(members)), strict=True))
    fills = [tint.get(grid.community, colours.SAME) for grid in heat.grids]

    def marks(view: View) -> list[Box]:
        at = {grid.code: number for number, grid in enumerate(heat.grids)}
        told: dict[str, list[int]] = {}
        for number, point in enumerate(points, start=1):
            for code in point.areas:
                told.setdefault(code, []).append(number)
        return [
            _numbered(sheet, view, heat.grids[at[code]].geometry, numbers)
            for code, numbers in told.items()
            if code in at
        ]

    sheetmap.classed(sheet, box, heat, voice.lang, fills, [0.62] * len(fills), marks=marks)


def _numbered(sheet: Sheet, view: View, geometry: shapely.Geometry, numbers: Sequence[int]) -> Box:
    """Discs with numbers, side by side on the widest place of an area."""
    centre = shapely.get_point(widest(geometry), 0)
    x, y = view.on_sheet(centre.x, centre.y)
    wide = 5.0 * len(numbers)
    for place, number in enumerate(numbers):
        disc(sheet, x - wide / 2 + 5.0 * (place + 0.5), y, number)
    return Box(x - wide / 2, y - 2.5, wide, 5.0)


def disc(sheet: Sheet, x: float, y: float, number: int) -> None:
    """A white number on a dark disc, as on the map so in the list."""
    sheet.dot((x, y), 2.3, fill=colours.BORDER_SUBDISTRICT, edge="white")
    sheet.text(
        x, y + 8.4 * CAP_MM / 2 + 0.02, str(number), 8.4, weight="bold", colour="white", align="center"
    )


def significance(sheet: Sheet, box: Box, digest: Digest, voice: Voice) -> None:
    """Stars where a grid is hot or cold, a tint where it is hot in some category; no colour for the rest."""
    heat, hot = digest.heat, digest.hot
    once = {code for each in digest.categories for code in each.hot}
    warm = np.array([grid.code in once for grid in heat.grids], bool)
    states = np.select([hot.hot, hot.cold, warm, hot.tested], [0, 1, 2, 3], 4).tolist()
    palette = (colours.HOT, colours.COLD, colours.WARM, colours.UNSTARRED, colours.UNTESTED)
    alphas = [0.92 if state < 3 else 0.8 for state in states]
    texts = [("★", "☆", "", "", "")[state] for state in states]
    inks = ["white" if state < 2 else "#59606c" for state in states]
    sheetmap.classed(
        sheet, box, heat, voice.lang, [palette[state] for state in states], alphas, labels=(texts, inks)
    )


def significance_classes(voice: Voice) -> list[tuple[str, str]]:
    return [
        (colours.HOT, voice("key_hot")),
        (colours.COLD, voice("key_cold")),
        (colours.WARM, voice("key_warm")),
        (colours.UNSTARRED, voice("key_rest")),
        (colours.UNTESTED, voice("key_untested")),
    ]


def significance_legend(sheet: Sheet, box: Box, voice: Voice) -> None:
    left = box.left
    for fill, text in significance_classes(voice):
        sheet.rectangle(Box(left, box.top, 6.5, 3.6), fill=fill, edge=_FIELD_EDGE, line=0.4)
        sheet.text(left + 8, box.top + 3, text, 8)
        left += 8 + width_mm(text, 8) + 8


def changed(sheet: Sheet, box: Box, digest: Digest, voice: Voice) -> None:
    """Rises and falls on the month before, in classes that are kept; the numbers themselves written in."""
    heat = digest.heat
    limits = change.limits(heat.scale.counts)
    fills, texts = [], []
    for figures in digest.figures:
        by = figures.on_last_month.by if figures.on_last_month else None
        fills.append(colours.UNTESTED if by is None else change_colour(by, limits))
        texts.append("" if not by else facts.signed(by))
    inks = [colours.ink_on(colour) for colour in fills]
    alphas = [0.9 if text else 0.7 for text in texts]
    sheetmap.classed(sheet, box, heat, voice.lang, fills, alphas, labels=(texts, inks))


def change_colour(by: int, limits: Sequence[int]) -> str:
    if not by:
        return colours.SAME
    side = colours.RISES if by > 0 else colours.FALLS
    return side[colours.class_of(abs(by), limits) - 1]


def change_classes(digest: Digest) -> list[tuple[str, str]]:
    """(colour, label) from the largest fall to the largest rise."""
    limits = change.limits(digest.heat.scale.counts)
    labels = colours.class_labels(limits)
    falls = [(change_colour(-low, limits), _minus(text)) for low, text in zip(limits, labels, strict=True)]
    rises = [
        (change_colour(low, limits), f"+{text}" if text[0] != "≥" else f"≥ +{text[2:]}")
        for low, text in zip(limits, labels, strict=True)
    ]
    return [*reversed(falls), (colours.SAME, "0"), *rises]


def _minus(text: str) -> str:
    """A class of rises as one of falls: `1–4` is −4…−1, `≥ 20` is ≤ −20."""
    if text.startswith("≥"):
        return f"≤ −{text[2:]}"
    low, _, high = text.partition("–")
    return f"−{high} … −{low}" if high else f"−{low}"


def strip(sheet: Sheet, box: Box, title: str, classes: Sequence[tuple[str, str]]) -> None:
    """A legend of classes in a row, its title before it."""
    sheet.text(box.left, box.top + 3.2, title, 8.6, weight="bold", colour=INK)
    left = box.left + width_mm(title, 8.6, "bold") + 4
    wide = (box.right - left) / len(classes)
    for at, (fill, text) in enumerate(classes):
        sheet.rectangle(
            Box(left + wide * at, box.top, wide - 0.8, 3.6), fill=fill, edge=_FIELD_EDGE, line=0.4
        )
        sheet.text(left + wide * (at + 0.5) - 0.4, box.top + 6.6, text, 7, align="center")


def count_classes(digest: Digest, voice: Voice) -> list[tuple[str, str]]:
    limits = digest.heat.scale.counts
    names = ("0", *colours.class_labels(limits, voice.lang))
    return list(zip((colours.ZERO, *colours.classes(len(limits))), names, strict=True))
