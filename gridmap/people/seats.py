"""Seats: a post at one area or unit, held or vacant, and in which community and grid that lies. Pure: what is
held is handed in.

A building lies where its inside does, a unit where its building does. A building without residents has no
seat of a building chief where buildings tell their units: gridmap.maps.coverage counts by the same rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import shapely

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import AreaVersion
from gridmap.people.chain import Level
from gridmap.people.model import Duty, Post, unit_code, unit_name, units_of

CHIEFS = ("grid_chief", "building_chief", "unit_chief")  # the three of 三长


@dataclass(frozen=True, slots=True)
class Seat:
    """A post at its area or unit on a day, with those who hold it; `community`, `grid`: what it lies in."""

    post: Post
    level: Level
    community: Level | None
    grid: Level | None
    holders: tuple[Duty, ...] = ()

    @property
    def vacant(self) -> bool:
        return not self.holders

    @property
    def position(self) -> tuple[str, str, int, str, str]:
        """Where it stands in a list: by community, grid, chain; what lies in none comes first."""
        over = [area.code if area else "" for area in (self.community, self.grid)]
        return over[0], over[1], self.post.chain or 0, self.level.code, self.post.code

    def within(self, community: str | None, grid: str | None) -> bool:
        """Whether it lies in these, by code; None is everywhere."""
        return all(
            code is None or (area is not None and area.code == code)
            for code, area in ((community, self.community), (grid, self.grid))
        )


@dataclass(frozen=True, slots=True)
class _Site:
    """An area or unit, and what it lies in."""

    level: Level
    community: Level | None
    grid: Level | None


@dataclass(frozen=True, slots=True)
class Tally:
    """How many seats of a post a grid has (or a community outside every grid), and how many are vacant."""

    post: str
    community: Level | None
    grid: Level | None
    seats: int
    vacant: int


def seats(
    atlas: Atlas, day: date, posts: Iterable[Post], holders: Callable[[str, str], Iterable[Duty]]
) -> list[Seat]:
    """Every seat of these posts, by `Seat.position`. `holders(kind, code)`: the day's duties for an area."""
    chosen = list(posts)
    sites = {kind: list(_sites(atlas, day, kind)) for post in chosen for kind in post.areas}
    found = [
        Seat(post, site.level, site.community, site.grid, _held(post, site.level, holders))
        for post in chosen
        for kind in post.areas
        for site in (_inhabited(atlas, day, sites[kind]) if post.code == "building_chief" else sites[kind])
    ]
    return sorted(found, key=lambda seat: seat.position)


def tally(found: Iterable[Seat]) -> list[Tally]:
    """Counts of seats by community, grid and post, in their order."""
    counts: dict[tuple[str, Level | None, Level | None], list[int]] = {}
    for seat in found:
        both = counts.setdefault((seat.post.code, seat.community, seat.grid), [0, 0])
        both[0] += 1
        both[1] += seat.vacant
    return [Tally(*key, *both) for key, both in counts.items()]


def inside(atlas: Atlas, day: date, kind: str, code: str) -> set[tuple[str, str]]:
    """(kind, code) of a community or grid and of all areas and units in it; of another area it alone."""
    if kind not in ("community", "grid"):
        return {(kind, code)}
    found = {(kind, code)}
    for below in ("grid", "compound", "building", "unit"):
        for site in _sites(atlas, day, below):
            over = site.community if kind == "community" else site.grid
            if over is not None and over.code == code:
                found.add((below, site.level.code))
    return found


def _held(post: Post, level: Level, holders: Callable[[str, str], Iterable[Duty]]) -> tuple[Duty, ...]:
    return tuple(duty for duty in holders(level.kind, level.code) if duty.post == post.code)


def _sites(atlas: Atlas, day: date, kind: str) -> Iterator[_Site]:
    if kind == "unit":
        yield from _units(atlas, day)
        return
    sheet = atlas.sheet(kind, day)
    versions = sheet.versions if sheet else ()
    communities = atlas.sheet("community", day)
    located = _located(atlas, day, versions) if kind == "building" else None
    for number, area in enumerate(versions):
        community, grid = None, None
        if located is not None:
            community, grid = located[number]
        elif kind == "community":
            community = area
        elif communities and area.parent_code in communities.row_of_code:
            community = communities.versions[communities.row_of_code[area.parent_code]]
        yield _Site(_level(area), _level_of(community), _level(area) if kind == "grid" else _level_of(grid))


def _units(atlas: Atlas, day: date) -> Iterator[_Site]:
    sheet = atlas.sheet("building", day)
    for site, area in zip(_sites(atlas, day, "building"), sheet.versions if sheet else (), strict=True):
        for number in range(1, (units_of(area.properties) or 0) + 1):
            level = Level("unit", unit_code(area.code, number), area.name + unit_name(number))
            yield _Site(level, site.community, site.grid)


def _located(
    atlas: Atlas, day: date, areas: Sequence[AreaVersion]
) -> list[tuple[AreaVersion | None, AreaVersion | None]]:
    """(community, grid) that hold a point inside each."""
    if not areas:
        return []
    points = shapely.point_on_surface(np.array([area.geometry for area in areas], dtype=object))
    lon, lat = shapely.get_coordinates(points).T.copy()
    placed = atlas.place(lon, lat, [day] * len(areas), distances=False)
    return [
        (atlas.by_id.get(int(community)), atlas.by_id.get(int(grid)))
        for community, grid in zip(placed.community, placed.grid, strict=True)
    ]


def _inhabited(atlas: Atlas, day: date, sites: Sequence[_Site]) -> Sequence[_Site]:
    """The buildings with residents, as far as buildings tell."""
    sheet = atlas.sheet("building", day)
    told = {area.code: units_of(area.properties) for area in sheet.versions} if sheet else {}
    return [site for site in sites if told[site.level.code]] if any(told.values()) else sites


def _level(area: AreaVersion) -> Level:
    return Level(area.kind, area.code, area.name)


def _level_of(area: AreaVersion | None) -> Level | None:
    return None if area is None else _level(area)
