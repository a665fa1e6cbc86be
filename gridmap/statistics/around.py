"""What happens around parking grounds, markets and other places: within their radius, per 100 spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

from gridmap.errors import BadInput
from gridmap.geometry.projection import metric_crs, project, transformer

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Around:
    """Reports around n places, arrays (n,); `nearest` is per report, (m,).

    `reports` lie within a place's radius: one between two places counts at both, so do not add them up.
    `own` are those for which the place is the nearest of those in whose radius they lie: these add up to
    the reports that are near any place. `nearest` is that place for each report, −1 for none.
    `per_100_spaces` is `reports` for each hundred of capacity, None where that is not known or 0.
    """

    reports: Ints
    own: Ints
    nearest: Ints
    per_100_spaces: tuple[float | None, ...]


def around(
    places: ArrayLike,
    radius_m: ArrayLike,
    capacity: Sequence[int | None],
    lon: ArrayLike,
    lat: ArrayLike,
) -> Around:
    """Count reports around places.

    places: lon/lat points or polygons (n,), distance 0 inside a polygon; radius_m: metres ≥ 0, one or (n,);
    capacity: spaces or stalls, (n,); lon, lat: WGS-84 degrees of m reports, NaN without a coordinate. Metres
    are those of the metric CRS of the places' middle. Where two places are equally near, the first has it.

    Raises BadInput for places without a geometry, radii or capacities that are negative or not finite.
    """
    array = np.array(places, dtype=object).ravel()
    radius = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), array.shape)
    _check(array, radius, capacity)
    x, y = (np.asarray(v, dtype=np.float64).ravel() for v in (lon, lat))
    nearest = np.full(len(x), -1, dtype=np.int64)
    none = np.zeros(len(array), dtype=np.int64)
    located = np.flatnonzero(np.isfinite(x) & np.isfinite(y))
    if not len(array) or not len(located):
        return Around(none, none.copy(), nearest, _per_100(none, capacity))
    west, south, east, north = shapely.total_bounds(array).tolist()
    crs = metric_crs((west + east) / 2, (south + north) / 2)
    flat = project(array, crs)
    points = shapely.points(*transformer(crs).transform(x[located], y[located]))
    place, report = shapely.STRtree(points).query(flat, predicate="dwithin", distance=radius)
    metres = shapely.distance(flat[place], points[report])
    order = np.lexsort((place, metres, report))
    first = order[np.r_[True, np.diff(report[order]) > 0]] if len(order) else order
    nearest[located[report[first]]] = place[first]
    reports = np.bincount(place, minlength=len(array))
    return Around(
        reports, np.bincount(place[first], minlength=len(array)), nearest, _per_100(reports, capacity)
    )


def _per_100(reports: Ints, capacity: Sequence[int | None]) -> tuple[float | None, ...]:
    return tuple(
        100 * count / spaces if spaces else None
        for count, spaces in zip(reports.tolist(), capacity, strict=True)
    )


def _check(places: NDArray[np.object_], radius: NDArray[np.float64], capacity: Sequence[int | None]) -> None:
    if (shapely.is_missing(places) | shapely.is_empty(places)).any():
        raise BadInput("has a place without a geometry", field="places")
    if not (np.isfinite(radius) & (radius >= 0)).all():
        raise BadInput("has a radius that is not 0 or more metres", field="radius_m")
    if len(capacity) != len(places):
        raise BadInput(f"has {len(capacity)} values for {len(places)} places", field="capacity")
    if any(spaces is not None and not 0 <= spaces < float("inf") for spaces in capacity):
        raise BadInput("has a capacity that is not 0 or more", field="capacity")
