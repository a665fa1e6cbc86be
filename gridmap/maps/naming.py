"""Where the communities' names stand on the printed map: beside counts and grid names, never over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import shapely
from matplotlib.patheffects import withStroke
from shapely.geometry.base import BaseGeometry

from gridmap.maps import colours
from gridmap.maps.lettering import Box, Sheet, ink_box, printable

SIZES = (8.6, 7.6, 6.6, 5.8)  # points, the largest that finds a place
_STEPS = 41  # places tried across and down
_AT_ONCE = 40
_HALO = 2.2  # points, half of it on either side of a stroke
_CLEAR = 0.9  # millimetres around the letters: the halo and a breath
_WITHIN = 0.85  # share of the name that has to lie in its own community


def community_names(
    sheet: Sheet,
    box: Box,
    communities: Mapping[str, BaseGeometry],
    on_sheet: Callable[[np.ndarray], np.ndarray],
    taken: Sequence[Box],
) -> None:
    """Write each name near its area's middle, smaller where it is tight; without a free place, not at all.

    `on_sheet` takes (n, 2) lon, lat to millimetres on the sheet; `box` is the map, `taken` what stands there.
    """
    edges = np.array([_edges(other) for other in taken]).reshape(-1, 4)
    for name, geometry in communities.items():
        area, text = shapely.transform(geometry, on_sheet), printable(name)
        for size in SIZES:
            found = _place(text, size, area, box, edges)
            if found is None:
                continue
            x, baseline = found
            edges = np.vstack([edges, _edges(_room(x, baseline, text, size))])
            sheet.text(
                x, baseline, text, size, weight="bold", colour=colours.BORDER_COMMUNITY, align="center"
            )
            halo = withStroke(linewidth=_HALO, foreground="white", alpha=0.85)
            sheet.figure.texts[-1].set_path_effects([halo])
            break


def _place(
    text: str, size: float, area: BaseGeometry, box: Box, edges: np.ndarray
) -> tuple[float, float] | None:
    """Middle and baseline of the free place nearest to the area's centroid."""
    room = np.array(_edges(_room(0, 0, text, size)))
    left, top, right, bottom = area.bounds
    near = (edges[:, :2] < (right + room[2], bottom + room[3])) & (
        edges[:, 2:] > (left + room[0], top + room[1])
    )
    edges = edges[near.all(axis=1)]
    xs, ys = np.meshgrid(np.linspace(left, right, _STEPS), np.linspace(top, bottom, _STEPS))
    middles = np.column_stack([xs.ravel(), ys.ravel()])
    away = np.hypot(*(middles - shapely.get_coordinates(area.centroid)[0]).T)
    anchors = (middles - [0, (room[1] + room[3]) / 2])[np.argsort(away, kind="stable")]
    spots = np.hstack([anchors, anchors]) + room
    inside = (spots[:, :2] > (box.left, box.top)).all(axis=1) & (spots[:, 2:] < (box.right, box.bottom)).all(
        axis=1
    )
    anchors, spots = anchors[inside], spots[inside]
    for first in range(0, len(spots), _AT_ONCE):  # from the middle outwards: most names find a place soon
        some = spots[first : first + _AT_ONCE]
        low, high = some[:, None, :2] < edges[:, 2:], some[:, None, 2:] > edges[:, :2]
        free = np.flatnonzero(~(low & high).all(axis=2).any(axis=1))
        rectangles = shapely.box(*some[free].T)
        own = shapely.area(shapely.intersection(rectangles, area)) / shapely.area(rectangles)
        if (good := free[own >= _WITHIN]).size:
            x, baseline = anchors[first + int(good[0])]
            return float(x), float(baseline)
    return None


def _room(x: float, baseline: float, text: str, size: float) -> Box:
    ink = ink_box(x, baseline, text, size, "bold")
    return Box(ink.left - _CLEAR, ink.top - _CLEAR, ink.width + 2 * _CLEAR, ink.height + 2 * _CLEAR)


def _edges(box: Box) -> tuple[float, float, float, float]:
    return box.left, box.top, box.right, box.bottom
