"""What goes out on the wire, from domain values, straight to orjson; Pydantic only describes it (wire.py)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo

import orjson
from starlette.responses import JSONResponse, Response

from gridmap.areas.model import AreaVersion, Jurisdiction
from gridmap.geometry.shapes import coordinates, to_geojson
from gridmap.people import chain
from gridmap.people.chain import Coded
from gridmap.photos.model import Photo
from gridmap.places.model import Place
from gridmap.reports.model import Category, Report
from gridmap.statistics.monthly import MonthlyCount
from gridmap.statistics.months import month_text
from gridmap.works.model import Work, as_number

T = TypeVar("T")


class Placed(chain.Placed, Protocol):
    """A Located of the atlas or a Placement of a report, whole."""

    @property
    def method(self) -> str: ...
    @property
    def compound(self) -> Coded | None: ...
    @property
    def edge_distance_m(self) -> float | None: ...
    @property
    def candidates(self) -> Sequence[tuple[str, float]]: ...


def data(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    return Response(
        orjson.dumps(value, default=_plain), status, headers=headers, media_type="application/json"
    )


def text(value: Any) -> str:
    """The same as text, for a page."""
    return orjson.dumps(value, default=_plain).decode()


class GeoJson(JSONResponse):
    """A GeoJSON answer (RFC 7946); a JSONResponse so that OpenAPI gives it the schema of its model."""

    media_type = "application/geo+json"

    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY)


def download(body: bytes, media_type: str, plain_name: str, name: str) -> Response:
    """A file to keep: an ASCII name, and one in any language (RFC 6266, RFC 8187)."""
    disposition = f"attachment; filename=\"{plain_name}\"; filename*=UTF-8''{quote(name, safe='')}"
    return Response(body, media_type=media_type, headers={"Content-Disposition": disposition})


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return as_number(value)
    raise TypeError(type(value).__name__)


def page(items: Sequence[T], limit: int, key: Callable[[T], str]) -> tuple[Sequence[T], str | None]:
    """(the page, cursor of the next one or None) of rows that were asked for with limit + 1."""
    if len(items) <= limit:
        return items, None
    return items[:limit], key(items[limit - 1])


def listed(items: Iterable[Any], following: str | None = None) -> dict[str, Any]:
    return {"items": list(items), "next": following}


def collection(features: Iterable[dict[str, Any]], following: str | None) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), "next": following}


def area_features(areas: Sequence[AreaVersion]) -> list[dict[str, Any]]:
    drawn = coordinates([area.geometry for area in areas])
    return [
        {
            "type": "Feature",
            "id": f"{area.kind}/{area.code}",
            "geometry": {"type": area.geometry.geom_type, "coordinates": nodes},
            "properties": {
                **area.properties,
                "code": area.code,
                "name": area.name,
                "kind": area.kind,
                "parent": area.parent_code,
                "valid_from": area.valid_from,
                "valid_to": area.valid_to,
                "edition": area.edition_id,
            },
        }
        for area, nodes in zip(areas, drawn, strict=True)
    ]


def place_feature(place: Place) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"{place.kind}/{place.code}",
        "geometry": to_geojson(place.geometry),
        "properties": {
            **place.properties,
            "code": place.code,
            "name": place.name,
            "name_en": place.name_en,
            "kind": place.kind,
            "capacity": place.capacity,
            "opening_hours": place.opening_hours,
            "service_radius_m": place.service_radius_m,
            "address": place.address,
            "valid_from": place.valid_from,
            "valid_to": place.valid_to,
        },
    }


def jurisdiction(value: Jurisdiction) -> dict[str, Any]:
    return {
        "code": value.code,
        "name": value.name,
        "name_en": value.name_en,
        "time_zone": value.time_zone,
        "illustrative": value.illustrative,
    }


def category(value: Category) -> dict[str, Any]:
    return {
        "code": value.code,
        "name": value.name,
        "name_en": value.name_en,
        "kind": value.kind,
        "provisional": value.provisional,
        "private": value.private,
    }


def _named(value: Coded | None) -> dict[str, str] | None:
    return None if value is None else {"code": value.code, "name": value.name}


def placement(value: Placed) -> dict[str, Any]:
    return {
        "grid": _named(value.grid),
        "compound": _named(value.compound),
        "community": _named(value.community),
        "building": _named(value.building),
        "method": value.method,
        "edge_distance_m": value.edge_distance_m,
        "candidates": [{"code": code, "probability": share} for code, share in value.candidates],
    }


def location(
    lon: float | None, lat: float | None, datum: str | None, accuracy_m: float | None = None
) -> dict[str, Any] | None:
    if lon is None:
        return None
    return {"lon": lon, "lat": lat, "datum": datum, "accuracy_m": accuracy_m}


def report(value: Report, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": value.id,
        "client_id": value.client_id,
        "category": value.category,
        "description": value.description,
        "occurred_at": in_zone(value.occurred_at, zone),
        "recorded_at": in_zone(value.recorded_at, zone),
        "location": location(value.lon, value.lat, value.datum, value.accuracy_m),
        "wgs84": value.wgs84,
        "placement": placement(value.placement),
        "needs_review": value.needs_review,
    }


def work(value: Work, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": value.id,
        "client_id": value.client_id,
        "kind": value.kind,
        "quantity": value.quantity,
        "unit": value.unit,
        "occurred_on": value.occurred_on,
        "recorded_at": in_zone(value.recorded_at, zone),
        "place_name": value.place_name,
        "location": location(value.lon, value.lat, value.datum),
        "grid": None if value.grid is None else {"code": value.grid, "name": value.grid_name},
        "note": value.note,
        "report_ids": value.report_ids,
    }


def photo(value: Photo, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "id": value.id,
        "width": value.width,
        "height": value.height,
        "bytes": value.bytes,
        "recorded_at": in_zone(value.recorded_at, zone),
    }


def in_zone(moment: datetime, zone: ZoneInfo) -> str:
    """RFC 3339 with the offset of the jurisdiction, whose months it falls into."""
    return moment.astimezone(zone).isoformat()


def monthly(value: MonthlyCount) -> dict[str, Any]:
    return {
        "month": month_text(value.month),
        "code": value.code,
        "name": value.name,
        "count": value.count,
        "masked": value.count is None,
    }
