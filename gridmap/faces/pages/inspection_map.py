"""What the map of inspections draws: each building that is seen by whether somebody looks at it in time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import AREAS_DRAWN, AreaVersion
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
    """JSON values for static/inspections_map.js; None where no building is seen, or too many are to be drawn.

    A building is blind where no plan covers it, due where one of its plans does not, and covered else.
    `counts`: look -> buildings.
    """
    looks = _looks(found, blind)
    buildings = _versions(atlas, "building", day, looks)
    if not 0 < len(buildings) <= AREAS_DRAWN:
        return None
    grids = _versions(atlas, "grid", day, [each.grid for each in blind])
    communities = _versions(atlas, "community", day, dict.fromkeys(each.parent_code for each in grids))
    shapes = [each.geometry for each in buildings]
    return {
        "styles": layers.styles_payload(),
        "looks": LOOKS,
        "bounds": layers.bounds([*shapes, *(each.geometry for each in grids)], basemap),
        "frame": layers.bounds([trace.geometry for trace in backdrop], None),
        "backdrop": layers.backdrop_payload(backdrop, basemap),
        "buildings": layers.features(
            shapes, [{"name": each.name, "look": looks[each.code]} for each in buildings], basemap
        ),
        "grids": _named(grids, basemap),
        "communities": _named(communities, basemap),
        "counts": Counter(looks[each.code] for each in buildings),
        "basemap": layers.basemap_payload(basemap),
        "lang": lang,
    }


def _versions(atlas: Atlas, kind: str, day: date, codes: Iterable[str | None]) -> list[AreaVersion]:
    sheet = atlas.sheet(kind, day)
    known = sheet.row_of_code if sheet else {}
    return [sheet.versions[known[code]] for code in codes if sheet and code in known]


def _named(areas: Sequence[AreaVersion], basemap: Basemap | None) -> dict[str, Any]:
    return layers.features(
        [each.geometry for each in areas], [{"name": each.name} for each in areas], basemap
    )


def _looks(found: Sequence[Round], blind: Sequence[Blind]) -> dict[str, str]:
    """Code of each building that is seen -> its look."""
    looks: dict[str, str] = {}
    for each in found:
        if each.target.kind == "building":
            covered = each.standing.covered and looks.get(each.target.code, COVERED) == COVERED
            looks[each.target.code] = COVERED if covered else DUE
    return looks | {target.code: BLIND for grid in blind for target in grid.uncovered}
