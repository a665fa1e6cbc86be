"""The map on the printed sheet: town, grids by class, counts and names, scale bar, north arrow.

Drawn in lon/lat with the aspect of its middle latitude: north is straight up, and over a district the scale
is even to within a thousandth. The scale bar and the sheet's lettering are in millimetres.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_rgba
from matplotlib.path import Path
from shapely.geometry.base import BaseGeometry

from gridmap.maps import colours, furniture, naming
from gridmap.maps.layers import widest
from gridmap.maps.lettering import CAP_MM, Box, Sheet, ink_box, printable, width_mm
from gridmap.maps.surface import month_surface, rgba
from gridmap.maps.words import short_name, short_number
from gridmap.statistics.left_out import surfaces
from gridmap.statistics.model import GridCount, MonthHeat

_METRES_PER_DEGREE = 111_320.0
_WIDTHS = {"main_road": 1.9, "road": 1.0, "lane": 0.45, "railway": 0.9, "river": 2.2, "water": 1.0}
_LEAST_LABEL = 5.5  # points; where that is too broad for a grid, it has no label
_LEGIBLE = 0.7  # of the labels have to fit, or none is written: a map of some numbers misleads
_ROADS = ("lane", "road", "main_road")
_ORDER = ("hill", "green", "square", "water", "river")


class View:
    """Which piece of the earth a box shows: the outline's extent with a margin, centred."""

    def __init__(self, outline: BaseGeometry, box: Box, margin: float = 0.04):
        west, south, east, north = outline.bounds
        self.latitude = (south + north) / 2
        self.box = box
        shrink = math.cos(math.radians(self.latitude))
        wide, high = (east - west) * shrink, north - south
        per_mm = max(wide / box.width, high / box.height) * (1 + 2 * margin)  # degrees of latitude
        self.metres_per_mm = per_mm * _METRES_PER_DEGREE
        half_x, half_y = per_mm * box.width / 2 / shrink, per_mm * box.height / 2
        middle_x, middle_y = (west + east) / 2, (south + north) / 2
        self.xlim, self.ylim = (middle_x - half_x, middle_x + half_x), (middle_y - half_y, middle_y + half_y)
        self.shrink = shrink

    def mm(self, degrees_latitude: float) -> float:
        """A length in degrees of latitude as millimetres on the sheet."""
        return degrees_latitude * _METRES_PER_DEGREE / self.metres_per_mm

    def on_sheet(self, lon: Any, lat: Any) -> tuple[Any, Any]:
        """A position (numbers or arrays) in millimetres from the sheet's upper left corner."""
        x = self.box.left + (lon - self.xlim[0]) / (self.xlim[1] - self.xlim[0]) * self.box.width
        return x, self.box.bottom - (lat - self.ylim[0]) / (self.ylim[1] - self.ylim[0]) * self.box.height

    def points(self, lonlat: np.ndarray) -> np.ndarray:
        """The same for (n, 2) lon, lat."""
        return np.column_stack(self.on_sheet(lonlat[:, 0], lonlat[:, 1]))

    def shows(self, geometry: BaseGeometry) -> bool:
        """Whether any of it lies in the box."""
        west, east = self.xlim
        south, north = self.ylim
        return bool(shapely.box(west, south, east, north).intersects(geometry))


def draw(sheet: Sheet, box: Box, heat: MonthHeat, lang: str) -> View:
    """The main map: grids by class with their counts. Returns its view."""
    ramp = (colours.ZERO, *colours.classes(len(heat.scale.counts)))
    fills = [ramp[colours.class_of(grid.count or 0, heat.scale.counts)] for grid in heat.grids]
    inks = [
        colours.ink_on(colour) if grid.count else "#4b5563"
        for grid, colour in zip(heat.grids, fills, strict=True)
    ]
    texts = [short_number(grid.count, lang) if grid.count else "" for grid in heat.grids]
    alphas = [0.88 if grid.count else 0.55 for grid in heat.grids]
    return classed(sheet, box, heat, lang, fills, alphas, labels=(texts, inks))


