"""What a pair of degrees can be at all, and how far it lies from a box of degrees."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of the WGS-84 ellipsoid


def out_of_range(lon: float, lat: float) -> tuple[str, str] | None:
    """(field, reason) when a pair is no position in degrees: not finite, or beyond ±180 and ±90."""
    if not np.isfinite(lon):
        return "lon", "give a finite number of degrees"
    if not np.isfinite(lat):
        return "lat", "give a finite number of degrees"
    if abs(lat) > 90 and abs(lat) <= 180 and abs(lon) <= 90:
        return "lat", f"{lat:g} is beyond ±90; lon and lat look swapped: lon comes first"
    if abs(lat) > 90:
        return "lat", f"{lat:g} is not between -90 and 90 degrees"
    if abs(lon) > 180:
        return "lon", f"{lon:g} is not between -180 and 180 degrees"
    return None


def distance_to_box(lon: float, lat: float, box: Sequence[float]) -> float:
    """Great-circle metres (haversine) to the nearest point of a west, south, east, north box, degrees."""
    west, south, east, north = box
    other_lon, other_lat = min(max(lon, west), east), min(max(lat, south), north)
    a, b = np.radians(lat), np.radians(other_lat)
    h = np.sin((b - a) / 2) ** 2 + np.cos(a) * np.cos(b) * np.sin(np.radians(other_lon - lon) / 2) ** 2
    return float(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(h)))
