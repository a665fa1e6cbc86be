"""Stars mean something: planted clusters are found, noise is not starred, tiny months are left alone."""

from __future__ import annotations

from datetime import date
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.errors import BadInput
from gridmap.statistics.hotspots import (
    LEAST_REPORTS,
    PERMUTATIONS,
    benjamini_hochberg,
    hot_spots,
    seed_of,
    surplus,
)
from gridmap.statistics.neighbours import neighbours

RING = neighbours(12, range(12), [(i + 1) % 12 for i in range(12)])


def month(counts: np.ndarray, grids, seed: int = 1, **options):
    """As the pages do it: surplus over the ground's share."""
    values = surplus(counts, grids.area_km2)
    return hot_spots(values, grids.neighbours, reports=int(counts.sum()), seed=seed, **options)


def starred(found) -> np.ndarray:
    return found.hot | found.cold


# What is planted, and what is not


def test_planted_clusters_in_the_district_are_found(district) -> None:
    """Three times as many as elsewhere: chance may hide one of ten."""
    found = []
    for cluster in range(10):
        rng = np.random.default_rng(cluster)
        centre = int(rng.choice(np.flatnonzero(district.neighbours.degrees >= 5)))
        planted = district.around(centre)
        expected = district.area_km2 * 20
        expected[planted] *= 3
        of_month = month(rng.poisson(expected), district)
        found.append(of_month.hot[centre])
        assert of_month.hot.sum() <= len(planted) + 8  # its rim, which has it for a neighbour
    assert sum(found) >= 9


def test_ten_planted_clusters_in_noise_are_found(lattice) -> None:
    rng = np.random.default_rng(0)
    rows = [(r, c) for r in (4, 14, 24) for c in (4, 14, 24)] + [(19, 9)]
    expected = np.full((30, 30), 5.0)
    for row, column in rows:
        expected[row - 1 : row + 2, column - 1 : column + 2] *= 3
    found = month(rng.poisson(expected).ravel(), lattice)
    hot = found.hot.reshape(30, 30)
    assert all(hot[row, column] for row, column in rows)
    far = np.ones((30, 30), bool)
    for row, column in rows:
        far[row - 2 : row + 3, column - 2 : column + 3] = False
    assert starred(found).reshape(30, 30)[far].sum() <= 0.05 * starred(found).sum()


def test_a_hole_is_starred_cold(lattice) -> None:
    expected = np.full((30, 30), 8.0)
    expected[10:15, 10:15] = 0.5
    found = month(np.random.default_rng(2).poisson(expected).ravel(), lattice)
    assert found.cold.reshape(30, 30)[12, 12]
    assert found.hot.sum() <= 0.1 * found.cold.sum()


@pytest.mark.parametrize("per_month", [15, 60, 300, 3000])
def test_of_a_hundred_months_of_noise_at_most_twelve_have_a_star(district, per_month: int) -> None:
    """Noise on real ground: as many reports as each grid's area calls for, and chance."""
    rng = np.random.default_rng(per_month)
    share = district.area_km2 / district.area_km2.sum()
    noise = [rng.multinomial(per_month, share) for _ in range(100)]
    assert sum(starred(month(c, district, seed)).any() for seed, c in enumerate(noise)) <= 12


def test_of_a_hundred_months_of_even_noise_at_most_twelve_have_a_star(lattice) -> None:
    rng = np.random.default_rng(11)
    part = lattice.neighbours.pairs()
    rows = 8 * 30  # eight rows
    inside = (part[0] < rows) & (part[1] < rows)
    links = neighbours(rows, part[0][inside], part[1][inside])
    noise = [rng.poisson(1.5, rows) for _ in range(100)]
    tested = [hot_spots(c, links, reports=int(c.sum()), seed=s) for s, c in enumerate(noise)]
    assert all(found.tested.all() for found in tested)
    assert sum(starred(found).any() for found in tested) <= 12


def test_counts_as_they_are_would_star_noise(district) -> None:
    """Why surplus is what pages test: grids differ in size, and their counts with them."""
    rng = np.random.default_rng(5)
    share = district.area_km2 / district.area_km2.sum()
    noise = [rng.multinomial(3000, share) for _ in range(20)]
    naive = [hot_spots(c, district.neighbours, reports=3000, seed=s) for s, c in enumerate(noise)]
    assert sum(starred(found).any() for found in naive) > 15


