"""Drawing grids anew: small units joined to contiguous groups of about equal load.

Units are whatever is not to be cut: buildings with the ground around them, compounds, cells. What a fair load
is (reports, households, hours of work) is the caller's to say, and so is who is whose neighbour: units that
share an edge, as a rule, because a corner is no way across. A suggestion for people who know the ground, who
then draw by hand; nothing here changes an edition.

Libraries for this (spopt's SKATER and max-p) bring five packages with them and balance attributes rather
than loads; scipy's spanning tree does what is needed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components, minimum_spanning_tree

from gridmap.errors import BadInput
from gridmap.statistics.neighbours import Neighbours

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

MOST_MOVES = 100_000


@dataclass(frozen=True, slots=True)
class Division:
    """Units in groups: `group` (n,) from 0, `loads` by group. `imbalance` is the largest load over the mean:
    1 is even, 2 means that somebody carries twice the share."""

    group: Ints
    loads: Floats

    @property
    def imbalance(self) -> float:
        mean = float(self.loads.mean()) if len(self.loads) else 0.0
        return float(self.loads.max()) / mean if mean > 0 else 1.0


def division(load: ArrayLike, group: ArrayLike) -> Division:
    """A division as it is. Raises BadInput for loads under 0 or not finite, and for other lengths."""
    loads, groups = np.asarray(load, np.float64).ravel(), np.asarray(group, np.int64).ravel()
    if len(loads) != len(groups):
        raise BadInput(f"has {len(groups)} values for {len(loads)} units", field="group")
    if not np.isfinite(loads).all() or (loads < 0).any():
        raise BadInput("has a load that is not a number of 0 or more", field="load")
    if (groups < 0).any():
        raise BadInput("has a group under 0", field="group")
    return Division(groups, np.bincount(groups, weights=loads).astype(np.float64))


def suggest(
    load: ArrayLike,
    neighbours: Neighbours,
    groups: int,
    *,
    distance: ArrayLike | None = None,
    start: ArrayLike | None = None,
) -> Division:
    """Units in so many contiguous groups of about equal load; the same input gives the same division.

    load: ≥ 0, (n,). distance: what it costs to join each pair of `neighbours.pairs()`, (pairs,), such as
    metres between their middles, so that groups grow compact; default 1. start: the groups there are now,
    from 0, (n,). Where they are contiguous and as many, the suggestion is never less even than they are.

    The units are strung on a spanning tree of the shortest joints, which is cut where that leaves every part
    its share (as SKATER does: Assunção et al. 2006), once for each further group. Then single units on the
    border of two groups change sides, as long as that evens out loads and leaves the group they came from in
    one piece. Good, not the best there is: that problem is NP-hard.

    Raises BadInput(field="groups") for fewer groups than parts that do not touch, or more than units.
    """
    first = division(load, np.zeros(len(neighbours), np.int64) if start is None else start)
    loads = np.asarray(load, np.float64).ravel()
    graph = _graph(neighbours, distance)
    tries = [_refined(loads, neighbours, _cut(loads, graph, groups))]
    if start is not None and len(first.loads) == groups and contiguous(first.group, neighbours):
        tries.append(_refined(loads, neighbours, first.group.copy()))
    made = [division(loads, each) for each in tries]
    return min(made, key=lambda each: (each.loads.max(initial=0.0), float((each.loads**2).sum())))


def contiguous(group: ArrayLike, neighbours: Neighbours) -> bool:
    """Whether every group holds a unit and hangs together."""
    groups = np.asarray(group, np.int64)
    unit, other = neighbours.pairs()
    inside = groups[unit] == groups[other]
    n = len(groups)
    links = csr_array((np.ones(int(inside.sum())), (unit[inside], other[inside])), shape=(n, n))
    pieces = connected_components(links, directed=False)[0] if n else 0
    return bool(pieces == (groups.max(initial=-1) + 1) == len(np.unique(groups)))


def _graph(neighbours: Neighbours, distance: ArrayLike | None) -> csr_array:
    unit, other = neighbours.pairs()
    cost = np.ones(len(unit)) if distance is None else np.asarray(distance, np.float64).ravel()
    if len(cost) != len(unit) or not np.isfinite(cost).all() or (cost < 0).any():
        raise BadInput(f"needs a number of 0 or more for each of {len(unit)} pairs", field="distance")
    # a tree of sparse costs takes 0 for no joint at all
    return csr_array((cost + 1e-9 * (1 + cost.max(initial=0.0)), (unit, other)), shape=(len(neighbours),) * 2)


def _cut(loads: Floats, graph: csr_array, groups: int) -> Ints:
    """Groups by cutting the spanning tree of each part that touches no other."""
    many, part = connected_components(graph, directed=False)
    if not many <= groups <= len(loads):
        raise BadInput(
            f"{groups} groups cannot be made of {len(loads)} units in {many} parts that do not touch",
            field="groups",
        )
    tree = minimum_spanning_tree(graph)
    tree = csr_array(tree + tree.T)
    sizes = np.bincount(part)
    shares = _shares(np.bincount(part, weights=loads).astype(np.float64), sizes, groups)
    group, found = np.zeros(len(loads), np.int64), 0
    waiting = [(np.flatnonzero(part == number), int(share)) for number, share in enumerate(shares)]
    while waiting:
        members, wanted = waiting.pop()
        if wanted == 1:
            group[members] = found
            found += 1
            continue
        one, of_one = _halves(loads, tree, members, wanted)
        waiting += [(np.setdiff1d(members, one), wanted - of_one), (one, of_one)]
    return group


def _shares(load: Floats, sizes: Ints, groups: int) -> Ints:
    """How many groups each part gets: one, and each further one where the load per group is largest."""
    shares = np.ones(len(load), np.int64)
    for _ in range(groups - len(load)):
        able = np.where(shares < sizes, load / shares, -1.0)
        shares[int(np.argmax(able))] += 1
    return shares


def _halves(loads: Floats, tree: csr_array, members: Ints, wanted: int) -> tuple[Ints, int]:
    """One side of the joint whose cut leaves both sides nearest to whole shares, and its number of groups."""
    local = tree[members][:, members]
    order, before = breadth_first_order(local, 0, directed=False)
    below, units = loads[members].copy(), np.ones(len(members), np.int64)
    for at in order[:0:-1]:  # from the leaves to the root
        below[before[at]] += below[at]
        units[before[at]] += units[at]
    total, count = below[0], len(members)
    share = total / wanted
    best: tuple[float, int, int] | None = None
    for of_one in range(1, wanted):
        fits = (units >= of_one) & (count - units >= wanted - of_one)
        fits[0] = False
        # the worse of the two sides, by load per group
        worse = np.maximum(below / of_one, (total - below) / (wanted - of_one)) - share
        worse[~fits] = np.inf
        at = int(np.argmin(worse))
        if np.isfinite(worse[at]) and (best is None or worse[at] < best[0] - 1e-12):
            best = float(worse[at]), at, of_one
    assert best is not None, "a leaf can always be cut off"
    _, top, of_one = best
    inside = np.zeros(len(members), bool)
    inside[top] = True
    for at in order[1:]:
        inside[at] |= inside[before[at]]
    return members[inside], of_one


def _refined(loads: Floats, neighbours: Neighbours, group: Ints) -> Ints:
    """Move units over borders, each time the move that evens out most, until none does."""
    unit, other = neighbours.pairs()
    held = np.bincount(group, weights=loads)
    for _ in range(MOST_MOVES):
        border = group[unit] != group[other]
        a, b = unit[border], group[other[border]]
        weight = loads[a]
        # by how much the sum of squares falls when a goes over: 2 w (from − to − w)
        gain = weight * (held[group[a]] - held[b] - weight)
        worth = np.flatnonzero(gain > 1e-9 * (1.0 + weight * weight))
        for at in worth[np.argsort(-gain[worth], kind="stable")].tolist():
            if _stays_whole(neighbours, group, int(a[at])):
                held[group[a[at]]] -= weight[at]
                held[b[at]] += weight[at]
                group[a[at]] = b[at]
                break
        else:
            break
    return group


def _stays_whole(neighbours: Neighbours, group: Ints, unit: int) -> bool:
    """Whether a unit's group still hangs together, and holds anything, without it."""
    mine = group[unit]
    near = [int(each) for each in neighbours.of(unit) if group[each] == mine]
    if not near:
        return False
    missing, seen, waiting = set(near[1:]), {unit, near[0]}, [near[0]]
    while waiting and missing:
        for each in neighbours.of(waiting.pop()).tolist():
            if each not in seen and group[each] == mine:
                seen.add(each)
                missing.discard(each)
                waiting.append(each)
    return not missing
