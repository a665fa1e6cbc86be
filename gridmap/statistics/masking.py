"""Small counts of private categories, masked so that nobody can work them out again.

Disputes and petitions are private to those who handle them; elsewhere they are counts. In one small grid "2"
is two families. So counts from 1 to under a minimum are masked, and with them as many others as it takes
(complementary masking) that no masked count follows from the published total and the counts shown. Zeros are
shown, unless the month holds so little that all must go. Totals of the district are never masked.

Masked here is one table: the counts of a category and month by grid. Whoever publishes more must mind that
(statistics.private does, for all that is published of a private category)

- changes, densities and rates give a count away: mask them where the count or its base is masked
  (statistics.figures does);
- "all categories" less the public ones is the private ones: printed tables leave private categories out of
  that count (statistics.digests). The interactive map of all categories holds every report, by decision: it
  is the office's own working map, and what is done with it is bound by the office's own rules;
- a month re-cut to other boundaries is a second table of the same reports: publish one of the two;
- so is a month as it was known at another moment, which less this one tells of single reports;
- a density surface of few reports is a map of their addresses: draw none of private categories.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MINIMUM = 5
"""Counts from 1 to under this are masked, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Masked:
    """Which of n counts are not shown, (n,), and which of those only to protect others (never tell apart).

    `exposed` are groups in which even masking everything hides nothing: their total is one grid's count, and
    has to be masked by whoever publishes it.
    """

    hidden: Bools
    complementary: Bools
    exposed: tuple[int, ...]

    def shown(self, counts: ArrayLike) -> tuple[int | None, ...]:
        """The counts, None where masked."""
        values = np.asarray(counts, dtype=np.int64).ravel().tolist()
        return tuple(None if hidden else v for v, hidden in zip(values, self.hidden.tolist(), strict=True))


def mask(counts: ArrayLike, *, minimum: int = MINIMUM, groups: ArrayLike | None = None) -> Masked:
    """Mask counts of n grids whose totals are published by group (community), or as one.

    counts: whole numbers ≥ 0, (n,); groups: any whole number per grid, equal within a group. Each group is
    made safe against its own total, which makes it safe against every sum of totals.

    Safe means: to a reader who knows these rules, the minimum, and even which counts are masked only to
    protect others, every value from 1 to minimum − 1 remains possible for each small count. Complementary
    ones are the smallest that are shown, taken one by one until that holds; where all of them do not
    suffice, or the group's total is under twice the minimum, everything in the group is masked, its zeros
    too: else a total of three over three masked grids would say that each has one.

    Raises BadInput for a minimum under 3 (1 is then all that "under 2" can mean) and for negative counts.
    """
    values = np.asarray(counts, dtype=np.int64).ravel()
    group = np.zeros(len(values), np.int64) if groups is None else np.asarray(groups, np.int64).ravel()
    if minimum < 3:
        raise BadInput(f"{minimum} hides nothing; give 3 or more", field="minimum")
    if (values < 0).any():
        raise BadInput("has a number under 0", field="counts")
    if len(group) != len(values):
        raise BadInput(f"has {len(group)} values for {len(values)} counts", field="groups")
    hidden = np.zeros(len(values), dtype=bool)
    exposed = []
    for number in np.unique(group).tolist():
        members = np.flatnonzero(group == number)
        hidden[members] = _hidden(values[members], minimum)
        if len(members) == 1 and hidden[members[0]]:
            exposed.append(number)
    small = (values > 0) & (values < minimum)
    return Masked(hidden, hidden & ~small, tuple(exposed))


def _hidden(values: Ints, minimum: int) -> Bools:
    """Which counts of one group to hide."""
    small = (values > 0) & (values < minimum)
    if not small.any():
        return small
    if values.sum() < 2 * minimum:
        return np.ones(len(values), dtype=bool)
    large = np.flatnonzero(values >= minimum)
    large = large[np.argsort(values[large], kind="stable")]
    for many in range(len(large) + 1):
        next_shown = int(values[large[many]]) if many < len(large) else None
        if _safe(values[small], values[large[:many]], minimum, next_shown):
            hidden = small.copy()
            hidden[large[:many]] = True
            return hidden
    return np.ones(len(values), dtype=bool)


def _safe(small: Ints, others: Ints, minimum: int, next_shown: int | None) -> bool:
    """Whether each small count could be anything from 1 to minimum − 1, given their sum with the others.

    The others are known to be at least the minimum and at most the smallest count that is shown, if any is.
    """
    total = int(small.sum() + others.sum())
    beside = len(small) - 1
    least = beside + len(others) * minimum
    most = beside * (minimum - 1)
    if len(others):
        most = most + len(others) * next_shown if next_shown is not None else total
    return total - (minimum - 1) >= least and total - 1 <= most
