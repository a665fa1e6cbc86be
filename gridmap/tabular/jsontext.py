"""NDJSON, streamed, and the points of a GeoJSON FeatureCollection, read whole. Numbers keep every digit."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gridmap.errors import BadFile
from gridmap.tabular.encodings import lines, open_text
from gridmap.tabular.model import Row, Table

_LOOKAHEAD = 100  # objects whose keys make the list of fields


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
    rows = _json_line_rows(path, encoding)
    ahead = list(itertools.islice(rows, _LOOKAHEAD))
    if ahead and all(row.problem for row in ahead):
        raise BadFile(f"{path.name} is not NDJSON: row {ahead[0].number} {ahead[0].problem}", field="file")
    fields = list(dict.fromkeys(key for row in ahead for key in row.values))
    return Table(fields, itertools.chain(ahead, rows), encoding)


def _json_line_rows(path: Path, encoding: str) -> Iterator[Row]:
    with open_text(path, encoding) as stream:
        for number, line in enumerate(lines(stream, path.name, encoding), 1):
            if not line.strip():
                continue
            try:
                value = _parse(line)
            except (ValueError, RecursionError) as error:
                yield Row(number, {}, f"is not JSON: {error}")
                continue
            if not isinstance(value, dict):
                yield Row(number, {}, "is not a JSON object")
            elif value.get("type") == "Feature" and "geometry" in value:
                yield _feature_row(number, value)
            else:
                yield Row(number, {key: _text(item) for key, item in value.items()})


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
    rows = [_feature_row(number, feature) for number, feature in enumerate(features, 1)]
    fields = list(dict.fromkeys(key for row in rows for key in row.values))
    return Table(fields, iter(rows), encoding)


def _feature_row(number: int, feature: Any) -> Row:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        return Row(number, {}, "is not a GeoJSON Feature")
    properties, geometry = feature.get("properties") or {}, feature.get("geometry")
    if not isinstance(properties, dict):
        return Row(number, {}, "has properties that are not an object")
    values = {key: _text(item) for key, item in properties.items()}
    if geometry is None:
        return Row(number, values)
    position = geometry.get("coordinates") if isinstance(geometry, dict) else None
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        return Row(number, values, "has a geometry that is not a Point")
    if (
        not isinstance(position, list)
        or len(position) < 2
        or not all(isinstance(n, _Number) for n in position)
    ):
        return Row(number, values, "has a Point whose coordinates are not two numbers")
    return Row(number, {**values, "lon": str(position[0]), "lat": str(position[1])})
