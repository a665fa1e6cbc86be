"""A month's hot and cold spots on the areas that its map shows: Gi* of surplus over share by area.

One place for page, files, REST, command line and digest, so that a grid is starred everywhere or nowhere.
What Gi* is, and what may be tested, is statistics.hotspots'; what is left out, statistics.left_out's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from gridmap.statistics.hotspots import HotSpots, hot_spots, seed_of, surplus
from gridmap.statistics.left_out import out
from gridmap.statistics.model import MonthHeat
from gridmap.statistics.neighbours import Neighbours, contiguity

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Significance:
    """Of the n areas of a month's map, in its order.

    `counts` are those tested: without what is left out; `expected` their share of the total by area;
    `surplus` the deviate from it that is tested. `stars` is 1 hot, −1 cold, 0 neither. `gained` and `lost`
    are the codes of areas that are starred, or not, only because something was left out. `reason` says why
    nothing was tested: "private", "few_reports", "flat".
    """

    counts: Ints
    expected: Floats
    surplus: Floats
    hot: HotSpots
    stars: Ints
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    reason: str | None


def significance(heat: MonthHeat) -> Significance:
    """Stars of a month's map. Of a private category nothing is tested: z would give its counts away."""
    size = np.array([grid.area_km2 for grid in heat.grids])
    everything = np.array([grid.count or 0 for grid in heat.grids], np.int64) * (not heat.private)
    gone = out(heat.doubtful, heat.include) & (heat.doubtful_in >= 0)
    weight = np.bincount(heat.doubtful_in[gone], heat.doubtful.reports[gone], len(size))
    kept = np.maximum(everything - weight.astype(np.int64), 0)
    near = neighbours_of(heat)
    seed = seed_of(heat.jurisdiction.code, heat.category.code if heat.category else None, heat.month)
    hot = tested(kept, size, near, seed)
    stars = starred(hot)
    with_all = stars if (kept == everything).all() else starred(tested(everything, size, near, seed))
    codes = np.array([grid.code for grid in heat.grids], object)
    return Significance(
        kept,
        kept.sum() * size / size.sum(),
        surplus(kept, size),
        hot,
        stars,
        tuple(codes[(stars != 0) & (stars != with_all)].tolist()),
        tuple(codes[(with_all != 0) & (stars != with_all)].tolist()),
        "private" if heat.private else hot.reason,
    )


def tested(counts: Ints, size: Floats, near: Neighbours, seed: int) -> HotSpots:
    """Gi* of counts against their shares by area, as every face of gridmap tests them."""
    return hot_spots(surplus(counts, size), near, reports=int(counts.sum()), seed=seed)


def starred(hot: HotSpots) -> Ints:
    """1 hot, −1 cold, 0 neither; (n,)."""
    return hot.hot.astype(np.int64) - hot.cold


def neighbours_of(heat: MonthHeat) -> Neighbours:
    """Who is whose neighbour on a month's map, kept for the next month on the same boundaries."""
    return _neighbours(
        tuple(shapely.to_wkb(np.array([grid.geometry for grid in heat.grids], object)).tolist())
    )


@lru_cache(maxsize=4)
def _neighbours(geometries: tuple[bytes, ...]) -> Neighbours:
    return contiguity(shapely.from_wkb(np.array(geometries, object)))
