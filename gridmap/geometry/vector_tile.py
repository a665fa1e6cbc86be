"""Mapbox Vector Tile 2.1 layers from arrays: web Mercator plane, clipping, and the protobuf bytes.

A feature is a run of variable-length integers from its first byte to its last, so all features of a layer are
laid out as one array of integers and turned to bytes at once. What PostGIS makes of the same shapes is what
the tests compare with.

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
_LONGER = 1 << np.array([7, 14, 21, 28])  # from where a varint takes another byte
_HEX = np.frombuffer(bytes(range(256)).hex().encode(), np.uint8).reshape(256, 2)
_UUID_FIELD = b"\x22\x26\x0a\x24"  # a value, 38 bytes: a string, 36 bytes
_UUID_DIGITS = np.array([place for place in range(36) if place not in (8, 13, 18, 23)])

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
    numbers: dict[str, int] = {}
    of = [-1 if word is None else numbers.setdefault(word, len(numbers)) for word in each]
    return Attribute(b"".join(map(_value, numbers)), len(numbers), np.array(of, np.int64))


def counts(each: NDArray[Any]) -> Attribute:
    """An attribute of whole numbers ≥ 0."""
    values, of = np.unique(each, return_inverse=True)
    return Attribute(b"".join(map(_value, values.tolist())), len(values), of.astype(np.int64))


def uuids(each: NDArray[np.uint8]) -> Attribute:
    """An attribute of distinct UUIDs, (n, 16) bytes, as text: written together, not one by one."""
    fields = np.full((len(each), len(_UUID_FIELD) + 36), ord("-"), np.uint8)
    fields[:, : len(_UUID_FIELD)] = np.frombuffer(_UUID_FIELD, np.uint8)
    fields[:, len(_UUID_FIELD) + _UUID_DIGITS] = _HEX[each].reshape(-1, 32)
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
    pairs, before = [], 0
    for number, attribute in enumerate(attributes.values()):
        of = np.where(attribute.of < 0, -1, attribute.of + before)
        pairs.append(np.column_stack([np.full(len(of), number), of]))
        before += attribute.count
    tags = np.stack(pairs, axis=1)
    given = tags[:, :, 1] >= 0
    body = [
        b"\x78\x02",
        _field(b"\x0a", name.encode()),
        _features(geometry, tags[given].ravel(), 2 * given.sum(axis=1)),
        *(_field(b"\x1a", key.encode()) for key in attributes),
        *(attribute.values for attribute in attributes.values()),
        b"\x28" + _varint(EXTENT),
    ]
    return _field(b"\x1a", b"".join(body))


def _features(geometry: Geometry, tags: Ints, tag_sizes: Ints) -> bytes:
    """Of each feature: its length, tags, type and commands, each with its field's mark."""
    tag_bytes = _summed(_widths(tags), tag_sizes)
    command_bytes = _summed(_widths(geometry.commands), geometry.sizes)
    length = 4 + _widths(tag_bytes) + tag_bytes + _widths(command_bytes) + command_bytes
    sizes = 8 + tag_sizes + geometry.sizes
    at = np.cumsum(sizes) - sizes
    run = np.empty(sizes.sum(), np.int64)
    run[at], run[at + 1], run[at + 2], run[at + 3] = 0x12, length, 0x12, tag_bytes
    run[_places(at + 4, tag_sizes)] = tags
    after = at + 4 + tag_sizes
    run[after], run[after + 1], run[after + 2], run[after + 3] = 0x18, geometry.type, 0x22, command_bytes
    run[_places(after + 4, geometry.sizes)] = geometry.commands
    return _varints(run)


def _places(starts: Ints, sizes: Ints) -> Ints:
    """starts[0], starts[0] + 1, …: `sizes` places from each start."""
    return np.repeat(starts - np.cumsum(sizes) + sizes, sizes) + np.arange(sizes.sum())


def _summed(values: Ints, sizes: Ints) -> Ints:
    """Sums of consecutive runs of `sizes` values; 0 of an empty run."""
    total = np.append(0, np.cumsum(values))
    ends = np.cumsum(sizes)
    return total[ends] - total[ends - sizes]


def _widths(values: Ints) -> Ints:
    """Bytes of each as a protobuf varint; up to 2^35."""
    return np.searchsorted(_LONGER, values, side="right").astype(np.int64) + 1


def _varints(values: Ints) -> bytes:
    width = _widths(values)
    at = np.cumsum(width) - width
    out = np.empty(width.sum(), np.uint8)
    for place in range(5):
        long = np.flatnonzero(width > place)
        if not len(long):
            break
        more = (width[long] > place + 1).astype(np.int64) << 7
        out[at[long] + place] = values[long] >> 7 * place & 0x7F | more
    return out.tobytes()


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
