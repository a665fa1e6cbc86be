"""Where the reports of a batch lie, on the boundaries of their own days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from gridmap.areas.atlas import FARTHEST_M, METHODS, NAMED, OUTSIDE, Atlas
from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.errors import BadCoordinate, GridmapError
from gridmap.geometry.datums import DATUMS, to_wgs84
from gridmap.reports.batch import NO_DATUM, Batch
from gridmap.reports.model import AreaRef, Placement
from gridmap.reports.times import local_days
from gridmap.settings import Settings

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Days = NDArray[np.datetime64]

# What lies within so many degrees of the box around all areas is surely not FARTHEST_M away from it.
SURELY_NEAR_DEGREES = 0.5
assert 2 * SURELY_NEAR_DEGREES * 112_000 < FARTHEST_M


@dataclass(frozen=True, slots=True)
class Placed:
    """n placements. Ids are area_version ids, 0 for none; `lon`, `lat` WGS-84 degrees, NaN for none."""

    lon: Floats
    lat: Floats
    day: Days  # of the jurisdiction's time zone
    method: NDArray[np.uint8]  # index into METHODS
    grid: Ints
    community: Ints
    compound: Ints
    building: Ints
    edge_distance_m: Floats
    candidates: dict[int, list[tuple[str, float]]]  # row -> (grid code, probability), likeliest first
    named_code: dict[int, str]  # row -> the compound or building that was named
    needs_review: NDArray[np.bool_]
    errors: dict[int, GridmapError]  # row -> why it cannot be a report here

    def placement(self, row: int, atlas: Atlas) -> Placement:
        grid, community, compound, building = (
            AreaRef(area.code, area.name) if (area := atlas.by_id.get(int(ids[row]))) else None
            for ids in (self.grid, self.community, self.compound, self.building)
        )
        distance = float(self.edge_distance_m[row])
        return Placement(
            METHODS[self.method[row]],
            grid,
            community,
            compound,
            building,
            distance if np.isfinite(distance) else None,
            tuple(self.candidates.get(row, ())),
        )


def place(batch: Batch, atlas: Atlas, jurisdiction: Jurisdiction, settings: Settings) -> Placed:
    """Place every report of a batch; one that is no place here, or names nothing known, has an error."""
    days = local_days(batch.occurred, jurisdiction.zone)
    lon, lat = _to_wgs84(batch)
    located = np.flatnonzero(~np.isnan(lon))
    count = len(batch)
    placed = Placed(
        lon=lon,
        lat=lat,
        day=days,
        method=np.full(count, NAMED, np.uint8),
        grid=np.zeros(count, np.int64),
        community=np.zeros(count, np.int64),
        compound=np.zeros(count, np.int64),
        building=np.zeros(count, np.int64),
        edge_distance_m=np.full(count, np.nan),
        candidates={},
        named_code={},
        needs_review=np.zeros(count, bool),
        errors={},
    )
    if len(located):
        _place_points(placed, located, batch.accuracy_m, atlas)
    named: dict[tuple[str, date], list[int]] = {}
    for row in np.flatnonzero(np.isnan(lon)).tolist():
        named.setdefault(((batch.named_area[row] or "").strip(), days[row].item()), []).append(row)
    for (name, day), rows in named.items():
        try:
            _place_named(placed, rows, name, day, atlas)
        except GridmapError as error:
            placed.errors.update(dict.fromkeys(rows, error))
    unsure = [row for row, shares in placed.candidates.items() if shares[0][1] < settings.review_below]
    placed.needs_review[unsure] = True
    return placed


def _place_points(placed: Placed, rows: NDArray[np.intp], accuracy_m: Floats, atlas: Atlas) -> None:
    lon, lat, days, accuracy = placed.lon[rows], placed.lat[rows], placed.day[rows], accuracy_m[rows]
    found = atlas.place(lon, lat, days, None if np.isnan(accuracy).all() else accuracy)
    placed.method[rows] = found.method
    for target, ids in (
        (placed.grid, found.grid),
        (placed.community, found.community),
        (placed.compound, found.compound),
        (placed.building, found.building),
        (placed.edge_distance_m, found.edge_distance_m),
    ):
        target[rows] = ids
    row_of = rows.tolist()
    placed.candidates.update((row_of[at], shares) for at, shares in found.candidates.items() if shares)
    placed.edge_distance_m[~np.isfinite(placed.edge_distance_m)] = np.nan
    outside = np.flatnonzero(found.method == OUTSIDE)
    for day, which in atlas.by_era(days[outside]) if len(outside) else ():
        of_era = outside[which]
        for at in of_era[~surely_near(atlas, day, lon[of_era], lat[of_era])].tolist():
            if reason := atlas.refusal(float(lon[at]), float(lat[at]), day):
                placed.errors[int(rows[at])] = BadCoordinate(reason, field="location")


def surely_near(atlas: Atlas, day: date, lon: Floats, lat: Floats) -> NDArray[np.bool_]:
    """Which WGS-84 points are no farther than FARTHEST_M from the areas of a day; false: ask the atlas."""
    extent = atlas.extent(day)
    if extent is None:
        return np.zeros(len(lon), bool)
    west, south, east, north = extent
    d = SURELY_NEAR_DEGREES
    return (lon >= west - d) & (lon <= east + d) & (lat >= south - d) & (lat <= north + d)


def _place_named(placed: Placed, rows: list[int], name: str, day: date, atlas: Atlas) -> None:
    """Rows without a coordinate lie in the grid that holds most of the compound or building they name."""
    area, shares = atlas.named(name, day)
    compound = area if area.kind == "compound" else _compound_of(area, atlas, day)
    placed.compound[rows] = compound.id if compound else 0
    placed.building[rows] = area.id if area.kind == "building" else 0
    placed.named_code.update(dict.fromkeys(rows, area.code))
    if not shares:
        placed.needs_review[rows] = True
        return
    grid = shares[0][0]
    placed.grid[rows] = grid.id
    placed.candidates.update((row, [(each.code, share) for each, share in shares]) for row in rows)
    communities = atlas.sheet("community", day)
    at = communities.row_of_code.get(grid.parent_code or "", -1) if communities else -1
    placed.community[rows] = communities.versions[at].id if communities and at >= 0 else 0


def _compound_of(building: AreaVersion, atlas: Atlas, day: date) -> AreaVersion | None:
    compounds = atlas.sheet("compound", day)
    at = compounds.row_of_code.get(building.parent_code or "", -1) if compounds else -1
    return compounds.versions[at] if compounds and at >= 0 else None


def _to_wgs84(batch: Batch) -> tuple[Floats, Floats]:
    lon, lat = batch.lon.copy(), batch.lat.copy()
    for index in np.unique(batch.datum).tolist():
        if index != NO_DATUM:
            mine = batch.datum == index
            lon[mine], lat[mine] = to_wgs84(batch.lon[mine], batch.lat[mine], DATUMS[index])
    return lon, lat
