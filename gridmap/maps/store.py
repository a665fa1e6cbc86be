"""SQL of an MBTiles file (an SQLite database of tiles). The district's own data is not read in maps/."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from gridmap.errors import NotFound


def tile(path: Path, z: int, x: int, y: int) -> bytes:
    """A tile by its web address (y from the north; the file counts from the south). Raises NotFound."""
    rows = _ask(
        path,
        "SELECT tile_data FROM tiles WHERE zoom_level = ? AND tile_column = ? AND tile_row = ?",
        (z, x, 2**z - 1 - y),
    )
    if not rows:
        raise NotFound(f"the basemap has no tile {z}/{x}/{y}")
    return bytes(rows[0][0])


def facts(path: Path) -> dict[str, str]:
    """The file's metadata; `maxzoom` is looked up in the tiles where the metadata lacks it."""
    known = {str(name): str(value) for name, value in _ask(path, "SELECT name, value FROM metadata")}
    if not known.get("maxzoom", "").isdigit():
        known["maxzoom"] = str(_ask(path, "SELECT coalesce(max(zoom_level), 0) FROM tiles")[0][0])
    return known


def _ask(path: Path, query: str, values: tuple[int, ...] = ()) -> list[tuple[Any, ...]]:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            return file.execute(query, values).fetchall()
    except sqlite3.Error as error:
        raise NotFound(f"the basemap file {path.name} cannot be read: {error}") from error
