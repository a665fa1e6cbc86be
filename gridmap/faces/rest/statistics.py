"""GET stats: counts per month, hot spots of a month, a month day by day."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, hotspots, wire
from gridmap.faces.shapes import moves as moved
from gridmap.faces.shapes.values import AsOf, Edition, Include, a_month, known_at
from gridmap.statistics.asof.counting import months_with_reports
from gridmap.statistics.daily import daily
from gridmap.statistics.doubts import doubts_of
from gridmap.statistics.grid_figures import month_figures
from gridmap.statistics.heat import month_heat
from gridmap.statistics.left_out import surfaces
from gridmap.statistics.monthly import monthly
from gridmap.statistics.months import parse_month
from gridmap.statistics.moving import moves
from gridmap.statistics.significance import significance

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
    as_of: AsOf = None,
) -> Response:
    """How many reports, per month and grid, community or category. `code` null: in no area."""
    if month is not None and (first is not None or last is not None):
        raise BadInput("goes without from and to", field="month")
    one = a_month(month, "month")
    asked = one or a_month(first, "from"), one or a_month(last, "to")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        moment = known_at(as_of, owner.zone)
        there_are = months_with_reports(connection, owner, moment)
        today = owner.today().replace(day=1)
        earliest, latest = there_are or (today, today)
        start, end = (
            asked[0] or min(earliest, asked[1] or earliest),
            asked[1] or max(latest, asked[0] or latest),
        )
        rows = monthly(
            connection,
            owner,
            first_month=start,
            last_month=end,
            category=category,
            by=by,
            as_of=moment,
        )
    return answers.data(answers.listed(map(answers.monthly, rows)))


Month = Annotated[str, Query(description="YYYY-MM", examples=["2023-06"])]
Category = Annotated[str | None, Query(examples=["matter-06011"])]


@router.get(
    "/hotspots", summary="Hot spots of a month", response_model=hotspots.HotSpots, responses=wire.refusals()
)
def hot_spots(
    service: ServiceOf,
    month: Month,
    jurisdiction: JurisdictionCode = None,
    category: Category = None,
    include: Include = None,
) -> Response:
    """Per grid: count, density, rate, change, Getis–Ord Gi* with its chance, and a star; with parameters,
    what was left out, and what a star does not mean."""
    first_day, asked = parse_month(month), doubts_of(include)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
    heat = month_heat(service.database, owner, first_day, category, include=asked)
    figures = month_figures(service.database, owner, heat)
    return answers.data(hotspots.hot_spots(heat, significance(heat), surfaces(heat)[1], figures))


@router.get(
    "/daily", summary="A month day by day", response_model=hotspots.DailyList, responses=wire.refusals()
)
def days(
    service: ServiceOf,
    month: Month,
    jurisdiction: JurisdictionCode = None,
    category: Category = None,
) -> Response:
    """How many reports each grid had on each day. Private categories are not told day by day."""
    first_day = parse_month(month)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
    return answers.data(hotspots.days(daily(service.database, owner, first_day, category), category))


@router.get(
    "/moves",
    summary="What moved between two divisions",
    response_model=moved.MoveList,
    responses=wire.refusals(),
)
def what_moved(
    service: ServiceOf,
    month: Month,
    edition: Edition,
    jurisdiction: JurisdictionCode = None,
    category: Category = None,
) -> Response:
    """How many reports of the month were placed in one grid and lie in another, when re-cut to an edition of
    grids. Private categories are left out."""
    first_day = parse_month(month)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = moves(connection, service.settings, owner, first_day, edition, category)
    return answers.data(moved.moves(found))
