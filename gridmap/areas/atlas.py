"""The areas of a jurisdiction in memory: which grid, compound, community and building hold a point on a day.

An atlas holds every edition of every kind as a sheet with an exact index (geometry.locator). It answers
without the database; `signature` tells whether the database has gained an edition since. Nothing here
writes, and SQL (areas.store.covering) gives the same answers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import shapely
from sqlalchemy import Connection, Engine

from gridmap.areas import store
from gridmap.areas.model import AREA_KINDS, AreaVersion
from gridmap.areas.positions import distance_to_box, out_of_range
from gridmap.areas.sheets import Box, Sheet
from gridmap.database.sessions import home
from gridmap.errors import BadCoordinate, BadInput
from gridmap.geometry.datums import to_wgs84
from gridmap.geometry.shapes import area_m2

METHODS = ("covers", "nearest", "outside", "named")
COVERS, NEAREST, OUTSIDE, NAMED = range(4)
FARTHEST_M = 200_000  # what lies farther than this from every area is a mistake, not a report
NEAREST_TOLERANCE_M = 50.0

Floats = np.ndarray[Any, np.dtype[np.float64]]
Days = np.ndarray[Any, np.dtype[np.datetime64]]


@dataclass(frozen=True, slots=True)
class Placements:
    """Where n points lie. Arrays of n; ids are area_version ids, 0 for none."""

    method: np.ndarray  # uint8 index into METHODS
    grid: np.ndarray
    community: np.ndarray
    compound: np.ndarray
    building: np.ndarray
    edge_distance_m: Floats  # to the nearest edge of any grid; NaN without one
    candidates: dict[int, list[tuple[str, float]]]  # row -> (grid code, probability), likeliest first


@dataclass(frozen=True, slots=True)
class Located:
    """Where one point lies; what the faces answer."""

    method: str
    grid: AreaVersion | None
    community: AreaVersion | None
    compound: AreaVersion | None
    building: AreaVersion | None
    edge_distance_m: float | None
    candidates: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True)
class Atlas:
    """All editions of one jurisdiction; immutable, shared between threads."""

    jurisdiction: str
    signature: tuple[int, int]
    sheets: dict[str, tuple[Sheet, ...]]  # by kind, in order of their first day
    by_id: dict[int, AreaVersion]
    nearest_tolerance_m: float = NEAREST_TOLERANCE_M
    parents: dict[tuple[int, int], np.ndarray] = field(default_factory=dict)  # see _parents
    extents: dict[tuple[int, ...], tuple[float, ...]] = field(default_factory=dict)  # see extent

    def __getstate__(self) -> dict[str, Any]:
        # the keys of these mean something in this process only
        return self.__dict__ | {"parents": {}, "extents": {}}

    def sheet(self, kind: str, day: date) -> Sheet | None:
        """The edition of a kind that is valid on a day."""
        valid = [s for s in self.sheets.get(kind, ()) if s.first_day is None or s.first_day <= day]
        return valid[-1] if valid else None

    def areas(
        self,
        day: date,
        kind: str | None = None,
        *,
        bbox: Box | None = None,
        after: tuple[str, str] | None = None,
        limit: int,
    ) -> list[AreaVersion]:
        """At most `limit` boundaries valid on a day, by kind and code, that follow the (kind, code) `after`.

        `bbox` is west, south, east, north in degrees and keeps what touches it.
        """
        found: list[AreaVersion] = []
        for each in sorted(self.sheets) if kind is None else (kind,):
            sheet = self.sheet(each, day)
            if sheet and (after is None or after[0] <= each):
                code = after[1] if after and after[0] == each else None
                found += sheet.following(code, bbox, limit - len(found))
        return found

    def extent(self, day: date) -> tuple[float, ...] | None:
        """West, south, east, north (degrees) of all areas of a day; None without any."""
        sheets = [s for kind in AREA_KINDS if (s := self.sheet(kind, day))]
        if not sheets:
            return None
        key = tuple(map(id, sheets))
        if key not in self.extents:
            boxes = np.array([sheet.bounds for sheet in sheets])
            self.extents[key] = (*boxes.min(axis=0)[:2].tolist(), *boxes.max(axis=0)[2:].tolist())
        return self.extents[key]

    def place(
        self,
        lon: Floats,
        lat: Floats,
        days: Days | Sequence[date],
        accuracy_m: Floats | None = None,
        *,
        distances: bool = True,
    ) -> Placements:
        """Place n WGS-84 points (degrees), each on the boundaries of its own day.

        `accuracy_m` holds NaN where none was given. A community is the parent of the grid; where grids name
        none it is the one that covers the point. Without `distances` the metres to the nearest edge, which
        take most of the time, stay NaN.
        """
        n = len(lon)
        nowhere = np.zeros(n, np.int64)
        placed = Placements(
            method=np.full(n, OUTSIDE, np.uint8),
            grid=nowhere.copy(),
            community=nowhere.copy(),
            compound=nowhere.copy(),
            building=nowhere,
            edge_distance_m=np.full(n, np.nan),
            candidates={},
        )
        for day, rows in self.by_era(np.asarray(days, "datetime64[D]")):
            self._place_day(placed, day, rows, lon[rows], lat[rows], distances)
            if accuracy_m is not None:
                self._weigh(placed, day, rows, lon, lat, accuracy_m)
        return placed

    def by_era(self, days: Days) -> list[tuple[date, np.ndarray]]:
        """(a day, rows) for each span of days in which the same editions are valid."""
        starts = sorted({s.first_day for sheets in self.sheets.values() for s in sheets if s.first_day})
        era = np.searchsorted(np.array(starts, "datetime64[D]"), days, side="right")
        if len(era) and era.min() == era.max():  # as a rule; sorting costs as much as locating
            return [(days[0].item(), np.arange(len(era)))]
        found = [np.flatnonzero(era == each) for each in np.unique(era)]
        return [(days[rows[0]].item(), rows) for rows in found]

    def _place_day(
        self, placed: Placements, day: date, rows: np.ndarray, lon: Floats, lat: Floats, distances: bool
    ) -> None:
        for kind, target in (("compound", placed.compound), ("building", placed.building)):
            if sheet := self.sheet(kind, day):
                target[rows] = sheet.ids[sheet.locator.covers(lon, lat)]
        communities = self.sheet("community", day)
        grids = self.sheet("grid", day)
        found = np.full(len(rows), -1, np.int32)
        if grids:
            found = grids.locator.covers(lon, lat).copy()
            placed.method[rows[found >= 0]] = COVERS
            lost = np.flatnonzero(found < 0)
            if distances:
                metres = placed.edge_distance_m[rows] = grids.locator.edge_distance(lon, lat)
                lost = lost[metres[lost] <= self.nearest_tolerance_m]  # the others have no grid near them
            if len(lost) and self.nearest_tolerance_m > 0:
                near, _ = grids.locator.nearest(lon[lost], lat[lost], self.nearest_tolerance_m)
                found[lost] = near
                placed.method[rows[lost[near >= 0]]] = NEAREST
            placed.grid[rows] = grids.ids[found]
        if communities:
            community = self._parents(grids, communities)[found]
            orphans = np.flatnonzero(community < 0)
            if len(orphans):
                community[orphans] = communities.locator.covers(lon[orphans], lat[orphans])
            placed.community[rows] = communities.ids[community]

    def _parents(self, grids: Sheet | None, communities: Sheet) -> np.ndarray:
        """Row of the community per row of the grids, -1 where a grid names none; last: -1 for no grid."""
        key = (id(grids), id(communities))
        if key not in self.parents:
            named = [v.parent_code or "" for v in grids.versions] if grids else []
            rows = [communities.row_of_code.get(code, -1) for code in named]
            self.parents[key] = np.array([*rows, -1], dtype=np.int64)
        return self.parents[key]

    def _weigh(
        self, placed: Placements, day: date, rows: np.ndarray, lon: Floats, lat: Floats, accuracy_m: Floats
    ) -> None:
        grids = self.sheet("grid", day)
        rows = rows[np.isfinite(accuracy_m[rows])]
        if not grids or not len(rows):
            return
        shares = grids.locator.probabilities(lon[rows], lat[rows], accuracy_m[rows])
        codes = grids.locator.codes
        for row, share in zip(rows.tolist(), shares, strict=True):
            placed.candidates[row] = [(codes[index], p) for index, p in share]

    def locate(
        self,
        lon: float,
        lat: float,
        day: date,
        accuracy_m: float | None = None,
        *,
        datum: str = "wgs84",
    ) -> Located:
        """Where one point (degrees, in `datum`) lies on a day.

        Raises BadCoordinate for what is no place here (see `refusal`), BadInput for accuracy and datum.
        """
        if accuracy_m is not None and not 0 < accuracy_m <= FARTHEST_M:
            raise BadInput("give the radius in metres, more than 0 and at most 200,000", field="accuracy")
        if (reason := out_of_range(lon, lat)) is not None:
            raise BadCoordinate(reason[1], field=reason[0])
        x, y = (float(v) for v in to_wgs84(lon, lat, datum))
        if accuracy_m is None:
            located = self._locate(x, y, day)
        else:
            placed = self.place(np.array([x]), np.array([y]), [day], np.array([accuracy_m]))
            located = self.located(placed, 0)
        if located.method == METHODS[OUTSIDE] and (refusal := self.refusal(x, y, day)):
            raise BadCoordinate(refusal, field="lon")
        return located

    def _locate(self, lon: float, lat: float, day: date) -> Located:
        """`place` for one WGS-84 point, in a third of the time: arrays of one are mostly wrapping."""
        compound, building = (
            self._covering(self.sheet(kind, day), lon, lat) for kind in ("compound", "building")
        )
        grids, communities = self.sheet("grid", day), self.sheet("community", day)
        method, row, metres = OUTSIDE, -1, np.inf
        if grids:
            row = int(grids.locator.covers(lon, lat)[0])
            metres = float(grids.locator.edge_distance(lon, lat)[0])
            if row >= 0:
                method = COVERS
            elif metres <= self.nearest_tolerance_m and self.nearest_tolerance_m > 0:
                row = int(grids.locator.nearest(lon, lat, self.nearest_tolerance_m)[0][0])
                method = NEAREST if row >= 0 else OUTSIDE
        community = None
        if communities:
            parent = int(self._parents(grids, communities)[row])
            community = communities.versions[parent] if parent >= 0 else self._covering(communities, lon, lat)
        return Located(
            METHODS[method],
            grids.versions[row] if grids and row >= 0 else None,
            community,
            compound,
            building,
            metres if np.isfinite(metres) else None,
        )

    def _covering(self, sheet: Sheet | None, lon: float, lat: float) -> AreaVersion | None:
        row = int(sheet.locator.covers(lon, lat)[0]) if sheet else -1
        return sheet.versions[row] if sheet and row >= 0 else None

    def located(self, placed: Placements, row: int) -> Located:
        """One row of a bulk placement, with its boundaries instead of their ids."""
        grid, community, compound, building = (
            self.by_id.get(int(ids[row]))
            for ids in (placed.grid, placed.community, placed.compound, placed.building)
        )
        distance = float(placed.edge_distance_m[row])
        return Located(
            METHODS[placed.method[row]],
            grid,
            community,
            compound,
            building,
            distance if np.isfinite(distance) else None,
            tuple(placed.candidates.get(row, ())),
        )

    def refusal(self, lon: float, lat: float, day: date) -> str | None:
        """Why a WGS-84 point cannot be a report here (too far from every area, no areas at all), or None."""
        box = self.extent(day)
        if box is None:
            return f"jurisdiction {self.jurisdiction} has no areas yet; import them first"
        west, south, east, north = box
        if distance_to_box(lon, lat, box) <= FARTHEST_M:
            return None
        if lon == 0 and lat == 0:
            return "0, 0 is what a device sends that knows no position; leave the location out instead"
        where = f"this is over 200 km from every area (they lie around {(west + east) / 2:.2f}, "
        where += f"{(south + north) / 2:.2f})"
        if abs(lon) <= 90 and distance_to_box(lat, lon, box) <= FARTHEST_M:
            return f"lon and lat look swapped: give lon {lat:g}, lat {lon:g}"
        return f"{where}; give lon before lat, in degrees, with the right datum"

    def named(self, name: str, day: date) -> tuple[AreaVersion, list[tuple[AreaVersion, float]]]:
        """A compound or building by code or name -> it, and its grids with their shares of its area.

        Raises BadInput(field="named_area") when nothing, or more than one thing, has that name.
        """
        for kind in ("compound", "building"):
            sheet = self.sheet(kind, day)
            hits = [v for v in sheet.versions if name in (v.code, v.name)] if sheet else []
            if len(hits) > 1:
                codes = ", ".join(v.code for v in hits[:5])
                raise BadInput(f"several have the name {name!r}; give a code: {codes}", field="named_area")
            if hits:
                return hits[0], self._grid_shares(hits[0], day)
        raise BadInput(f"no compound or building has the name or code {name!r}", field="named_area")

    def _grid_shares(self, area: AreaVersion, day: date) -> list[tuple[AreaVersion, float]]:
        grids = self.sheet("grid", day)
        if not grids:
            return []
        touched = [g for g in grids.versions if shapely.intersects(g.geometry, area.geometry)]
        common = shapely.intersection([g.geometry for g in touched], area.geometry)
        whole = float(area_m2([area.geometry])[0])
        shares = [
            (g, float(part) / whole)
            for g, part in zip(touched, area_m2(common) if touched else [], strict=True)
            if part > 0
        ]
        return sorted(shares, key=lambda pair: (-pair[1], pair[0].code))


def load_atlas(connection: Connection, jurisdiction: str) -> Atlas:
    """Read every edition of a jurisdiction. Indexes are built when first asked."""
    signature = store.signature(connection, jurisdiction)
    sheets: dict[str, tuple[Sheet, ...]] = {}
    by_id: dict[int, AreaVersion] = {}
    editions = store.editions(connection, jurisdiction)
    for kind in AREA_KINDS:
        versions = store.versions(connection, jurisdiction, kind)
        by_id.update((v.id, v) for v in versions)
        sheets[kind] = tuple(
            Sheet(e.valid_from, tuple(v for v in versions if v.edition_id == e.id))
            for e in editions
            if e.kind == kind
        )
    return Atlas(jurisdiction, signature, sheets, by_id)


_shelf: WeakKeyDictionary[Engine, dict[str, Atlas]] = WeakKeyDictionary()


def current_atlas(
    connection: Connection, jurisdiction: str, *, nearest_tolerance_m: float = NEAREST_TOLERANCE_M
) -> Atlas:
    """The atlas of a jurisdiction as this transaction sees it; read again only when an edition has come."""
    shelf = _shelf.setdefault(home(connection.engine), {})
    atlas = shelf.get(jurisdiction)
    if atlas is None or atlas.signature != store.signature(connection, jurisdiction):
        atlas = shelf[jurisdiction] = load_atlas(connection, jurisdiction)
    return _tolerating(atlas, nearest_tolerance_m)


def last_atlas(
    engine: Engine, jurisdiction: str, *, nearest_tolerance_m: float = NEAREST_TOLERANCE_M
) -> Atlas | None:
    """What `current_atlas` last gave, without asking the database: who uses it compares its signature."""
    atlas = _shelf.get(home(engine), {}).get(jurisdiction)
    return atlas and _tolerating(atlas, nearest_tolerance_m)


def _tolerating(atlas: Atlas, nearest_tolerance_m: float) -> Atlas:
    if atlas.nearest_tolerance_m != nearest_tolerance_m:
        return replace(atlas, nearest_tolerance_m=nearest_tolerance_m)  # shares the indexes
    return atlas
