"""Placed reports as the columns of the table."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.areas.atlas import METHODS
from gridmap.database import copying
from gridmap.database.copying import Column
from gridmap.geometry.datums import DATUMS
from gridmap.reports.batch import Batch
from gridmap.reports.placing import Placed
from gridmap.reports.times import microseconds


def report_columns(
    batch: Batch,
    placed: Placed,
    client_ids: Sequence[str],
    ids: NDArray[np.uint8],
    rows: NDArray[np.intp],
    jurisdiction: str,
) -> dict[str, Column]:
    """The chosen rows of a batch, recorded now. `ids` (n, 16) bytes."""
    some = rows.tolist()
    now = microseconds(datetime.now(UTC))
    one = np.zeros(len(rows), np.int8)
    given = {name: getattr(batch, name)[rows] for name in ("lon", "lat", "accuracy_m")}
    versions = {
        f"{kind}_version": copying.integers(getattr(placed, kind)[rows], null=0)
        for kind in ("grid", "community", "compound", "building")
    }
    return {
        "id": copying.fixed(ids[rows]),
        "occurred_at": copying.times(batch.occurred[rows]),
        "recorded_at": copying.times(np.full(len(rows), now)),
        "jurisdiction": copying.words(one, [jurisdiction]),
        "client_id": copying.texts([client_ids[row] for row in some]),
        "category": _repeated([batch.category[row] for row in some]),
        "description": copying.texts([batch.description[row] for row in some]),
        "lon": copying.floats(given["lon"]),
        "lat": copying.floats(given["lat"]),
        "datum": copying.words(batch.datum[rows], DATUMS),
        "accuracy_m": copying.floats(given["accuracy_m"]),
        "geom": copying.points(placed.lon[rows], placed.lat[rows]),
        "named_code": _perhaps([placed.named_code.get(row) for row in some]),
        "method": copying.words(placed.method[rows].astype(np.int64), METHODS),
        **versions,
        "edge_distance_m": copying.floats(placed.edge_distance_m[rows]),
        "candidates": _candidates(placed, some),
        "needs_review": copying.booleans(placed.needs_review[rows]),
    }


def key_columns(
    report: Mapping[str, Column], bodies: Sequence[bytes], sent_by: Sequence[str | None]
) -> dict[str, Column]:
    """The keys of reports, given by their columns, the hashes of what they say, and who sent them."""
    hashes = np.frombuffer(b"".join(bodies), np.uint8).reshape(-1, 32)
    return {
        "jurisdiction": report["jurisdiction"],
        "client_id": report["client_id"],
        "report_id": report["id"],
        "occurred_at": report["occurred_at"],
        "body_sha256": copying.fixed(hashes),
        "sent_by": _perhaps(sent_by),
    }


def _candidates(placed: Placed, rows: list[int]) -> Column:
    """As jsonb, whose binary form is a version (1) and the text."""
    shares: list[Any] = [placed.candidates.get(row) for row in rows]
    return _perhaps([None if share is None else "\x01" + json.dumps(share) for share in shares])


def _perhaps(texts: Sequence[str | None]) -> Column:
    """Texts of which mostly there are none."""
    if any(texts):
        return copying.texts(texts)
    return copying.words(np.full(len(texts), -1), [])


def _repeated(values: list[str]) -> Column:
    vocabulary = list(dict.fromkeys(values))
    place = {word: index for index, word in enumerate(vocabulary)}
    return copying.words(np.array([place[word] for word in values], np.int64), vocabulary)
