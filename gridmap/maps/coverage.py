"""Where the three chiefs (grid, building, unit) are, for the district map: what is vacant, partly held, held.

A building without residents needs no chief where buildings tell their units; a building's units count as one:
held when each has a chief, partly when some have. Who they are is not on the map.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gridmap.people.model import unit_code, units_of

VACANT, PARTLY, HELD = 0, 1, 2
POSTS = {"grid_chief": "grid", "building_chief": "building", "unit_chief": "building"}  # post -> drawn on
LOOKS = ("#c8331f", "#efb13c", "#4f86b8")  # by state; apart in grey and for colour-blind eyes too


@dataclass(frozen=True, slots=True)
class Coverage:
    """`states`: post -> code of what it is drawn on -> VACANT, PARTLY or HELD. `counts`: post -> (how many
    posts there are, how many of them are vacant); of units each counts."""

    states: Mapping[str, Mapping[str, int]]
    counts: Mapping[str, tuple[int, int]]


def coverage(areas: Sequence[Any], held: Mapping[str, Collection[str]]) -> Coverage:
    """From the day's areas, as in gridmap.maps.layers, and post -> codes of the areas or units that have a
    holder. Posts for which there is nothing to hold are left out."""
    grids = {area.code: 1 for area in areas if area.kind == "grid"}
    told = {area.code: units_of(area.properties) for area in areas if area.kind == "building"}
    residential = any(told.values())
    buildings = {code: 1 for code, units in told.items() if units or not residential}
    units = {code: number for code, number in told.items() if number}
    states, counts = {}, {}
    for post, there in (("grid_chief", grids), ("building_chief", buildings), ("unit_chief", units)):
        filled = {
            code: sum(_code(post, code, n) in held.get(post, ()) for n in range(1, number + 1))
            for code, number in there.items()
        }
        if there:
            states[post] = {code: _state(filled[code], number) for code, number in there.items()}
            counts[post] = (sum(there.values()), sum(there.values()) - sum(filled.values()))
    return Coverage(states, counts)


def _code(post: str, area: str, number: int) -> str:
    return unit_code(area, number) if post == "unit_chief" else area


def _state(filled: int, number: int) -> int:
    return HELD if filled == number else PARTLY if filled else VACANT
