"""What a month looks like once counted: the values that maps, exports and pages draw.

Plain values only: no SQL, no GeoPandas. `statistics.heat` fills them from the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry


@dataclass(frozen=True, slots=True)
class Titled:
    """A code with its names, for captions (a jurisdiction, a category, a community)."""

    code: str
    name: str
    name_en: str | None = None


@dataclass(frozen=True, slots=True)
class GridCount:
    """One grid in one month: reports whose placement is this grid, its area and density.

    Where a map cannot draw so many grids it is a community, or a subdistrict, with all its grids' reports
    (MonthHeat.kind), and `community` the name of the area above it.
    """

    code: str
    name: str
    community: str
    geometry: BaseGeometry  # EPSG:4326, lon/lat
    area_km2: float
    count: int | None  # None: masked (statistics.private)
    previous: int | None  # the month before, same category

    @property
    def density(self) -> float | None:
        """Reports per km² in the month."""
        return None if self.count is None else self.count / self.area_km2

    @property
    def change(self) -> int | None:
        """By how many reports more than the month before; None where either is masked."""
        return None if self.count is None or self.previous is None else self.count - self.previous


@dataclass(frozen=True, slots=True)
class Pile:
    """Many reports on exactly one coordinate: more likely a default value than a hot spot."""

    lon: float
    lat: float
    count: int


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A month's reports in doubt (statistics.doubts), n rows: where in WGS-84, why, and how many they are.

    One row is one report, or several on one pile. `piles` are all of the month, most reports first.
    """

    lon: NDArray[np.float64]
    lat: NDArray[np.float64]
    pile: NDArray[np.bool_]
    whole_degree: NDArray[np.bool_]
    uncertain: NDArray[np.bool_]
    reports: NDArray[np.int64]
    piles: tuple[Pile, ...] = ()
    looked: bool = True  # else the month holds so many reports that only piles were looked for


_NONE, _NEVER = np.zeros(0), np.zeros(0, np.bool_)
NO_DOUBT = Doubtful(_NONE, _NONE, _NEVER, _NEVER, _NEVER, np.zeros(0, np.int64))


@dataclass(frozen=True, slots=True)
class CellCounts:
    """Located reports by cell (geometry.cells) of one level: n columns, rows and counts, no cell twice."""

    level: int
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    reports: NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Scale:
    """Class limits kept per jurisdiction and category, so that a colour means the same in every month.

    `counts` are the lower limits of the classes per grid (the first is 1; 0 is its own class);
    `densities` those of the surface in reports per km². `since`: the day from which it is kept.
    """

    counts: tuple[int, ...]
    densities: tuple[float, ...]
    since: date | None = None


@dataclass(frozen=True, slots=True)
class MonthHeat:
    """Everything a month's heat map shows, and where it came from."""

    jurisdiction: Titled
    illustrative: bool  # 示意数据: the boundaries are made up and every picture must say so
    month: date  # its first day
    time_zone: str
    category: Titled | None  # None: all categories
    grids: tuple[GridCount, ...]  # by code
    cells: CellCounts  # the month's located reports, those in doubt among them
    outline: BaseGeometry  # the jurisdiction's outline, EPSG:4326
    backdrop: tuple[tuple[str, str, BaseGeometry], ...]  # (kind, name, geometry): rivers, roads, hills
    scale: Scale
    total: int  # reports of the month, with or without a grid
    outside: int | None  # in no grid and near none; None: masked
    nearest: int  # outside every grid, given to the nearest within the tolerance
    named: int  # without a coordinate, placed by the name of a compound or building
    near_edge: int  # within `near_edge_m` of a grid edge
    near_edge_m: float
    piles: tuple[Pile, ...]
    all_piles: bool  # else only the places that stand out most were looked into
    first_month: date | None  # of any report, for previous/next
    last_month: date | None
    edition: int  # id of the grid edition shown
    edition_from: date | None  # None: from the beginning
    generated_at: datetime  # UTC
    kind: str = "grid"  # what `grids` are; else a wider kind, because the grids are too many
    parts: bool = False  # `grids` are those only that whoever asked answers for
    doubtful: Doubtful = field(default_factory=lambda: NO_DOUBT)
    doubtful_in: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))  # which of `grids`
    include: tuple[
        Literal["pile", "whole_degree", "uncertain"], ...
    ] = ()  # not left out of surface and stars
    private: bool = False  # of a private category: counts may be masked, there are neither cells nor piles
    as_of: datetime | None = None  # as was known at this moment of recording; None: as is known now
    recut: int | None = None  # the edition of grids that was asked for; None: that of the month's last day

    @property
    def plain(self) -> bool:
        """As is known now, on the grids of the month's last day."""
        return self.as_of is None and self.recut is None

    @property
    def leading(self) -> tuple[GridCount, ...]:
        """Grids by count, most first, then by code; only those with a report, none that is masked."""
        return tuple(sorted((g for g in self.grids if g.count), key=lambda g: (-(g.count or 0), g.code)))

    @property
    def in_grids(self) -> int | None:
        """Reports in `grids`; None where those outside are masked."""
        if self.private:
            return None if self.outside is None else self.total - self.outside
        return sum(grid.count or 0 for grid in self.grids)
