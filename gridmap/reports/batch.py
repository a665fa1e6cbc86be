"""Reports by columns, as somebody sends them: what is checked, placed and stored together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import chain
from json.encoder import encode_basestring
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
from numpy.typing import NDArray
from pyarrow import compute

from gridmap.geometry.datums import DATUMS
from gridmap.reports.model import NewReport
from gridmap.reports.times import microseconds

Floats = NDArray[np.float64]
NO_DATUM = -1
FEW = 100  # with fewer rows than these, calling Arrow costs more than it spares


@dataclass(slots=True)
class Batch:
    """n reports, as NewReport has them: lists of texts, arrays of numbers with NaN for none."""

    category: list[str]
    description: list[str]
    occurred: NDArray[np.int64]  # microseconds since 1970 UTC
    client_id: list[str | None]
    lon: Floats  # degrees of `datum`
    lat: Floats
    datum: NDArray[np.int8]  # index into DATUMS
    accuracy_m: Floats
    named_area: list[str | None]
    sent_by: list[str | None]

    def __len__(self) -> int:
        return len(self.category)

    def put(self, row: int, draft: NewReport) -> None:
        self.category[row] = draft.category
        self.description[row] = draft.description
        self.occurred[row] = microseconds(draft.occurred_at)
        self.client_id[row] = draft.client_id
        self.lon[row] = np.nan if draft.lon is None else draft.lon
        self.lat[row] = np.nan if draft.lat is None else draft.lat
        located = draft.lon is not None and draft.datum is not None
        self.datum[row] = DATUMS.index(draft.datum or "") if located else NO_DATUM
        self.accuracy_m[row] = np.nan if draft.accuracy_m is None else draft.accuracy_m
        self.named_area[row] = draft.named_area
        self.sent_by[row] = draft.sent_by

    def take(self, rows: NDArray[np.intp]) -> Batch:
        some = rows.tolist()
        return Batch(
            [self.category[row] for row in some],
            [self.description[row] for row in some],
            self.occurred[rows],
            [self.client_id[row] for row in some],
            self.lon[rows],
            self.lat[rows],
            self.datum[rows],
            self.accuracy_m[rows],
            [self.named_area[row] for row in some],
            [self.sent_by[row] for row in some],
        )


def batch_of(drafts: Sequence[NewReport]) -> Batch:
    count = len(drafts)
    batch = Batch(
        [""] * count,
        [""] * count,
        np.zeros(count, np.int64),
        [None] * count,
        np.empty(count),
        np.empty(count),
        np.empty(count, np.int8),
        np.empty(count),
        [None] * count,
        [None] * count,
    )
    for row, draft in enumerate(drafts):
        batch.put(row, draft)
    return batch


def joined(batches: Sequence[Batch]) -> Batch:
    """One batch of several, at least one."""
    columns: dict[str, Any] = {}
    for name in Batch.__slots__:
        parts = [getattr(batch, name) for batch in batches]
        columns[name] = np.concatenate(parts) if isinstance(parts[0], np.ndarray) else list(chain(*parts))
    return Batch(**columns)


def bodies(batch: Batch) -> list[bytes]:
    """sha256 of what each report says, whatever its client id and whoever sent it.

    The text that is hashed is the JSON of [category, description, time, lon, lat, datum, accuracy, named
    area], written here by columns as `json.dumps(…, ensure_ascii=False)` would; stored hashes depend on it.
    """
    categories = {code: encode_basestring(code) for code in set(batch.category)}
    datums = [*(encode_basestring(name) for name in DATUMS), "null"]
    says = zip(
        [categories[code] for code in batch.category],
        map(encode_basestring, batch.description),
        _iso(batch.occurred),
        _numbers(batch.lon),
        _numbers(batch.lat),
        [datums[index] for index in batch.datum.tolist()],
        _numbers(batch.accuracy_m),
        ["null" if name is None else encode_basestring(name) for name in batch.named_area],
        strict=True,
    )
    return [sha256(f"[{', '.join(each)}]".encode()).digest() for each in says]


def _iso(moments: NDArray[np.int64]) -> list[str]:
    """As `datetime.isoformat` writes UTC, with microseconds only where there are some."""
    if len(moments) < FEW or (moments % 1_000_000).any():
        naive: list[datetime] = moments.astype("datetime64[us]").tolist()
        return [f'"{moment.isoformat()}+00:00"' for moment in naive]
    seconds = pa.array(moments // 1_000_000).cast(pa.timestamp("s")).cast(pa.string())
    return [f'"{text}+00:00"' for text in compute.replace_substring(seconds, " ", "T").to_pylist()]


def _numbers(values: Floats) -> list[str]:
    """As `repr` writes them; NaN is null."""
    size = np.abs(values)
    # without an exponent orjson writes the same, eight times as fast
    if len(values) and (np.isnan(values) | (size >= 1e-4) & (size < 1e16)).all():
        return orjson.dumps(values.tolist())[1:-1].decode().split(",")
    return ["null" if value != value else repr(value) for value in values.tolist()]
