"""Values of the backdrop. No I/O."""

from __future__ import annotations

from typing import NamedTuple

from shapely.geometry.base import BaseGeometry

# kind -> (Chinese, English), in the order of drawing: the ground first
BACKDROP_KINDS: dict[str, tuple[str, str]] = {
    "hill": ("山地", "Hill"),
    "green": ("绿地", "Green"),
    "water": ("水面", "Water"),
    "river": ("河流", "River"),
    "square": ("广场", "Square"),
    "lane": ("小巷", "Lane"),
    "road": ("道路", "Road"),
    "main_road": ("主干道", "Main road"),
    "railway": ("铁路", "Railway"),
}


class Trace(NamedTuple):
    """One line, polygon or point of the backdrop, EPSG:4326. `name` may be empty."""

    kind: str
    name: str
    geometry: BaseGeometry
