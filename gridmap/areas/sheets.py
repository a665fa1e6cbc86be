"""The editions of an atlas: boundaries of one kind that are valid together, with what is asked of them."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import shapely

from gridmap.areas.model import AreaVersion
from gridmap.geometry.locator import Locator
from gridmap.geometry.vector_tile import on_plane

Box = tuple[float, float, float, float]  # west, south, east, north in degrees
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True)
class Sheet:
    """One edition of one kind: its boundaries by code, and the index over them."""

    first_day: date | None
    versions: tuple[AreaVersion, ...]

    @cached_property
    def shapes(self) -> np.ndarray:
        """The boundaries, EPSG:4326."""
        return np.array([v.geometry for v in self.versions], dtype=object)

    @cached_property
    def locator(self) -> Locator:
        return Locator(self.shapes, [v.code for v in self.versions])

    @cached_property
    def ids(self) -> np.ndarray:
        """Version ids, and 0 at the end so that index -1 (nowhere) becomes 0."""
        return np.array([*(v.id for v in self.versions), 0], dtype=np.int64)

    @cached_property
    def row_of_code(self) -> dict[str, int]:
        return {v.code: row for row, v in enumerate(self.versions)}

    @cached_property
    def bounds(self) -> Floats:
        """West, south, east, north of all of them, degrees."""
        return shapely.total_bounds(self.shapes)

    @cached_property
    def plane(self) -> tuple[np.ndarray, Floats]:
        """The boundaries on the web Mercator plane of geometry.vector_tile; their (4, n) bounds."""
        shapes = on_plane(self.shapes)
        return shapes, np.ascontiguousarray(shapely.bounds(shapes).T)

    def following(self, code: str | None, bbox: Box | None, limit: int) -> tuple[AreaVersion, ...]:
        """At most `limit` versions whose codes follow `code`, by code; of those that touch the box."""
        first = 0 if code is None else bisect_right(self.versions, code, key=lambda version: version.code)
        if bbox is None:
            return self.versions[first : first + limit]
        box = shapely.convex_hull(shapely.box(*bbox))  # a line or a point where it is flat
        shapely.prepare(box)
        rows = first + np.flatnonzero(shapely.intersects(box, self.shapes[first:]))
        return tuple(self.versions[row] for row in rows[:limit].tolist())
