"""Placed reports as the columns of the table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import orjson
from numpy.typing import NDArray

from gridmap.areas.atlas import METHODS
from gridmap.database import copying
from gridmap.database.copying import Column
from gridmap.geometry.datums import DATUMS
from gridmap.reports.batch import Batch
from gridmap.reports.model import PLACED_KINDS
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
        f"{kind}_version": copying.integers(getattr(placed, kind)[rows], null=0) for kind in PLACED_KINDS
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
        "named_code": _sparse(placed.named_code, some),
        "method": copying.words(placed.method[rows].astype(np.int64), METHODS),
        **versions,
        "edge_distance_m": copying.floats(placed.edge_distance_m[rows]),
        "candidates": _candidates(placed, some),
        "needs_review": copying.booleans(placed.needs_review[rows]),
    }


def key_columns(
    report: Mapping[str, Column], bodies: Sequence[bytes], batch: Batch, rows: Sequence[int]
) -> dict[str, Column]:
    """The keys of the chosen rows of a batch, given by their columns and the hashes of what they say."""
    hashes = np.frombuffer(b"".join(bodies), np.uint8).reshape(-1, 32)
    return {
        "jurisdiction": report["jurisdiction"],
        "client_id": report["client_id"],
        "report_id": report["id"],
        "occurred_at": report["occurred_at"],
        "body_sha256": copying.fixed(hashes),
        "sent_by": _sparse({row: who for row in rows if (who := batch.sent_by[row])}, rows),
    }


def _candidates(placed: Placed, rows: list[int]) -> Column:
    """As jsonb, whose binary form is a version (1) and the text."""
    return _sparse(
        {row: "\x01" + orjson.dumps(share).decode() for row, share in placed.candidates.items()}, rows
    )


def _sparse(texts: Mapping[int, str], rows: Sequence[int]) -> Column:
    """Texts by row, of which most have none."""
    if texts:
        return copying.texts([texts.get(row) for row in rows])
    return copying.words(np.full(len(rows), -1), [])


def _repeated(values: list[str]) -> Column:
    vocabulary = list(dict.fromkeys(values))
    place = {word: index for index, word in enumerate(vocabulary)}
    return copying.words(np.array([place[word] for word in values], np.int64), vocabulary)
