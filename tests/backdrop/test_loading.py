"""The backdrop: replaced whole, drawn in order, and refused by row."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection

from gridmap.areas.model import Jurisdiction
from gridmap.backdrop import loading, store
from gridmap.errors import BadFile

LINE = {"type": "LineString", "coordinates": [[109.4, 36.6], [109.5, 36.7]]}
BOW_TIE = {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}


def write(folder: Path, *rows: tuple[Any, str, Any]) -> Path:
    features = [
        {"type": "Feature", "properties": {"kind": kind, "name": name}, "geometry": shape}
        for kind, name, shape in rows
    ]
    path = folder / "backdrop.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


def test_a_backdrop_is_replaced_whole_and_comes_in_drawing_order(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    path = write(tmp_path, ("main_road", "双拥大道", LINE), ("river", "延河", LINE), ("hill", "", BOW_TIE))
    assert loading.import_file(connection, jurisdiction, path) == 3
    found = store.backdrop(connection, "test")
    assert [(kind, name) for kind, name, _ in found] == [
        ("hill", ""),
        ("river", "延河"),
        ("main_road", "双拥大道"),
    ]
    assert found[0].geometry.is_valid
    loading.import_file(connection, jurisdiction, write(tmp_path, ("lane", "", LINE)))
    assert [trace.kind for trace in store.backdrop(connection, "test")] == ["lane"]


def test_a_bad_feature_leaves_the_old_backdrop(
    connection: Connection, jurisdiction: Jurisdiction, tmp_path: Path
) -> None:
    loading.import_file(connection, jurisdiction, write(tmp_path, ("lane", "", LINE)))
    far = {"type": "LineString", "coordinates": [[1000, 2000], [1, 2]]}
    for row, field in (
        (("canal", "", LINE), "kind"),
        ((None, "", LINE), "kind"),
        (("lane", "a\0", LINE), "name"),
        (("lane", "", None), "geometry"),
        (("lane", "", far), "geometry"),
    ):
        with pytest.raises(BadFile, match=f"row 2, {field}"):
            loading.import_file(connection, jurisdiction, write(tmp_path, ("lane", "", LINE), row))
    with pytest.raises(BadFile):
        loading.import_file(connection, jurisdiction, write(tmp_path))
    assert len(store.backdrop(connection, "test")) == 1
