"""Mapbox Vector Tile 2.1 layers from arrays: web Mercator plane, clipping, and the protobuf bytes.

Shapes are arrays up to the last step, where tile_kernels.py writes all features of a layer as bytes. What
PostGIS makes of the same shapes is what the tests compare with.

The plane here is 0 to 1 eastward from 180° W and 0 to 1 southward from 85.05° N; a tile of level z is a
square of 2^−z of it, with EXTENT units along its side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

EXTENT = 4096
POINT, POLYGON = 1, 3
_MOVE, _LINE, _CLOSE = 1, 2, 7
_NORTHMOST = 85.0511287798066
_UUID_FIELD = b"\x22\x26\x0a\x24"  # a value, 38 bytes: a string, 36 bytes
_UUID_PARTS = (8, 4, 4, 4, 12)  # its digits, with hyphens between

Ints = NDArray[np.int64]
Shapes = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Geometry:
    """The commands of n features one after the other, and how many integers each has."""

    type: int
    commands: Ints
    sizes: Ints


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of n features: its distinct values, and which of them each feature has."""

    values: bytes  # one after the other, as fields of a layer
    count: int
    of: Ints  # n numbers of values; −1: none


def words(each: Sequence[str | None]) -> Attribute:
    """An attribute of text, None where a feature has none."""
    known = [word for word in dict.fromkeys(each) if word is not None]
    number: dict[str | None, int] = {word: place for place, word in enumerate(known)} | {None: -1}
    of = np.fromiter(map(number.__getitem__, each), np.int64, len(each))
    return Attribute(b"".join(map(_value, known)), len(known), of)


def counts(each: NDArray[Any]) -> Attribute:
    """An attribute of whole numbers ≥ 0."""
    values, of = np.unique(each, return_inverse=True)
    return Attribute(b"".join(map(_value, values.tolist())), len(values), of.astype(np.int64))


def uuids(each: NDArray[np.uint8]) -> Attribute:
    """An attribute of distinct UUIDs, (n, 16) bytes, as text: written together, not one by one."""
    fields = np.full((len(each), len(_UUID_FIELD) + 36), ord("-"), np.uint8)
    fields[:, : len(_UUID_FIELD)] = np.frombuffer(_UUID_FIELD, np.uint8)
    digits = np.frombuffer(each.tobytes().hex().encode(), np.uint8).reshape(-1, 32)
    place, taken = len(_UUID_FIELD), 0
    for length in _UUID_PARTS:
        fields[:, place : place + length] = digits[:, taken : taken + length]
        place, taken = place + length + 1, taken + length
    return Attribute(fields.tobytes(), len(each), np.arange(len(each)))


