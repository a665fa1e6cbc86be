"""Values of the reports domain. No I/O."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from gridmap.errors import GridmapError

PLACED_KINDS = ("grid", "community", "compound", "building")  # of areas that a report is placed in


@dataclass(frozen=True, slots=True)
class Category:
    """What a report can be about. `code` carries its kind: matter-06001, component-02001, local-teastall.

    Of a `private` one small counts are masked and no place is shown (statistics.private).
    """

    code: str
    kind: str
    name: str
    name_en: str | None
    standard: str | None
    provisional: bool
    private: bool = False


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as somebody sends it: a coordinate in a declared datum, or the name of a compound or building.

    lon, lat in degrees of `datum`; `accuracy_m` is the radius of 95 % confidence in metres; `occurred_at`
    is aware. Without a `client_id` one is made from the content, so that the same again is known. `sent_by`
    is the code of the person who sent it, who sees it for a while wherever it lies; no part of what it says.
    """

    category: str
    description: str
    occurred_at: datetime
    client_id: str | None = None
    lon: float | None = None
    lat: float | None = None
    datum: str | None = None
    accuracy_m: float | None = None
    named_area: str | None = None
    sent_by: str | None = None


@dataclass(frozen=True, slots=True)
class AreaRef:
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a report lies, on the boundaries of its own day. The community is that of the grid."""

    method: str
    grid: AreaRef | None
    community: AreaRef | None
    compound: AreaRef | None
    building: AreaRef | None
    edge_distance_m: float | None
    candidates: tuple[tuple[str, float], ...]  # (grid code, probability), likeliest first


@dataclass(frozen=True, slots=True)
class Report:
    """A stored report. lon, lat, datum as given; `wgs84` is the converted (lon, lat)."""

    id: UUID
    client_id: str
    category: str
    description: str
    occurred_at: datetime
    recorded_at: datetime
    lon: float | None
    lat: float | None
    datum: str | None
    accuracy_m: float | None
    wgs84: tuple[float, float] | None
    placement: Placement
    needs_review: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft: `report_id` unless refused; `placement` when created or known."""

    status: Literal["created", "known", "conflict", "refused"]
    report_id: UUID | None = None
    placement: Placement | None = None
    needs_review: bool = False
    error: GridmapError | None = None
