"""Blocks of a file read by columns: what the quick look passes is what each row alone would be."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gridmap.errors import GridmapError
from gridmap.reports.batch import Batch, batch_of
from gridmap.reports.categories import Vocabulary
from gridmap.reports.model import Category
from gridmap.reports.reading import Reader, Reading, Words
from gridmap.tabular import Block

FIELDS = (
    "client_id",
    "category",
    "description",
    "occurred_at",
    "lon",
    "lat",
    "datum",
    "accuracy_m",
    "named_area",
)
SHANGHAI = ZoneInfo("Asia/Shanghai")
KNOWN = Vocabulary(
    [
        Category("matter-06010", "matter", "暴露垃圾", "Litter", None, False),
        Category("local-unsorted", "local", "未分类", None, None, False),
    ]
)
PLAIN = dict(
    zip(
        FIELDS,
        ("r-1", "暴露垃圾", "桥下有垃圾", "2023-06-18 20:30", "109.47", "36.6", None, "15", None),
        strict=True,
    )
)

numbers = st.one_of(
    st.none(),
    st.floats(-200, 200).map(repr),
    st.sampled_from(["0", "-0", "1e2", "1e400", "NaN", "1_0", "109,47", "١", ".5", "5.", "+3", "-", "1-2"]),
)
words = st.one_of(
    st.none(),
    st.text(max_size=4).map(str.strip).map(lambda text: text or None),
    st.sampled_from(["长" * 128, "长" * 129, "长" * 201, "x" * 5_001, "a\nb", "a\x00b", "\ud800", "=1+1"]),
)
VALUES = {
    "client_id": words,
    "category": st.one_of(words, st.sampled_from(["暴露垃圾", "litter", "matter-06010", "matter-1"])),
    "description": words,
    "occurred_at": st.one_of(
        words,
        st.datetimes().map(str),
        st.sampled_from(
            ["2023/6/18 8:05", "05/06/2023", "1989-12-31", "2999-01-01", "2023-06-18T20:30+08:00"]
        ),
    ),
    "lon": numbers,
    "lat": numbers,
    "datum": st.sampled_from([None, "wgs84", "gcj02", "WGS84", "mars"]),
    "accuracy_m": numbers,
    "named_area": words,
}
# mostly plain rows with one or two odd values, so that most of a row is right
rows = st.builds(
    lambda odd, keys: PLAIN | {key: odd[key] for key in keys},
    st.fixed_dictionaries(VALUES),
    st.sets(st.sampled_from(FIELDS), max_size=3),
)


def reader(reading: Reading) -> Reader:
    columns = {name: name for name in FIELDS}
    return Reader(columns, reading, None, SHANGHAI, Words(KNOWN, reading), KNOWN)


def block(told: list[dict[str, str | None]]) -> Block:
    return Block(range(2, 2 + len(told)), {name: [row[name] for row in told] for name in FIELDS}, {})


def row(batch: Batch, at: int) -> tuple:
    """One row of a batch, NaN as None."""
    numbers = [None if np.isnan(v) else v for v in (batch.lon[at], batch.lat[at], batch.accuracy_m[at])]
    texts = (batch.category[at], batch.description[at], batch.client_id[at], batch.named_area[at])
    return (*texts, int(batch.occurred[at]), int(batch.datum[at]), *numbers)


@pytest.mark.parametrize("datum", ["wgs84", None])
@given(told=st.lists(rows, min_size=1, max_size=5))
@example(told=[PLAIN | {"lon": None, "lat": None, "named_area": "河边小区", "accuracy_m": "-1"}])
@example(told=[PLAIN | {"lon": "-0.0", "lat": None}])
@example(told=[PLAIN | {"lon": None, "lat": None, "named_area": None}])
def test_what_the_quick_look_passes_is_what_the_row_alone_says(told, datum) -> None:
    reading = Reading(datum=datum)
    batch, doubtful = reader(reading)._quick(block(told))
    for at in np.flatnonzero(~doubtful).tolist():
        alone = batch_of([reader(reading).careful(block([told[at]]), 0)])
        assert row(batch, at) == row(alone, 0), told[at]


@given(told=st.lists(rows, min_size=1, max_size=5))
def test_a_block_says_what_its_rows_alone_say(told) -> None:
    reading = Reading(datum="wgs84")
    read = reader(reading).read(block(told))
    kept = dict(zip(read.rows.tolist(), range(len(read.batch)), strict=True))
    assert kept.keys() | read.errors.keys() == set(range(len(told)))
    for at, values in enumerate(told):
        alone, error = on_its_own(values, reading)
        assert (at in read.errors) == (error is not None)
        if error:
            assert (read.errors[at].field, read.errors[at].message) == (error.field, error.message)
        else:
            assert row(read.batch, kept[at]) == alone


def on_its_own(values: dict[str, str | None], reading: Reading) -> tuple[tuple | None, GridmapError | None]:
    """The row looked at carefully, or why it is refused."""
    try:
        return row(batch_of([reader(reading).careful(block([values]), 0)]), 0), None
    except GridmapError as error:
        return None, error


def test_plain_rows_are_not_doubted() -> None:
    """Else the quick look would be right for nothing."""
    named = PLAIN | {"lon": None, "lat": None, "accuracy_m": None, "named_area": "河边小区"}
    bare = PLAIN | {"client_id": None, "description": None, "category": None, "accuracy_m": None}
    _, doubtful = reader(Reading(datum="wgs84"))._quick(block([PLAIN, named, bare] * 50))
    assert not doubtful.any()