def classed(
    sheet: Sheet,
    box: Box,
    heat: MonthHeat,
    lang: str,
    fills: Sequence[str],
    alphas: Sequence[float],
    *,
    labels: tuple[Sequence[str], Sequence[str]] | None = None,
    marks: Callable[[View], list[Box]] = lambda view: [],
) -> View:
    """The town under grids in a colour each, their borders, and what belongs on every map.

    `labels`: a text and its colour for each grid, "" for none, with the grids' names where there is room.
    `marks` draws what else there is and tells which boxes it took; no name is written there.
    """
    view, axes = _base(sheet, box, heat)
    painted = [to_rgba(colour, alpha) for colour, alpha in zip(fills, alphas, strict=True)]
    _areas(
        axes,
        [g.geometry for g in heat.grids],
        facecolors=painted,
        edgecolor=colours.GRID_LINE,
        linewidth=0.45,
        zorder=4,
    )
    masked = [grid.geometry for grid in heat.grids if grid.count is None]
    _areas(axes, masked, facecolor="none", edgecolor=colours.MASKED, hatch="////", linewidth=0, zorder=4)
    communities = _communities(heat.grids)
    _areas(
        axes,
        communities.values(),
        facecolor="none",
        edgecolor=colours.BORDER_COMMUNITY,
        linewidth=1.3,
        zorder=6,
    )
    _outline(axes, heat.outline)
    plates = [
        furniture.line_keys(sheet, box, lang, _lines_drawn(heat, view, bool(communities))),
        furniture.scale_bar(sheet, box, view.metres_per_mm),
        furniture.north_arrow(sheet, box),
    ]
    taken = plates + marks(view)
    if labels:
        taken += _grid_labels(sheet, view, heat.grids, *labels, plates)
    naming.community_names(sheet, box, communities, view.points, taken)
    return view


def _lines_drawn(heat: MonthHeat, view: View, communities: bool) -> set[str]:
    """The keys of words for the lines that this map really shows."""
    shown = {kind for kind, _, geometry in heat.backdrop if view.shows(geometry)}
    drawn = {"subdistrict_boundary"}
    if heat.grids:
        drawn.add("grid_boundary")
    if communities:
        drawn.add("community_boundary")
    if "main_road" in shown:
        drawn.add("main_road")
    if shown & {"river", "water"}:
        drawn.add("water")
    return drawn


def draw_density(sheet: Sheet, box: Box, heat: MonthHeat) -> None:
    """The small map: the density surface over the grids' borders."""
    _, axes = _base(sheet, box, heat)
    found = month_surface(surfaces(heat)[0])
    if found is not None:
        west, south, east, north = found.bounds
        axes.imshow(
            rgba(found.values, heat.scale.densities),
            extent=(west, east, south, north),
            origin="lower",
            interpolation="nearest",
            aspect="auto",
            zorder=4,
        )
    _areas(
        axes,
        [g.geometry for g in heat.grids],
        facecolor="none",
        edgecolor="#4c5563",
        linewidth=0.25,
        zorder=5,
    )
    _areas(
        axes, [heat.outline], facecolor="none", edgecolor=colours.BORDER_SUBDISTRICT, linewidth=0.9, zorder=7
    )


def _base(sheet: Sheet, box: Box, heat: MonthHeat) -> tuple[View, Axes]:
    view, axes = View(heat.outline, box), sheet.axes(box)
    axes.set_facecolor(colours.PAPER)
    _town(axes, heat.backdrop, min(1.0, box.width / 150))
    outside = shapely.box(view.xlim[0], view.ylim[0], view.xlim[1], view.ylim[1]).difference(heat.outline)
    _areas(axes, [outside], facecolor=colours.PAPER, alpha=0.5, linewidth=0, zorder=3)
    _fade(axes, heat.backdrop, view)
    axes.set_xlim(view.xlim)
    axes.set_ylim(view.ylim)
    for spine in axes.spines.values():
        spine.set_edgecolor("#8f8a7e")
        spine.set_linewidth(0.7)
    return view, axes


def _fade(axes: Axes, backdrop: Sequence[tuple[str, str, BaseGeometry]], view: View) -> None:
    """The drawing of the town ends somewhere: it fades into the paper instead of breaking off."""
    if not backdrop:
        return
    west, south, east, north = shapely.total_bounds([geometry for _, _, geometry in backdrop])
    sheet = shapely.box(view.xlim[0], view.ylim[0], view.xlim[1], view.ylim[1])
    steps = 10
    for step in range(steps):
        share = 0.05 * step / steps
        inner = shapely.box(
            west + share * (east - west),
            south + share * (north - south),
            east - share * (east - west),
            north - share * (north - south),
        )
        _areas(axes, [sheet.difference(inner)], facecolor=colours.PAPER, alpha=0.24, linewidth=0, zorder=3)