def plane(lonlat: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 2) points in degrees on the plane."""
    slope = np.tan(np.radians(np.clip(lonlat[:, 1], -_NORTHMOST, _NORTHMOST)))
    return np.column_stack([(lonlat[:, 0] + 180) / 360, (1 - np.arcsinh(slope) / np.pi) / 2])


def on_plane(shapes: Shapes) -> Shapes:
    """Lon/lat shapes (degrees) on the plane, exteriors so that their area counts as positive."""
    return shapely.orient_polygons(shapely.transform(shapely.force_2d(shapes), plane), exterior_cw=False)


def points(x: Ints, y: Ints) -> Geometry:
    """One point each, in units of the tile."""
    commands = np.column_stack([np.full(len(x), _command(_MOVE, 1)), _zigzag(x), _zigzag(y)])
    return Geometry(POINT, commands.ravel(), np.full(len(x), 3))


def polygons(shapes: Shapes, z: int, x: int, y: int, buffer: int) -> tuple[Geometry, Ints]:
    """Shapes on the plane as the tile shows them, clipped `buffer` units beyond it, and which of them.

    Corners are rounded to units; a ring that has no area then is left out, and a shape with its exteriors.
    """
    across = 1 << z
    rim = buffer / EXTENT
    box = [(x - rim) / across, (y - rim) / across, (x + 1 + rim) / across, (y + 1 + rim) / across]
    parts, shape_of_part = shapely.get_parts(shapely.clip_by_rect(shapes, *box), return_index=True)
    flat = shapely.get_type_id(parts) == shapely.GeometryType.POLYGON
    # clipping may turn a ring round
    parts, shape_of_part = shapely.orient_polygons(parts[flat], exterior_cw=False), shape_of_part[flat]
    rings, part_of_ring = shapely.get_rings(parts, return_index=True)
    corners, ring = shapely.get_coordinates(rings, return_index=True)
    units = np.rint((corners * across - (x, y)) * EXTENT).astype(np.int64)
    units, ring = _without_repeats(units, ring)
    kept = _rings_with_area(units, ring, part_of_ring)
    units, ring = units[kept[ring]], ring[kept[ring]]
    shape_of_ring = shape_of_part[part_of_ring]
    shown = np.flatnonzero(np.bincount(shape_of_ring[kept], minlength=len(shapes)))
    return _rings(units, ring, np.searchsorted(shown, shape_of_ring), len(shown)), shown


def _without_repeats(units: Ints, ring: Ints) -> tuple[Ints, Ints]:
    """Corners that differ from the one before in their ring; the last, which closes it, is left out too."""
    x, y = units.T
    new = _differs(ring) | _differs(x) | _differs(y)
    units, ring = units[new], ring[new]
    inside = np.zeros(len(ring), bool)
    np.equal(ring[1:], ring[:-1], out=inside[:-1])
    return units[inside], ring[inside]


def _differs(values: Ints) -> NDArray[np.bool_]:
    """Where a value is not the one before it; so is the first."""
    new = np.ones(len(values), bool)
    np.not_equal(values[1:], values[:-1], out=new[1:])
    return new


def _rings_with_area(units: Ints, ring: Ints, part_of_ring: Ints) -> NDArray[np.bool_]:
    """Of each ring whether it still has an area of the right sign, and its exterior one too."""
    count = len(part_of_ring)
    after = np.arange(1, len(ring) + 1)
    starts = np.flatnonzero(_differs(ring))
    after[np.append(starts[1:], len(ring))[: len(starts)] - 1] = starts
    x, y = units.T
    doubled = np.bincount(ring, x * y[after] - x[after] * y, minlength=count)
    exterior = _differs(part_of_ring)
    right = np.where(exterior, doubled > 0, doubled < 0)
    number_of_exterior = np.maximum.accumulate(np.where(exterior, np.arange(count), 0))
    return right & right[number_of_exterior]


def _rings(units: Ints, ring: Ints, shape_of_ring: Ints, shapes: int) -> Geometry:
    """Every ring: move to its first corner, lines to the others, close; steps from corner to corner.

    The pen stays where a ring ended, at its last corner, and is at (0, 0) where a feature begins.
    """
    shape = shape_of_ring[ring]
    steps = units.copy()
    steps[1:] -= units[:-1]
    begins = _differs(shape)
    steps[begins] = units[begins]
    starts = np.flatnonzero(_differs(ring))
    numbers, corners = ring[starts], np.diff(starts, append=len(ring))
    # per ring: a command and a corner, a command and the other corners, a command
    sizes = 2 * corners + 3
    at = np.cumsum(sizes) - sizes
    commands = np.empty(sizes.sum(), np.int64)
    commands[at] = _command(_MOVE, 1)
    commands[at + 3] = corners - 1 << 3 | _LINE
    commands[at + sizes - 1] = _command(_CLOSE, 1)
    within = np.arange(len(ring)) - np.repeat(starts, corners)
    place = np.repeat(at, corners) + 1 + 2 * within + (within > 0)
    commands[place], commands[place + 1] = _zigzag(steps).T
    of_shape = np.bincount(shape_of_ring[numbers], sizes, minlength=shapes)
    return Geometry(POLYGON, commands, of_shape.astype(np.int64))


def layer(name: str, geometry: Geometry, attributes: Mapping[str, Attribute]) -> bytes:
    """One layer of a tile; a tile is its layers one after the other. Without features no byte."""
    if not len(geometry.sizes):
        return b""
    values, before = [], 0
    for attribute in attributes.values():
        values.append(np.where(attribute.of < 0, -1, attribute.of + before))
        before += attribute.count
    body = [
        b"\x78\x02",
        _field(b"\x0a", name.encode()),
        _features(geometry, np.column_stack(values)),
        *(_field(b"\x1a", key.encode()) for key in attributes),
        *(attribute.values for attribute in attributes.values()),
        b"\x28" + _varint(EXTENT),
    ]
    return _field(b"\x1a", b"".join(body))


def _features(geometry: Geometry, values: Ints) -> bytes:
    from gridmap.geometry import tile_kernels as kernels  # compiled, which only tiles need

    integers = len(geometry.commands) + 2 * values.size
    out = np.empty(kernels.MOST * integers + kernels.MARKS * len(values), np.uint8)
    written = kernels.write_features(out, geometry.type, geometry.commands, geometry.sizes, values)
    return out[:written].tobytes()


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _zigzag(steps: Ints) -> Ints:
    return steps << 1 ^ steps >> 63


def _command(kind: int, count: int) -> int:
    return count << 3 | kind


def _field(mark: bytes, body: bytes) -> bytes:
    return mark + _varint(len(body)) + body


def _value(value: str | int) -> bytes:
    written = _field(b"\x0a", value.encode()) if isinstance(value, str) else b"\x28" + _varint(value)
    return _field(b"\x22", written)
