"""Answers as Pydantic models: they describe, they do not check.

answers.py writes the answers without passing through here; tests hold the two together. What comes in is
in bodies.py.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from geojson_pydantic import Feature, FeatureCollection
from geojson_pydantic.geometries import Geometry
from pydantic import BaseModel, ConfigDict, Field

from gridmap.faces.shapes.values import DatumName

Method = Literal["covers", "nearest", "outside", "named"]


class AreaRef(BaseModel):
    code: str
    name: str


class Candidate(BaseModel):
    code: str
    probability: float


class Placement(BaseModel):
    grid: AreaRef | None
    compound: AreaRef | None
    community: AreaRef | None
    building: AreaRef | None
    method: Method
    edge_distance_m: float | None
    candidates: list[Candidate]

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "grid": {"code": "610602006003012", "name": "第十二网格"},
                    "compound": {"code": "610602006-C014", "name": "杨家岭南苑"},
                    "community": {"code": "610602006003", "name": "鲁艺社区"},
                    "building": None,
                    "method": "covers",
                    "edge_distance_m": 37.4,
                    "candidates": [{"code": "610602006003012", "probability": 0.998}],
                }
            ]
        }
    )


class Level(BaseModel):
    kind: Literal["subdistrict", "community", "grid", "building", "unit"]
    code: str
    name: str


class Holder(BaseModel):
    person: str
    name: str
    phone: str | None


class Step(BaseModel):
    """A post of the chain. `holders` is empty too where the caller may not see people: see `vacant`."""

    post: Annotated[str, Field(examples=["grid_chief"])]
    name: Annotated[str, Field(examples=["网格长"])]
    area: Level
    vacant: bool
    holders: list[Holder]


class Answering(BaseModel):
    post: str
    area: str


class Who(BaseModel):
    """Who answers for a place: the chain from the nearest post up, and the nearest that is not vacant."""

    chain: list[Step]
    answers: Answering | None
    fallback: Annotated[bool, Field(description="A nearer post than that which answers is vacant.")]


class Located(Placement):
    who: Who

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "grid": {"code": "610602006003012", "name": "第十二网格"},
                    "compound": None,
                    "community": {"code": "610602006003", "name": "鲁艺社区"},
                    "building": None,
                    "method": "covers",
                    "edge_distance_m": 37.4,
                    "candidates": [],
                    "who": {
                        "chain": [
                            {
                                "post": "grid_chief",
                                "name": "网格长",
                                "area": {"kind": "grid", "code": "610602006003012", "name": "第十二网格"},
                                "vacant": False,
                                "holders": [
                                    {"person": "WGZ07", "name": "示例网格长07", "phone": "000-0000-0007"}
                                ],
                            }
                        ],
                        "answers": {"post": "grid_chief", "area": "610602006003012"},
                        "fallback": False,
                    },
                }
            ]
        }
    )


class Location(BaseModel):
    lon: float
    lat: float
    datum: DatumName
    accuracy_m: float | None


class Created(BaseModel):
    id: UUID
    placement: Placement
    needs_review: bool


class Report(BaseModel):
    id: UUID
    client_id: str
    category: str
    description: str
    occurred_at: str
    recorded_at: str
    location: Location | None
    wgs84: tuple[float, float] | None
    placement: Placement
    needs_review: bool


class Jurisdiction(BaseModel):
    code: str
    name: str
    name_en: str | None
    time_zone: str
    illustrative: bool


class Category(BaseModel):
    code: Annotated[str, Field(examples=["matter-06001"])]
    name: str
    name_en: str | None
    kind: Literal["matter", "component", "local"]
    provisional: bool
    private: Annotated[bool, Field(description="small counts by area are masked, places are not shown")]


class MonthlyCount(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    code: str | None
    name: str | None
    count: Annotated[int | None, Field(description="null where masked")]
    masked: Annotated[bool, Field(description="a small count of a private category, or one beside it")]


class CreatedWork(BaseModel):
    id: UUID


class Work(BaseModel):
    id: UUID
    client_id: str
    kind: str
    quantity: float
    unit: str
    occurred_on: str
    recorded_at: str
    place_name: str
    location: Location | None
    grid: AreaRef | None
    note: str
    report_ids: list[UUID]


class Job(BaseModel):
    id: UUID
    kind: Literal["bulletin"]
    jurisdiction: str
    asked: dict[str, str]
    state: Literal["waiting", "running", "cancelling", "done", "failed", "cancelled"]
    step: int
    steps: int | None
    doing: str | None
    error: str | None
    href: str
    result: str | None
    new: bool | None
    recorded_at: str


class JurisdictionList(BaseModel):
    items: list[Jurisdiction]
    next: None


class CategoryList(BaseModel):
    items: list[Category]
    next: None


class ReportList(BaseModel):
    items: list[Report]
    next: str | None


class WorkList(BaseModel):
    items: list[Work]
    next: str | None


class MonthlyList(BaseModel):
    items: list[MonthlyCount]
    next: None


class AreaProperties(BaseModel):
    model_config = ConfigDict(extra="allow")
    code: str
    name: str
    kind: Literal["subdistrict", "community", "grid", "compound", "building"]
    parent: str | None
    valid_from: str | None
    valid_to: str | None
    edition: int


class PlaceProperties(BaseModel):
    model_config = ConfigDict(extra="allow")
    code: str
    name: str
    name_en: str | None
    kind: str
    capacity: int | None
    opening_hours: str | None
    service_radius_m: float | None
    address: str | None
    valid_from: str | None
    valid_to: str | None


class AreaFeature(Feature[Geometry, AreaProperties]):
    pass


class Photo(BaseModel):
    id: UUID
    width: int
    height: int
    bytes: Annotated[int, Field(description="Of the JPEG in full.")]
    recorded_at: str


class PhotoList(BaseModel):
    items: list[Photo]
    next: None


class AreaCollection(FeatureCollection[Feature[Geometry, AreaProperties]]):
    next: str | None


class PlaceCollection(FeatureCollection[Feature[Geometry, PlaceProperties]]):
    next: str | None


class VectorLayer(BaseModel):
    id: str
    fields: dict[str, str]


class TileJson(BaseModel):
    """TileJSON 3.0.0."""

    tilejson: Literal["3.0.0"]
    name: str
    tiles: list[str]
    minzoom: int
    maxzoom: int
    bounds: tuple[float, float, float, float]
    center: tuple[float, float, int]
    vector_layers: list[VectorLayer]


class FieldError(BaseModel):
    field: str
    message: str


class ProblemDetails(BaseModel):
    """RFC 9457."""

    type: Annotated[str, Field(examples=["/problems/bad-coordinate"])]
    title: str
    status: int
    detail: str
    errors: list[FieldError] = []

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "/problems/bad-coordinate",
                    "title": "The coordinate is not acceptable",
                    "status": 422,
                    "detail": "lat: 109.47 is beyond ±90; lon and lat look swapped: lon comes first",
                    "errors": [
                        {
                            "field": "lat",
                            "message": "109.47 is beyond ±90; lon and lat look swapped: lon comes first",
                        }
                    ],
                }
            ]
        }
    )


def refusals(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """OpenAPI entries for the problems that a route can answer; every one can be asked badly, too early or by
    somebody who has not signed in."""
    words = {
        400: "the body cannot be read",
        401: "nobody has signed in, and no token came or a wrong one",
        403: "it is for somebody else to do",
        404: "there is no such thing, or none that whoever asks may see",
        409: "it contradicts what is stored",
        413: "the body is over its limit",
        415: "the body is not declared as what this address takes",
        422: "a value is not acceptable",
        503: "still starting, or the database does not answer",
    }
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}}
    return {
        status: {"description": words[status], "content": content}
        for status in sorted({401, 404, 422, 503, *statuses})
    }
