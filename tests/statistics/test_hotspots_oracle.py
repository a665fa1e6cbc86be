"""Gi* against esda, given the same weights: it was written by others, from the same papers."""

from __future__ import annotations

import numpy as np
import pytest
from esda.getisord import G_Local
from hypothesis import given, settings
from hypothesis import strategies as st
from libpysal.graph import Graph

from gridmap.statistics.hotspots import hot_spots, surplus
from gridmap.statistics.neighbours import Neighbours, neighbours


def theirs(values: np.ndarray, found: Neighbours, permutations: int = 0) -> G_Local:
    focal, other = found.pairs()
    focal, other = np.r_[focal, found.islands], np.r_[other, found.islands]
    weight = np.r_[np.ones(len(found.others)), np.zeros(len(found.islands))]
    order = np.argsort(focal, kind="stable")  # a Graph takes its areas in the order in which they appear
    graph = Graph.from_arrays(focal[order], other[order], weight[order]).assign_self_weight(1)
    return G_Local(values, graph, transform="B", star=True, permutations=permutations, seed=7, n_jobs=1)


def ours(values: np.ndarray, found: Neighbours):
    return hot_spots(values, found, reports=1000, seed=7)


@pytest.mark.parametrize("name", ["district", "boston"])
@pytest.mark.parametrize("seed", range(5))
def test_z_is_esdas_on_real_grids(request: pytest.FixtureRequest, name: str, seed: int) -> None:
    grids = request.getfixturevalue(name)
    counts = np.random.default_rng(seed).poisson(grids.area_km2 * 30)
    for values in (counts, counts / grids.area_km2, surplus(counts, grids.area_km2) + 50):
        found = ours(values, grids.neighbours).z
        assert np.abs(found - theirs(values.astype(float), grids.neighbours).Zs).max() < 1e-9


def test_z_of_islands_is_esdas() -> None:
    found = neighbours(8, [0, 1, 2, 3], [1, 2, 3, 4])
    values = np.array([3.0, 9, 9, 1, 0, 7, 2, 4])
    assert found.islands.tolist() == [5, 6, 7]
    assert np.abs(ours(values, found).z - theirs(values, found).Zs).max() < 1e-9


@st.composite
def months(draw) -> tuple[Neighbours, np.ndarray]:
    size = draw(st.integers(4, 25))
    index = st.integers(0, size - 1)
    pairs = draw(st.lists(st.tuples(index, index), max_size=3 * size))
    counts = draw(st.lists(st.integers(0, 500), min_size=size, max_size=size))
    return neighbours(size, [a for a, _ in pairs], [b for _, b in pairs]), np.array(counts, float)


@settings(max_examples=40)
@given(months())
def test_z_is_esdas_on_any_graph(month) -> None:
    found, values = month
    defined = (found.degrees + 1 < len(found)) & (values.std() > 0)
    with np.errstate(all="ignore"):
        wanted = theirs(values, found).Zs
    assert np.abs(ours(values, found).z - wanted)[defined].max(initial=0) < 1e-9


def test_p_is_esdas_but_for_chance(district) -> None:
    """esda folds both tails into one count: its p doubled is ours, within the noise of 9,999 permutations."""
    counts = np.random.default_rng(1).poisson(district.area_km2 * 30)
    values = surplus(counts, district.area_km2) + 50
    mine = ours(values, district.neighbours).p
    folded = np.minimum(1, 2 * theirs(values, district.neighbours, 9999).p_sim)
    assert np.abs(mine - folded).max() < 0.05
    assert np.abs(mine - folded).mean() < 0.01
