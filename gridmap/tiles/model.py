"""What a tile is called, and what its layers are made of. No I/O.

Tiles are those of OGC's "WebMercatorQuad", as every web map asks for them: at level z the web Mercator plane
is 2^z by 2^z squares, columns x eastward from 180° W, rows y southward from 85.05° N.
"""

from __future__ import annotations

from dataclasses import dataclass

from gridmap.errors import BadInput

DEEPEST = 22
MOST_BYTES = 500_000  # of any tile
POINTS_FROM = 15  # the level from which reports are points; cells before
MOST_POINTS = 5_000  # 60 bytes each with its id; more of them are shown as cells

AREA_FIELDS = {"code": "String", "name": "String", "parent": "String"}
REPORT_FIELDS = {"id": "String", "category": "String"}
CELL_FIELDS = {"reports": "Number"}


@dataclass(frozen=True, slots=True)
class Tile:
    """One square of level z. Raises BadInput naming z, x or y when there is no such square."""

    z: int
    x: int
    y: int

    def __post_init__(self) -> None:
        if not 0 <= self.z <= DEEPEST:
            raise BadInput(f"there are levels 0 to {DEEPEST}", field="z")
        for field, value in (("x", self.x), ("y", self.y)):
            if not 0 <= value < 1 << self.z:
                raise BadInput(f"level {self.z} has {field} from 0 to {(1 << self.z) - 1}", field=field)
