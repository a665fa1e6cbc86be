"""Deciding what is hidden of a private category in a month: communities first, then the grids in them.

Communities are masked against the district's total. Of a hidden one all grids go, its zeros too, so that all
that is told of the hidden ones together is what the total leaves for them. In one that is shown the grids
are masked against the community's total. Reports in no grid are one more member of those in no community.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.errors import BadInput
from gridmap.statistics.masking import MINIMUM, mask
from gridmap.statistics.private import store
from gridmap.statistics.shown import Shown

Code = str | None  # None: in no grid, or in no community


@dataclass(frozen=True, slots=True)
class Hidden:
    """A private category in a month, counted as placed: counts by code, and whose are not to be shown."""

    by_grid: Mapping[Code, int]
    by_community: Mapping[Code, int]
    grids: frozenset[Code]
    communities: frozenset[Code]
    above: Mapping[Code, Code]  # grid -> its community

    def among(self, shown: Shown, by_code: Mapping[str, int]) -> frozenset[Code]:
        """Which areas of a map to hide, None among them where those in no grid are.

        `by_code`: the month cut to the map's grids. Where that is not as the reports were placed, it is a
        second table of the same reports, which less the first could tell what is hidden: all of it goes.
        """
        as_placed = {code: count for code, count in self.by_grid.items() if code is not None and count}
        if as_placed != {code: count for code, count in by_code.items() if count}:
            return frozenset({area.code for area in shown.areas} | {None})
        outside = self.grids & {None}
        if shown.of_grid is None:
            return self.grids
        if shown.kind == "community":
            return frozenset(self.communities - {None}) | outside
        held = {code for code, above in self.above.items() if code and above in self.communities}
        return frozenset(shown.of_grid[code] for code in held if code in shown.of_grid) | outside


def hidden(connection: Connection, jurisdiction: Jurisdiction, month: date, category: str) -> Hidden:
    """What is hidden of a private category in a month (its first day)."""
    counted = store.placed(connection, jurisdiction.code, month, category)
    return hide(counted, store.grids(connection, jurisdiction.code, month))


def hide(
    counted: Mapping[tuple[Code, Code], int],
    known: Mapping[str, frozenset[Code]],
    *,
    minimum: int = MINIMUM,
) -> Hidden:
    """The same, from reports by (grid, community) and the communities that each grid had in the month.

    Where a grid changed its community within the month both tables overlap in ways that are not looked into:
    all of it is hidden.
    """
    homes: defaultdict[Code, set[Code]] = defaultdict(set)
    homes[None].add(None)
    by_grid: Counter[Code] = Counter()
    by_community: Counter[Code] = Counter()
    for grid, communities in known.items():
        homes[grid] |= communities
    for (placed, community), reports in counted.items():
        homes[placed].add(community)
        by_grid[placed] += reports
        by_community[community] += reports
    above: dict[Code, Code] = {grid: min(of, key=lambda code: code or "") for grid, of in homes.items()}
    groups = sorted({each for of in homes.values() for each in of}, key=lambda code: (code is None, code))
    if all(len(of) == 1 for of in homes.values()):
        grids, communities = _chosen(above, groups, by_grid, by_community, minimum)
    elif any(counted.values()):
        grids, communities = frozenset(above), frozenset(groups)
    else:
        grids, communities = frozenset(), frozenset()
    return Hidden(by_grid, by_community, grids, communities, above)


def _chosen(
    above: Mapping[Code, Code],
    groups: list[Code],
    by_grid: Mapping[Code, int],
    by_community: Mapping[Code, int],
    minimum: int,
) -> tuple[frozenset[Code], frozenset[Code]]:
    """(grids, communities) to hide."""
    # the district's total is told whatever it is: a lone community is as good as the district
    masked = mask([by_community[code] for code in groups], minimum=minimum).hidden & (len(groups) > 1)
    communities = {code for code, away in zip(groups, masked.tolist(), strict=True) if away}
    codes = sorted(above, key=lambda code: (code is None, code))
    number = {code: at for at, code in enumerate(groups)}
    within = np.array([number[above[code]] for code in codes])
    away = mask([by_grid[code] for code in codes], minimum=minimum, groups=within).hidden.tolist()
    grids = {code for code, hide_it in zip(codes, away, strict=True) if hide_it or above[code] in communities}
    return frozenset(grids), frozenset(communities)


def refuse_second(category: str, edition: int | None, as_of: datetime | None) -> None:
    """Raise BadInput where a private category is asked for by area in a second way.

    Re-cut to another edition: see `Hidden.among`. As of a moment: two moments would tell of each report in
    which grid it lies. What was published then is in the archive, masked as it was.
    """
    if edition is not None:
        raise BadInput(
            f"{category} is private and counted on the boundaries of its own day only", field="edition"
        )
    if as_of is not None:
        raise BadInput(f"{category} is private and counted as it is known now only", field="as_of")
