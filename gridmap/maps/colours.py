"""Every colour of a map, once: pages, print and legends take them from here.

The sequential ramp rises in darkness at every step, so that it also reads in grey and for colour-blind eyes;
zero has a cool tint of its own, outside the ramp.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from gridmap.maps.words import short_number

ZERO = "#eef1f2"
RAMP = ("#fff0b8", "#fdcf74", "#f9a24b", "#ea6a3a", "#c6353c", "#8d1845", "#4c0c3a")
FALLS, RISES = ("#a6cbe3", "#4a90c2", "#1b5a94"), ("#f7c98f", "#e08a3c", "#a4500f")  # from none outwards
SAME = "#f3f1ec"
HOT, COLD = "#b3282d", "#2c6fb3"  # stars; patterns and signs tell them apart as well
COLD_LINE = "#bcd6ee"
WARM, UNSTARRED, UNTESTED = "#eab9a8", "#f3f0e8", "#d8d5ce"  # starred in one category only; not; untested
MASKED = "#8a919c"  # hatching over what is not shown
COMMUNITY_TINTS = ("#f3b8a0", "#a9cfe4", "#f0d58c", "#b7d9a8", "#cfbce0", "#9fd6c8", "#e9b7cc", "#d3c7a4")

_INK = "#1d2430"
PAPER = "#f6f3ec"
BORDER_SUBDISTRICT = "#a8322a"
BORDER_COMMUNITY = "#6a4a86"
BORDER_GRID = "#5d6675"
GRID_LINE = "#6b6257"  # between grids that carry a class colour

BACKDROP = {
    "hill": "#dfe7d0",
    "green": "#cbe2b4",
    "square": "#ece3d4",
    "water": "#b3d5e8",
    "river": "#b3d5e8",
    "lane": "#ffffff",
    "road": "#ffffff",
    "main_road": "#fde7b4",
    "railway": "#8b8f96",
    "building": "#dcd3c7",
}
CASING = {"lane": "#ddd5c6", "road": "#cfc5b2", "main_road": "#d9b36a", "building": "#bdb1a2"}

PLACES = {
    "parking": "#1c64ad",
    "morning_market": "#c77700",
    "night_market": "#54399a",
    "trunk_market": "#a94a12",
    "service_hall": "#8c1f1f",
    "parlour": "#2f7336",
    "mediation_room": "#44505f",
    "day_care": "#b62f69",
    "compound_station": "#6d5a22",
    "rest_stop": "#cc2a2a",
    "driver_home": "#14757a",
    "restaurant": "#86395a",
    "building_site": "#5f6d16",
}
OTHER_PLACE = "#555b63"


def classes(count: int) -> tuple[str, ...]:
    """`count` colours (at least one) along the ramp, light to dark, interpolated in linear light."""
    anchors = np.array([_linear(colour) for colour in RAMP])
    at = np.linspace(0, len(RAMP) - 1, count) if count > 1 else np.array([len(RAMP) / 2])
    mixed = [np.interp(at, np.arange(len(RAMP)), anchors[:, k]) for k in range(3)]
    return tuple(_hex(rgb) for rgb in np.stack(mixed, axis=-1))


def class_of(value: float, limits: Sequence[float]) -> int:
    """Which class a value falls into: 0 below the first lower limit, else 1 … len(limits)."""
    return int(np.searchsorted(np.asarray(limits, float), value, side="right"))


def class_labels(limits: Sequence[int], lang: str = "zh") -> tuple[str, ...]:
    """Legend texts of the classes 1 … of whole numbers: `1–2`, `3`, `≥ 20`; of large ones: `1–`, `2万–`."""
    if limits[-1] >= 10_000:
        return (
            *(f"{short_number(low, lang)}–" for low in limits[:-1]),
            f"≥ {short_number(limits[-1], lang)}",
        )
    texts = []
    for low, high in zip(limits, [*limits[1:], None], strict=True):
        texts.append(f"≥ {low}" if high is None else f"{low}" if high - low <= 1 else f"{low}–{high - 1}")
    return tuple(texts)


def ink_on(colour: str) -> str:
    """Dark or white, whichever stands out more on a colour (WCAG contrast)."""
    ground = luminance(colour) + 0.05
    return "#ffffff" if 1.05 / ground > ground / (luminance(_INK) + 0.05) else _INK


def luminance(colour: str) -> float:
    """Relative luminance 0 … 1 of `#rrggbb` (WCAG 2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(colour: str) -> tuple[float, ...]:
    parts = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)


def _hex(rgb: Sequence[float]) -> str:
    encoded = (12.92 * c if c <= 0.0031308 else 1.055 * math.pow(c, 1 / 2.4) - 0.055 for c in map(float, rgb))
    return "#" + "".join(f"{round(255 * min(max(c, 0), 1)):02x}" for c in encoded)
