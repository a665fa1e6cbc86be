"""Column types: Shapely geometries in and out, with the SRID pinned in the type."""

from __future__ import annotations

from typing import Any

import shapely
from geoalchemy2 import Geometry
from geoalchemy2.elements import WKBElement
from shapely.geometry.base import BaseGeometry
from sqlalchemy import Dialect
from sqlalchemy.types import TypeDecorator

SRID = 4326


class Shape(TypeDecorator[BaseGeometry]):
    """A geometry column in EPSG:4326 (lon, lat) that takes and gives Shapely objects.

    GeoAlchemy2's own `from_shape` defaults to SRID -1, so the SRID is written here and nowhere else.
    """

    impl = Geometry
    cache_ok = True

    def __init__(self, kind: str = "GEOMETRY"):
        super().__init__(geometry_type=kind, srid=SRID, spatial_index=False)

    def process_bind_param(self, value: BaseGeometry | None, dialect: Dialect) -> WKBElement | None:
        return None if value is None else WKBElement(shapely.to_wkb(value), srid=SRID)

    def process_result_value(self, value: Any, dialect: Dialect) -> BaseGeometry | None:
        return None if value is None else shapely.from_wkb(bytes(value.data))
