"""Getis–Ord Gi* with permutations and a controlled false discovery rate: which grids are hot, honestly.

Gi* asks of a grid and its neighbours together whether their values are higher (hot) or lower (cold) than
where they lie would give by chance. What is not here: who is whose neighbour (statistics.neighbours), what is
left out of a count (statistics.doubts), colours and words.

**What is tested is the caller's choice**, because grids differ in size and in what stands in them:

- `surplus(counts, exposure)`, the default of gridmap's pages: by how much a count departs from its share of
  the month's total, in units of its own chance. Exposure is what reports can come from: square kilometres
  (busier ground), buildings (busier per building), or the grid's own usual number (busier than it is wont to
  be). Chance alone gives every grid the same spread, large or small, so that values may be exchanged
  between grids, and that is what a permutation does.
- counts as they are: right only for grids of one size. Else a cluster of large grids is "hot" because large.
- densities or rates: right only where counts are large. One report in a small grid is a giant density, and a
  corner of small grids has more of both extremes by chance alone.

With areas as uneven as a real district's and no cluster at all, permuting counts or densities stars grids in
more months than the level promises; surplus does not (tests/statistics/test_hotspots.py).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.statistics.neighbours import Neighbours

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

PERMUTATIONS = 9_999
"""Permutations at the least; the smallest p is then 2 / 10,000."""

LEVEL = 0.05
"""False discovery rate: of the starred grids of a category and month, the share expected to be chance."""

LEAST_REPORTS = 10
"""With fewer reports in the month nothing is tested: three rows in two neighbouring grids are no pattern."""

_MOST_PERMUTATIONS = 10_000_000
_AT_ONCE = 10_000  # permutations: what a cache holds
_FLAT = 1e-12  # a spread under this share of the largest value is rounding


@dataclass(frozen=True, slots=True)
class HotSpots:
    """Gi* of n grids in one category and month; all arrays (n,), read-only, without NaN.

    `z` is Gi* itself; `p` the two-sided pseudo p-value; `q` the same after Benjamini–Hochberg. `tested` is
    False, with p = q = 1, where no test is possible: an island has no neighbours to permute (its z is that of
    its own value), and so has a grid that neighbours all others; and the whole month where `reason` says why.
    """

    z: Floats
    p: Floats
    q: Floats
    tested: Bools
    level: float
    permutations: int
    seed: int
    reason: str | None  # "few_reports", "flat", or None when the month was tested

    @property
    def hot(self) -> Bools:
        """Starred as hot: significantly more, here and around here."""
        return (self.q <= self.level) & (self.z > 0)

    @property
    def cold(self) -> Bools:
        """Starred as cold: significantly less."""
        return (self.q <= self.level) & (self.z < 0)


def surplus(counts: ArrayLike, exposure: ArrayLike) -> Floats:
    """Freeman–Tukey deviates of counts from their shares of the total: √O + √(O + 1) − √(4E + 1).

    counts O: whole numbers (n,); exposure: any unit, ≥ 0 (n,), of which only the shares matter. Expected is
    E = total × exposure / all exposure. Under chance alone (Poisson) the deviate has mean about 0 and
    variance about 1 for E over 1, and less below: a grid where next to nothing is expected cannot shout.
    (Less too, by the factor 1 − share, in a grid that holds a large share of all exposure.)
    A grid without exposure is expected to have none. Source: Freeman and Tukey 1950; Bishop, Fienberg and
    Holland 1975, section 14.6. Raises BadInput for exposure that is negative, not finite or nowhere over 0.
    """
    observed, base = _vector(counts, "counts"), _vector(exposure, "exposure")
    if (observed < 0).any():
        raise BadInput("has a number under 0; counts are 0 or more", field="counts")
    if len(base) != len(observed):
        raise BadInput(f"has {len(base)} values for {len(observed)} counts", field="exposure")
    if len(base) and ((base < 0).any() or not base.sum() > 0):
        raise BadInput("must be 0 or more everywhere and over 0 somewhere", field="exposure")
    expected = observed.sum() * (base / base.sum()) if len(base) else base
    return np.asarray(np.sqrt(observed) + np.sqrt(observed + 1) - np.sqrt(4 * expected + 1))


def hot_spots(
    values: ArrayLike,
    neighbours: Neighbours,
    *,
    reports: int,
    seed: int,
    permutations: int = PERMUTATIONS,
    level: float = LEVEL,
) -> HotSpots:
    """Gi* of `values` (n,) with its chance, and stars that hold the false discovery rate at `level`.

    `reports` is how many reports of the month stand behind the values; under LEAST_REPORTS nothing is tested.
    `seed` (see `seed_of`) makes the permutations repeatable to the last digit.

    z (Getis and Ord 1992, Ord and Getis 1995), with binary weights and the grid itself included, W = 1 + its
    number of neighbours: (Σⱼ xⱼ − W x̄) / (s √(W (n − W) / (n − 1))), s² the mean of squares about x̄.

    p: the grid keeps its own value and the others are dealt out to all other places, `permutations` times
    (Anselin 1995). With `above` of them at least as high as observed and `below` at most as high,
    p = min(1, 2 (1 + min(above, below)) / (1 + permutations)): both tails, and never 0. One high value alone
    in calm surroundings is therefore not starred itself, however high; in a map of thousands of grids those
    beside it may be. Piles on one coordinate are to be left out before (statistics.doubts).

    q: Benjamini and Hochberg 1995. The family is the tested grids of this one category and month; twelve
    months of twenty categories are 240 families, and one in twenty of those may hold a star by chance.

    The smallest p, 2 / 10,000, is 1 among 250 tested grids at the level of 0.05: in a family of 100,000 only
    400 or more together can earn stars. Rather than a city in one family, test each subdistrict in its own.
    (70 grids with 9,999 permutations took some 10 ms on one core.)

    Raises BadInput for values that are not finite, lengths that differ, a level outside (0, 1), or fewer
    permutations than 9,999.
    """
    x = _vector(values, "values")
    _check(x, neighbours, reports, permutations, level)
    n, window = len(x), neighbours.degrees + 1.0
    x = x / (
        float(np.abs(x).max(initial=0.0)) or 1.0
    )  # neither z nor p knows a unit, and squares stay finite
    x = x - (x.mean() if n else 0.0)
    spread = float(x.std()) if n else 0.0
    flat = not spread > _FLAT
    reason = "few_reports" if reports < LEAST_REPORTS else "flat" if flat else None
    z, p, q = np.zeros(n), np.ones(n), np.ones(n)
    if not flat:
        z = _gi_star(x, neighbours, np.asarray(window, np.float64), spread)
    tested = (neighbours.degrees > 0) & (window < n) & (reason is None)
    if tested.any():
        p[tested] = _two_sided(x, neighbours, permutations, seed)[tested]
        q[tested] = benjamini_hochberg(p[tested])
    for array in (z, p, q, tested):
        array.setflags(write=False)
    return HotSpots(z, p, q, tested, level, permutations, seed, reason)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjusted p-values (n,) of one family: the smallest rate at which each would be discovered.

    qᵢ = min over ranks r ≥ rank(i) of n p₍ᵣ₎ / r. Benjamini and Hochberg 1995.
    """
    given = _vector(p, "p")
    order = np.argsort(given, kind="stable")
    ranked = given[order] * len(given) / np.arange(1, len(given) + 1)
    adjusted = np.empty(len(given))
    adjusted[order] = np.minimum.accumulate(ranked[::-1])[::-1]
    return np.minimum(adjusted, 1.0)


