"""Bodies about people, duties, accounts and tokens that come in: names, types, shape."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field

from gridmap.faces.shapes.bodies import Strict
from gridmap.faces.shapes.values import JsonDay, Line

DayIn = Annotated[JsonDay, Field(description="YYYY-MM-DD", examples=["2026-11-30"])]
PersonCode = Annotated[Line, Field(description="The person's code.", examples=["WGZ01"])]


class DutyIn(Strict):
    post: Annotated[Line, Field(description="Code or name of a post.", examples=["grid_chief"])]
    area_code: Annotated[Line, Field(description="Of the area; of a unit building, hyphen, number.")]
    more: Annotated[
        list[Line],
        Field(
            description="Codes of further areas where it begins too, all or none.",
            max_length=100,
            default_factory=list,
        ),
    ]
    area_kind: Annotated[Line | None, Field(description="Where the post knows several.")] = None
    party: Annotated[Line | None, Field(description="Code of the responsible unit, if any.")] = None
    valid_from: DayIn
    valid_to: Annotated[JsonDay | None, Field(description="The first day without it.")] = None

    @property
    def areas(self) -> list[str]:
        return [self.area_code, *self.more]

    @property
    def words(self) -> dict[str, Any]:
        """As `intake.checked` takes them, without the areas."""
        return self.model_dump(exclude={"area_code", "more"})


class NewDutyIn(DutyIn):
    person: PersonCode


class PersonIn(Strict):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": "示例网格长80",
                    "phone": "000-0000-0080",
                    "duty": {
                        "post": "grid_chief",
                        "area_code": "610602006001005",
                        "valid_from": "2026-11-30",
                    },
                }
            ]
        }
    )

    name: Annotated[Line, Field(description="1 to 100 characters.")]
    phone: Annotated[Line | None, Field(description="A telephone number.")] = None
    code: Annotated[Line | None, Field(description="Lasting; without it the next free one.")] = None
    duty: Annotated[
        DutyIn | None, Field(description="A first duty, begun with the person or not at all.")
    ] = None


class CorrectionIn(Strict):
    name: Line
    phone: Line | None = None


class SearchIn(Strict):
    """What a person is looked for by. In a body, since names and numbers have no place in an address."""

    text: Annotated[Line, Field(description="In code, name or telephone number.", max_length=100)] = ""
    post: Line | None = None
    area_kind: Annotated[Line | None, Field(description="With area_code.")] = None
    area_code: Annotated[Line | None, Field(description="With area_kind: there and below.")] = None
    gone: Annotated[bool, Field(description="Also who has left.")] = False
    limit: Annotated[int, Field(ge=1, le=1000)] = 100
    after: Annotated[Line | None, Field(max_length=500)] = None


class OnDay(Strict):
    day: DayIn


class MoveDutyIn(Strict):
    day: DayIn
    area_code: Annotated[Line, Field(description="Where it is held from that day on.")]
    area_kind: Annotated[Line | None, Field(description="Where the post knows several.")] = None
    person: Annotated[Line | None, Field(description="Somebody else from then on, by code.")] = None


class AccountIn(Strict):
    role: Annotated[Line, Field(description="What it may.", examples=["member"])]
    person: Annotated[Line | None, Field(description="Code of the person whose duties bound its sight.")] = (
        None
    )
    login: Annotated[Line | None, Field(description="Left out, it is the person's code.")] = None
    name: Annotated[Line | None, Field(description="To be shown; default the person's.")] = None


class TokenIn(Strict):
    name: Annotated[Line, Field(description="What it is for.", examples=["scanner"])]
    role: Annotated[Line, Field(description="What it may.", examples=["office"])]
    person: Line | None = None
