"""Values of the works domain. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID

from gridmap.errors import GridmapError


@dataclass(frozen=True, slots=True)
class WorkKind:
    """Something that is counted. `unit` is what a quantity of it means: 起, 处, m2, t …"""

    code: str
    name: str
    name_en: str
    unit: str


@dataclass(frozen=True, slots=True)
class NewWork:
    """A work record as somebody sends it.

    `unit`, where given, must be the unit of the kind: nobody's kilograms become tonnes in silence. lon, lat
    in degrees of `datum`, or none of the three. `report_ids`: reports it belongs to, by their UUID or the
    client id they came with. Without a `client_id` one is made from the content.
    """

    kind: str
    quantity: Decimal
    occurred_on: date
    client_id: str | None = None
    unit: str | None = None
    place_name: str = ""
    note: str = ""
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    report_ids: tuple[UUID | str, ...] = ()


@dataclass(frozen=True, slots=True)
class Work:
    """A stored work record. lon, lat, datum as given; `wgs84` is the converted (lon, lat); `grid` a code."""

    id: UUID
    client_id: str
    kind: str
    kind_name: str
    quantity: Decimal
    unit: str
    occurred_on: date
    recorded_at: datetime
    place_name: str
    note: str
    lon: float | None
    lat: float | None
    datum: str | None
    wgs84: tuple[float, float] | None
    grid: str | None
    grid_name: str | None
    report_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one record: `work_id` unless it was refused or in conflict."""

    status: Literal["created", "known", "conflict", "refused"]
    work_id: UUID | None = None
    error: GridmapError | None = None


def as_number(quantity: Decimal) -> int | float:
    """A quantity as JSON has it: whole where it is whole."""
    return int(quantity) if quantity == quantity.to_integral_value() else float(quantity)
