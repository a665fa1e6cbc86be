"""What a month's surface and its stars leave out: found once, for page, sheet, files and digest alike.

Doubts themselves are statistics.doubts'. A month is read as counts and cells; only its reports in doubt are
read one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Connection

from gridmap.geometry.cells import centres
from gridmap.geometry.density import bandwidth_for
from gridmap.geometry.intensity import Ground, Intensity, ground, intensity
from gridmap.geometry.locator import Locator
from gridmap.geometry.plain import FEW, Plain
from gridmap.statistics.digests import store
from gridmap.statistics.doubts import DOUBTS, Difference, Doubt, compared, without
from gridmap.statistics.model import Doubtful, GridCount, MonthHeat, Pile

# Reports of a month that are gone through for doubts, 0.2 s of the database. With more of them only piles are
# looked for (statistics.piles): a surface would show those, but hardly one uncertain report among so many.
LOOKED_MOST = 300_000

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


def find(
    connection: Connection,
    jurisdiction: str,
    span: tuple[datetime, datetime],
    categories: Sequence[str],
    piles: Sequence[Pile],
    located: int,
    *,
    as_of: datetime | None = None,
) -> Doubtful:
    """The reports in doubt of a span that holds `located` reports with a coordinate (until `as_of`)."""
    if located > LOOKED_MOST:
        return of_piles(piles, looked=False)
    return of_rows(store.doubtful(connection, jurisdiction, span, categories, piles, as_of), piles)


def of_rows(rows: store.Arrays, piles: Sequence[Pile]) -> Doubtful:
    """From the arrays of `digests.store.doubtful`, row by row."""
    pile, whole_degree, uncertain = (rows[doubt].astype(bool) for doubt in DOUBTS)
    one = np.ones(len(rows["lon"]), np.int64)
    return Doubtful(rows["lon"], rows["lat"], pile, whole_degree, uncertain, one, tuple(piles))


def of_piles(piles: Sequence[Pile], *, looked: bool = True) -> Doubtful:
    """Piles alone, each in one row."""
    lon, lat, reports = (np.array([getattr(p, name) for p in piles]) for name in ("lon", "lat", "count"))
    piled, none = np.ones(len(piles), bool), np.zeros(len(piles), bool)
    return Doubtful(lon, lat, piled, none, none, reports.astype(np.int64), tuple(piles), looked)


def out(doubtful: Doubtful, include: Collection[Doubt]) -> Bools:
    """Which rows are left out where some doubts were asked for."""
    left = np.zeros(len(doubtful.lon), bool)
    for doubt in DOUBTS:
        if doubt not in include:
            left |= getattr(doubtful, doubt)
    return left


def grid_of(doubtful: Doubtful, grids: Sequence[GridCount], tolerance_m: float) -> Ints:
    """(n,) which of the grids each row lies in, placed as everything else is; −1: in none."""
    if not len(doubtful.lon):
        return np.zeros(0, np.int64)
    found, _ = index_of(grids, len(doubtful.lon)).nearest(doubtful.lon, doubtful.lat, tolerance_m)
    return found.astype(np.int64)


def surfaces(heat: MonthHeat) -> tuple[Intensity, Difference]:
    """The surface of the reports that are kept, and what those left out would have changed."""
    on, counted, doubtful = ground_of(heat.outline), heat.cells, heat.doubtful
    lon, lat = centres(counted.x, counted.y, counted.level)
    gone = out(doubtful, heat.include)
    weight = doubtful.reports[gone]
    kept = without(
        counted.x,
        counted.y,
        counted.reports,
        doubtful.lon[gone],
        doubtful.lat[gone],
        weight,
        level=counted.level,
    )
    shown = intensity(lon, lat, on, weights=kept)
    whole = intensity(lon, lat, on, weights=counted.reports) if len(weight) else shown
    told = [doubt for doubt in DOUBTS if doubt not in heat.include]
    reports = {doubt: int(weight[getattr(doubtful, doubt)[gone]].sum()) for doubt in told}
    piles = () if "pile" in heat.include else doubtful.piles
    return shown, compared(shown, whole, reports, int(weight.sum()), piles)


def ground_of(outline: BaseGeometry) -> Ground:
    """The raster of an outline, kept for the next month of the same one."""
    return _ground(shapely.to_wkb(outline))


@lru_cache(maxsize=4)
def _ground(outline: bytes) -> Ground:
    geometry = shapely.from_wkb(outline)
    return ground(geometry, bandwidth_m=bandwidth_for(geometry))


def index_of(grids: Sequence[GridCount], points: int) -> Locator | Plain:
    """What finds so many points in a map's areas, in their order; kept for the next month on the same."""
    shapes = shapely.to_wkb(np.array([grid.geometry for grid in grids], object)).tolist()
    return _index(tuple(shapes), tuple(grid.code for grid in grids), Plain if points <= FEW else Locator)


@lru_cache(maxsize=4)
def _index(
    geometries: tuple[bytes, ...], codes: tuple[str, ...], kind: type[Locator] | type[Plain]
) -> Locator | Plain:
    return kind(shapely.from_wkb(np.array(geometries, object)), codes)
