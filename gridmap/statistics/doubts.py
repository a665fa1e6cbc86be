"""Coordinates that may not be where the thing was: found, counted, left out unless asked for.

Three kinds of doubt, of which a report can have several:

- `pile`: many reports on exactly one coordinate, to the last digit. Two people never measure that; it is
  a default (City Hall), or one address geocoded over and over.
- `whole_degree`: latitude and longitude both without a fraction, as they were given: a field left at its
  rounding, up to 50 km off.
- `uncertain`: the placement is flagged for a person, because its accuracy leaves other grids likely.

A report in doubt stays in every count; it is the surface and the hot spots that leave it out, and what that
changes is said beside them (`difference`).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.geometry.cells import LEVEL, cells
from gridmap.geometry.intensity import Ground, Intensity, intensity
from gridmap.geometry.projection import transformer
from gridmap.statistics.model import Pile

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Doubt = Literal["pile", "whole_degree", "uncertain"]

DOUBTS: tuple[Doubt, ...] = get_args(Doubt)


@dataclass(frozen=True, slots=True)
class Doubts:
    """For each of n reports, whether it is in doubt, and why; arrays (n,)."""

    pile: Bools
    whole_degree: Bools
    uncertain: Bools
    piles: tuple[Pile, ...]  # most reports first

    def kept(self, include: Collection[Doubt] = ()) -> Bools:
        """Reports in no doubt but those that were asked for, (n,). Raises BadInput(field="include")."""
        check_doubts(include)
        kept = np.ones(len(self.pile), dtype=bool)
        for doubt in DOUBTS:
            if doubt not in include:
                kept &= ~getattr(self, doubt)
        return kept


def check_doubts(asked: Collection[str]) -> tuple[Doubt, ...]:
    """The doubts asked for, once each in their own order. Raises BadInput(field="include") for any other."""
    for doubt in asked:
        if doubt not in DOUBTS:
            raise BadInput(f"{doubt[:40]!r} is none of {', '.join(DOUBTS)}", field="include")
    return tuple(doubt for doubt in DOUBTS if doubt in asked)


def doubts_of(text: str | None) -> tuple[Doubt, ...]:
    """The doubts of `pile,uncertain`; none of nothing. Raises BadInput(field="include")."""
    return check_doubts(text.split(",")) if text else ()


@dataclass(frozen=True, slots=True)
class Difference:
    """What leaving out did to a surface.

    `reports` per doubt (one in two doubts is in both), `left_out` of them altogether, as far as they have
    a coordinate. `share` is the part, 0 … 1, of the weight inside the district that they would have had;
    `shift_m` how far, in metres, the highest place moves when they are let in, and `peak` / `peak_with` the
    (lon, lat, per km²) of both. None where there is no report to make a peak.
    """

    reports: dict[Doubt, int]
    left_out: int
    piles: tuple[Pile, ...]
    share: float
    shift_m: float | None
    peak: tuple[float, float, float] | None
    peak_with: tuple[float, float, float] | None


def doubts(
    lon: ArrayLike,
    lat: ArrayLike,
    *,
    given_lon: ArrayLike,
    given_lat: ArrayLike,
    needs_review: ArrayLike,
    pile_size: int,
) -> Doubts:
    """Which of n reports are in doubt.

    lon, lat: WGS-84 degrees, by which piles are found; given_lon, given_lat: as they came, in their own
    datum, because a converted whole degree is whole no more; NaN where a report has no coordinate, which is
    no doubt of these. needs_review: the placement's flag. A pile is at least `pile_size` reports of those
    handed in, so hand in a month of one category or of all, as the page counts them.
    """
    x, y, given_x, given_y = (
        np.asarray(v, dtype=np.float64).ravel() + 0.0 for v in (lon, lat, given_lon, given_lat)
    )
    uncertain = np.asarray(needs_review, dtype=bool).ravel()
    if not len(x) == len(y) == len(given_x) == len(given_y) == len(uncertain):
        raise BadInput("needs one value for each report", field="needs_review")
    located = np.isfinite(x) & np.isfinite(y)
    # as complex numbers: sorted by lon, then lat, ten times as fast as rows of two
    spots, which, many = np.unique((x + 1j * y)[located], return_inverse=True, return_counts=True)
    pile = np.zeros(len(x), dtype=bool)
    pile[located] = (many >= pile_size)[which]
    big = [
        Pile(spots[i].real.item(), spots[i].imag.item(), int(many[i]))
        for i in np.flatnonzero(many >= pile_size)
    ]
    whole = np.isfinite(given_x) & np.isfinite(given_y)
    whole[whole] = (given_x[whole] % 1 == 0) & (given_y[whole] % 1 == 0)
    piles = tuple(sorted(big, key=lambda spot: (-spot.count, spot.lon, spot.lat)))
    return Doubts(pile, whole, uncertain & located, piles)


def with_difference(
    lon: ArrayLike, lat: ArrayLike, found: Doubts, on: Ground, *, include: Collection[Doubt] = ()
) -> tuple[Intensity, Difference]:
    """The surface of the reports that are kept, and what the others would have changed.

    lon, lat: WGS-84 degrees of the n reports (NaN: none). Raises BadInput(field="include").
    """
    x, y = (np.asarray(v, dtype=np.float64).ravel() for v in (lon, lat))
    kept = found.kept(include)
    located = np.isfinite(x) & np.isfinite(y)
    shown, whole = intensity(x[kept], y[kept], on), intensity(x, y, on)
    out = ~kept & located
    reports = {doubt: int((getattr(found, doubt) & out).sum()) for doubt in DOUBTS if doubt not in include}
    return shown, compared(shown, whole, reports, int(out.sum()), () if "pile" in include else found.piles)


def compared(
    shown: Intensity, whole: Intensity, reports: dict[Doubt, int], left_out: int, piles: Sequence[Pile]
) -> Difference:
    """What was left out of `shown` and would be in `whole`, two surfaces on the same ground."""
    peak = shown.peak if shown.weight else None
    peak_with = whole.peak if whole.weight else None
    return Difference(
        reports,
        left_out,
        tuple(piles),
        (whole.weight - shown.weight) / whole.weight if whole.weight else 0.0,
        None if peak is None or peak_with is None else _apart_m(peak, peak_with, shown.ground),
        peak,
        peak_with,
    )


def without(
    cell_x: ArrayLike,
    cell_y: ArrayLike,
    reports: ArrayLike,
    lon: ArrayLike,
    lat: ArrayLike,
    many: ArrayLike,
    *,
    level: int = LEVEL,
) -> NDArray[np.int64]:
    """Counts of cells (geometry.cells, of a level) less `many` reports at each of m points, (n,) ≥ 0.

    For a month that is read as cells rather than points: what is left out is known by its exact coordinate
    (WGS-84 degrees), which only the rows have, and is taken off the cell that it fell into. No cell twice.
    """
    left = np.array(reports, dtype=np.int64).ravel()
    off = np.asarray(many, dtype=np.int64).ravel()
    if not len(off) or not len(left):
        return left
    columns, rows = (np.asarray(v, dtype=np.int64).ravel() for v in (cell_x, cell_y))
    x, y = cells(lon, lat)
    key = columns << LEVEL | rows
    wanted = (x.astype(np.int64) >> LEVEL - level) << LEVEL | y >> LEVEL - level
    order = np.argsort(key)
    at = order[np.minimum(np.searchsorted(key, wanted, sorter=order), len(key) - 1)]
    there = key[at] == wanted
    np.subtract.at(left, at[there], off[there])
    return np.maximum(left, 0)


def _apart_m(one: tuple[float, float, float], other: tuple[float, float, float], on: Ground) -> float:
    x, y = transformer(on.crs).transform(np.array([one[0], other[0]]), np.array([one[1], other[1]]))
    return float(np.hypot(x[1] - x[0], y[1] - y[0]))
