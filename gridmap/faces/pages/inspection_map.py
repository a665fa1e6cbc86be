"""What the map of inspections draws: each building that is seen by whether somebody looks at it in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from gridmap.areas.atlas import Atlas
from gridmap.backdrop.model import Trace
from gridmap.cases.inspections.rounds import Blind, Round
from gridmap.maps import layers
from gridmap.maps.basemaps import Basemap

BLIND, DUE, COVERED = "blind", "due", "covered"
LOOKS = {BLIND: "#c8331f", DUE: "#efb13c", COVERED: "#4f86b8"}  # apart in grey too; blind is hatched besides


def drawn(
    found: Sequence[Round],
    blind: Sequence[Blind],
    atlas: Atlas,
    day: date,
    backdrop: Sequence[Trace],
    lang: str,
    basemap: Basemap | None,
) -> dict[str, Any] | None:
    """JSON values for static/inspections_map.js; None where no building is seen.

    A building is blind where no plan covers it, due where one of its plans does not, and covered else.
    `counts`: look -> buildings.
    """
    looks = _looks(found, blind)
    sheet, grids = atlas.sheet("building", day), atlas.sheet("grid", day)
    if not looks or sheet is None:
        return None
    buildings = [sheet.versions[sheet.row_of_code[code]] for code in looks]
    inside = [grids.versions[grids.row_of_code[each.grid]] for each in blind if each.grid and grids]
    shapes = [each.geometry for each in buildings]
    return {
        "styles": layers.styles_payload(),
        "looks": LOOKS,
        "bounds": layers.bounds([*shapes, *(each.geometry for each in inside)], basemap),
        "backdrop": layers.backdrop_payload(backdrop, basemap),
        "buildings": layers.features(
            shapes, [{"name": each.name, "look": looks[each.code]} for each in buildings], basemap
        ),
        "grids": layers.features(
            [each.geometry for each in inside], [{"name": each.name} for each in inside], basemap
        ),
        "counts": Counter(looks.values()),
        "basemap": layers.basemap_payload(basemap),
        "lang": lang,
    }


def _looks(found: Sequence[Round], blind: Sequence[Blind]) -> dict[str, str]:
    """Code of each building that is seen -> its look."""
    looks: dict[str, str] = {}
    for each in found:
        if each.target.kind == "building":
            covered = each.standing.covered and looks.get(each.target.code, COVERED) == COVERED
            looks[each.target.code] = COVERED if covered else DUE
    return looks | {target.code: BLIND for grid in blind for target in grid.uncovered}
