"""How far two counts differ by chance alone: a rough bound, said beside changes that nobody has tested."""

from __future__ import annotations

import math

from gridmap.statistics.figures import Change


def bound(change: Change) -> int:
    """2 √(a + b), rounded up, of a change from a to b.

    The difference of two Poisson counts has the variance of their sum; twice its root holds about 95 of 100
    differences where nothing has changed. No test: of 70 grids three or four lie beyond it by chance alone.
    """
    return math.ceil(2 * math.sqrt(2 * change.before + change.by))


def beyond(change: Change) -> bool:
    return abs(change.by) > 2 * math.sqrt(2 * change.before + change.by)
