"""Answers of the statistics of places and efforts as Pydantic models; as wire.py, they only describe."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

Week = Annotated[list[list[int]], Field(description="7 weekdays from Monday, of 24 hours from midnight.")]


class Titled(BaseModel):
    code: str
    name: str
    name_en: str | None


class PlaceRef(BaseModel):
    kind: str
    code: str
    name: str
    name_en: str | None


class PlaceAround(BaseModel):
    place: PlaceRef
    capacity: int | None
    opening_hours: str | None
    radius_m: float
    reports: Annotated[int, Field(description="Within the radius; one between two places is in both.")]
    per_100_spaces: Annotated[float | None, Field(description="null: no capacity is known.")]
    nearest: Annotated[int, Field(description="Of these, those to which no such place is nearer.")]
    while_open: Annotated[int, Field(description="Of the nearest ones, while the place was open.")]
    while_closed: int
    hours_unknown: int


class AroundList(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    kinds: list[str]
    categories: Annotated[list[str] | None, Field(description="null: those that belong to each kind.")]
    items: Annotated[list[PlaceAround], Field(description="Most reports per 100 spaces first.")]
    next: None


class Totals(BaseModel):
    reports: int
    while_open: int
    while_closed: int
    hours_unknown: int


class RhythmAnswer(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    kind: str
    categories: list[str]
    time_zone: str
    places: int
    places_with_hours: int
    totals: Totals
    reports: Week
    while_open: Week
    while_closed: Week
    hours_unknown: Week
    open_share: Annotated[
        list[list[float]] | None,
        Field(description="How much of each hour places are open, 0 to 1; null: none gives hours."),
    ]


class AreaNamed(BaseModel):
    kind: str
    code: str
    name: str


class Span(BaseModel):
    first: Annotated[str, Field(alias="from", examples=["2023-06-01"])]
    to: str
    days: int
    reports: int
    per_week: float


class Ratio(BaseModel):
    ratio: Annotated[float | None, Field(description="After over before, per day; null: nothing before.")]
    low: float
    high: Annotated[float | None, Field(description="null: without end.")]
    p: Annotated[float, Field(description="Two-sided, for a ratio of 1.")]
    confidence: float


class Comparison(BaseModel):
    what: Literal["category", "area", "year_before"]
    category: Titled
    area: AreaNamed | None
    before: Span
    after: Span
    ratio: Ratio
    change: Annotated[Ratio, Field(description="The ratio here over the ratio there.")]


class CampaignAnswer(BaseModel):
    category: Titled
    area: AreaNamed | None
    before: Span
    after: Span
    ratio: Ratio
    spread: Annotated[
        float | None,
        Field(description="Of daily counts, 1 by chance alone; well above it the intervals are too narrow."),
    ]
    against: Comparison | None
    weeks: Annotated[list[Span], Field(description="Counted away from the campaign to both sides.")]


class Done(BaseModel):
    kind: str
    name: str
    name_en: str
    unit: str
    quantity: float
    records: int


class DoneAt(BaseModel):
    place_name: Annotated[str | None, Field(description="As the records call it; null: they name none.")]
    records: int
    done: list[Done]


class ServicesAnswer(BaseModel):
    first: Annotated[str, Field(alias="from", examples=["2023-01-01"])]
    to: str
    kinds: list[Done]
    places: Annotated[list[DoneAt], Field(description="Most records first.")]
