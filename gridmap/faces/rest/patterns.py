"""GET stats/around, rhythm, campaign, services: when things happen near places, and what came of efforts."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gridmap.errors import BadInput
from gridmap.faces.deps import JurisdictionCode, ServiceOf, chosen
from gridmap.faces.requests import StrictRoute
from gridmap.faces.shapes import answers, statistics_wire, wire
from gridmap.faces.shapes.values import a_day, a_month
from gridmap.statistics import plain
from gridmap.statistics.digests.places import around_kind, around_related
from gridmap.statistics.efforts.campaign import campaign
from gridmap.statistics.efforts.services import services, span_of

router = APIRouter(prefix="/api/v1/stats", tags=["statistics"], route_class=StrictRoute)

TheMonth = Annotated[str, Query(description="A month of the jurisdiction's time zone.", examples=["2023-06"])]
TheDay = Annotated[str, Query(description="YYYY-MM-DD.", examples=["2023-06-30"])]
Category = Annotated[
    str | None,
    Query(
        description="Count this category alone; default those that belong to the kind. Not a private one.",
        examples=["matter-09002"],
    ),
]


@router.get(
    "/around",
    summary="Reports around places",
    response_model=statistics_wire.AroundList,
    responses=wire.refusals(),
)
def around_places(
    service: ServiceOf,
    month: TheMonth,
    jurisdiction: JurisdictionCode = None,
    kind: Annotated[
        str | None,
        Query(description="One kind of place; default all that categories belong to.", examples=["parking"]),
    ] = None,
    category: Category = None,
) -> Response:
    """Each place of the month's last day: capacity, reports within its radius (150 m where it gives none),
    per 100 spaces, and how many of those nearest to it came while it was open."""
    first_day = a_month(month, "month")
    assert first_day is not None
    if kind is None and category is not None:
        raise BadInput("goes with a kind", field="category")
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        if kind is None:
            found = list(around_related(connection, owner, first_day))
        else:
            found = [around_kind(connection, owner, first_day, kind, category)]
    return answers.data(plain.around(first_day, found, category))


@router.get(
    "/rhythm",
    summary="Hour by weekday near a kind of place",
    response_model=statistics_wire.RhythmAnswer,
    responses=wire.refusals(),
)
def rhythm(
    service: ServiceOf,
    month: TheMonth,
    kind: Annotated[str, Query(description="One kind of place.", examples=["night_market"])],
    jurisdiction: JurisdictionCode = None,
    category: Category = None,
) -> Response:
    """Reports nearest to a place of the kind and within its radius, by hour and weekday, while it was open
    and while it was closed: what a night market is for until it closes is a fault after."""
    first_day = a_month(month, "month")
    assert first_day is not None
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = around_kind(connection, owner, first_day, kind, category)
    return answers.data(plain.rhythm(owner, found))


@router.get(
    "/campaign",
    summary="Before and after a campaign",
    response_model=statistics_wire.CampaignAnswer,
    responses=wire.refusals(),
)
def before_and_after(
    service: ServiceOf,
    category: Annotated[str, Query(description="What the campaign was about.", examples=["local-teastall"])],
    first: Annotated[str, Query(alias="from", description="First day before.", examples=["2023-07-01"])],
    to: Annotated[str, Query(description="Last day before, included.", examples=["2023-07-31"])],
    until: Annotated[str, Query(description="Last day after, included.", examples=["2023-08-31"])],
    jurisdiction: JurisdictionCode = None,
    since: Annotated[
        str | None, Query(description="First day after; default the day after `to`.", examples=["2023-08-01"])
    ] = None,
    area: Annotated[
        str | None,
        Query(
            description="Only in this community, grid or compound, as kind/code. Not of a private category.",
            examples=["community/610602006003"],
        ),
    ] = None,
    against: Annotated[
        str | None,
        Query(
            description="Compare with `year_before` (the same weekdays 52 weeks before), another category,"
            " or another area of the kind.",
            examples=["year_before"],
        ),
    ] = None,
) -> Response:
    """Reports per day after over those before, with its exact 95 % interval; `against` puts the change beside
    that of something the campaign was not about. Before and after are not cause and effect."""
    days = [a_day(first, "from"), a_day(to, "to"), a_day(until, "until")]
    start, end, last = (day for day in days if day is not None)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = campaign(
            connection,
            owner,
            category,
            first=start,
            to=end,
            since=a_day(since, "since"),
            until=last,
            area=area,
            against=against,
        )
    return answers.data(plain.campaign(found))


@router.get(
    "/services",
    summary="Events and services by place",
    response_model=statistics_wire.ServicesAnswer,
    responses=wire.refusals(),
)
def events_and_services(
    service: ServiceOf,
    jurisdiction: JurisdictionCode = None,
    month: Annotated[str | None, Query(description="A month, or else a year.", examples=["2023-06"])] = None,
    year: Annotated[str | None, Query(description="A whole year.", examples=["2023"])] = None,
) -> Response:
    """Film showings, volunteer days, errands and the like, counted from work records by kind and place."""
    first, last = span_of(month, year)
    with service.database.reading() as connection:
        owner = chosen(connection, service, jurisdiction)
        found = services(connection, owner, first, last)
    return answers.data(plain.services(found))
