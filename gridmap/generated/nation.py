"""A nation of grids as a jurisdiction of its own: three editions, loaded from files like anybody's.

The files are made in a passing folder, checked as every file is, and stored as editions of one kind each; a
kind that is there already is left alone.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio.raw
import shapely
from numpy.typing import NDArray

from gridmap.areas import loading, store
from gridmap.areas.model import Jurisdiction
from gridmap.database.sessions import Database
from gridmap.errors import BadInput
from gridmap.generated.loading import LOADED_BY
from gridmap.geometry.tessellation import nation

GRIDS_MOST = 1_000_000
DIGITS = {"subdistrict": 9, "community": 12, "grid": 15}  # of a code; those of a parent begin it
PARENTS = {"subdistrict": None, "community": "subdistrict", "grid": "community"}
NAMES = {"subdistrict": "街道", "community": "社区", "grid": "网格"}

Shapes = NDArray[np.object_]


def nation_of(grids: int) -> Jurisdiction:
    """The jurisdiction of a nation of so many grids."""
    return Jurisdiction(
        f"nation-{grids}",
        f"示意大区（{grids:,} 网格）",
        f"Made-up nation of {grids:,} grids",
        illustrative=True,
    )


def add_nation(
    database: Database, grids: int, progress: Callable[[int, int, str], None] = lambda step, steps, name: None
) -> Jurisdiction:
    """Make and load a nation; nothing where it is there already. Raises BadInput(field="nation").

    `progress` hears, before each step, its number, of how many, and its name.
    """
    if not 1 <= grids <= GRIDS_MOST:
        raise BadInput(f"give 1 to {GRIDS_MOST:,} grids", field="nation")
    made = nation_of(grids)
    with database.writing() as connection:
        if made.code not in {known.code for known in store.jurisdictions(connection)}:
            store.add_jurisdiction(connection, made)
        there = {edition.kind for edition in store.editions(connection, made.code)}
    if there >= DIGITS.keys():
        return made
    missing = [kind for kind in DIGITS if kind not in there]
    progress(1, 1 + len(missing), "drawing")
    codes, shapes = nation(grids)
    with tempfile.TemporaryDirectory() as folder:
        for step, kind in enumerate(missing, 2):
            progress(step, 1 + len(missing), kind)
            path = Path(folder) / f"{kind}.fgb"
            write(path, kind, *joined(codes, shapes, DIGITS[kind]))
            with database.writing() as connection:
                loading.import_file(
                    connection, made, path, kind=kind, code_rule="cn-grid", loaded_by=LOADED_BY
                )
    return made


def joined(codes: list[str], shapes: Shapes, digits: int) -> tuple[list[str], Shapes]:
    """Areas whose codes are the first `digits` of those given, which rise; each the union of its own."""
    short = np.array([code[:digits] for code in codes])
    names, first = np.unique(short, return_index=True)
    if len(names) == len(codes):
        return codes, shapes
    parts = [shapely.coverage_union_all(shapes[a:b]) for a, b in pairwise([*first.tolist(), len(codes)])]
    return names.tolist(), np.array(parts, dtype=object)


def write(path: Path, kind: str, codes: list[str], shapes: Shapes) -> None:
    """A FlatGeobuf with code, name and parent, in the order given."""
    parent = PARENTS[kind]
    table: dict[str, list[Any]] = {
        "code": codes,
        "name": [f"{code}{NAMES[kind]}" for code in codes],
        "parent": [code[: DIGITS[parent]] for code in codes] if parent else [None] * len(codes),
    }
    single = shapely.get_type_id(shapes) == shapely.GeometryType.POLYGON
    several = shapes.copy()
    several[single] = shapely.multipolygons(shapes[single], indices=np.arange(int(single.sum())))
    pyogrio.raw.write(
        path,
        shapely.to_wkb(several),
        [np.array(values, dtype=object) for values in table.values()],
        list(table),
        geometry_type="MultiPolygon",
        crs="EPSG:4326",
        driver="FlatGeobuf",
        layer_options={"SPATIAL_INDEX": "NO"},  # which would bring the features into an order of its own
    )
