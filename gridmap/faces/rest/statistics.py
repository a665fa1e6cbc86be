"""GET stats/monthly: counts per month."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.errors import BadInput
from gridmap.faces import answers, wire
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.values import a_month
from gridmap.statistics.monthly import monthly, months_with_reports

router = APIRouter(prefix="/api/v1/stats", tags=["statistics"], route_class=StrictRoute)


@router.get(
    "/monthly", summary="Reports per month", response_model=wire.MonthlyList, responses=wire.refusals()
)
def counts(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    month: Annotated[str | None, Query(description="One month, instead of from and to.")] = None,
    first: Annotated[
        str | None,
        Query(
            alias="from", description="First month; default the first with a report.", examples=["2023-01"]
        ),
    ] = None,
    last: Annotated[
        str | None,
        Query(alias="to", description="Last month; default the last with a report.", examples=["2023-12"]),
    ] = None,
    category: Annotated[str | None, Query(examples=["matter-06011"])] = None,
    by: Annotated[str, Query(description="grid, community or category")] = "grid",
) -> Response:
    """How many reports, per month and grid, community or category. `code` null: in no area."""
    if month is not None and (first is not None or last is not None):
        raise BadInput("goes without from and to", field="month")
    one = a_month(month, "month")
    asked = one or a_month(first, "from"), one or a_month(last, "to")
    with service.database.reading() as connection:
        owner = chosen(connection, jurisdiction)
        there_are = months_with_reports(connection, owner)
        today = owner.today().replace(day=1)
        earliest, latest = there_are or (today, today)
        start, end = (
            asked[0] or min(earliest, asked[1] or earliest),
            asked[1] or max(latest, asked[0] or latest),
        )
        rows = monthly(connection, owner, first_month=start, last_month=end, category=category, by=by)
    return answers.data(answers.listed(map(answers.monthly, rows)))