# Months of next to nothing


@pytest.mark.parametrize("reports", [0, 1, 3, LEAST_REPORTS - 1])
def test_a_tiny_month_has_no_star_and_no_nan(district, reports: int) -> None:
    counts = np.zeros(70, int)
    counts[district.around(9)[: max(1, min(reports, 3))]] = reports // 3
    counts[9] += reports - counts.sum()
    found = month(counts, district)
    assert found.reason == "few_reports"
    assert not starred(found).any()
    assert not found.tested.any()
    assert (found.p == 1).all()
    assert (found.q == 1).all()
    assert np.isfinite(found.z).all()


@pytest.mark.parametrize("value", [0, 7, 0.1, 1e300])
def test_a_flat_month_has_no_star_and_no_nan(value) -> None:
    found = hot_spots(np.full(12, value), RING, reports=100, seed=1)
    assert (found.reason, found.tested.any(), np.abs(found.z).max()) == ("flat", False, 0)


def test_islands_are_never_starred_and_no_member_of_the_family(lattice) -> None:
    links = neighbours(40, range(29), range(1, 30))
    values = np.random.default_rng(0).poisson(4, 40)
    values[35] = 900
    found = hot_spots(values, links, reports=900, seed=1)
    assert found.tested.tolist() == [True] * 30 + [False] * 10
    assert (found.q[30:] == 1).all()
    assert found.z[35] > 5
    assert np.array_equal(found.q[:30], benjamini_hochberg(found.p[:30]))


def test_one_or_two_or_no_grids() -> None:
    for size in (0, 1, 2):
        links = neighbours(size, range(size - 1), range(1, size))
        found = hot_spots(np.arange(size), links, reports=50, seed=1)
        assert len(found.z) == size
        assert not found.tested.any()
        assert np.isfinite(found.z).all()


def test_a_grid_beside_all_others_is_not_tested() -> None:
    star = neighbours(6, [0] * 5, range(1, 6))
    found = hot_spots([9, 1, 2, 3, 4, 5], star, reports=50, seed=1)
    assert found.tested.tolist() == [False] + [True] * 5
    assert found.z[0] == 0


# What p and q are


def test_p_is_that_of_all_permutations(lattice) -> None:
    """Small enough to deal out every hand: two neighbours draw two of eleven values, 55 ways."""
    values = np.array([0, 1, 1, 2, 3, 3, 5, 8, 8, 13, 21, 34], float)
    found = hot_spots(values, RING, reports=99, seed=3, permutations=999_999)
    for grid in range(12):
        others = np.delete(values, grid)
        sums = np.array([a + b for a, b in combinations(others, 2)])
        here = values[RING.of(grid)].sum()
        exact = min(1.0, 2 * min((sums >= here).mean(), (sums <= here).mean()))
        assert found.p[grid] == pytest.approx(exact, abs=0.004)


def test_equal_sums_tie_though_they_round_apart() -> None:
    values = np.tile([0.1, 0.2, 0.3], 4)
    scaled = hot_spots(np.tile([1, 2, 3], 4), RING, reports=99, seed=3)
    assert np.array_equal(hot_spots(values, RING, reports=99, seed=3).p, scaled.p)


def test_the_same_seed_gives_the_same_to_the_last_digit() -> None:
    values = np.random.default_rng(1).poisson(5, 12)
    first, again, other = (hot_spots(values, RING, reports=60, seed=s) for s in (4, 4, 5))
    assert first.p.tobytes() == again.p.tobytes()
    assert first.p.tobytes() != other.p.tobytes()
    assert np.abs(first.p - other.p).max() < 0.05


def test_every_category_and_month_has_a_seed_of_its_own() -> None:
    june = seed_of("610602006", "matter-06010", date(2023, 6, 1))
    assert june == seed_of("610602006", "matter-06010", date(2023, 6, 1))
    others = {
        seed_of("610602006", None, date(2023, 6, 1)),
        seed_of("610602006", "matter-06010", date(2023, 7, 1)),
        seed_of("boston", "matter-06010", date(2023, 6, 1)),
    }
    assert len(others | {june}) == 4
    assert all(0 <= seed < 2**63 for seed in others)


