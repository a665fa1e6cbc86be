"""Placing one partition, or cutting a placed one to another edition: read, locate, write, batch by batch."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

import gridmap
from gridmap.areas.atlas import METHODS, Placements
from gridmap.errors import BadCoordinate
from gridmap.scale.layout import Layout, layout, open_file
from gridmap.scale.model import AREA_COLUMNS, REFUSED, Done, Task
from gridmap.scale.plan import NO_METHOD, REFUSED_METHOD, Plan, methods
from gridmap.scale.points import to_wkb
from gridmap.scale.reading import Batch, batches
from gridmap.scale.writing import Output, finished, out_schema, plain_columns, sha256, sweep

Methods = NDArray[np.int8]


def place_partition(task: Task, plan: Plan) -> Done:
    """Place every row of a partition, or nothing: the output file is there when this returns, else as before.

    A file that the same job made of the same input is kept. Raises BadFile and BadCoordinate.
    """
    partition = task.partition
    sweep(task.out)
    digest = sha256(partition.path, partition.name)
    if (kept := finished(task, digest)) is not None:
        return kept
    file = open_file(partition.path, partition.name)
    how = layout(file, partition.name, plan.options)
    schema = out_schema(how.schema, how.out)
    plain = [*plain_columns(file), "edge_distance_m", how.out]
    counted: Counter[str] = Counter()
    rows = 0
    with Output(task.out, schema, how.out, plain) as output:
        for batch in batches(file, partition.name, how, plan.options):
            placed, codes = locate(batch, plan, how, partition.name)
            columns = _columns(batch, placed, plan)
            if plan.options.recut:
                columns, codes = _kept(batch.rows, columns, codes, plan)
            columns |= {"method": methods(codes), how.out: to_wkb(batch.lon, batch.lat)}
            output.write(_record(batch.rows, columns, schema), batch.lon, batch.lat)
            counted.update(_count(codes))
            rows += len(batch.rows)
        done = Done(partition.name, rows, digest, False, counted)
        output.finish(
            {"gridmap": gridmap.__version__, "job": task.job, **plan.said(), "input": done.record()}
        )
    return done


def locate(batch: Batch, plan: Plan, how: Layout, name: str) -> tuple[Placements, Methods]:
    """Where the rows of a batch lie, and by which method; what is refused loses its lon, lat."""
    there = ~np.isnan(batch.lon)
    days = plan.days(batch.moments)
    placed = plan.place(batch.lon, batch.lat, days)
    far = plan.far(placed, batch.lon, batch.lat, days)
    if len(far) and not plan.options.keep_refused:
        row = int(far[0])
        reason = plan.atlas.refusal(float(batch.lon[row]), float(batch.lat[row]), days[row].item())
        column = how.geometry or plan.options.columns.lon
        raise BadCoordinate(f"{name}: row {batch.first + row:,}: {reason}", field=column)
    codes = np.where(there, placed.method.astype(np.int8), np.int8(NO_METHOD))
    codes[far] = REFUSED_METHOD
    codes[batch.refused] = REFUSED_METHOD
    batch.lon[far] = batch.lat[far] = np.nan
    return placed, codes


def _columns(batch: Batch, placed: Placements, plan: Plan) -> dict[str, pa.Array]:
    """The columns of codes and the distance."""
    distance = placed.edge_distance_m
    unknown = ~np.isfinite(distance) | np.isnan(batch.lon)
    codes_of = {kind: plan.column(kind, placed) for kind in AREA_COLUMNS}
    return codes_of | {"edge_distance_m": pa.array(distance, mask=unknown)}


def _kept(
    rows: pa.RecordBatch, columns: dict[str, pa.Array], codes: Methods, plan: Plan
) -> tuple[dict[str, pa.Array], Methods]:
    """Of a dataset cut anew: kinds that are not cut keep what they have. So do rows without a point, but for
    areas that the edition does not have."""
    recut = plan.options.recut
    anew = {*recut, "community", "edge_distance_m"} if "grid" in recut else {*recut}
    old_methods = _codes_of(rows.column("method"))
    nowhere = (codes == NO_METHOD) | (old_methods == REFUSED_METHOD)
    chosen = {}
    for name, column in columns.items():
        old = _plain(rows.column(name))
        if name in anew:
            known = pc.is_in(old, plan.names[name].codes) if name in recut else pa.scalar(True)
            kept = pc.if_else(known, old, pa.scalar(None, old.type))
            chosen[name] = pc.if_else(pa.array(nowhere), kept, _plain(column))
        else:
            chosen[name] = old
    return chosen, np.where(nowhere, old_methods, codes) if "grid" in recut else old_methods


def _plain(column: pa.Array) -> pa.Array:
    decoded = column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
    return decoded if pa.types.is_floating(decoded.type) else decoded.cast(pa.string())


def _codes_of(column: pa.Array) -> Methods:
    names = pa.array([*METHODS, REFUSED])
    found = pc.index_in(_plain(column), names).fill_null(NO_METHOD)
    return found.to_numpy(zero_copy_only=False).astype(np.int8)


def _record(rows: pa.RecordBatch, columns: dict[str, pa.Array], schema: pa.Schema) -> pa.RecordBatch:
    return pa.RecordBatch.from_arrays(
        [_as(columns[f.name], f.type) if f.name in columns else rows.column(f.name) for f in schema],
        schema=schema,
    )


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    return column if column.type == kind else pc.dictionary_encode(column).cast(kind)


def _count(codes: Methods) -> dict[str, int]:
    numbers = np.bincount(codes.astype(np.int64) + 1, minlength=len(METHODS) + 2).tolist()
    return {name: n for name, n in zip(("", *METHODS, REFUSED), numbers, strict=True) if n}
