"""Values of the areas domain: jurisdictions, editions and dated boundaries. No I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from shapely.geometry.base import BaseGeometry

# kind -> (Chinese, English), from the widest to the narrowest
AREA_KINDS: dict[str, tuple[str, str]] = {
    "subdistrict": ("街道", "Subdistrict"),
    "community": ("社区", "Community"),
    "grid": ("网格", "Grid"),
    "compound": ("小区", "Compound"),
    "building": ("楼栋", "Building"),
}

AREAS_DRAWN = 3_000  # of one kind on one map; more are a grey field, and a page of 100 MB


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """The subdistrict (or trial city) that owns areas, reports and people."""

    code: str
    name: str
    name_en: str | None = None
    time_zone: str = "Asia/Shanghai"
    illustrative: bool = False  # 示意数据: its geometry is made up, and every picture says so

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    def today(self) -> date:
        return datetime.now(self.zone).date()


@dataclass(frozen=True, slots=True)
class Edition:
    """One loading of all areas of one kind; `valid_from` None means from the beginning of time."""

    id: int
    jurisdiction: str
    kind: str
    file_name: str
    sha256: str
    loaded_by: str
    recorded_at: datetime
    valid_from: date | None
    area_count: int


@dataclass(frozen=True, slots=True)
class NewArea:
    """A checked boundary on its way into an edition. Geometry: Polygon or MultiPolygon, EPSG:4326."""

    code: str
    name: str
    geometry: BaseGeometry
    parent_code: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AreaVersion:
    """One stored boundary, valid on days `valid_from` <= day < `valid_to` (None: open)."""

    id: int
    kind: str
    code: str
    name: str
    parent_code: str | None
    properties: dict[str, Any]
    geometry: BaseGeometry
    edition_id: int
    valid_from: date | None
    valid_to: date | None
