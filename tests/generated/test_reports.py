"""Made-up reports: the same for the same numbers, whatever is drawn at once; and like the demonstration's."""

from __future__ import annotations

import itertools
from dataclasses import fields
from datetime import date

import numpy as np
import pytest

from gridmap.errors import BadInput
from gridmap.generated import reports
from gridmap.generated.loading import OFFSET_US, UNTIL, batches, district_pattern
from gridmap.reports.batch import Batch, bodies, joined

ROWS = 40_000


@pytest.fixture(scope="module")
def like(demo_database) -> reports.Pattern:
    with demo_database.reading() as connection:
        return district_pattern(connection)


def asked(like: reports.Pattern, rows: int = ROWS, months: int = 12, seed: int = 1) -> reports.Plan:
    return reports.plan(like, rows, months, until=UNTIL, offset_us=OFFSET_US, seed=seed)


def drawn(like: reports.Pattern, plan: reports.Plan, start: int = 0, stop: int | None = None) -> Batch:
    return joined(list(batches(plan, like, start, plan.rows if stop is None else stop)))


@pytest.fixture(scope="module")
def year(like) -> Batch:
    return drawn(like, asked(like))


def same(left: Batch, right: Batch) -> bool:
    return all(
        np.array_equal(a, b, equal_nan=True)
        if isinstance(a, np.ndarray) and a.dtype.kind == "f"
        else np.array_equal(np.array(a, dtype=object), np.array(b, dtype=object))
        for a, b in ((getattr(left, f.name), getattr(right, f.name)) for f in fields(Batch))
    )


def test_the_same_numbers_make_the_same_reports(like, year) -> None:
    assert same(year, drawn(like, asked(like)))
    assert not set(bodies(year)) & set(bodies(drawn(like, asked(like, seed=2))))


@pytest.mark.parametrize("cuts", [[1, 16_383, 16_384, 16_385], [20_000], [5, 39_999]])
def test_a_row_does_not_depend_on_what_is_drawn_with_it(like, year, cuts) -> None:
    plan = asked(like)
    ends = [0, *cuts, ROWS]
    parts = [drawn(like, plan, first, last) for first, last in itertools.pairwise(ends)]
    assert same(year, joined(parts))


def test_client_ids_belong_to_one_plan(like, year) -> None:
    assert len(set(year.client_id)) == ROWS
    plan = asked(like)
    assert year.client_id[123] == plan.client_id(123)
    for other in (asked(like, seed=2), asked(like, rows=ROWS + 1), asked(like, months=11)):
        assert not set(year.client_id) & set(drawn(like, other, 0, 2_000).client_id)


@pytest.mark.parametrize("months", [1, 12, 19, 120])
def test_months_hold_every_row_once_and_only_their_own(like, months) -> None:
    plan = asked(like, 5_000, months)
    spans = plan.spans()
    assert [start for _, start, _ in spans] == [0, *(stop for _, _, stop in spans[:-1])]
    assert spans[-1][2] == 5_000
    assert len(spans) == months
    for month, start, stop in spans:
        local = drawn(like, plan, start, stop).occurred + OFFSET_US
        assert {m.item() for m in np.unique(local.astype("datetime64[us]").astype("datetime64[M]"))} == {
            month
        }


def test_few_reports_over_many_months(like) -> None:
    plan = asked(like, 3, 120)
    assert drawn(like, plan).client_id == [plan.client_id(row) for row in range(3)]
    assert sum(stop - start for _, start, stop in plan.spans()) == 3


def test_it_is_like_the_pattern(like, year) -> None:
    """Tea stalls in summer, school runs not at weekends: what the demonstration says of each, it says too."""
    local = (year.occurred + OFFSET_US).astype("datetime64[us]")
    month = local.astype("datetime64[M]").astype(int) % 12
    category = np.array(year.category)
    tea = np.bincount(month[category == "local-teastall"], minlength=12)
    assert tea[6] > 20 * max(tea[11], 1)
    hour = (local - local.astype("datetime64[D]")).astype("timedelta64[h]").astype(int)
    assert np.median(hour[category == "matter-09002"]) != np.median(hour[category == "matter-07008"])
    shares = {c: (category == c).mean() for c in set(like.batch.category)}
    theirs = {c: like.batch.category.count(c) / len(like.batch) for c in shares}
    assert max(abs(shares[c] - theirs[c]) for c in shares) < 0.02


def test_default_coordinates_stay_and_others_do_not(like, year) -> None:
    pairs = np.column_stack([year.lon, year.lat])[~np.isnan(year.lon)]
    at, count = np.unique(pairs, axis=0, return_counts=True)
    assert at[count.argmax()].tolist() == [109.48, 36.62]
    assert np.sort(count)[-2] < reports.PILE


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rows": 0}, "reports"),
        ({"rows": 10**10}, "reports"),
        ({"months": 0}, "months"),
        ({"seed": -1}, "seed"),
    ],
    ids=str,
)
def test_numbers_that_cannot_be(like, wrong, field) -> None:
    with pytest.raises(BadInput) as caught:
        asked(like, **wrong)
    assert caught.value.field == field


def test_the_days_are_those_before_until(like) -> None:
    days = asked(like, 10, 24).days
    assert (days[0].item(), days[-1].item()) == (date(2022, 1, 1), date(2023, 12, 31))