def _town(axes: Axes, backdrop: Sequence[tuple[str, str, BaseGeometry]], factor: float) -> None:
    def of(kind: str, polygonal: bool) -> list[BaseGeometry]:
        return [g for k, _, g in backdrop if k == kind and g.geom_type.endswith("Polygon") == polygonal]

    for kind in _ORDER:
        edge = "#8fbcd6" if kind in ("river", "water") else "none"
        _areas(
            axes, of(kind, True), facecolor=colours.BACKDROP[kind], edgecolor=edge, linewidth=0.4, zorder=1
        )
        _lines(axes, of(kind, False), colours.BACKDROP[kind], _WIDTHS.get(kind, 1) * factor, 1)
    for kind in _ROADS:
        _lines(axes, of(kind, False), colours.CASING[kind], (_WIDTHS[kind] + 0.55) * factor, 2)
    for kind in _ROADS:
        _lines(axes, of(kind, False), colours.BACKDROP[kind], _WIDTHS[kind] * factor, 2)
    _lines(axes, of("railway", False), colours.BACKDROP["railway"], _WIDTHS["railway"] * factor, 2)


def _outline(axes: Axes, outline: BaseGeometry) -> None:
    _areas(axes, [outline], facecolor="none", edgecolor="white", linewidth=3.6, alpha=0.8, zorder=6.5)
    _areas(
        axes,
        [outline],
        facecolor="none",
        edgecolor=colours.BORDER_SUBDISTRICT,
        linewidth=1.7,
        linestyle=furniture.BORDER_STYLE,
        zorder=7,
    )


def _areas(axes: Axes, geometries: Iterable[BaseGeometry], **style: Any) -> None:
    paths = [_path(geometry) for geometry in geometries if not geometry.is_empty]
    if paths:
        axes.add_collection(PathCollection(paths, joinstyle="round", **style), autolim=False)


@lru_cache(maxsize=4096)  # every map of a bulletin draws the same ones
def _path(geometry: BaseGeometry) -> Path:
    rings = [ring for part in shapely.get_parts(geometry) for ring in shapely.get_rings(part)]
    return Path.make_compound_path(*(Path(shapely.get_coordinates(ring), closed=True) for ring in rings))


def _lines(axes: Axes, geometries: Sequence[BaseGeometry], colour: str, width: float, zorder: float) -> None:
    parts = [shapely.get_coordinates(part) for geometry in geometries for part in shapely.get_parts(geometry)]
    if parts:
        lines = LineCollection(
            parts, colors=colour, linewidths=width, capstyle="round", joinstyle="round", zorder=zorder
        )
        axes.add_collection(lines, autolim=False)


def _communities(grids: Sequence[GridCount]) -> dict[str, BaseGeometry]:
    members: dict[str, list[BaseGeometry]] = {}
    for grid in grids:
        members.setdefault(grid.community, []).append(grid.geometry)
    return {name: shapely.union_all(geometries) for name, geometries in members.items() if name}


_widest = lru_cache(maxsize=4096)(widest)


def _grid_labels(
    sheet: Sheet,
    view: View,
    grids: Sequence[GridCount],
    texts: Sequence[str],
    inks: Sequence[str],
    plates: Sequence[Box],
) -> list[Box]:
    """A text in each grid, and its name under it where there is room; returns the boxes taken."""
    taken = []
    radii = [_widest(grid.geometry) for grid in grids]
    # the circle is round in degrees
    rooms = [view.mm(radius.length * math.sqrt(view.shrink)) for radius in radii]
    sizes = [min(11.0, max(_LEAST_LABEL, room * 1.9)) for room in rooms]
    fits = [
        width_mm(own, size, "bold") <= 2.6 * room for own, size, room in zip(texts, sizes, rooms, strict=True)
    ]
    legible = sum(fits) >= _LEGIBLE * len(fits)
    for grid, own, colour, radius, room, own_size, fit in zip(
        grids, texts, inks, radii, rooms, sizes, fits, strict=True
    ):
        centre = shapely.get_point(radius, 0)
        x, y = view.on_sheet(centre.x, centre.y)
        name = printable(short_name(grid.name, grid.community))
        name_size = min(6.0, 1.7 * room / max(width_mm(name, 1), 0.1))
        lines = [(name, name_size, "regular")] if name_size >= 4 else []
        if own and fit and legible:
            lines.insert(0, (own, own_size, "bold"))
        heights = [size * CAP_MM for _, size, _ in lines]
        top = y - (sum(heights) + 0.7 * (len(lines) - 1)) / 2
        for (text, size, weight), height in zip(lines, heights, strict=True):
            ink = ink_box(x, top + height, text, size, weight)
            if not any(ink.meets(plate) for plate in plates):
                sheet.text(x, top + height, text, size, weight=weight, colour=colour, align="center")
                taken.append(ink)
            top += height + 0.7
    return taken
