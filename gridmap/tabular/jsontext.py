"""NDJSON, streamed, and the points of a GeoJSON FeatureCollection, read whole. Numbers keep every digit."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterable, Iterator
from operator import methodcaller
from pathlib import Path
from typing import Any

from gridmap.errors import BadFile
from gridmap.tabular.encodings import lines, open_text
from gridmap.tabular.model import PIECE, Block, Table, joined

_LOOKAHEAD = 100  # objects whose keys make the list of fields
_PLAIN = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_SPACED_COLON = re.compile(r'"\s+:')

_Numbered = tuple[int, dict[str, str | None], str | None]  # number, values, what is wrong with the row


class _Number(str):
    """A JSON number kept as it was written, so that no digit of a coordinate or code is lost."""

    __slots__ = ()


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) != len(pairs):
        raise ValueError("a name stands twice in one object")
    return dict(pairs)


def _parse(text: str) -> Any:
    return json.loads(
        text, parse_float=_Number, parse_int=_Number, parse_constant=_Number, object_pairs_hook=_pairs
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value).strip() or None


def open_json_lines(path: Path, encoding: str) -> Table:
    read = _objects(path, encoding)
    first = next(read, [])
    ahead = first[:_LOOKAHEAD]
    if ahead and all(problem for _, _, problem in ahead):
        number, _, problem = ahead[0]
        raise BadFile(f"{path.name} is not NDJSON: row {number} {problem}", field="file")
    fields = list(dict.fromkeys(key for _, values, _ in ahead for key in values))
    return Table(fields, joined(_pieces(itertools.chain([first], read), fields)), encoding)


def _objects(path: Path, encoding: str) -> Iterator[list[_Numbered]]:
    """The objects of at most PIECE lines at a time."""
    with open_text(path, encoding) as stream:
        walk = enumerate(lines(stream, path.name, encoding), 1)
        while some := list(itertools.islice(walk, PIECE)):
            some = [(number, line) for number, line in some if not line.isspace()]
            if (plain := _plain_objects([line for _, line in some])) is not None:
                yield [(number, values, None) for (number, _), values in zip(some, plain, strict=True)]
            elif some:
                yield [_careful(number, line) for number, line in some]


def _plain_objects(lines: list[str]) -> list[dict[str, str | None]] | None:
    """The values of lines that are all flat objects of texts and numbers; None: look at each more carefully.

    They are decoded together, with a number between any two, so that no two lines can be one object, and no
    line two. This decoder does not tell a name that stands twice, so every colon behind a quote must belong
    to one of the names it found.
    """
    together = f"[{',0,'.join(lines)}]"
    try:
        found = _PLAIN.decode(together)
    except (ValueError, RecursionError):
        return None
    objects = found[::2]
    if len(found) != 2 * len(lines) - 1 or set(map(type, objects)) != {dict}:
        return None
    if any(between != "0" for between in found[1::2]):
        return None
    # what the pattern needs is looked for first, twenty times as fast
    if any(f'"{blank}' in together for blank in " \t\r\n") and _SPACED_COLON.search(together):
        return None
    values = list(itertools.chain.from_iterable(map(dict.values, objects)))
    if together.count('":') != len(values) or not set(map(type, values)) <= {str, type(None)}:
        return None
    return objects


def _careful(number: int, line: str) -> _Numbered:
    try:
        value = _parse(line)
    except (ValueError, RecursionError) as error:
        return number, {}, f"is not JSON: {error}"
    if not isinstance(value, dict):
        return number, {}, "is not a JSON object"
    if value.get("type") == "Feature" and "geometry" in value:
        return _feature(number, value)
    return number, {key: _text(item) for key, item in value.items()}, None


def _pieces(read: Iterable[list[_Numbered]], fields: list[str]) -> Iterator[Block]:
    for some in read:
        objects = [values for _, values, _ in some]
        yield Block(
            [number for number, _, _ in some],
            {
                field: [(value.strip() or None) if value else None for value in map(get, objects)]
                for field in fields
                for get in [methodcaller("get", field)]
            },
            {place: problem for place, (_, _, problem) in enumerate(some) if problem},
        )


def open_geojson(path: Path, encoding: str) -> Table:
    try:
        with open_text(path, encoding) as stream:
            document = _parse(stream.read())
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name} is not JSON: {error}", field="file") from error
    features = document.get("features") if isinstance(document, dict) else None
    if (
        not isinstance(document, dict)
        or document.get("type") != "FeatureCollection"
        or not isinstance(features, list)
    ):
        raise BadFile(f"{path.name} is not a GeoJSON FeatureCollection", field="file")
    read = [_feature(number, feature) for number, feature in enumerate(features, 1)]
    fields = list(dict.fromkeys(key for _, values, _ in read for key in values))
    parts = (read[start : start + PIECE] for start in range(0, len(read), PIECE))
    return Table(fields, joined(_pieces(parts, fields)), encoding)


def _feature(number: int, feature: Any) -> _Numbered:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return number, {}, "is not a GeoJSON Feature"
    properties, geometry = feature.get("properties") or {}, feature.get("geometry")
    if not isinstance(properties, dict):
        return number, {}, "has properties that are not an object"
    values = {key: _text(item) for key, item in properties.items()}
    if geometry is None:
        return number, values, None
    position = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return number, values, "has a geometry that is not a Point"
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(isinstance(n, _Number) for n in position)
    ):
        return number, values, "has a Point whose coordinates are not two numbers"
    return number, {**values, "lon": str(position[0]), "lat": str(position[1])}, None
