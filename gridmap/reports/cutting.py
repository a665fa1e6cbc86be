"""Where reports lie in the grids of one edition, whatever their own day. Touches no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gridmap.areas.atlas import NAMED, Atlas
from gridmap.areas.model import Edition

EARLIEST = date(1900, 1, 1)  # any day of an edition that is valid from the beginning


@dataclass(frozen=True, slots=True)
class Lies:
    """Where n reports lie in an edition; `moved`: how many of them under another code than before."""

    grid: NDArray[np.int64]
    community: NDArray[np.int64]
    method: NDArray[np.uint8]
    edge_distance_m: NDArray[np.float64]
    moved: int


def lie(rows: Mapping[str, NDArray[Any]], edition: Edition, atlas: Atlas) -> Lies:
    """Rows with `lon`, `lat` (WGS-84 or NaN) and `grid` (version ids) in the grids of an edition.

    One without a point keeps its grid where the edition has one of that code.
    """
    count = len(rows["lon"])
    located = np.flatnonzero(~np.isnan(rows["lon"]))
    named = np.flatnonzero(np.isnan(rows["lon"]))
    day = edition.valid_from or EARLIEST
    days = np.full(len(located), np.datetime64(day, "D"))
    placed = atlas.place(rows["lon"][located], rows["lat"][located], days)
    grid, community = np.zeros(count, np.int64), np.zeros(count, np.int64)
    method = np.full(count, NAMED, np.uint8)
    distance = np.full(count, np.nan)
    for target, found in (
        (grid, placed.grid),
        (community, placed.community),
        (method, placed.method),
        (distance, placed.edge_distance_m),
    ):
        target[located] = found
    sheet, communities = atlas.sheet("grid", day), atlas.sheet("community", day)
    assert sheet is not None
    # by version id: the version of the same code in the edition, and its community
    old, which = np.unique(rows["grid"], return_inverse=True)
    same = np.zeros(len(old), np.int64)
    above = np.zeros(len(old), np.int64)
    for place, version in enumerate(old.tolist()):
        row = sheet.row_of_code.get(atlas.by_id[version].code, -1) if version else -1
        if row >= 0:
            same[place] = sheet.versions[row].id
            at = communities.row_of_code.get(sheet.versions[row].parent_code or "", -1) if communities else -1
            above[place] = communities.versions[at].id if communities and at >= 0 else 0
    grid[named], community[named] = same[which[named]], above[which[named]]
    elsewhere = (grid != same[which]) | ((same[which] == 0) & (rows["grid"] != 0))
    return Lies(grid, community, method, distance, int(elsewhere.sum()))
