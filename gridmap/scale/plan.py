"""The areas of a job as a worker holds them: an atlas, and its answers as columns of codes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import shapely
from numpy.typing import NDArray

from gridmap.areas.atlas import METHODS, OUTSIDE, Atlas, Placements
from gridmap.areas.model import AREA_KINDS
from gridmap.reports.placing import surely_near
from gridmap.scale.calendar import Days, Moments, last_begun
from gridmap.scale.model import AREA_COLUMNS, CODE, REFUSED, Options
from gridmap.scale.points import Floats

NO_METHOD, REFUSED_METHOD = -1, len(METHODS)


@dataclass(frozen=True)
class Names:
    """From the id of an area version to its code's place in a dictionary; −1 for none."""

    codes: pa.Array
    least: int
    places: NDArray[np.int32]

    def column(self, ids: NDArray[np.int64]) -> pa.DictionaryArray:
        """Dictionary of those codes that occur: a column of one batch names few of a nation's grids."""
        if not len(self.codes):
            return pa.nulls(len(ids), CODE)
        found = self.places[np.where(ids > 0, ids - self.least + 1, 0)]
        occurs = np.zeros(len(self.codes) + 1, bool)
        occurs[found] = True
        occurs[-1] = False  # nowhere
        place = np.cumsum(occurs, dtype=np.int32) - 1
        codes = self.codes.filter(pa.array(occurs[:-1]))
        return pa.DictionaryArray.from_arrays(pa.array(place[found], mask=found < 0), codes)


@dataclass(frozen=True)
class Plan:
    """What every partition is placed with. Immutable and picklable; a worker builds its own indexes."""

    atlas: Atlas
    options: Options

    @cached_property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.options.time_zone)

    @cached_property
    def job(self) -> str:
        """The same for jobs that make the same of the same input: a digest of areas and options."""
        digest = hashlib.sha256(json.dumps(asdict(self.options), sort_keys=True).encode())
        digest.update(repr(self.atlas.nearest_tolerance_m).encode())
        for kind, sheets in sorted(self.atlas.sheets.items()):
            for sheet in sheets:
                digest.update(f"{kind} {sheet.first_day} {len(sheet.versions)}\n".encode())
                for v in sheet.versions:
                    digest.update(json.dumps([v.code, v.parent_code]).encode())
                    digest.update(shapely.to_wkb(v.geometry))
        return digest.hexdigest()

    def said(self) -> dict[str, Any]:
        """What an output file tells of its areas."""
        sheets = [
            {"kind": kind, "areas": len(sheet.versions), "valid_from": str(sheet.first_day or "") or None}
            for kind, sheets in sorted(self.atlas.sheets.items())
            for sheet in sheets
        ]
        return {
            "jurisdiction": self.atlas.jurisdiction,
            "time_zone": self.options.time_zone,
            "nearest_tolerance_m": self.atlas.nearest_tolerance_m,
            "areas": sheets,
        }

    @cached_property
    def _starts(self) -> Days:
        """First days of editions."""
        sheets = [sheet for kind in self.atlas.sheets.values() for sheet in kind]
        return np.array(sorted({s.first_day for s in sheets if s.first_day}), "datetime64[D]")

    def days(self, moments: Moments) -> Days:
        """For each moment a day on which the same editions are valid as on its own: all that placing asks."""
        if not len(self._starts):
            return np.zeros(len(moments), "datetime64[D]")
        stand_ins = np.concatenate([self._starts[:1] - np.timedelta64(1, "D"), self._starts])
        return stand_ins[last_begun(moments, self._starts, self.zone)]

    def place(self, lon: Floats, lat: Floats, days: Days) -> Placements:
        return self.atlas.place(lon, lat, days, distances=self.options.distances)

    def far(self, placed: Placements, lon: Floats, lat: Floats, days: Days) -> NDArray[np.intp]:
        """Rows that are no place here: over 200 km from every area, or of a day that has no areas."""
        outside = np.flatnonzero((placed.method == OUTSIDE) & ~np.isnan(lon))
        found: list[NDArray[np.intp]] = [outside[:0]]
        for one in np.unique(days[outside]):
            of_day, day = outside[days[outside] == one], one.item()
            if any(self.atlas.sheet(kind, day) for kind in AREA_KINDS):
                of_day = of_day[~surely_near(self.atlas, day, lon[of_day], lat[of_day])]
                refusals = (
                    self.atlas.refusal(*at, day)
                    for at in zip(lon[of_day].tolist(), lat[of_day].tolist(), strict=True)
                )
                of_day = of_day[np.fromiter((r is not None for r in refusals), bool, len(of_day))]
            found.append(of_day)
        return np.sort(np.concatenate(found))

    @cached_property
    def names(self) -> dict[str, Names]:
        """By kind. A community's code also stands where only the grids tell of it: see `communities`."""
        return {kind: self._names(kind, lambda v: v.code) for kind in AREA_COLUMNS}

    @cached_property
    def communities(self) -> Names | None:
        """From a grid's id to its community's code, where the atlas has no communities of its own."""
        return None if self.atlas.sheets.get("community") else self._names("grid", lambda v: v.parent_code)

    def _names(self, kind: str, code_of: Any) -> Names:
        versions = [v for sheet in self.atlas.sheets.get(kind, ()) for v in sheet.versions]
        codes = sorted({code for v in versions if (code := code_of(v)) is not None})
        place = {code: index for index, code in enumerate(codes)}
        least = min((v.id for v in versions), default=1)
        places = np.full(max((v.id for v in versions), default=0) - least + 2, -1, np.int32)
        for v in versions:
            places[v.id - least + 1] = place.get(code_of(v), -1)
        return Names(pa.array(codes, pa.string()), least, places)

    def column(self, kind: str, placed: Placements) -> pa.DictionaryArray:
        """The codes of a placement, of one kind."""
        if kind == "community" and self.communities is not None:
            return self.communities.column(placed.grid)
        return self.names[kind].column(getattr(placed, kind))


METHOD_NAMES = pa.array([*METHODS, REFUSED])


def methods(codes: NDArray[np.int8]) -> pa.DictionaryArray:
    """The column of methods; NO_METHOD is null."""
    return pa.DictionaryArray.from_arrays(
        pa.array(codes.astype(np.int32), mask=codes == NO_METHOD), METHOD_NAMES
    )
