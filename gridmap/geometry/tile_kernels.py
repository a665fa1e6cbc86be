"""The one loop of vector_tile.py, compiled: features as protobuf bytes."""

# mypy: allow-untyped-defs, allow-untyped-calls
from __future__ import annotations

from numba.core.types import int64, uint8

from gridmap.geometry.compiling import array, kernel, part

MOST = 5  # bytes of a varint: up to 2^35
MARKS = 4 + 3 * MOST  # bytes of a feature beside its tags and commands, at most


@part
def _width(value):
    width = 1
    while value > 0x7F:
        value >>= 7
        width += 1
    return width


@part
def _put(out, at, value):
    while value > 0x7F:
        out[at] = value & 0x7F | 0x80
        value >>= 7
        at += 1
    out[at] = value
    return at + 1


@kernel(int64(array(uint8, writes=True), int64, array(int64), array(int64), array(int64, 2)))
def write_features(out, kind, commands, sizes, values):
    """Write n features into `out`, which is long enough; -> the bytes written.

    `commands` of all, one after the other, sizes[i] of feature i. `values` (n, k): which value of the layer a
    feature has for each key; −1: none.
    """
    at, start = 0, 0
    for feature in range(len(sizes)):
        stop = start + sizes[feature]
        tag_bytes = command_bytes = 0
        for key in range(values.shape[1]):
            if values[feature, key] >= 0:
                tag_bytes += _width(key) + _width(values[feature, key])
        for place in range(start, stop):
            command_bytes += _width(commands[place])
        out[at] = 0x12
        length = 4 + _width(tag_bytes) + tag_bytes + _width(command_bytes) + command_bytes
        at = _put(out, at + 1, length)
        out[at] = 0x12
        at = _put(out, at + 1, tag_bytes)
        for key in range(values.shape[1]):
            if values[feature, key] >= 0:
                at = _put(out, _put(out, at, key), values[feature, key])
        out[at], out[at + 1], out[at + 2] = 0x18, kind, 0x22
        at = _put(out, at + 3, command_bytes)
        for place in range(start, stop):
            at = _put(out, at, commands[place])
        start = stop
    return at
