"""The answer about what moved between two divisions into grids: its shape (Pydantic) and its making."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, Field

from gridmap.faces.shapes.answers import listed
from gridmap.statistics.months import month_text
from gridmap.statistics.moving import Moves


class Move(BaseModel):
    code: Annotated[str | None, Field(description="the grid it was placed in; null: in none")]
    name: str | None
    to_code: Annotated[str | None, Field(description="the grid of the edition it lies in; null: in none")]
    to_name: str | None
    reports: int


class MoveList(BaseModel):
    month: Annotated[str, Field(examples=["2023-06"])]
    edition: int
    valid_from: Annotated[str | None, Field(description="null: from the beginning")]
    reports: Annotated[int, Field(description="of the month, without private categories")]
    stayed: Annotated[int, Field(description="in a grid of the same code")]
    items: list[Move]
    next: None


def moves(value: Moves) -> dict[str, Any]:
    """As `MoveList`; the command line's --json is the same."""
    start = value.edition.valid_from
    return {
        "month": month_text(value.month),
        "edition": value.edition.id,
        "valid_from": start.isoformat() if start else None,
        "reports": value.reports,
        "stayed": value.stayed,
        **listed(
            {
                "code": row.code,
                "name": row.name,
                "to_code": row.to_code,
                "to_name": row.to_name,
                "reports": row.reports,
            }
            for row in value.moved
        ),
    }
