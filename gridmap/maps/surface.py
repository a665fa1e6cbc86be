"""The density surface of a month as pages and print show it: classed, coloured, laid over lon/lat.

Not here: the estimate itself (gridmap.geometry.intensity) and class limits (the month's Scale).
"""

from __future__ import annotations

import base64
import io
from typing import Literal

import numpy as np
import shapely
from PIL import Image

from gridmap.geometry.density import Surface, bandwidth_for
from gridmap.geometry.intensity import Intensity, resampled
from gridmap.maps import colours
from gridmap.maps.basemaps import Basemap
from gridmap.maps.layers import shown
from gridmap.statistics.model import MonthHeat

_LONGEST_SIDE = 640  # cells
_ALPHA = (96, 235)  # of the lowest and the highest class


def bandwidth_m(heat: MonthHeat) -> float:
    """Standard deviation of the kernel, in metres: the same in every month."""
    return bandwidth_for(heat.outline)


def month_surface(of: Intensity, *, rows: Literal["latitude", "mercator"] = "latitude") -> Surface | None:
    """A month's surface (statistics.left_out.surfaces) over its district; None when nothing is located.

    Read off on _LONGEST_SIDE cells at most, or one for each of its own: the same at any zoom.
    """
    if not of.weight:
        return None
    bounds, wide, high = of.ground.bounds, of.per_km2.shape[1], of.per_km2.shape[0]
    shrink = min(1.0, _LONGEST_SIDE / max(wide, high))
    return resampled(
        of, bounds, columns=max(1, round(wide * shrink)), lines=max(1, round(high * shrink)), rows=rows
    )


def rgba(values: np.ndarray, limits: tuple[float, ...]) -> np.ndarray:
    """Classed colours (rows, columns, 4) uint8; below the lowest limit nothing is drawn."""
    return _table(limits)[_classed(values, limits)]


def png(values: np.ndarray, limits: tuple[float, ...]) -> bytes:
    """The same, with the northernmost row first, as a palette PNG: exactly the legend's colours."""
    table = _table(limits)
    picture = Image.fromarray(_classed(values[::-1], limits), "P")
    picture.putpalette(table[:, :3].tobytes())
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True, transparency=table[:, 3].tobytes())
    return file.getvalue()


def _classed(values: np.ndarray, limits: tuple[float, ...]) -> np.ndarray:
    return np.searchsorted(np.asarray(limits, float), values, side="right").astype(np.uint8)


def _table(limits: tuple[float, ...]) -> np.ndarray:
    """RGBA of class 0 (clear), 1, …"""
    ramp = colours.classes(len(limits))
    table = np.zeros((len(limits) + 1, 4), np.uint8)
    for index, colour in enumerate(ramp, start=1):
        table[index, :3] = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        table[index, 3] = np.interp(index, [1, max(2, len(ramp))], _ALPHA)
    return table


def overlay(heat: MonthHeat, of: Intensity, basemap: Basemap | None) -> dict[str, object] | None:
    """The surface as a transparent PNG (a data: address) with the bounds that Leaflet lays it into.

    On a GCJ-02 basemap the two corners are shifted each by its own offset: inside a district the offset
    varies by a few metres, while the kernel is a hundred wide.
    """
    found = month_surface(of, rows="mercator")
    if found is None:
        return None
    west, south, east, north = found.bounds
    low, high = shown([shapely.Point(west, south), shapely.Point(east, north)], basemap)
    return {
        "url": "data:image/png;base64," + base64.b64encode(png(found.values, heat.scale.densities)).decode(),
        "bounds": [[low.y, low.x], [high.y, high.x]],
    }
