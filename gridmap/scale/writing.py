"""Writing one placed partition: GeoParquet 1.1, whole or not at all.

The file's own footer tells which input and which job it was made from, so that a run after a kill knows what
is finished: the renaming that publishes the file publishes the proof with it.
"""

from __future__ import annotations

import glob
import hashlib
import json
import math
import os
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gridmap.errors import BadFile
from gridmap.scale.layout import GEO, OURS, our_metadata
from gridmap.scale.model import CODE, PLACED_COLUMNS, Done, Task
from gridmap.scale.points import Floats
from gridmap.vectors.frames import WGS84

COMPRESSION = "zstd"


class Output:
    """A GeoParquet file under way. Leaving it without an exception, after `finish`, puts it in its place."""

    def __init__(self, path: str, schema: pa.Schema, geometry: str, plain: list[str]):
        """`plain`: columns that no dictionary makes smaller."""
        self._path = Path(path)
        # A dot hides it from all who read the folder. Two may be at the same file: a worker that was given up
        # for lost, and the one that took its place.
        self._part = self._path.with_name(f".{self._path.name}.{uuid4().hex}.part")
        self._geometry = geometry
        self._bounds = np.array([math.inf, math.inf, -math.inf, -math.inf])
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._finished = False
        self._writer = pq.ParquetWriter(
            self._part,
            schema,
            compression=COMPRESSION,
            use_dictionary=[name for name in schema.names if name not in plain],
            write_statistics=[name for name in schema.names if name != geometry],  # WKB has no order
        )

    def __enter__(self) -> Self:
        return self

    def write(self, rows: pa.RecordBatch, lon: Floats, lat: Floats) -> None:
        """One row group. `lon`, `lat` are its points, NaN for none."""
        there = ~np.isnan(lon)
        if there.any():
            x, y = lon[there], lat[there]
            low, high = self._bounds[:2], self._bounds[2:]
            np.minimum(low, (x.min(), y.min()), out=low)
            np.maximum(high, (x.max(), y.max()), out=high)
        self._writer.write_batch(rows)

    def finish(self, said: dict[str, Any]) -> None:
        """Add what the footer tells: the positions, and `said` of the job."""
        bounds = self._bounds.tolist() if math.isfinite(self._bounds[0]) else None
        geo = geo_document(self._geometry, bounds)
        self._writer.add_key_value_metadata(
            {GEO: json.dumps(geo), OURS: json.dumps(said, ensure_ascii=False)}
        )
        self._finished = True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._writer.close()
            if kind is None and self._finished:
                os.replace(self._part, self._path)
        finally:
            self._part.unlink(missing_ok=True)


def sweep(out: str) -> None:
    """Remove what a killed run left of an output file."""
    path = Path(out)
    for part in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        part.unlink(missing_ok=True)


def geo_document(geometry: str, bounds: list[float] | None) -> dict[str, Any]:
    """The metadata of GeoParquet 1.1 for one column of points, EPSG:4326, lon before lat.

    Source: https://geoparquet.org/releases/v1.1.0/
    """
    column: dict[str, Any] = {"encoding": "WKB", "geometry_types": ["Point"], "crs": _projjson()}
    if bounds is not None:
        column["bbox"] = bounds
    return {"version": "1.1.0", "primary_column": geometry, "columns": {geometry: column}}


@cache
def _projjson() -> dict[str, Any]:
    return WGS84.to_json_dict()


def out_schema(schema: pa.Schema, geometry: str) -> pa.Schema:
    """The input's columns, those of the placement, and the points; the input's geometry gives way."""
    added = dict.fromkeys(PLACED_COLUMNS, CODE) | {"edge_distance_m": pa.float64()}
    fields = [each for each in schema if each.name not in {*added, geometry}]
    fields += [pa.field(name, kind) for name, kind in added.items()]
    metadata = {key: value for key, value in (schema.metadata or {}).items() if key not in (GEO, OURS)}
    # Readers of whole folders look for it here, others in the footer, where `finish` adds the bounds.
    metadata[GEO] = json.dumps(geo_document(geometry, None)).encode()
    return pa.schema([*fields, pa.field(geometry, pa.binary())], metadata)


def plain_columns(file: pq.ParquetFile) -> list[str]:
    """Columns that whoever wrote a file kept without a dictionary: their values hardly repeat."""
    if not file.metadata.num_row_groups:
        return []
    group = file.metadata.row_group(0)
    chunks = [group.column(index) for index in range(group.num_columns)]
    return [c.path_in_schema for c in chunks if not any("DICTIONARY" in each for each in c.encodings)]


def sha256(path: str, name: str) -> str:
    try:
        with open(path, "rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise BadFile(f"{name} cannot be read: {error.strerror}", field="input") from None


def finished(task: Task, digest: str) -> Done | None:
    """What an earlier run of the same job made of the same input; None when it did not finish it."""
    try:
        with pq.ParquetFile(task.out) as file:
            said = our_metadata(file.metadata.metadata)
            rows = file.metadata.num_rows
    except (pa.ArrowException, OSError):
        return None
    entry = said.get("input") or {}
    if (said.get("job"), entry.get("sha256")) != (task.job, digest) or entry.get("rows") != rows:
        return None
    return Done(task.partition.name, rows, digest, True, entry.get("methods", {}))