def test_benjamini_and_hochbergs_own_example() -> None:
    """Their section 3.1: fifteen p-values of which four are discovered at 0.05."""
    p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719]
    p += [0.6528, 0.7590, 1.0]
    assert (benjamini_hochberg(p) <= 0.05).sum() == 4


@given(st.lists(st.floats(0, 1), max_size=60), st.floats(0.001, 0.5))
def test_q_discovers_what_the_step_up_rule_does(p, level) -> None:
    q = benjamini_hochberg(p)
    ranked = sorted(p)
    last = max((i for i, v in enumerate(ranked, 1) if v * len(p) / i <= level), default=0)
    assert (q <= level).sum() == sum(v <= ranked[last - 1] for v in p) if last else not (q <= level).any()
    assert (q >= np.array(p) - 1e-12).all()
    assert (q <= 1).all()


# What surplus is


def test_surplus_of_chance_has_the_same_spread_in_small_and_large_grids() -> None:
    rng = np.random.default_rng(0)
    exposure = np.repeat([1.0, 3, 10, 30, 100], 20)
    deviates = np.array([surplus(rng.poisson(exposure * 2), exposure) for _ in range(1000)])
    by_size = np.moveaxis(deviates.reshape(1000, 5, 20), 1, 2).reshape(-1, 5)
    assert np.abs(by_size.mean(axis=0)).max() < 0.08
    assert np.abs(by_size.std(axis=0) - 1).max() < 0.06


def test_surplus_hangs_on_shares_alone_and_may_be_nothing() -> None:
    counts = np.array([4, 0, 7, 1])
    assert np.allclose(surplus(counts, [1, 2, 3, 4]), surplus(counts, [10, 20, 30, 40]))
    assert surplus([], []).size == 0
    assert surplus([0, 0], [1, 2]).tolist() == [0, 0]


@settings(max_examples=60)
@given(st.lists(st.integers(0, 10**6), min_size=12, max_size=12), st.floats(0.01, 1e6), st.data())
def test_nothing_makes_a_nan_and_the_order_of_grids_does_not_matter_to_z(counts, scale, data) -> None:
    exposure = np.array(data.draw(st.lists(st.floats(0.001, 10), min_size=12, max_size=12)))
    values = surplus(counts, exposure * scale)
    found = hot_spots(values, RING, reports=sum(counts), seed=1)
    for array in (found.z, found.p, found.q):
        assert np.isfinite(array).all()
    assert ((found.p >= 2 / (1 + PERMUTATIONS)) & (found.p <= found.q + 1e-12) & (found.q <= 1)).all()
    turned = hot_spots(np.roll(values, 5), RING, reports=sum(counts), seed=1)
    assert np.allclose(np.roll(found.z, 5), turned.z)
    if found.reason is None:
        assert np.allclose(hot_spots(3 * values + 4, RING, reports=sum(counts), seed=1).z, found.z, atol=1e-6)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"values": [1.0] * 11}, "values"),
        ({"values": [np.nan] * 12}, "values"),
        ({"values": [np.inf] * 12}, "values"),
        ({"permutations": 9_998}, "permutations"),
        ({"level": 0}, "level"),
        ({"level": np.nan}, "level"),
        ({"reports": -1}, "reports"),
    ],
)
def test_what_cannot_be_tested_is_named(changed, field) -> None:
    arguments = {"values": np.arange(12), "reports": 66} | changed
    with pytest.raises(BadInput) as refusal:
        hot_spots(arguments.pop("values"), RING, seed=1, **arguments)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("counts", "exposure", "field"),
    [
        ([1, -1], [1, 1], "counts"),
        ([1, 2], [1, -1], "exposure"),
        ([1, 2], [0, 0], "exposure"),
        ([1, 2], [1, np.nan], "exposure"),
        ([1, 2], [1], "exposure"),
    ],
)
def test_what_has_no_surplus_is_named(counts, exposure, field) -> None:
    with pytest.raises(BadInput) as refusal:
        surplus(counts, exposure)
    assert refusal.value.field == field
