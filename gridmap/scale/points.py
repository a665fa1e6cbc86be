"""Points as GeoParquet stores them: well-known binary to arrays of lon, lat and back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# A point of ISO WKB, little-endian: 21 bytes, always in this order
WKB_POINT = np.dtype([("order", "u1"), ("type", "<u4"), ("x", "<f8"), ("y", "<f8")])
LITTLE_ENDIAN, POINT = 1, 1


class NoPoint(ValueError):
    """A geometry that is no point; `row` counts from 0."""

    def __init__(self, row: int, what: str):
        super().__init__(row, what)
        self.row, self.what = row, what


def from_wkb(column: pa.Array) -> tuple[Floats, Floats]:
    """x, y of a binary column; NaN for null and for an empty point. Raises NoPoint."""
    valid = column if column.null_count == 0 else column.drop_null()
    found = _plain(valid)
    xy = np.stack(found) if found is not None else None
    if xy is None:
        geometries = shapely.from_wkb(valid.to_numpy(zero_copy_only=False), on_invalid="ignore")
        wrong = np.flatnonzero(shapely.get_type_id(geometries) != 0)
        if len(wrong):
            rows = np.flatnonzero(~_nulls(column))
            first = geometries[wrong[0]]
            raise NoPoint(int(rows[wrong[0]]), "no geometry" if first is None else f"a {first.geom_type}")
        xy = np.stack([shapely.get_x(geometries), shapely.get_y(geometries)])
    if valid is column:
        return xy[0], xy[1]
    whole = np.full((2, len(column)), np.nan)
    whole[:, ~_nulls(column)] = xy
    return whole[0], whole[1]


def _plain(column: pa.Array) -> tuple[Floats, Floats] | None:
    """Of plain little-endian points from the buffer (a million in 20 ms; by GEOS 790), or None."""
    if not len(column):
        return np.empty(0), np.empty(0)
    width = np.int64 if pa.types.is_large_binary(column.type) else np.int32
    _, offsets, data = column.buffers()
    ends = np.frombuffer(offsets, width)[column.offset : column.offset + len(column) + 1]
    if data is None or not (np.diff(ends) == WKB_POINT.itemsize).all():
        return None
    points = np.frombuffer(data, WKB_POINT, count=len(column), offset=int(ends[0]))
    if not ((points["order"] == LITTLE_ENDIAN).all() and (points["type"] == POINT).all()):
        return None
    return points["x"].copy(), points["y"].copy()


def to_wkb(x: Floats, y: Floats) -> pa.Array:
    """A binary column of points; null where x is NaN."""
    there = ~np.isnan(x)
    points = np.empty(int(there.sum()), WKB_POINT)
    points["order"], points["type"], points["x"], points["y"] = LITTLE_ENDIAN, POINT, x[there], y[there]
    ends = np.zeros(len(x) + 1, np.int32)
    np.cumsum(there * np.int32(WKB_POINT.itemsize), out=ends[1:])
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(pa.binary(), len(x), [valid, pa.py_buffer(ends), pa.py_buffer(points)])


def _nulls(column: pa.Array) -> NDArray[np.bool_]:
    return column.is_null().to_numpy(zero_copy_only=False)
