"""Bodies that come in, as Pydantic models: names, types, shape. Meaning is the domains' matter."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from gridmap.faces.shapes.values import (
    DATUM_WORDS,
    DatumName,
    JsonDay,
    JsonLat,
    JsonLon,
    JsonMoment,
    JsonNumber,
    Line,
)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class LocationIn(Strict):
    lon: JsonLon
    lat: JsonLat
    datum: Annotated[DatumName, Field(description=DATUM_WORDS, examples=["gcj02"])]
    accuracy_m: Annotated[
        JsonNumber | None,
        Field(description="Radius in metres that holds the true position with 95 %.", examples=[12]),
    ] = None


class ReportIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": "phone-17/2023-06-15/0042",
                    "category": "matter-06011",
                    "description": "小区北门外有积存垃圾",
                    "occurred_at": "2023-06-15T08:30:00+08:00",
                    "location": {"lon": 109.4747, "lat": 36.6201, "datum": "gcj02", "accuracy_m": 12},
                }
            ]
        }
    )

    client_id: Annotated[
        Line | None,
        Field(
            description="The sender's own identifier, 1 to 128 characters; the same report sent again under"
            " it is stored once. Left out, one is made from the content."
        ),
    ] = None
    category: Annotated[Line, Field(description="A code of GET /api/v1/categories.")]
    description: Annotated[str, Field(description="What was seen; at most 5,000 characters.")] = ""
    occurred_at: Annotated[JsonMoment, Field(description="RFC 3339 with its offset.")]
    location: LocationIn | None = None
    named_area: Annotated[
        Line | None,
        Field(description="Without a location: name or code of the compound or building."),
    ] = None


class WorkLocationIn(Strict):
    lon: JsonLon
    lat: JsonLat
    datum: Annotated[DatumName, Field(description=DATUM_WORDS, examples=["wgs84"])]


class WorkIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "client_id": "squad-3/2023-06-15/1",
                    "kind": "advert_removed",
                    "quantity": 42,
                    "occurred_on": "2023-06-15",
                    "place_name": "王家坪路",
                    "location": {"lon": 109.4747, "lat": 36.6201, "datum": "gcj02"},
                }
            ]
        }
    )

    client_id: Annotated[Line | None, Field(description="The sender's own identifier, as of a report.")] = (
        None
    )
    kind: Annotated[Line, Field(description="What was counted; an unknown kind is answered with the list.")]
    quantity: Annotated[JsonNumber, Field(description="More than 0, in the kind's own unit.")]
    unit: Annotated[str | None, Field(description="Where given, it must be the kind's own unit.")] = None
    occurred_on: Annotated[JsonDay, Field(description="The day, YYYY-MM-DD.")]
    place_name: Line = ""
    location: WorkLocationIn | None = None
    note: str = ""
    report_ids: Annotated[
        list[str], Field(description="`id` or `client_id` of the reports it belongs to.", max_length=1000)
    ] = []
