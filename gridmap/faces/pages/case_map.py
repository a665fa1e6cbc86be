"""What the map of a case draws: its reports with their accuracy, its grid and compound, the town around."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date
from typing import Any

import shapely

from gridmap.areas.atlas import Atlas
from gridmap.areas.model import AreaVersion
from gridmap.backdrop.model import Trace
from gridmap.cases.model import CaseFile
from gridmap.maps import layers
from gridmap.maps.basemaps import Basemap
from gridmap.reports.model import Report

AROUND_M = 350.0  # what is drawn of the town, from the reports outwards
SHOWN_M = 120.0  # what is seen at first, at least
METRES_PER_DEGREE = 111_000.0


def drawn(
    atlas: Atlas,
    day: date,
    file: CaseFile,
    reports: Sequence[Report],
    backdrop: Sequence[Trace],
    lang: str,
    basemap: Basemap | None,
) -> dict[str, Any] | None:
    """JSON values for static/case.js; None where neither a point nor a grid is known.

    `at` are [lat, lon] in `datum`, that of the basemap: a point chosen on the map is one of that datum too.
    """
    located = [each for each in reports if each.wgs84 is not None]
    points = [shapely.Point(each.wgs84) for each in located]
    grid, compound = (_area(atlas, day, kind, file) for kind in ("grid", "compound"))
    seen = [*points] or ([grid.geometry] if grid else [])
    if not seen:
        return None
    middle = shapely.union_all(seen).centroid
    near = _box(seen, AROUND_M, middle.y)
    traces = [trace for trace in backdrop if trace.geometry.intersects(near)]
    buildings = _buildings(atlas, day, near)
    return {
        "styles": layers.styles_payload(),
        "bounds": layers.bounds([_box(seen, SHOWN_M, middle.y)], basemap),
        "backdrop": layers.backdrop_payload(traces, basemap),
        "buildings": layers.features(buildings, [{} for _ in buildings], None) if basemap is None else None,
        "grid": _feature(grid, basemap),
        "compound": _feature(compound, basemap),
        "reports": [
            {
                "number": number,
                "at": [at.y, at.x],
                "accuracy": report.accuracy_m,
            }
            for number, (report, at) in enumerate(
                zip(located, layers.shown(points, basemap), strict=True), start=1
            )
        ],
        "basemap": layers.basemap_payload(basemap),
        "datum": basemap.datum if basemap else "wgs84",
        "lang": lang,
    }


def _area(atlas: Atlas, day: date, kind: str, file: CaseFile) -> AreaVersion | None:
    area, sheet = getattr(file, kind), atlas.sheet(kind, day)
    row = sheet.row_of_code.get(area.code) if area and sheet else None
    return sheet.versions[row] if sheet is not None and row is not None else None


def _feature(area: AreaVersion | None, basemap: Basemap | None) -> dict[str, Any] | None:
    return layers.features([area.geometry], [{"name": area.name}], basemap) if area else None


def _buildings(atlas: Atlas, day: date, near: shapely.Polygon) -> list[Any]:
    sheet = atlas.sheet("building", day)
    return [v.geometry for v in sheet.versions if v.geometry.intersects(near)] if sheet else []


def _box(geometries: Sequence[Any], metres: float, lat: float) -> shapely.Polygon:
    """The bounds of all, so many metres wider on every side."""
    west, south, east, north = shapely.total_bounds(list(geometries)).tolist()
    up = metres / METRES_PER_DEGREE
    across = up / math.cos(math.radians(lat))
    return shapely.box(west - across, south - up, east + across, north + up)