def seed_of(jurisdiction: str, category: str | None, month: date) -> int:
    """The seed of a category and month: the same for ever, and no two share their permutations."""
    text = f"{jurisdiction}\n{category or ''}\n{month:%Y-%m}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1


def _gi_star(centred: Floats, neighbours: Neighbours, window: Floats, spread: float) -> Floats:
    area, other = neighbours.pairs()
    total = centred + np.bincount(area, weights=centred[other], minlength=len(centred))
    n = len(centred)
    variance = window * (n - window) / max(n - 1, 1)
    some = variance > 0
    z = np.zeros(n)
    z[some] = total[some] / (spread * np.sqrt(variance[some]))
    return z


def _two_sided(x: Floats, neighbours: Neighbours, permutations: int, seed: int) -> Floats:
    """All grids share the draws, as in PySAL's esda, which leaves the chance of each p as it is.

    The urn of a grid holds the others: the last one lies in its place.
    """
    most = int(neighbours.degrees.max())
    # sums of the same values in another order differ by rounding and must count as equal
    tie = 1e-10 * float(np.abs(x).max()) * (1 + most)
    area, other = neighbours.pairs()
    observed = np.bincount(area, weights=x[other], minlength=len(x))
    above, below = np.zeros(len(x), np.int64), np.zeros(len(x), np.int64)
    bits, urn = np.random.PCG64(seed), x.copy()
    for start in range(0, permutations, _AT_ONCE):
        draws = _draws(bits, len(x) - 1, most, min(_AT_ONCE, permutations - start))
        for grid, degree in enumerate(neighbours.degrees.tolist()):
            urn[grid] = x[-1]
            sums = urn[draws[:degree]].sum(axis=0)
            urn[grid] = x[grid]
            above[grid] += np.count_nonzero(sums >= observed[grid] - tie)
            below[grid] += np.count_nonzero(sums <= observed[grid] + tie)
    return np.minimum(1.0, 2.0 * (1 + np.minimum(above, below)) / (1 + permutations))


def _draws(bits: np.random.PCG64, urn: int, most: int, times: int) -> NDArray[np.intp]:
    """(most, times): so many places of an urn drawn without replacement, so many times.

    The first steps of a Fisher–Yates shuffle (Durstenfeld 1964): step s takes what lies in a place from s on
    and lays what lies in place s there; of the urn only what was laid is kept. Places come from the raw bits,
    whose stream NumPy never changes, by multiply and shift: uneven by less than urn / 2³².
    """
    raw = bits.random_raw(most * times).reshape(most, times) >> np.uint64(32)
    drawn, laid, places = (np.empty((most, times), np.intp) for _ in range(3))
    for step in range(most):
        places[step] = step + ((raw[step] * np.uint64(urn - step)) >> np.uint64(32)).astype(np.intp)
        drawn[step], laid[step] = places[step], step
        for before in range(step):
            np.copyto(drawn[step], laid[before], where=places[before] == places[step])
            np.copyto(laid[step], laid[before], where=places[before] == step)
    return drawn


def _vector(values: ArrayLike, field: str) -> Floats:
    array = np.ascontiguousarray(values, dtype=np.float64).ravel()
    if not np.isfinite(array).all():
        raise BadInput("has values that are not numbers; give one finite number for each grid", field=field)
    return array


def _check(x: Floats, neighbours: Neighbours, reports: int, permutations: int, level: float) -> None:
    if len(x) != len(neighbours):
        raise BadInput(f"has {len(x)} values for {len(neighbours)} grids", field="values")
    if reports < 0:
        raise BadInput(f"{reports} is no number of reports; give 0 or more", field="reports")
    if not PERMUTATIONS <= permutations <= _MOST_PERMUTATIONS:
        raise BadInput(
            f"{permutations} is not between {PERMUTATIONS} and {_MOST_PERMUTATIONS}", field="permutations"
        )
    if not 0 < level < 1:
        raise BadInput(f"{level} is no rate; give one between 0 and 1, such as 0.05", field="level")
