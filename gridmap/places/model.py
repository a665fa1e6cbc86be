"""Values of the places domain. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from shapely.geometry.base import BaseGeometry

from gridmap.errors import BadInput

# kind -> (Chinese, English)
PLACE_KINDS: dict[str, tuple[str, str]] = {
    "morning_market": ("早市", "Morning market"),
    "night_market": ("夜市", "Night market"),
    "trunk_market": ("后备箱集市", "Trunk market"),
    "day_care": ("日间照料中心", "Day-care centre"),
    "parking": ("停车", "Parking"),
    "rest_stop": ("红新驿家", "Rest stop"),
    "driver_home": ("司机之家", "Drivers' home"),
    "service_hall": ("便民服务大厅", "Service hall"),
    "parlour": ("百姓会客厅", "Residents' parlour"),
    "compound_station": ("小区工作站", "Compound station"),
    "mediation_room": ("调解室", "Mediation room"),
    "restaurant": ("餐饮", "Restaurant"),
    "building_site": ("工地", "Building site"),
}


@dataclass(frozen=True, slots=True)
class NewPlace:
    """A checked place on its way in. Geometry: Point, Polygon or MultiPolygon, EPSG:4326; opening hours in
    OpenStreetMap's syntax; the service radius in metres. `valid_from` and `valid_to` are the row's own days
    (the second is the first day without the place), None where it gives none; `end_said`: the file has a
    column of ends, so that an empty one means open."""

    kind: str
    code: str
    name: str
    geometry: BaseGeometry
    name_en: str | None = None
    capacity: int | None = None
    opening_hours: str | None = None
    service_radius_m: float | None = None
    address: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)
    valid_from: date | None = None
    valid_to: date | None = None
    end_said: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """One stored version of a place, valid on days `valid_from` <= day < `valid_to` (None: open)."""

    id: int
    kind: str
    code: str
    name: str
    name_en: str | None
    geometry: BaseGeometry
    capacity: int | None
    opening_hours: str | None
    service_radius_m: float | None
    address: str | None
    properties: dict[str, Any]
    valid_from: date | None
    valid_to: date | None


def check_kind(word: str) -> str:
    """The code of a kind, given as code, Chinese or English name. Raises BadInput(field="kind")."""
    plain = word.strip().casefold()
    for code, (name, name_en) in PLACE_KINDS.items():
        if plain in (code, name, name_en.casefold()):
            return code
    known = ", ".join(PLACE_KINDS)
    raise BadInput(f"{word[:60]!r} is not a kind of place; there are {known}", field="kind")
