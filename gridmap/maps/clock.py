"""The week as a grid of hours: colours that stay, a frame around opening hours, words for each cell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.maps import colours
from gridmap.maps.words import words
from gridmap.statistics.rhythm import QUARTERS, Rhythm

LIMITS = (1, 2, 3, 5, 10, 20)  # reports in one hour of one weekday in a month
MOSTLY = 0.5  # share of the places from which on an hour counts as open


@dataclass(frozen=True, slots=True)
class Cell:
    """One hour of one weekday: what stands in it, its class's colour and ink, and what it says when read."""

    day: int
    hour: int
    text: str
    fill: str
    ink: str
    says: str


@dataclass(frozen=True, slots=True)
class Clock:
    """`rows`: seven weekdays of 24 cells. `wide` and `tall`: SVG paths of the frame, hours across (24 × 7) or
    down (7 × 24), empty without opening hours. `legend`: (colour, label). `first`: the busiest cell."""

    days: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    legend: tuple[tuple[str, str], ...]
    factor: int
    wide: str
    tall: str
    first: tuple[int, int]


def clock(rhythm: Rhythm, opening: NDArray[np.float64] | None, lang: str) -> Clock:
    """`opening`: (7, 96) as rhythm.open_shares makes it, or None."""
    every = rhythm.every
    factor = factor_of(int(every.max()))
    limits = tuple(limit * factor for limit in LIMITS)
    ramp = (colours.ZERO, *colours.classes(len(limits)))
    days = tuple(words(lang)["days_of_week"].split())
    rows = []
    for day in range(7):
        cells = []
        for hour in range(24):
            count = int(every[day, hour])
            fill = ramp[colours.class_of(count, limits)]
            says = _says(rhythm, opening, day, hour, days[day], lang)
            cells.append(Cell(day, hour, f"{count}" if count else "", fill, _ink(fill), says))
        rows.append(tuple(cells))
    busiest = divmod(int(every.argmax()), 24)
    open_ = None if opening is None else opening >= MOSTLY
    if open_ is not None and open_.all():
        open_ = None  # a frame around everything tells nothing
    return Clock(
        days,
        tuple(rows),
        tuple(zip(ramp, ("0", *colours.class_labels(limits, lang)), strict=True)),
        factor,
        "" if open_ is None else frame(open_),
        "" if open_ is None else frame(open_, tall=True),
        (busiest[0], busiest[1]),
    )


def _ink(fill: str) -> str:
    """Black or white: small figures need a contrast of 4.5 on every colour, which no softer dark reaches."""
    return "#000000" if colours.luminance(fill) > 0.179 else "#ffffff"


def factor_of(most: int) -> int:
    """1, 10, 100 …: how many times LIMITS are taken, so that ten times the last one holds the busiest hour.

    So a colour means the same count in every month, but where ten times as much is reported.
    """
    factor = 1
    while most > 10 * LIMITS[-1] * factor:
        factor *= 10
    return factor


def frame(open_: NDArray[np.bool_], *, tall: bool = False) -> str:
    """The SVG path around the open quarters of (7, 96): hours across and days down, or the other way."""
    boxes = []
    for day in range(7):
        padded = np.diff(np.concatenate([[0], open_[day].astype(np.int8), [0]]))
        for begin, end in zip(np.flatnonzero(padded == 1), np.flatnonzero(padded == -1), strict=True):
            boxes.append(shapely.box(begin / (QUARTERS / 24), day, end / (QUARTERS / 24), day + 1))
    whole = shapely.simplify(shapely.union_all(boxes), 0)
    path = []
    for part in shapely.get_parts(whole):
        for ring in (part.exterior, *part.interiors):
            corners = shapely.get_coordinates(ring)[:-1, :: -1 if tall else 1]
            path.append("M" + "L".join(f"{x:g} {y:g}" for x, y in corners.tolist()) + "Z")
    return "".join(path)


def _says(
    rhythm: Rhythm, opening: NDArray[np.float64] | None, day: int, hour: int, name: str, lang: str
) -> str:
    text = words(lang)
    count = int(rhythm.every[day, hour])
    said = text["cell_of"].format(day=name, hour=hour, next=hour + 1, reports=count or text["no_report"])
    if opening is not None:
        if count:
            parts = int(rhythm.within[day, hour]), int(rhythm.beyond[day, hour])
            said += text["cell_some"].format(within=parts[0], beyond=parts[1])
        share = opening[day, 4 * hour : 4 * hour + 4]
        key = "cell_open" if (share >= MOSTLY).all() else "cell_partly" if share.any() else "cell_closed"
        said += text[key]
    return said


def notes(kind_open: NDArray[np.float64] | None, factor: int, lang: str) -> list[str]:
    """What the frame means here, and that the colours stay."""
    text: Any = words(lang)
    if kind_open is None:
        first = text["when_no_hours"]
    else:
        first = text["when_always"] if (kind_open >= 1).all() else text["when_inside"]
        first = first if kind_open.any() else text["when_never"]
    classes = text["same_classes"] if factor == 1 else text["larger_classes"].format(factor=factor)
    return [first, classes]
