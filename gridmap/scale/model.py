"""Values of the scale-out engine: all picklable, for they travel to workers. No I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

AREA_COLUMNS = ("grid", "community", "compound", "building")  # codes; the columns that placing adds
PLACED_COLUMNS = (*AREA_COLUMNS, "method", "edge_distance_m")
CODE = pa.dictionary(pa.int32(), pa.string())
REFUSED = "refused"  # the method of a row that is no place here, where such rows are kept


@dataclass(frozen=True, slots=True)
class Columns:
    """How the input names what placing needs. lon, lat and datum count only where there is no geometry."""

    time: str = "occurred_at"
    lon: str = "lon"
    lat: str = "lat"
    datum: str = "datum"


@dataclass(frozen=True, slots=True)
class Options:
    """What is the same for every partition of a job."""

    time_zone: str
    columns: Columns = Columns()
    datum: str | None = None  # of all coordinates, where the file does not say
    distances: bool = True
    keep_refused: bool = False  # rows that are no place here stay, without a geometry, instead of an error
    recut: tuple[str, ...] = ()  # kinds that are cut anew; of a first placing, none


@dataclass(frozen=True, slots=True)
class Partition:
    """One input file. `name` is its path below the input's folder, and that of the output's below its own."""

    path: str
    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Task:
    """One partition to be placed. `job` stands for areas and options: another job makes other files."""

    partition: Partition
    out: str
    job: str


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one partition. `methods` counts rows by method; "" those without a coordinate."""

    name: str
    rows: int
    sha256: str  # of the input file
    kept: bool  # an earlier run had finished it
    methods: Mapping[str, int] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """As the manifest and the output file's own footer hold it."""
        return {
            "name": self.name,
            "rows": self.rows,
            "sha256": self.sha256,
            "methods": dict(sorted(self.methods.items())),
        }
